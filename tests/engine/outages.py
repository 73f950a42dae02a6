# ruff: noqa: T201
"""Two services write into one PostgreSQL database: it is killed in mid-run, both are reloaded, one is started again.

    python tests/engine/outages.py --seconds 3        (in earnest: --seconds 10)

Says of every camera which seconds its log lacks, which it has twice, and how long the gap of the restart is.
"""

import argparse
import signal
import subprocess
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import httpx
from sqlalchemy import text

import postgres
from cameras import Clip, ScriptedCamera
from logged import found, started

CAMERA = '[[cameras]]\nname = "{name}"\naddress = "{address}"\nmax_fps = 2\ndensity_interval_s = "never"\n'
SECONDS = text(
    "SELECT camera.name, floor(extract(epoch FROM run.started_at) + sample.second)::bigint, run.id FROM sample "
    "JOIN run ON run.id = sample.run_id JOIN camera ON camera.id = run.camera_id ORDER BY 1, 2"
)


class Served:
    """One service with its configuration."""

    def __init__(self, folder: Path, name: str, address: str, database: str) -> None:
        self.path = folder / f"{name}.toml"
        self.head = f'database = "{database}"\n'
        self.cameras = [CAMERA.format(name=f"{name} {number}", address=address) for number in range(2)]
        self.write()
        self.start()

    def write(self, *more: str) -> None:
        self.path.write_text(self.head + "".join([*self.cameras, *more]))

    def start(self) -> None:
        self.process = started("serve", "--config", self.path, "--port", "0")
        self.client = httpx.Client(base_url=self.process.stdout.readline().split()[-1], timeout=10)

    def stop(self) -> None:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()

    @property
    def lost(self) -> float:
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("deepcount_samples_lost_total"))

    def wait_for_counts(self) -> None:
        """Waits until all cameras are counted."""
        end_s = time.monotonic() + 60
        while time.monotonic() < end_s:
            if all(each["count"] is not None for each in self.client.get("/api/cameras").json()["cameras"]):
                return
            time.sleep(0.1)

    def reload(self, camera: str) -> None:
        """Adds a camera, and waits until it is there."""
        self.write(camera)
        end_s = time.monotonic() + 30
        while time.monotonic() < end_s and len(self.client.get("/api/cameras").json()["cameras"]) < 3:
            time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="that the server is away")
    given = parser.parse_args()
    with (
        postgres.serving() as server,
        tempfile.TemporaryDirectory() as folder,
        ScriptedCamera(Clip.drawn(frames=10, size=(384, 512)), rate=2) as camera,
    ):
        database = server.database()
        served = [Served(Path(folder), name, camera.address, database) for name in ("east", "west")]
        for each in served:
            each.wait_for_counts()
        print(f"the server is killed for {given.seconds:g} s", flush=True)
        server.stop()
        time.sleep(given.seconds)
        server.start()
        time.sleep(6)
        for each in served:
            each.reload(CAMERA.format(name=f"late {each.path.stem}", address=camera.address))
        time.sleep(3)
        lost = sum(each.lost for each in served)
        served[0].stop()
        stopped_s = time.monotonic()
        served[0].start()
        print(f"a restart took {time.monotonic() - stopped_s:.1f} s until cameras are watched", flush=True)
        served[0].wait_for_counts()
        time.sleep(3)
        for each in served:
            each.stop()
        report(found(database, SECONDS), lost)


def report(rows: list[tuple[str, int, int]], lost: float) -> None:
    """Prints what is wrong with each camera's seconds; those between two runs are of the restart."""
    for name in sorted({name for name, *_ in rows}):
        own = [(second, run) for camera, second, run in rows if camera == name]
        doubled = [second for second, number in Counter(second for second, _ in own).items() if number > 1]
        pairs = list(pairwise(own))
        lacking = sum(after - before - 1 for (before, run), (after, other) in pairs if run == other)
        gaps = [after - before - 1 for (before, run), (after, other) in pairs if run != other]
        runs = len({run for _, run in own})
        print(
            f"{name:>10}: {len(own)} seconds in {runs} runs, {lacking} lacking, {len(doubled)} doubled, gaps {gaps} s"
        )
    print(f"{lost:g} samples were said to be lost")


if __name__ == "__main__":
    main()
