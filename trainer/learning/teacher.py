"""A teacher: a frozen source of what a network that is trained shall find, or what its layers shall give.

It is one of our checkpoints, an exported file, or a folder of outputs that `deepcount-trainer teach` stored.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from trainer.arithmetic import BF16
from trainer.checkpoints import load_checkpoint
from trainer.config import TrainConfig
from trainer.contract import KEY, OUTPUTS
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.evaluation.counters import CHECKPOINT, EXPORTED, onnx_session
from trainer.files import content_hash
from trainer.geometry import TILE
from trainer.learning.licences import LICENCE, licence_of
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import COUNT, MAP, Outputs
from trainer.objective.differences import Difference
from trainer.objective.seen import TRUTH, taught_name
from trainer.objective.settings import ObjectiveConfig
from trainer.objective.terms import features_of, is_taught

SHORT = 12
"""Characters of a hash that tell two files apart."""

Shape = tuple[int, ...]
Taught = Callable[[int, Tensor], Outputs]
"""Returns outputs for the tiles uint8 (N, H, W, 3) of a step, counted from 0."""
Check = Callable[[TrainConfig, Sequence[Annotated]], None]
"""Raises TrainerError where a training draws tiles for which the teacher has no outputs."""


def _any_tiles(_config: TrainConfig, _pictures: Sequence[Annotated]) -> None:
    """Of a teacher that computes what it is asked."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """What a teacher is, and the function that it is."""

    name: str
    """Its file, with the hash of that."""
    tile: tuple[int, int]
    """Height and width of the tiles that it takes, in pixels."""
    shapes: Mapping[str, Shape]
    """Of what it gives for a tile: () of the count, cells of maps, channels and cells of features."""
    run: Taught = field(repr=False)
    licence: str = ""
    """Under what its weights may be used."""
    check: Check = field(default=_any_tiles, repr=False)

    def __call__(self, step: int, tiles: Tensor) -> Outputs:
        """Returns its outputs for the tiles of a step, on their device."""
        return self.run(step, tiles)


def taught_features(objective: ObjectiveConfig) -> dict[str, str]:
    """Returns the names of all features that terms compare with a teacher's, and the names of those.

    Raises:
        TrainerError: terms compare the same features with several of the teacher's.
    """
    found = dict[str, str]()
    for name, theirs in (pair for term in objective.terms for pair in features_of(term).items()):
        if found.setdefault(name, theirs) != theirs:
            raise TrainerError(f"features {name!r} are compared with the teacher's {found[name]!r} and {theirs!r}")
    return found


def needs_teacher(objective: ObjectiveConfig) -> bool:
    """Whether a term compares with a teacher."""
    return any(is_taught(term) for term in objective.terms)


def load_teacher(path: Path, features: Collection[str], device: torch.device) -> Teacher:
    """Loads a checkpoint or an exported file as a teacher.

    Args:
        path: of the file.
        features: that a checkpoint's network has to give; an exported file gives none.
        device: for a checkpoint; exported files are computed on the processor.

    Raises:
        TrainerError: the file is missing or neither of them, or has no such features.
    """
    if not path.is_file():
        raise TrainerError(f"teacher {path} does not exist")
    if path.suffix == CHECKPOINT:
        return _checkpoint(path, features, device)
    if path.suffix == EXPORTED:
        if features:
            raise TrainerError(f"teacher {path} is exported and gives no features; terms compare {', '.join(features)}")
        return _exported(path)
    raise TrainerError(f"teacher {path} is no checkpoint ({CHECKPOINT}), exported file ({EXPORTED}) or folder")


def named_with_hash(path: Path) -> str:
    """Returns a file's name and the beginning of its SHA-256."""
    return f"{path.name} ({content_hash(path)[:SHORT]})"


def check_teacher(teacher: Teacher, config: TrainConfig) -> None:
    """Raises TrainerError where a teacher takes other tiles than a student, or gives outputs of other cells."""
    model = config.model
    if teacher.tile != model.tile:
        own, theirs = (f"{high}x{wide}" for high, wide in (model.tile, teacher.tile))
        raise TrainerError(f"teacher {teacher.name} takes tiles of {theirs} pixels, this network learns from {own}")
    for term in config.objective.terms:
        if isinstance(term, Difference) and term.against != TRUTH and term.of != COUNT:
            for name in model.outputs.maps if term.of == "maps" else [term.of]:
                _check_cells(teacher, taught_name(name, term.against), model, name, model.outputs.maps)
        for name, theirs in features_of(term).items():
            _check_cells(teacher, theirs, model, name, model.outputs.features)


def _check_cells(teacher: Teacher, taught: str, model: ModelConfig, name: str, strides: Mapping[str, int]) -> None:
    if taught not in teacher.shapes:
        raise TrainerError(f"teacher {teacher.name} gives no {taught!r}; it gives {', '.join(teacher.shapes)}")
    if name not in strides:
        return  # the network itself says what it gives
    stride = teacher.tile[0] / teacher.shapes[taught][-2]
    if stride != strides[name]:
        raise TrainerError(
            f"{taught!r} of teacher {teacher.name} has cells of {stride:g} pixels, {name!r} of this {model.family} "
            f"of {strides[name]}; compare outputs of one stride"
        )


def shapes_of(outputs: Outputs) -> dict[str, Shape]:
    """Returns the shape of each output for one tile."""
    every = {} if outputs.count is None else {COUNT: outputs.count}
    every = every | outputs.maps | outputs.features
    return {name: tuple(values.shape[1:]) for name, values in every.items()}


def _checkpoint(path: Path, features: Collection[str], device: torch.device) -> Teacher:
    checkpoint = load_checkpoint(path)
    network = checkpoint.network().to(device).requires_grad_(False)
    if features:
        network.keep_features(features)
    bf16 = checkpoint.config.precision == BF16

    @torch.no_grad()
    def run(_step: int, tiles: Tensor) -> Outputs:
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            found: Outputs = network(tiles)
        return found

    tile = checkpoint.config.model.tile
    blank = torch.zeros(1, *tile, 3, dtype=torch.uint8, device=device)
    return Teacher(named_with_hash(path), tile, shapes_of(run(0, blank)), run, licence_of(checkpoint.facts))


def _exported(path: Path) -> Teacher:
    session = onnx_session(path, torch.get_num_threads())

    def run(_step: int, tiles: Tensor) -> Outputs:
        given = {"tiles": tiles.cpu().numpy(), "with_density": np.array(True)}
        count, density = (torch.from_numpy(np.asarray(x)).to(tiles.device) for x in session.run(list(OUTPUTS), given))
        return Outputs(count, {MAP: density})

    shapes = shapes_of(run(0, torch.zeros(1, *TILE, 3, dtype=torch.uint8)))
    licence = session.get_modelmeta().custom_metadata_map.get(KEY + LICENCE, "")
    return Teacher(named_with_hash(path), TILE, shapes, run, licence)
