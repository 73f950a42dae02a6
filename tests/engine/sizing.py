# ruff: noqa: T201
"""What many cameras cost without their video: samples, rules, groups and the log, second by second.

    python tests/engine/sizing.py --cameras 200 --seconds 5       (in earnest: --cameras 16 200 5000 --seconds 60)

Every camera has a zone, a rule of its own and one on its zone, and belongs to one of the groups of fifty; one in ten is
crowded at a time. `--database URL` writes to PostgreSQL, `--postgresql` to a server of its own; else into a new file.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

import postgres
from engine.alerts.counts import Counts, Group, Sight
from engine.counting.reading import Sample, ZoneSample
from engine.log.database import open_database
from engine.log.run import NamedModel, RunRecord
from engine.log.writing import write
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed, Rulebook
from engine.rules.series import Subject

START, AT_ONCE, OF_GROUP = 1_790_002_800, 1000, 50
MODEL = NamedModel("light", "0" * 64)


def sight(number: int, second: int) -> Sight:
    """Returns what is seen of a camera in a second."""
    is_crowded = (number + second // 30) % 10 == 0
    people = (60.0 if is_crowded else 12.0) + math.sin(number + second / 7)
    zones = (ZoneSample("left", people / 2, people / 2, people / 2, 2),)
    return Sight(f"camera {number}", Sample(second, people, people, people, 2, 0.9, zones=zones), False, 0.0, 0.0)


def watched(cameras: int) -> tuple[Counts, Rulebook]:
    """Returns the groups and rules of so many cameras."""
    subjects = [Subject(f"camera {number}") for number in range(cameras)]
    parts = range(0, cameras, OF_GROUP)
    counts = Counts([Group(f"group {first}", tuple(subjects[first : first + OF_GROUP])) for first in parts])
    whole = [Placed(Rule("busy", 40.0, for_s=5), subject) for subject in subjects]
    zoned = [Placed(Rule("busy left", 20.0, for_s=5), Subject(subject.owner, "left")) for subject in subjects]
    return counts, Rulebook([*whole, *zoned])


def simulate(cameras: int, seconds: int, target: str) -> None:
    """Lets seconds pass, and prints what each cost on average and at most."""
    engine = open_database(target)
    records = [RunRecord(f"camera {number}", MODEL, START) for number in range(cameras)]
    counts, book = watched(cameras)
    happenings, judged, written, worked = 0, [], [], []
    for second in range(seconds):
        seen = [sight(number, second) for number in range(cameras)]
        begun_s = time.process_time()
        now, _ = counts.second(START + second, seen)
        happenings += len(book.step(now))
        judged.append(time.process_time() - begun_s)
        entries = [(record, each.sample) for record, each in zip(records, seen, strict=True)]
        begun_s, busy_s = time.perf_counter(), time.process_time()
        for first in range(0, cameras, AT_ONCE):
            write(engine, entries[first : first + AT_ONCE])
        written.append(time.perf_counter() - begun_s)
        worked.append(time.process_time() - busy_s)
    size = size_of(engine, target)
    engine.dispose()
    later, busy = written[1:] or written, worked[1:] or worked  # the first second also adds cameras, runs and zones
    rules_ms, busy_ms, log_ms = (1e3 * sum(values) / len(values) for values in (judged, busy, later))
    print(f"{cameras:>6} cameras: in each second rules keep a processor busy for {rules_ms:.1f} ms, the log", end=" ")
    print(f"for {busy_ms:.1f} ms and takes {log_ms:.1f} ms (the first {1e3 * written[0]:.0f});", end=" ")
    print(f"{happenings} happenings; {size / (cameras * seconds):.0f} bytes a sample with its zone", flush=True)


def size_of(engine, target: str) -> int:
    """Returns how large the log is."""
    if "://" not in target:
        return sum(path.stat().st_size for path in Path(target).parent.glob(f"{Path(target).name}*"))
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_database_size(current_database())"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, nargs="+", default=[200])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--database")
    given = parser.parse_args()
    for cameras in given.cameras:
        if given.postgresql:
            with postgres.serving() as server:
                simulate(cameras, given.seconds, server.database())
        else:
            with tempfile.TemporaryDirectory() as folder:
                simulate(cameras, given.seconds, given.database or str(Path(folder) / "log.db"))


if __name__ == "__main__":
    main()
