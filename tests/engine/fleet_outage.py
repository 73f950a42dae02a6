# ruff: noqa: T201
"""A fleet of three nodes watches cameras over one PostgreSQL database: one is killed in mid-run, and one joins.

    python tests/engine/fleet_outage.py --cameras 6            (nodes are processes; --ray: nodes of a Ray cluster)

Says how long the cameras of the node that was killed had no reading, which seconds are doubled, and how often each
alert was raised, of which there has to be one for each camera.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from sqlalchemy import text

import postgres
from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.cluster import ENVIRONMENT
from engine.log.database import open_database
from logged import found

NODES = 3
CAMERA = """
[[cameras]]
name = "{name}"
address = "{address}"
max_fps = 2
density_interval_s = "never"

[[cameras.rules]]
name = "crowd"
above = 25
for_s = 1
"""
SECONDS = text(
    "SELECT camera.name, floor(extract(epoch FROM run.started_at) + sample.second)::bigint FROM sample "
    "JOIN run ON run.id = sample.run_id JOIN camera ON camera.id = run.camera_id ORDER BY 1, 2"
)
ALERTS = text("SELECT owner, closed_at IS NULL FROM alert ORDER BY 1")
STANDING = text("SELECT node.name, lease.name FROM node LEFT JOIN lease ON lease.holder = node.name ORDER BY 1, 2")


def started(*arguments):
    command = [sys.executable, "-m", "engine", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wait_for(condition, timeout_s):
    """Looks some times a second, which costs the nodes little."""
    end_s = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.3)
    return condition()


def watchers(database):
    """Returns the cameras of each node that is there, as the leases have it."""
    nodes = {}
    for node, lease in found(database, STANDING):
        nodes.setdefault(node, set()).update({lease} if lease and not lease.startswith(" ") else ())
    return nodes


def seen(database):
    """Returns the seconds of each camera that are in the log."""
    seconds = {}
    for camera, second in found(database, SECONDS):
        seconds.setdefault(camera, []).append(second)
    return seconds


def is_seen_since(database, cameras, second):
    newest = {camera: seconds[-1] for camera, seconds in seen(database).items()}
    return all(newest.get(camera, 0) >= second for camera in cameras)


class Processes:
    """Nodes that are processes of this machine."""

    def __init__(self, config):
        self._config = config
        self._nodes = {}
        for _ in range(NODES):
            self.join()

    def join(self):
        process = started("fleet", "--config", self._config, "--json")
        name = None
        while name is None:
            standing = json.loads(process.stdout.readline())
            new = [each["node"] for each in standing["nodes"] if each["node"] not in self._nodes]
            name = new[0] if new else None
        self._nodes[name] = process

    def kill(self, name):
        self._nodes.pop(name).send_signal(signal.SIGKILL)

    def close(self):
        for process in self._nodes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._nodes.values():
            process.communicate(timeout=60)


class RayNodes:
    """Nodes of a Ray cluster on this machine, each of which is a raylet of its own."""

    def __init__(self, config):
        os.environ.update(ENVIRONMENT, RAY_USAGE_STATS_ENABLED="0")
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        self._raylets = [self._cluster.head_node, *(self._cluster.add_node(num_cpus=1) for _ in range(NODES - 1))]
        self._driver = started("fleet", "--config", config, "--ray", self._cluster.address)

    def join(self):
        self._cluster.add_node(num_cpus=1)

    def kill(self, _name):
        """Kills a machine that is not the head; which one Ray's driver has there nobody can choose."""
        self._cluster.remove_node(self._raylets.pop(), allow_graceful=False)

    def close(self):
        self._driver.send_signal(signal.SIGTERM)
        self._driver.communicate(timeout=90)
        self._cluster.shutdown()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=5.0, help="between two things that happen")
    parser.add_argument("--ray", action="store_true", help="nodes of a Ray cluster, not plain processes")
    given = parser.parse_args()
    with ExitStack() as stack:
        server = stack.enter_context(postgres.serving())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        camera = stack.enter_context(ScriptedCamera(Clip.drawn(frames=10, size=(384, 512)), rate=2))
        database = server.database()
        open_database(database).dispose()
        model = write_constant(folder / "thirty.onnx", people=30.0)
        names = [f"camera {number}" for number in range(given.cameras)]
        config = folder / "fleet.toml"
        head = f'database = "{database}"\nmodel = "{model}"\nprovider = "cpu"\n'
        config.write_text(head + "".join(CAMERA.format(name=name, address=camera.address) for name in names))
        nodes = (RayNodes if given.ray else Processes)(config)
        stack.callback(nodes.close)
        happen(database, names, nodes, given.seconds)
    print("ended", flush=True)


def happen(database, names, nodes, seconds):
    assert wait_for(lambda: is_seen_since(database, names, 1), 120), "not all cameras were watched"
    assert wait_for(
        lambda: sorted(map(len, watchers(database).values()))[0] > 0 < NODES <= len(watchers(database)), 120
    )
    time.sleep(seconds)
    before = watchers(database)
    print("watched by", {node: len(cameras) for node, cameras in before.items()}, flush=True)
    name = next(iter(before))
    killed_s = time.time()
    nodes.kill(name)
    assert wait_for(lambda: set(names) == set().union(*list(alive(database, killed_s).values())), 60)
    assert wait_for(lambda: is_seen_since(database, names, int(killed_s) + 3), 60), "a camera did not come back"
    print(f"a node was killed; all cameras were seen again {time.time() - killed_s:.1f} s after that", flush=True)
    time.sleep(seconds)
    joined_s = time.time()
    nodes.join()
    assert wait_for(lambda: all(alive(database, joined_s).values()) and len(alive(database, joined_s)) >= NODES, 120)
    print(
        f"a node joined, and had its share after {time.time() - joined_s:.1f} s (at {joined_s - killed_s:+.0f} s)",
        flush=True,
    )
    time.sleep(2 * seconds)
    report(database, names, killed_s)


def alive(database, since_s):
    """Returns the cameras of each node that said something in the last seconds."""
    fresh = found(database, text("SELECT name FROM node WHERE seen_s > extract(epoch FROM clock_timestamp()) - 5"))
    return {node: cameras for node, cameras in watchers(database).items() if (node,) in {tuple(row) for row in fresh}}


def report(database, names, killed_s):
    raised = Counter(owner for owner, _ in found(database, ALERTS))
    still = {owner for owner, is_open in found(database, ALERTS) if is_open}
    print(f"alerts raised: {dict(raised)}; open: {len(still)}", flush=True)
    for name in names:
        own = seen(database)[name]
        doubled = sum(number > 1 for number in Counter(own).values())
        gaps = [
            f"{after - before - 1} s from {before + 1 - killed_s:+.0f} s on"
            for before, after in pairwise(own)
            if after - before > 1
        ]
        print(f"{name}: {len(own)} seconds, {doubled} doubled; nothing for {', '.join(gaps) or '0 s'}", flush=True)
    assert raised == Counter(names), "an alert was not raised exactly once"


if __name__ == "__main__":
    main()
