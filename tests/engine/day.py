"""Sends a synthetic day of ten cameras with three zones each through rules, and through the log with its roll-ups.

    python tests/engine/day.py --hours 24 --database /tmp/day.db

Each camera and zone is crowded for ten minutes an hour, with an outlier and a gap that must not matter, so that it is
known to the second which alerts there have to be.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psutil

from engine.alerts.counts import Counts, Group, Sight
from engine.counting.reading import Sample, ZoneSample
from engine.inference.contract import read_model_file
from engine.log.database import open_database
from engine.log.run import RunRecord
from engine.log.writing import write
from engine.paths import LIGHT_MODEL
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed, Rulebook
from engine.rules.series import Subject

START, HOUR_S = 1_790_002_800, 3600  # a full hour
CAMERAS, ZONES = 10, 3
CROWDED_S, FOR_S = 600, 5
OUTLIER_S, GAP_S = 40, 3  # before the crowd comes; in its midst
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Day:
    """What it came to."""

    seconds: int
    alerts: int
    wrong: int
    """Alerts that should not have been, or are missing, or came at another second."""
    took_s: float
    grown_mb: float
    """Of memory, from a quarter of the day to its end."""

    @property
    def speed(self) -> float:
        """In multiples of real time."""
        return self.seconds / self.took_s


def begin_of(subject: int) -> int:
    """Returns the second of each hour at which a subject becomes crowded."""
    return 100 + 60 * subject


def count_of(subject: int, second: int) -> float | None:
    """Returns the people of a subject in a second of the day; None in a gap."""
    into = second % HOUR_S - begin_of(subject)
    if 0 <= into < CROWDED_S:
        return None if 300 <= into < 300 + GAP_S else 40.0 + into % 7
    return 90.0 if into == -OUTLIER_S else 10.0


def expected(hours: int) -> set[tuple[str, int, int]]:
    """Returns all alerts: whose, and the seconds in which they are raised and cleared."""
    return {
        (str(subject), *(HOUR_S * hour + begin_of(place) + later + FOR_S - 1 for later in (0, CROWDED_S)))
        for hour in range(hours)
        for place, subject in enumerate(subjects())
    }


def subjects() -> list[Subject]:
    """Returns all cameras and zones."""
    cameras = [f"camera {number}" for number in range(CAMERAS)]
    return [Subject(name, zone) for name in cameras for zone in (None, *(f"zone {part}" for part in range(ZONES)))]


def sights(second: int) -> list[Sight]:
    """Returns what is seen in a second."""
    seen, per_camera = [], 1 + ZONES
    for number in range(CAMERAS):
        first = number * per_camera
        whole = count_of(first, second)
        zones = [(part, count_of(first + 1 + part, second)) for part in range(ZONES)]
        parts = tuple(ZoneSample(f"zone {part}", count, count, count, 5) for part, count in zones if count is not None)
        sample = None if whole is None else Sample(0, whole, whole, whole, 5, consistency=0.9, zones=parts)
        seen.append(Sight(f"camera {number}", sample, False, 0.0, 0.0))
    return seen


class Log:
    """Writes what is seen in the way in which the store does."""

    def __init__(self, path: Path) -> None:
        self._engine, model = open_database(path), read_model_file(LIGHT_MODEL)
        self._records = {f"camera {n}": RunRecord(f"camera {n}", model, START) for n in range(CAMERAS)}
        self._entries: list[tuple[RunRecord, Sample | None]] = []

    def put(self, second: int, seen: list[Sight]) -> None:
        for sight in seen:
            if sight.sample is not None:
                sample = sight.sample
                own = Sample(second, sample.mean, sample.least, sample.most, sample.readings, zones=sample.zones)
                self._entries.append((self._records[sight.name], own))
        if len(self._entries) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        write(self._engine, self._entries)
        self._entries = []

    def close(self) -> None:
        self.flush()
        self._engine.dispose()


def day(hours: int, database: Path | None = None) -> Day:
    """Lets a day pass."""
    every = subjects()
    counts = Counts([Group("all", tuple(subject for subject in every if subject.zone is None))])
    book = Rulebook([Placed(Rule(f"busy {subject}", 25.0, for_s=FOR_S), subject) for subject in every])
    log, process = None if database is None else Log(database), psutil.Process()
    open_since: dict[str, int] = {}
    found: set[tuple[str, int, int]] = set()
    began_s, at_quarter, seconds = monotonic(), 0, hours * HOUR_S
    for second in range(seconds):
        seen = sights(second)
        now, _ = counts.second(START + second, seen)
        for happening in book.step(now):
            name = str(happening.placed.subject)
            if name in open_since:
                found.add((name, open_since.pop(name), second))
            else:
                open_since[name] = second
        if log is not None:
            log.put(second, seen)
        if second == seconds // 4:
            at_quarter = process.memory_info().rss
    if log is not None:
        log.close()
    grown = (process.memory_info().rss - at_quarter) / 2**20
    wrong = len(found ^ expected(hours)) + len(open_since)
    return Day(seconds, len(found), wrong, monotonic() - began_s, grown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--database", type=Path, help="also write it to this new file")
    options = parser.parse_args()
    result = day(options.hours, options.database)
    print(
        f"{result.seconds} s in {result.took_s:.1f} s: {result.speed:.0f} times real time; {result.alerts} alerts, "
        f"{result.wrong} wrong; memory grew by {result.grown_mb:.1f} MB"
    )
    return int(result.wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
