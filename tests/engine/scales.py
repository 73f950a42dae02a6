# ruff: noqa: T201
"""Counts the demonstration clip at several times its size, in the grid that the engine chooses; run by hand.

`python tests/engine/scales.py --model assets/models/light.onnx --every 20 --scales 0.5 1 2`
"""

import argparse
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np

from engine.commands.truth import read_truth
from engine.counting.batch import readings_of
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.paths import DEMO_CLIP
from engine.picture.frame import Frame
from engine.picture.view import PLAIN
from engine.recording.sighting import seen_in
from engine.sources import FileSource

SCALES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
TRUTH = DEMO_CLIP.with_name("true_counts.csv")


def resized(path: Path, scale: float) -> Path:
    """Writes the clip at so many times its size, hardly compressed."""
    with FileSource(DEMO_CLIP) as source, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(source.rate).limit_denominator(1000))
        stream.height, stream.width = (2 * round(side * scale / 2) for side in source.size)
        stream.options = {"preset": "ultrafast", "crf": "10"}
        for frame in source.frames():
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            picture = np.asarray(cv2.resize(frame.picture, (stream.width, stream.height), interpolation=way), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def errors(model: Model, path: Path, every: int) -> Iterator[tuple[float, Frame]]:
    """Yields by how much each of some frames is counted wrong, and the frame."""
    truth, view = read_truth(TRUTH), seen_in(path, PLAIN, lambda frames: readings_of(model, frames))
    with FileSource(path, view=view) as source:
        for frame in source.frames():
            if frame.index % every == 0 and frame.index in truth:
                yield readings_of(model, [frame])[0].count - truth[frame.index], frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--scales", type=float, nargs="+", default=SCALES)
    options = parser.parse_args()
    model = load_model(options.model, provider="cpu")
    for scale in options.scales:
        with TemporaryDirectory() as folder:
            found = list(errors(model, resized(Path(folder) / "clip.mp4", scale), options.every))
        wrong, layout = np.array([error for error, _ in found]), found[0][1].layout
        (height, width) = layout.size
        print(f"{scale:5g}  {width}x{height}, {layout.tiles}: MAE {np.abs(wrong).mean():.2f}, bias {wrong.mean():+.2f}")


if __name__ == "__main__":
    main()
