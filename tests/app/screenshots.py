"""Takes pictures of every page and dialog, in light and dark, at 100 and 200 % (`make screenshots`).

    python tests/app/screenshots.py OUT [SCENE …]

Nothing but drawn pictures and the demonstration clip is seen in them.
"""

import json
import os
import subprocess
import sys
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from PyQt6.QtWidgets import QWidget

from app import theme
from app.qt_environment import forget_opencv_plugins

sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))  # for the cameras of the tests

from scenes import SCENES
from stage import application, stage, write_clips

LOOKS, SCALES, USUAL_SCALES = ("dark", "light"), (100, 125, 150, 200, 250), (100, 200)
SCREEN = 1600, 1000  # of somebody's desk, in points
DOTS = 96


def main() -> int:
    """Runs itself once for each look and scale, since Qt has one scale for a process; returns the exit status."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(SCENES)} (default: all)")
    parser.add_argument("--look", choices=LOOKS, action="append")
    parser.add_argument("--scale", type=int, choices=SCALES, action="append")
    parser.add_argument("--clips", type=Path, help=SUPPRESS)
    options = parser.parse_args()
    if options.clips:
        return take(options.out, options.scenes, options.look[0], options.scale[0], options.clips)
    options.out.mkdir(parents=True, exist_ok=True)
    status = 0
    with TemporaryDirectory(prefix="deepcount-clips-") as folder:
        write_clips(Path(folder))
        for look in options.look or LOOKS:
            for scale in options.scale or USUAL_SCALES:
                own = ["--look", look, "--scale", str(scale), "--clips", folder]
                command = [sys.executable, __file__, str(options.out), *options.scenes, *own]
                status |= subprocess.run(command, check=False, env=environment(scale, Path(folder))).returncode
    return status


def take(out: Path, names: list[str], look: theme.Choice, scale: int, clips: Path) -> int:
    """Takes the pictures of one look at one scale; returns how many scenes failed."""
    forget_opencv_plugins(os.environ)
    made = application(sys.argv[:1])
    theme.apply(made, look)

    def shoot(name: str, widget: QWidget) -> None:
        path = out / f"{name}-{look}-{scale}.png"
        if not widget.grab().save(str(path)):
            raise OSError(f"{path} cannot be written")
        print(path, flush=True)

    failed = 0
    for name in names or SCENES:
        with stage(sorted(clips.glob("view-*.mp4")), shoot, look) as there:
            try:
                SCENES[name](there)
            except Exception as error:  # the others are worth having
                print(f"{name}: {error!r}", file=sys.stderr)
                failed += 1
            finally:
                there.close()
    return failed


def environment(scale: int, folder: Path) -> dict[str, str]:
    """Returns what a process with that scale is started with: a screen that nobody sees, large enough."""
    whole = {"name": "desk", "x": 0, "y": 0, "logicalDpi": DOTS, "logicalBaseDpi": DOTS, "dpr": 1}
    size = {"width": SCREEN[0] * scale // 100, "height": SCREEN[1] * scale // 100}
    screens = folder / f"screens-{scale}.json"
    screens.write_text(json.dumps({"screens": [whole | size]}))
    keyring = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
    qt = {"QT_QPA_PLATFORM": f"offscreen:configfile={screens}", "QT_SCALE_FACTOR": f"{scale / 100:g}"}
    return {**os.environ, **keyring, **qt}


if __name__ == "__main__":
    sys.exit(main())
