"""From a checkpoint to the ONNX file that the engine reads.

Nothing is written before the graph has been tried on real pictures: in float32 it must count as the network does, with
fewer bits it may be worse by a stated bound. The figures in its metadata are its own, not those of the checkpoint.
"""

import hashlib
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, helper
from torch import Tensor, nn

from trainer.checkpoints import Checkpoint
from trainer.contract import CONTRACT, FACTS, KEY, OUTPUTS, facts_of
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import TileCounter, processor_session, session_counter, torch_counter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.scores import paired_rise, scores
from trainer.exporting.cascade import Cascade, cascaded, said_cascade, taking_over
from trainer.exporting.packing import packed
from trainer.exporting.precision import PRECISIONS, halved, quantised
from trainer.exporting.separation import separate
from trainer.files import reason, written_whole
from trainer.geometry import TILE
from trainer.learning.licences import DATA, ORIGIN, START_LICENCE, TEACHER, TEACHER_LICENCE
from trainer.networks.families import built
from trainer.networks.model import ModelConfig
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import COUNT, density_in, people_in, said_counted
from trainer.progress import with_bar, word

LARGEST_DIFFERENCE = 1e-3  # of the count, relative, on any tile, in float32
LEAST_PEOPLE = 1.0  # a difference is taken relative to at least this many people
WORSEN = 0.02
AT_WORST = 3
"""How many times that the 95 % interval of the change over tiles may reach: of 250 tiles it is some 4 % wide."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be exported."""

    density: str = ""
    """Name of the map that becomes `density`; empty for the finest."""
    precision: str = "fp32"
    calibration: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    """Tiles uint8 (n, 384, 512, 3) from training pictures; int8 needs them."""
    counted: tuple[str, ...] = (COUNT,)
    """What the count is the mean of: `COUNT`, and maps by their sums. Coarse ones cost next to nothing."""
    cascade: Cascade | None = None
    """The small model that counts first, where the network is to be asked for crowded tiles only."""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {self.precision!r}, expected one of {', '.join(PRECISIONS)}")
        if not self.counted or len(set(self.counted)) < len(self.counted):
            raise ValueError(f"counted is {list(self.counted)}, expected at least one output, and each once")
        if self.precision == "int8" and self.calibration is None:
            raise ValueError("precision int8 needs tiles for its calibration")


@dataclass(frozen=True, slots=True)
class Trial:
    """What the graph is tried on before it is written."""

    tiles: NDArray[np.uint8] = field(compare=False, repr=False)
    """uint8 (n, 384, 512, 3), real pictures, to compare graph and network tile by tile."""
    pictures: Dataset
    """Held-out ones."""
    worsen: float = WORSEN
    """By how much the MAE may be worse in float16 or int8, relative to the network's."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the exported graph is from the network, over real tiles."""

    tiles: int
    count: float
    """Largest relative difference of a tile's count."""
    density: float
    """Largest relative difference of a tile's integral of the density."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the trial of an accepted graph found."""

    parity: Parity
    before: list[Measured] = field(repr=False)
    """Counted by the network."""
    after: list[Measured] = field(repr=False)
    """Counted by the graph."""


class _Flat(nn.Module):
    """A network with a count and one map as one forward pass, in float32 from here on and cut off at zero."""

    def __init__(self, network: CountingNetwork, counted: Sequence[str], density: str) -> None:
        super().__init__()
        self.network, self.counted, self.density = network, counted, density

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self.network(tiles)
        return people_in(outputs, self.counted), density_in(outputs, self.density)


def export(checkpoint: Checkpoint, path: Path, wanted: Wanted, trial: Trial, facts: Mapping[str, str]) -> Outcome:
    """Makes the graph, tries it, and writes it to `path`.

    Args:
        checkpoint: the trained network.
        path: of the ONNX file; written whole or not at all.
        wanted: which map and which numbers.
        trial: what it must stand first.
        facts: metadata beside what the checkpoint knows: name, licence and checkpoint_hash.

    Raises:
        TrainerError: the branch was not trained, or the graph counts too differently from the network.
    """
    wanted = _settled(checkpoint, wanted)
    model = graph_of(checkpoint, wanted)
    model.graph.name = path.stem
    metadata = _metadata(checkpoint, wanted) | dict(facts)
    if missing := [name for name in FACTS if name not in metadata]:
        raise ValueError(f"facts lack {', '.join(missing)}, which the contract demands")
    outcome = _tried(checkpoint, model, wanted, trial)
    own = scores(outcome.after)
    metadata |= {"validation_mae": f"{own.mae:.3f}", "validation_rmse": f"{own.rmse:.3f}"}
    metadata["validation_data"] = f"{trial.pictures.name}, {own.pictures} held-out pictures"
    helper.set_model_props(model, {KEY + name: value for name, value in metadata.items()})
    with written_whole(path, "model") as partial:
        partial.write_bytes(model.SerializeToString())
    return outcome


def graph_of(checkpoint: Checkpoint, wanted: Wanted) -> ModelProto:
    """Returns the graph without metadata; raises TrainerError if one of its maps was not trained."""
    wanted = _settled(checkpoint, wanted)
    weights = checkpoint.network().state_dict()
    network = built(_exported(checkpoint, wanted))
    network.take(weights)
    network = halved(network) if wanted.precision == "fp16" else network
    flat = _traced(_Flat(network, wanted.counted, wanted.density).eval())
    if wanted.calibration is not None and wanted.precision == "int8":
        flat = quantised(flat, wanted.calibration)
    model = separate(flat)
    if wanted.precision != "fp32":
        packed(model)
    if wanted.cascade:
        model = cascaded(wanted.cascade, model)
    _forget_origin(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def _exported(checkpoint: Checkpoint, wanted: Wanted) -> ModelConfig:
    """Returns what the exported file will hold."""
    return checkpoint.config.model.only(frozenset((wanted.density, *wanted.counted))).exported


def _settled(checkpoint: Checkpoint, wanted: Wanted) -> Wanted:
    """Names the map that was left open; raises TrainerError if one that is named was not trained."""
    maps = list(checkpoint.config.model.outputs.maps)
    if not maps:
        raise TrainerError("this checkpoint has no map, and a model without a density cannot be exported; train one")
    named = wanted.density or maps[0]
    for name in (named, *wanted.counted):
        if name not in (COUNT, *maps) or named == COUNT:
            raise TrainerError(f"{name} was not trained; this checkpoint has {', '.join(maps)}")
    return replace(wanted, density=named)


def compare(exported: TileCounter, network: TileCounter, tiles: NDArray[np.uint8], *, density: str) -> Parity:
    """Counts the same tiles with both and returns the largest relative differences."""
    theirs, ours = (_in_batches(counter, tiles) for counter in (exported, network))

    def largest(output: str, original: str) -> float:
        difference = np.abs(theirs[output] - ours[original])
        return float((difference / np.maximum(ours[original], LEAST_PEOPLE)).max())

    return Parity(len(tiles), largest("count", "count"), largest("density", density))


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainerError(f"{path} cannot be read: {reason(error)}") from error


def metadata_of(path: Path) -> dict[str, str]:
    """Returns the facts that an exported file carries, under their names in the contract."""
    return facts_of(onnx.load(path, load_external_data=False))


def _tried(checkpoint: Checkpoint, model: ModelProto, wanted: Wanted, trial: Trial) -> Outcome:
    exported = session_counter(processor_session(model.SerializeToString()))
    network = torch_counter(checkpoint.network(), counted=wanted.counted)
    if wanted.cascade:
        small = session_counter(processor_session(wanted.cascade.small.SerializeToString()))
        network = taking_over(small, network, wanted.cascade.people, wanted.density)
    parity = compare(exported, network, trial.tiles, density=wanted.density)
    agrees = parity.count < LARGEST_DIFFERENCE and parity.density < LARGEST_DIFFERENCE
    if wanted.precision == "fp32" and not agrees:
        raise TrainerError(
            f"exported model differs from the network by up to {parity.count:.2%} of a count and "
            f"{parity.density:.2%} of a density over {parity.tiles} tiles, allowed are {LARGEST_DIFFERENCE:.1%}; "
            "nothing was written"
        )
    before = list(measure(network, with_bar(trial.pictures, "measuring the checkpoint")))
    after = list(measure(exported, with_bar(trial.pictures, "measuring the export")))
    if wanted.precision != "fp32":
        for output, pair in {"count": ("count", "count"), "map": (wanted.density, "density")}.items():
            _judge(f"{output} in {wanted.precision}", (before, after), pair, trial.worsen)
    return Outcome(parity, before, after)


def _judge(subject: str, found: tuple[list[Measured], list[Measured]], outputs: tuple[str, str], worsen: float) -> None:
    """Refuses a count or a map that errs more than is allowed, or of which too few tiles tell whether it does."""
    rise = paired_rise(*found, outputs)
    if not rise.mae <= worsen:
        ours, theirs = (scores(measured, output).mae for measured, output in zip(found, outputs, strict=True))
        raise TrainerError(
            f"exported model has a MAE of {theirs:.2f} by its {subject}, the checkpoint {ours:.2f} on the same "
            f"{len(found[1])} pictures: {rise.mae:+.1%}, allowed are {worsen:+.1%}; nothing was written, see --worsen"
        )
    if not rise.high <= AT_WORST * worsen:
        raise TrainerError(
            f"{len(found[1])} held-out pictures cannot tell whether the {subject} is as good: over their tiles the MAE "
            f"changes by {rise.low:+.1%} to {rise.high:+.1%}, allowed are {AT_WORST * worsen:+.1%}; hold out more, or "
            "see --worsen; nothing was written"
        )


def _traced(flat: nn.Module) -> ModelProto:
    word("tracing the network")
    example = torch.zeros(2, *TILE, 3, dtype=torch.uint8)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is missing, which nothing needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PyTorch's, about PyTorch
        program = torch.onnx.export(
            flat,
            (example,),
            input_names=["tiles"],
            output_names=list(OUTPUTS),
            dynamic_shapes={"tiles": {0: torch.export.Dim("N", min=1, max=1024)}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise TrainerError("PyTorch returned no ONNX program")
    return program.model_proto


def _forget_origin(graph: GraphProto) -> None:
    """Removes what PyTorch notes at every node: lines of our sources, and where they lie on this machine."""
    del graph.metadata_props[:], graph.value_info[:]
    for node in graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _forget_origin(attribute.g)


def _metadata(checkpoint: Checkpoint, wanted: Wanted) -> dict[str, str]:
    config = checkpoint.config.model
    return {
        "contract": CONTRACT,
        "architecture": config.architecture,
        "width": str(config.width),
        "model": json.dumps(asdict(_exported(checkpoint, wanted))),
        "tile": "x".join(map(str, TILE)),
        "map": wanted.density,
        "count": said_counted(wanted.counted),
        **(said_cascade(wanted.cascade) if wanted.cascade else {}),
        "density_stride": str(config.outputs.maps[wanted.density]),
        "precision": wanted.precision,
        "preprocessing": _preprocessing(config),
        "training_data": checkpoint.facts.get(DATA) or "unknown",
        **_start(checkpoint.facts),
        "validation_mae": "unknown",
        "validation_rmse": "unknown",
        "training_steps": str(checkpoint.step),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _start(known: Mapping[str, str]) -> dict[str, str]:
    """Returns what the weights started from, with its data, and who taught them, each with its licence."""
    kept = {"start": ORIGIN} | {name: name for name in (START_LICENCE, TEACHER, TEACHER_LICENCE)}
    return {name: known[own] for name, own in kept.items() if known.get(own)}


def _preprocessing(config: ModelConfig) -> str:
    mean, deviation = (" ".join(map(str, values)) for values in config.pixels)
    return f"inside the graph: RGB / 255, minus {mean}, by {deviation}"


def _in_batches(counter: TileCounter, tiles: NDArray[np.uint8], size: int = 8) -> dict[str, NDArray[np.float32]]:
    parts = [counter(tiles[start : start + size]).people for start in range(0, len(tiles), size)]
    return {output: np.concatenate([part[output] for part in parts]) for output in parts[0]}
