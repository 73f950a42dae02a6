"""`deepcount-trainer evaluate`: measures a checkpoint or an exported model on annotated pictures."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from trainer.commands.options import add_data, add_device, add_split, device_of, opened, parts_in
from trainer.datasets import Dataset, Sampled
from trainer.errors import TrainerError
from trainer.evaluation.cameras import by_camera, camera_table
from trainer.evaluation.counters import TileCounter, load_counter
from trainer.evaluation.evaluate import Measured, measure, write_csv
from trainer.evaluation.groups import by_data_set
from trainer.evaluation.plots import draw_scatter
from trainer.evaluation.scales import at_scales, scale_table
from trainer.evaluation.scenes import Group, Scene, draw_sheet
from trainer.evaluation.scores import score_table
from trainer.evaluation.sets import Groups, set_table
from trainer.evaluation.tiling import WAYS
from trainer.evaluation.worst import worst_of
from trainer.files import made_folder, written_whole
from trainer.progress import with_bar

TABLE, SCATTER, WORST, SCORES = "pictures.csv", "scatter.png", "worst.png", "scores.txt"
NOTHING_WRITTEN = "stopped; nothing was written"


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="checkpoint (.safetensors) or exported model (.onnx)")
    add_data(parser)
    add_split(parser)
    about = "how a checkpoint is given pictures: in tiles, whole, or resized to one tile (default: as in training)"
    add("--pictures", choices=WAYS, help=about)
    add("--out", type=Path, metavar="DIR", help="write scores, a table of all pictures, a scatter plot, the worst ones")
    add("--scales", action="store_true", help="count every picture also at 0.35 to 2 times its size")
    add("--cameras", action="store_true", help="count every picture also grey, at dusk, interlaced, and as H.264")
    add("--sample", type=int, metavar="N", help="at most so many pictures of each data set, drawn from a seed")
    add_device(parser)
    parser.set_defaults(run_command=_evaluate, when_stopped=NOTHING_WRITTEN)


def _evaluate(options: argparse.Namespace) -> int:
    dataset = _sampled(opened(options, options.split), options.sample)
    counter = load_counter(options.model, device_of(options), options.pictures)
    folder = made_folder(options.out, "output folder") if options.out else None
    found = list(measure(counter, with_bar(dataset, "evaluating")))
    said = _said(found, dataset.name, options)
    print(said)
    for table in _asked_for(counter, dataset, options):
        print(table)
        said = f"{said}\n{table}"
    if folder is None:
        return 0
    with written_whole(folder / SCORES, "scores") as partial:
        partial.write_text(f"{options.model.name}\n{said}\n", "utf-8")
    write_csv(found, folder / TABLE)
    title = f"{options.model.name} on {dataset.name}, {options.split}"
    draw_scatter(found, title, folder / SCATTER)
    scenes = [Scene(dataset[place], found[place]) for place in worst_of(found)]
    draw_sheet([Group(f"The {len(scenes)} worst pictures", scenes)], title, folder / WORST)
    print(f"written: {', '.join(str(folder / name) for name in (SCORES, TABLE, SCATTER, WORST))}")
    return 0


def _sampled(dataset: Dataset, most: int | None) -> Dataset:
    if most is not None and most < 1:
        raise TrainerError(f"--sample is {most}, expected at least 1")
    return dataset if most is None else Sampled(dataset, most)


def _asked_for(counter: TileCounter, dataset: Dataset, options: argparse.Namespace) -> Iterator[str]:
    """Yields the tables that take counting all pictures again."""

    def by_set(pictures: Sequence[Measured]) -> Groups:
        return by_data_set(pictures, dataset.name, parts_in(options))

    if options.scales:
        sizes = at_scales(counter, with_bar(dataset, "at other sizes"))
        yield scale_table({scale: by_set(pictures) for scale, pictures in sizes.items()})
    if options.cameras:
        sent = by_camera(counter, with_bar(dataset, "as other cameras send them"))
        yield camera_table({camera: by_set(pictures) for camera, pictures in sent.items()})


def _said(found: Sequence[Measured], name: str, options: argparse.Namespace) -> str:
    """Returns the scores over all pictures, and of several data sets also of each."""
    people = sum(picture.truth for picture in found)
    lines = [f"{name}, {options.split}: {len(found)} pictures, {people} people", score_table(found)]
    groups = by_data_set(found, name, parts_in(options))
    return "\n".join([*lines, set_table(groups)] if len(groups) > 1 else lines)
