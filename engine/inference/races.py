"""Which file of a model won its race on this machine, remembered in the user's cache folder.

Another machine, file or runtime races anew, and so does what was remembered long ago.
"""

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from time import time
from typing import NamedTuple

from engine.errors import OutputError
from engine.files import written_whole
from engine.inference.contract import ModelFile
from engine.inference.runtime import PACKAGES, installed
from engine.inference.session import RunOptions
from engine.paths import cache_folder

REMEMBERED_S = 30 * 86_400.0
RUNTIMES = (*PACKAGES, "openvino")


class Won(NamedTuple):
    """How a race ended."""

    file: ModelFile
    provider: str
    """That it was asked to be run on, as in `RunOptions`."""
    remark: str
    """What was measured, for people."""


class Race:
    """A race between the files of one model, run in one way."""

    def __init__(self, files: Sequence[ModelFile], options: RunOptions) -> None:
        """Takes the files that run."""
        self._files = files
        machine = platform.node(), platform.machine(), os.cpu_count()
        facts = [file.sha256 for file in files], asdict(options), machine, [installed(name) for name in RUNTIMES]
        name = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        self._path = cache_folder() / "races" / f"{name[:32]}.json"

    def remembered(self) -> Won | None:
        """Returns how it ended on this machine not long ago; None where nobody knows."""
        try:
            found = json.loads(self._path.read_text("utf-8"))
            sha256, provider = str(found["sha256"]), str(found["provider"])
            remark, at_s = str(found["remark"]), float(found["at_s"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        if not 0 <= time() - at_s < REMEMBERED_S:
            return None
        return next((Won(file, provider, remark) for file in self._files if file.sha256 == sha256), None)

    def remember(self, won: Won) -> None:
        """Notes how it ended; where that cannot be written, it is run again the next time."""
        facts = {"sha256": won.file.sha256, "provider": won.provider, "remark": won.remark, "at_s": time()}
        with suppress(OSError, OutputError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(self._path) as partial:
                partial.write_text(json.dumps(facts), "utf-8")
