"""Takes the README's picture: the wall on four cameras that play the demonstration clip (`make screenshot`)."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))  # for the cameras of the tests

from PyQt6.QtWidgets import QWidget

from app import theme
from app.panels.curve_view import CurveView
from app.qt_environment import forget_opencv_plugins
from engine.rules.series import Subject
from stage import ZONES, Stage, application, stage, write_clips

PLAYED_S, SPAN_S = 95.0, 90.0
FPS = 0.6  # counted of each camera, which a busy computer keeps up with


def main(target: Path) -> int:
    """Counts for a while, so that the curve has something to show, then saves what the window shows."""
    forget_opencv_plugins(os.environ)
    theme.apply(application(sys.argv[:1]), "dark")

    def shoot(_name: str, window: QWidget) -> None:
        window.grab().save(str(target))

    with TemporaryDirectory(prefix="deepcount-clips-") as folder, stage(write_clips(Path(folder)), shoot) as there:
        take(there)
        there.close()
    return 0


def take(there: Stage) -> None:
    """Opens the wall with zones and a heat-map, and waits."""
    there.open(*(there.film(number, ZONES if number == 0 else "", fps=FPS) for number in range(4)))
    there.counted()
    page = there.assembly.wall
    page.restore({"overlay": "heat"})
    for tile in list(page.wall.tiles.values())[2:] + list(page.wall.tiles.values())[:1]:
        tile.set_overlay("none", 1.0)
    names = list(page.wall.tiles)
    page.curve.choice.tick([Subject(""), *map(Subject, names), Subject(names[0], "junction")])
    page.curve.show_view(CurveView(SPAN_S))
    there.rest(PLAYED_S)
    there.shoot("wall")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
