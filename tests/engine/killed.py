"""Kills the writer of a log with SIGKILL again and again, and looks at what is left of its work.

    python tests/engine/killed.py --kills 500

What the writer said was written for good (deeds in the audit log, acknowledgements) has to be there, the chain has to
be whole, no rule may have two open alerts, and of the samples those of the last second may be missing.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from sqlalchemy import Engine, func, select

from engine.alerts.counts import Sight
from engine.alerts.guard import Guard, Orders
from engine.alerts.journal import Journal
from engine.alerts.listing import acknowledge, alerts_of
from engine.counting.reading import Sample
from engine.inference.contract import ModelFile, read_model_file
from engine.log.audit import Deed, faults, kept_tip, note, rows_of
from engine.log.database import Run, StoredSample, open_database
from engine.log.store import Store
from engine.paths import LIGHT_MODEL
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from logged import reading

START = 1_790_000_000
LONGEST_S, PACE_S = 1.6, 0.01
MISSING_S = 1.0


@dataclass
class Told:
    """What a writer said before it was killed."""

    deeds: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    seconds: dict[int, float] = field(default_factory=dict)
    """When each was handed to the log."""


def write_for_ever(path: Path, model: ModelFile, first: int, pipe: Connection) -> None:
    """Is the writer: samples, alerts, acknowledgements and deeds, as fast as a day in minutes."""
    store, journal, engine = Store(path), Journal(path), open_database(path, durable=True)
    run, people, pause = store.run(camera="yard", model=model), 0.0, multiprocessing.Event()
    guard = Guard(lambda second: [Sight("yard", Sample(0, people, people, people, 1), False, 0.0, 0.0)])
    placed = Placed(Rule("busy", 25.0, for_s=2), Subject("yard"))
    guard.apply(Orders((placed,), owners=frozenset({"yard"})), journal)
    for step in range(1_000_000):
        people = 30.0 if step // 5 % 2 else 10.0
        run.put(reading(float(step), people))
        pipe.send(("second", step - 1, monotonic()))
        guard.tick(START + first * 100_000 + step)
        note(engine, [Deed("Ada", "try", f"{first} {step}", {})])
        pipe.send(("deed", step, 0.0))
        for alert in alerts_of(engine, most=1):
            if alert.acknowledged_at is None:
                acknowledge(engine, alert.id, who="Ada")
                pipe.send(("acknowledged", alert.id, 0.0))
        pause.wait(PACE_S)


def kill_one(path: Path, model: ModelFile, number: int, after_s: float) -> list[str]:
    """Kills a writer after so long; returns what is wrong with what it left."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    writer = context.Process(target=write_for_ever, args=(path, model, number, sender), daemon=True)
    writer.start()
    sender.close()
    told, end_s = Told(), monotonic() + after_s
    while monotonic() < end_s and receiver.poll(max(0.0, end_s - monotonic())):
        _hear(receiver, told)
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    killed_s = monotonic()
    writer.join()
    while receiver.poll(0.0) and _hear(receiver, told):
        pass
    return wrong_with(path, number, told, killed_s)


def _hear(receiver: Connection, told: Told) -> bool:
    try:
        kind, value, at_s = receiver.recv()
    except (EOFError, OSError):
        return False
    if kind == "second":
        told.seconds[value] = at_s
    else:
        (told.deeds if kind == "deed" else told.acknowledged).add(value)
    return True


def wrong_with(path: Path, number: int, told: Told, killed_s: float) -> list[str]:
    """Returns what is wrong with the log that a writer left."""
    with closing(sqlite3.connect(path)) as log:
        integrity = log.execute("PRAGMA integrity_check").fetchone()[0]
    found = [] if integrity == "ok" else [f"integrity: {integrity}"]
    engine = open_database(path)
    try:
        rows, alerts = rows_of(engine), alerts_of(engine)
        found += faults(rows, kept_tip(engine.url))
        deeds = {row.subject for row in rows}
        found += [f"deed {step} is lost" for step in told.deeds if f"{number} {step}" not in deeds]
        known = {alert.id for alert in alerts if alert.acknowledged_by == "Ada"}
        found += [f"acknowledgement {each} is lost" for each in told.acknowledged - known]
        open_alerts = [alert for alert in alerts if alert.cleared_at is None and alert.closed_at is None]
        found += [f"{len(open_alerts)} alerts are open of one rule"] * (len(open_alerts) > 1)
        due = {second for second, at_s in told.seconds.items() if second >= 0 and at_s < killed_s - MISSING_S}
        missing = due - _seconds(engine) if due else set()
        found += [f"samples {sorted(missing)} are lost"] * bool(missing)
    finally:
        engine.dispose()
    return found


def _seconds(engine: Engine) -> set[int]:
    """Returns the seconds of the newest run."""
    newest = select(func.max(Run.id)).scalar_subquery()
    with engine.begin() as connection:
        return set(connection.scalars(select(StoredSample.second).where(StoredSample.run_id == newest)))


def kill(kills: int, folder: Path, *, seed: int = 1) -> list[str]:
    """Kills so many writers of one log; returns all that was wrong."""
    model, chance, found = read_model_file(LIGHT_MODEL), random.Random(seed), list[str]()
    for number in range(kills):
        after_s = chance.uniform(0.02, LONGEST_S)
        found += [
            f"kill {number} after {after_s:.2f} s: {each}"
            for each in kill_one(folder / "log.db", model, number, after_s)
        ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        found = kill(options.kills, Path(folder), seed=options.seed)
    print("\n".join(found) or f"{options.kills} writers were killed, and nothing is wrong with what they left")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
