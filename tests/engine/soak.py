"""A soak: `watch` on cameras that fail at random, for as long as is asked; run by hand, see `--help`.

Prints what happened and what grew; ends with status 1 if a secret was seen, something negative or no number was stored,
a camera was not live at the end, or `watch` did not end cleanly.
"""

import argparse
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

import numpy as np
import psutil

from cameras import Clip, ScriptedCamera, WebCamera

SECRET = "never-to-be-seen-5150"
REST_S = 90.0  # without faults at the end, in which every camera has to come back
SETTLED_S = 120.0  # after which growth is measured: until then caches fill
LOOK_S = 10.0
MEGABYTE = 2**20
WATCH = [sys.executable, "-m", "engine", "watch"]


@dataclass
class Soak:
    """What is running, and what was seen of it."""

    cameras: dict[str, ScriptedCamera | WebCamera]
    process: psutil.Process
    random: random.Random
    faults: Counter[str] = field(default_factory=Counter)
    marks: list[tuple[float, float, int, int]] = field(default_factory=list)
    """Seconds, MB of memory, threads, open files."""

    def look(self, now_s: float) -> None:
        memory = self.process.memory_info().rss / MEGABYTE
        self.marks.append((now_s, memory, self.process.num_threads(), self.process.num_fds()))
        print(f"{now_s:6.0f} s: {memory:7.1f} MB, {self.marks[-1][2]} threads, {self.marks[-1][3]} files, "
              f"{sum(self.faults.values())} faults", flush=True)  # fmt: skip

    def fault(self) -> Callable[[], None]:
        """Does something to a camera; returns what makes it well again."""
        name = self.random.choice(sorted(self.cameras))
        camera = self.cameras[name]
        kinds: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "stall": (camera.stall, camera.go_on),
            "close": (camera.close_connections, camera.go_on),
            "reset": (camera.reset_connections, camera.go_on),
            "garbage": (lambda: camera.garbage(20), camera.go_on),
            "babble": (camera.babble, camera.go_on),
            "trickle": (lambda: camera.trickle(200), camera.go_on),
            "clock": (lambda: camera.jump_clock(self.random.choice([-7200.0, 3600.0])), camera.go_on),
            "away": (camera.go_away, camera.come_back),
            "busy": (lambda: camera.refuse(503), camera.go_on),
        }
        if isinstance(camera, ScriptedCamera):
            size = self.random.choice([(240, 320), (360, 640), (480, 480)])
            kinds["size"] = (lambda: camera.change(size=size), camera.go_on)
            kinds["codec"] = (lambda: camera.change(codec=self.random.choice(["h264", "h265"])), camera.go_on)
        kind = self.random.choice(sorted(kinds))
        self.faults[kind] += 1
        begin, end = kinds[kind]
        begin()
        return lambda: (end(), camera.require("guard", SECRET), None)[-1]


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cameras = _cameras(stack, options.fps)
        config, database = _configured(folder, cameras, options.fps), folder / "soak.db"
        out, log = (stack.enter_context((folder / name).open("w")) for name in ("out", "log"))
        command = [*WATCH, "--config", str(config), "--database", str(database), "--json", "--provider", "cpu"]
        environment = os.environ | {"SOAK_PASSWORD": SECRET}
        watch = subprocess.Popen(command, stdout=out, stderr=log, env=environment)
        stack.callback(watch.kill)
        soak = Soak(cameras, psutil.Process(watch.pid), random.Random(options.seed))
        _run(soak, watch, 60 * options.minutes)
        begun = monotonic()
        watch.send_signal(signal.SIGTERM)
        status = watch.wait(timeout=60)
        print(f"ended with status {status} after {monotonic() - begun:.1f} s")
        return _judged(soak, status, folder, database)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=2.0, help="frames per second of each camera")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _cameras(stack: ExitStack, fps: float) -> dict[str, ScriptedCamera | WebCamera]:
    rate = max(1, round(fps))
    made: dict[str, ScriptedCamera | WebCamera] = {
        f"{codec}-{number}": ScriptedCamera(Clip.drawn(codec), rate=rate)
        for codec, count in (("h264", 3), ("h265", 2))
        for number in range(count)
    }
    made["mjpeg"] = WebCamera("mjpeg", Clip.drawn("mjpeg"), rate=rate)
    made["mpegts"] = WebCamera("mpegts", Clip.drawn("h264"), rate=rate)
    made["picture"] = WebCamera("picture", Clip.drawn("mjpeg"), rate=rate)
    for camera in made.values():
        stack.enter_context(camera)
        camera.require("guard", SECRET, scheme="digest" if isinstance(camera, ScriptedCamera) else "basic")
    return made


def _configured(folder: Path, cameras: dict[str, ScriptedCamera | WebCamera], fps: float) -> Path:
    zone = '[[cameras.zones]]\nname = "left"\npolygon = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]\n'
    tables = [
        f'[[cameras]]\nname = "{name}"\naddress = "{camera.address}"\nuser = "guard"\npassword_env = "SOAK_PASSWORD"\n'
        f"max_fps = {fps}\nopen_timeout_s = 4\nread_timeout_s = 4\ndensity_interval_s = 5\n{zone}"
        for name, camera in cameras.items()
    ]
    path = folder / "cameras.toml"
    path.write_text("\n".join(tables), "utf-8")
    return path


def _run(soak: Soak, watch: "subprocess.Popen[bytes]", seconds: float) -> None:
    pause, begun, looked, healing = Event(), monotonic(), -LOOK_S, []
    next_fault = 20.0
    while (now := monotonic() - begun) < seconds and watch.poll() is None:
        if now - looked >= LOOK_S:
            soak.look(now)
            looked = now
        for item in [item for item in healing if item[0] <= now]:
            healing.remove(item)
            item[1]()
        if now >= next_fault and now < seconds - REST_S:
            healing.append((now + soak.random.uniform(1, 20), soak.fault()))
            next_fault = now + soak.random.expovariate(1 / 8)
        pause.wait(0.2)


def _judged(soak: Soak, status: int, folder: Path, database: Path) -> int:
    said = (folder / "out").read_text() + (folder / "log").read_text()
    last = {row["camera"]: row for row in map(json.loads, (folder / "out").read_text().splitlines())}
    with sqlite3.connect(database) as connection:
        rows = connection.execute("select mean, least, most from sample").fetchall()
    wrong = sum(not all(math.isfinite(v) and v >= 0 for v in row) for row in rows)
    settled = np.array([mark for mark in soak.marks if mark[0] >= SETTLED_S] or soak.marks)
    slope = np.polyfit(settled[:, 0] / 3600, settled[:, 1], 1)[0] if len(settled) > 2 else float("nan")
    print(f"faults: {dict(sorted(soak.faults.items()))}, {sum(soak.faults.values())} in all")
    print(f"memory: {settled[0, 1]:.1f} MB at {settled[0, 0]:.0f} s, {settled[-1, 1]:.1f} MB at the end, "
          f"{settled[:, 1].max():.1f} at most; trend {slope:+.1f} MB an hour")  # fmt: skip
    print(f"threads: {settled[:, 2].min():.0f} to {settled[:, 2].max():.0f}; files: {settled[:, 3].min():.0f} to "
          f"{settled[:, 3].max():.0f}")  # fmt: skip
    print(f"samples stored: {len(rows)}, negative or no number: {wrong}; secret seen: {SECRET in said}")
    for name, row in sorted(last.items()):
        print(f"  {name}: {row['state']}, {row['reconnects']} reconnects, {row['stalls']} stalls, "
              f"{row['decode_errors']} decode errors, {row['drops']} drops {row['problem']}")  # fmt: skip
    lost = [name for name, row in last.items() if row["state"] != "live"]
    return int(bool(SECRET in said or wrong or lost or status or len(last) < len(soak.cameras)))


if __name__ == "__main__":
    sys.exit(main())
