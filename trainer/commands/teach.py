"""`deepcount-trainer teach`: what a teacher finds in the tiles of a training, written once for all its students."""

import argparse
from pathlib import Path

from trainer.checking.learnable import learnable
from trainer.commands.options import add_data, add_device, device_of, opened
from trainer.commands.train import add_configuration
from trainer.config import load_config
from trainer.datasets import HELD_OUT, TRAIN, load_all
from trainer.files import made_folder
from trainer.learning.sampling import sampler_for
from trainer.learning.stored import SHARD_STEPS, described, whole_shards, write_shard
from trainer.learning.teacher import check_teacher, load_teacher, taught_features
from trainer.networks.outputs import Outputs
from trainer.progress import calls_with_bar

ABOUT = f"""\
Lets a teacher look at every tile that a training will draw, and stores what it finds, so that a heavy teacher
is run once and a light student trained often:

  deepcount-trainer teach full.onnx --preset mine.toml --data part_B/train_data --out taught
  deepcount-trainer train --teacher taught --preset mine.toml --data part_B/train_data --run runs/student

Give the same data and the same configuration to both: pictures, seed, batch and augmentation decide the tiles.
Outputs lie in files of {SHARD_STEPS} steps each, with checksums; the same command goes on where it was stopped, and
with more --set steps=N than before.
"""


def add_teach(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = ABOUT
    add = parser.add_argument
    add("teacher", type=Path, metavar="TEACHER", help="checkpoint (.safetensors) or exported model (.onnx)")
    add_data(parser)
    add_configuration(parser)
    add("--out", type=Path, required=True, metavar="DIR", help="folder of the stored outputs")
    add_device(parser)
    parser.set_defaults(run_command=_teach, when_stopped="stopped; the same command goes on from here")


def _teach(options: argparse.Namespace) -> int:
    config, device = load_config(options.preset, options.set), device_of(options)
    teacher = load_teacher(options.teacher, taught_features(config.objective).values(), device)
    check_teacher(teacher, config)
    found = learnable(opened(options, TRAIN), load_all(opened(options, HELD_OUT)))
    pictures = found.balanced() if config.balanced else found.pictures
    folder = made_folder(options.out, "folder of stored outputs")
    manifest = whole_shards(folder, described(teacher, config, pictures), config.steps)
    draw = sampler_for(config, pictures).batch

    def taught(step: int) -> Outputs:
        return teacher(step, draw(step).tiles.to(device))

    first, last = manifest.steps, config.steps
    with calls_with_bar(taught, max(0, last - first), "teaching", "steps") as shown:
        for start in range(first, last, SHARD_STEPS):
            every = [shown(step) for step in range(start, min(start + SHARD_STEPS, last))]
            manifest = write_shard(folder, manifest, every)
    print(f"{manifest.steps} steps of {config.batch} tiles by {manifest.teacher}: {folder}")
    return 0
