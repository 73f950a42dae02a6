"""`python -m engine` is `deepcount-engine`."""

import sys

from engine.cli import main

sys.exit(main())
