"""`python -m trainer` is `deepcount-trainer`."""

import sys

from trainer.cli import main

sys.exit(main())
