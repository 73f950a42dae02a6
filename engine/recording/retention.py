"""Which segments have to go: those that are too old, those that are too many, and the oldest where the disk is full.

Pure: what there is, the time and the room are arguments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.recording.segments import Segment, total_bytes

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one camera is kept; None is all."""

    days: float | None = None
    bytes: int | None = None


def superfluous(
    segments: Mapping[str, Sequence[Segment]], limits: Mapping[str, Limits], now_s: float
) -> Iterator[tuple[str, Segment]]:
    """Yields cameras and segments of theirs that are beyond their limits; a camera without any keeps all.

    Args:
        segments: of each camera, in their order.
        limits: of cameras.
        now_s: wall time in seconds since 1970.
    """
    for camera, own in segments.items():
        limit = limits.get(camera, Limits())
        over = 0 if limit.bytes is None else total_bytes(own) - limit.bytes
        for segment in own:
            is_old = limit.days is not None and segment.end_s < now_s - limit.days * DAY_S
            if not is_old and over <= 0:
                break
            over -= segment.bytes
            yield camera, segment


def oldest(segments: Mapping[str, Sequence[Segment]], wanted_bytes: int) -> Iterator[tuple[str, Segment]]:
    """Yields the oldest of all cameras, until so many bytes are free."""
    every = sorted((segment, camera) for camera, own in segments.items() for segment in own)
    for segment, camera in every:
        if wanted_bytes <= 0:
            return
        wanted_bytes -= segment.bytes
        yield camera, segment
