"""Lets a camera's model learn from some frames of a folder of annotated pictures, and measures it on the others.

    python tests/engine/learn.py FOLDER --frames 12 --minutes 4

The folder holds NAME.jpg with NAME.csv (columns x,y), the frames of one camera.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from engine.checks.judging import Verdict, _count, _started
from engine.checks.spot_check import SpotCheck
from engine.checks.tuning import Tuning, TuningOrder
from engine.paths import LIGHT_MODEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--start", type=Path, default=LIGHT_MODEL)
    options = parser.parse_args()
    names = sorted(options.folder.glob("*.jpg"))
    chosen = names[:: max(1, len(names) // options.frames)][: options.frames]
    others = [name for name in names if name not in chosen]
    with tempfile.TemporaryDirectory() as folder:
        checks = [check_of(path, number, Path(folder)) for number, path in enumerate(chosen)]
        tuning = Tuning(TuningOrder("camera", Path(folder) / "camera", options.start, minutes=options.minutes))
        for step in tuning.steps(checks, Path(folder)):
            say(step.sentence if isinstance(step, Verdict) else step.words)
        for words, path in (("before", options.start), ("after", tuning.model)):
            model = _started(path)
            errors = [_count(model, read(each)) - len(heads(each)) for each in others]
            mae, bias = np.abs(errors).mean(), np.mean(errors)
            say(f"{words}: MAE {mae:.2f}, bias {bias:+.2f} on {len(others)} frames that nobody looked at")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def read(path: Path) -> np.ndarray:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


def heads(path: Path) -> list[tuple[float, float]]:
    with path.with_suffix(".csv").open(newline="") as file:
        return [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]


def check_of(path: Path, number: int, folder: Path) -> SpotCheck:
    picture, uid = cv2.imread(str(path)), f"{number:032x}"
    height, width = picture.shape[:2]
    cv2.imwrite(str(folder / f"{uid}.png"), picture)
    points = tuple((min(1.0, max(0.0, x / width)), min(1.0, max(0.0, y / height))) for x, y in heads(path))
    frame = "camera", float(number), (height, width), points, None, "light", "", "me"
    return SpotCheck(uid, *frame, picture=f"{uid}.png")


if __name__ == "__main__":
    main()
