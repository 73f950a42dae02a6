"""Takes the README's picture: the wall on four cameras that play the demonstration clip (`make screenshot`)."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))  # for the cameras of the tests

from PIL import Image, ImageOps
from PyQt6.QtWidgets import QWidget

from app import theme
from app.panels.curve_view import CurveView
from app.qt_environment import forget_opencv_plugins
from engine.rules.series import Subject
from stage import ZONES, Stage, application, stage, write_clips

PLAYED_S, SPAN_S = 65.0, 60.0
BITS = 6  # of each colour
GRID = 'grid = "1x1"\n'
FPS = 1.0  # counted of each camera, which a busy computer keeps up with


def main(target: Path) -> int:
    """Counts for a while, so that the curve has something to show, then saves what the window shows."""
    forget_opencv_plugins(os.environ)
    theme.apply(application(sys.argv[:1]), "dark")

    def shoot(_name: str, window: QWidget) -> None:
        window.grab().save(str(target))
        shrink(target)

    with TemporaryDirectory(prefix="deepcount-clips-") as folder, stage(write_clips(Path(folder)), shoot) as there:
        take(there)
        there.close()
    return 0


def shrink(target: Path) -> None:
    """Leaves out the steps of colours that nobody sees, which take a third of the room."""
    with Image.open(target) as whole:
        small = ImageOps.posterize(whole.convert("RGB"), BITS)
    small.save(target, optimize=True)


def take(there: Stage) -> None:
    """Opens the wall with zones and a heat-map, and waits."""
    there.open(*(there.film(number, GRID + (ZONES if number == 0 else ""), fps=FPS) for number in range(4)))
    there.counted()
    page = there.assembly.wall
    page.restore({"overlay": "heat"})
    for tile in list(page.wall.tiles.values())[2:] + list(page.wall.tiles.values())[:1]:
        tile.set_overlay("none", 1.0)
    names = list(page.wall.tiles)
    page.wall.select(names[1])  # the one with the heat-map, whose legend is shown
    page.curve.choice.tick(list(map(Subject, names)))
    page.curve.show_view(CurveView(SPAN_S))
    there.rest(PLAYED_S)
    there.shoot("wall")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
