"""What tests of the log have in common: readings to put into it, and what is then found there."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from time import monotonic

import numpy as np
from sqlalchemy import create_engine, select

from engine.counting.reading import Reading
from engine.log.database import Run, StoredCamera, StoredSample
from engine.log.place import database_url
from engine.paths import LIGHT_MODEL
from engine.picture.condition import Condition
from engine.picture.frame import Frame, Look

OPENER = """
import sys
from engine.log.database import open_database
print("ready", flush=True)
for line in sys.stdin:
    try:
        open_database(line.strip()).dispose()
        print("opened", flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
"""
"""A program that opens each log that it is told of."""


CAMERA = """
[[cameras]]
name = "yard"
address = "clip.mp4"
loop = true
density_interval_s = "never"
"""


def reading(time_s, count, arrived_s=0.0, condition=Condition.CLEAR, **found):
    shot = Frame.of(0, time_s, np.zeros((2, 2, 3), np.uint8)).shot
    return Reading(Frame(0, time_s, shot, arrived_s=arrived_s, look=Look(condition=condition)), count, **found)


def samples_of(target):
    """Returns (camera, second, mean, readings) of all samples, by camera and second."""
    query = (
        select(StoredCamera.name, StoredSample.second, StoredSample.mean, StoredSample.readings)
        .join(Run, Run.camera_id == StoredCamera.id)
        .join(StoredSample, StoredSample.run_id == Run.id)
        .order_by(StoredCamera.name, Run.id, StoredSample.second)
    )
    return found(target, query)


def found(target, query):
    """Returns the rows that a query gives."""
    engine = create_engine(database_url(target))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return rows


@contextmanager
def held(path):
    """Locks a log as another program would."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


def waited_for(condition, timeout_s=30.0):
    end, tick = monotonic() + timeout_s, threading.Event()
    while not condition() and monotonic() < end:
        tick.wait(0.01)
    return condition()


def open_at_once(targets, programs=3):
    """Has several programs open each log at the same moment; returns all that they said."""
    command, pipe = [sys.executable, "-c", OPENER], subprocess.PIPE
    openers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(programs)]
    try:
        assert all(opener.stdout.readline() == "ready\n" for opener in openers)
        said = set()
        for target in targets:
            for opener in openers:
                opener.stdin.write(f"{target}\n")
                opener.stdin.flush()
            said.update(opener.stdout.readline().strip() for opener in openers)
        return said
    finally:
        for opener in openers:
            opener.communicate(timeout=60)


def started(*arguments, before="pass"):
    """Starts `deepcount-engine` after a statement that prepares its process; it heeds SIGINT and races no models."""
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"import sys, resource; {heed}; {before}; from engine.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *map(str, arguments), "--model", str(LIGHT_MODEL)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
