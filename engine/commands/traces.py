"""What runtimes left in the user's folders for their makers, before they were kept from it.

Other programs may use the same runtimes; whatever they need of this they make again. `~/intel/openvino_telemetry` is
none of it: there OpenVINO keeps a person's answer to the question whether it may report.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.errors import OutputError


def remove_traces() -> list[Path]:
    """Removes what runtimes left, and the folders around it that are empty then; returns what it was.

    Raises:
        OutputError: something cannot be removed.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    microsoft, intel = caches / "Microsoft", Path.home() / "intel"
    left = {
        microsoft / "DeveloperTools" / ".onnxruntime": (microsoft / "DeveloperTools", microsoft),
        intel / "openvino_ga_cid": (intel,),
        intel / "stats": (intel,),
    }
    removed = [path for path in left if path.exists()]
    for path in removed:
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError as error:
            raise OutputError(
                f"{path} cannot be removed: {(error.strerror or str(error)).lower()}; remove it by hand"
            ) from error
        for folder in left[path]:
            with suppress(OSError):
                folder.rmdir()
    return removed


def print_removed() -> int:
    """Removes what runtimes left, and says so; returns 0."""
    removed = remove_traces()
    for path in removed:
        print(f"removed {path}")
    if not removed:
        print("nothing to remove: no runtime left anything here for its maker")
    return 0
