"""What a graph has to stand before it is written: it counts as the network does, on real pictures.

In float32 it must agree tile by tile; with fewer bits it may be worse by a stated bound, and its map as well.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from trainer.checkpoints import Checkpoint
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import TileCounter, processor_session, session_counter, torch_counter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.scores import paired_rise, scores
from trainer.exporting.cascade import taking_over
from trainer.exporting.graph import Wanted
from trainer.progress import with_bar

LARGEST_DIFFERENCE = 1e-3  # of the count, relative, on any tile, in float32
LEAST_PEOPLE = 1.0  # a difference is taken relative to at least this many people
WORSEN = 0.02
AT_WORST = 3
"""How many times that the 95 % interval of the change over tiles may reach: of 250 tiles it is some 4 % wide."""


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


def tried(checkpoint: Checkpoint, model: ModelProto, wanted: Wanted, trial: Trial) -> Outcome:
    """Counts with the network and with its graph; raises TrainerError where the graph counts too differently."""
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


def compare(exported: TileCounter, network: TileCounter, tiles: NDArray[np.uint8], *, density: str) -> Parity:
    """Counts the same tiles with both and returns the largest relative differences."""
    theirs, ours = (_in_batches(counter, tiles) for counter in (exported, network))

    def largest(output: str, original: str) -> float:
        difference = np.abs(theirs[output] - ours[original])
        return float((difference / np.maximum(ours[original], LEAST_PEOPLE)).max())

    return Parity(len(tiles), largest("count", "count"), largest("density", density))


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


def _in_batches(counter: TileCounter, tiles: NDArray[np.uint8], size: int = 8) -> dict[str, NDArray[np.float32]]:
    parts = [counter(tiles[start : start + size]).people for start in range(0, len(tiles), size)]
    return {output: np.concatenate([part[output] for part in parts]) for output in parts[0]}
