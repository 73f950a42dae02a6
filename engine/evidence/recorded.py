"""What was counted of a recording, as an account; its times are those from its beginning."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.checks.kept import checks_of
from engine.checks.spot_check import Errors, errors_of
from engine.counting.reading import Reading, Sample, Sampler
from engine.evidence.account import Account, Kind, ModelUsed
from engine.evidence.accuracy import Accuracy, held_out_of, precision_of
from engine.evidence.counting import Counted
from engine.evidence.known import Gap, blocks_of, gaps_of, spacing
from engine.evidence.reach import span_within
from engine.evidence.span import Span, clock
from engine.history.series import Grid, Series
from engine.log.database import open_as_reader
from engine.redaction import readable
from engine.sources.flaws import Hole


@dataclass(frozen=True, slots=True)
class FrameCount:
    """The count of one frame."""

    frame: int
    time_s: float
    people: float
    own_s: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording in a span."""

    account: Account
    frames: tuple[FrameCount, ...]
    samples: tuple[Sample, ...]


def recorded(counted: Counted, path: Path, from_s: float | None, to_s: float | None, database: str | None) -> Recorded:
    """Returns what a recording has in a span.

    Args:
        counted: all of it, or all of the span.
        path: of the recording.
        from_s: where the span begins, in seconds; None is the beginning.
        to_s: where it ends; None is the end.
        database: a log that may hold spot checks of it; None is none.

    Raises:
        ConfigError: the recording does not reach into the span.
    """
    readings = list(counted.kept.readings())
    span = span_within(_reach(counted, readings), from_s, to_s)
    own = [reading for reading in readings if span.from_s <= reading.frame.time_s < span.to_s]
    samples = tuple(_samples(own))
    seconds = np.array([sample.second for sample in samples], np.int64)
    spacing_s = spacing(seconds)
    blocks = np.clip(blocks_of(seconds, spacing_s), span.from_s, span.to_s)
    flaws = counted.flaws
    holes = [Gap(one.from_s, one.to_s, "damaged or lost") for one in flaws.noted if isinstance(one, Hole)]
    notes = [*counted.kept.remarks, *flaws.warnings, *filter(None, (counted.problem or flaws.breaks_off,))]
    model, card = counted.model, _card(counted)
    account = Account(
        readable(path.name), Kind.RECORDING, span, _series(samples, span), blocks,
        tuple(gaps_of(blocks, span, holes)),
        models=(ModelUsed(model.file.name, model.file.sha256),),
        accuracy=Accuracy(held_out_of(card), card, precision_of(card), _checks(counted, database)),
        spacing_s=spacing_s, facts=_facts(counted, readings, own), notes=tuple(notes),
    )  # fmt: skip
    frames = (FrameCount(one.frame.index, one.frame.time_s, one.count, one.frame.own_s) for one in own)
    return Recorded(account, tuple(frames), samples)


def _reach(counted: Counted, readings: Sequence[Reading]) -> float:
    """Returns where it ends, or was read no further."""
    read_to_s = None if counted.part is None else counted.part[1]
    return _end(readings) if read_to_s is None else read_to_s


def _end(readings: Sequence[Reading]) -> float:
    """Returns where the last frame ends, as long as the others are on average."""
    times: NDArray[np.float64] = np.array([reading.frame.time_s for reading in readings])
    if not len(times):
        return 0.0
    step_s = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    return float(times[-1]) + step_s


def _samples(readings: Sequence[Reading]) -> list[Sample]:
    sampler, found = Sampler(), []
    for reading in readings:
        found.append(sampler.add(reading.frame.time_s, reading))
    found.append(sampler.finish())
    return [sample for sample in found if sample is not None]


def _series(samples: Sequence[Sample], span: Span) -> Series:
    first = math.floor(span.from_s)
    series = Series.unknown(Grid(first, 1, max(1, math.ceil(span.to_s) - first)))
    for sample in samples:
        place = sample.second - first
        series.mean[place], series.least[place], series.most[place] = sample.mean, sample.least, sample.most
        series.readings[place] = sample.readings
    return series


def _card(counted: Counted) -> Path | None:
    card = counted.model.file.path.with_suffix(".md")
    return card if card.is_file() else None


def _facts(counted: Counted, readings: Sequence[Reading], own: Sequence[Reading]) -> tuple[tuple[str, str], ...]:
    length = f"{len(readings):,} frames, {clock(_end(readings))}"
    if counted.part is not None:
        length = f"{len(own):,} frames of the span, the others not counted"
    size = "" if counted.size is None else f", {counted.size[1]} × {counted.size[0]} pixels"
    return (("recording", f"{length}{size}, {counted.identity.size:,} bytes"),)


def _checks(counted: Counted, database: str | None) -> Errors | None:
    if database is None:
        return None
    engine = open_as_reader(database)
    try:
        return errors_of(checks_of(engine, source_sha256=counted.identity.sha256))
    finally:
        engine.dispose()
