"""A soak: `watch` on cameras that fail at random, for as long as is asked; run by hand, see `--help`.

Prints what happened and what grew; ends with status 1 if a secret or a traceback was seen anywhere, something negative
or no number was stored, a camera was not live at the end, or `watch` did not end cleanly.
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
from cameras.certificate import serving, signed_by_itself
from faults import LIVE_CAMERA, Faults
from media import stamped, with_damaged_packets

SECRET = "never-to-be-seen-5150"
LOG = "log"  # stands among the cameras where something is chosen to fail
REST_S = 120.0  # without faults at the end, in which every camera has to come back: a minute passes after a refusal
SETTLED_S = 120.0  # after which growth is measured: until then caches fill
LOOK_S = 10.0
PICTURE_S = 2.0  # a camera that is asked for its picture has another one so often
STOP_S = 60.0
SHOWN = 500  # characters before a traceback, and five times as many from there
MEGABYTE = 2**20
WATCH = [sys.executable, "-m", "engine", "watch"]


@dataclass
class Soak:
    """What is running, and what was seen of it."""

    cameras: dict[str, LIVE_CAMERA]
    process: psutil.Process
    faults: Faults
    counted: Counter[str] = field(default_factory=Counter)
    marks: list[tuple[float, float, int, int]] = field(default_factory=list)
    """Seconds, MB of memory, threads, open files."""

    def look(self, now_s: float) -> None:
        memory = self.process.memory_info().rss / MEGABYTE
        self.marks.append((now_s, memory, self.process.num_threads(), self.process.num_fds()))
        print(f"{now_s:6.0f} s: {memory:7.1f} MB, {self.marks[-1][2]} threads, {self.marks[-1][3]} files, "
              f"{self.counted.total()} faults", flush=True)  # fmt: skip

    def fault(self) -> Callable[[], None]:
        """Does something to a camera or to the log; returns what makes it well again."""
        chance, can = self.faults.chance, {name: self.faults.of(camera) for name, camera in self.cameras.items()}
        can[LOG] = self.faults.of_log()
        kind = chance.choice(sorted({kind for kinds in can.values() for kind in kinds}))
        name = chance.choice(sorted(name for name, kinds in can.items() if kind in kinds))
        self.counted[kind] += 1
        can[name][kind]()
        return self.faults.mend_log if name == LOG else lambda: self.faults.mend(self.cameras[name])


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        certificates = (signed_by_itself(folder / "trusted.pem"), signed_by_itself(folder / "another.pem"))
        cameras = _cameras(stack, options.fps, certificates[0])
        config, database = _configured(folder, cameras, options.fps), folder / "soak.db"
        out, log = (stack.enter_context((folder / name).open("w")) for name in ("out", "log"))
        command = [*WATCH, "--config", str(config), "--database", str(database), "--json", "--provider", "cpu"]
        environment = os.environ | {"SOAK_PASSWORD": SECRET, "HOME": str(folder / "home")}
        watch = subprocess.Popen(command, stdout=out, stderr=log, env=environment)
        stack.callback(watch.kill)
        faults = Faults(random.Random(options.seed), certificates, database)
        stack.callback(faults.mend_log)
        soak = Soak(cameras, psutil.Process(watch.pid), faults)
        _run(soak, watch, 60 * options.minutes, options.every)
        begun = monotonic()
        watch.send_signal(signal.SIGTERM)
        status = watch.wait(timeout=STOP_S)
        print(f"ended with status {status} after {monotonic() - begun:.1f} s")
        return _judged(soak, status, folder, config)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=2.0, help="frames per second of each camera")
    parser.add_argument("--every", type=float, default=8.0, metavar="S", help="seconds between two faults, on average")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _cameras(stack: ExitStack, fps: float, certificate: Path) -> dict[str, LIVE_CAMERA]:
    rate, tls = max(1, round(fps)), serving(certificate)
    made: dict[str, LIVE_CAMERA] = {
        f"{codec}-{number}": ScriptedCamera(Clip.drawn(codec), rate=rate)
        for codec, count in (("h264", 3), ("h265", 2))
        for number in range(count)
    }
    made |= {kind: WebCamera(kind, rate=rate) for kind in ("mjpeg", "mpegts", "picture")}
    made |= {f"secure-{kind}": WebCamera(kind, rate=rate, tls=tls) for kind in ("mjpeg", "picture")}
    for camera in made.values():
        stack.enter_context(camera)
        camera.require("guard", SECRET, scheme="digest" if isinstance(camera, ScriptedCamera) else "basic")
    return made


def _configured(folder: Path, cameras: dict[str, LIVE_CAMERA], fps: float) -> Path:
    """Writes the configuration; cameras with a certificate of their own have the password in their address."""
    zone = '[[cameras.zones]]\nname = "left"\npolygon = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]\n'
    often = f"max_fps = {fps}\ndensity_interval_s = 5\n"
    login = 'user = "guard"\npassword_env = "SOAK_PASSWORD"\n'
    tables = []
    for name, camera in cameras.items():
        is_secure = name.startswith("secure")
        address = camera.address_with("guard", SECRET) if is_secure else camera.address
        trust = 'tls_ca = "trusted.pem"\n' if is_secure else login
        timeouts = "open_timeout_s = 4\nread_timeout_s = 4\n"
        tables.append(f'[[cameras]]\nname = "{name}"\naddress = "{address}"\n{trust}{often}{timeouts}{zone}')
    for path in _recordings(folder, fps):
        tables.append(f'[[cameras]]\nname = "{path.name}"\naddress = "{path.name}"\nloop = true\n{often}{zone}')
    config = folder / "cameras.toml"
    config.write_text("\n".join(tables), "utf-8")
    return config


def _recordings(folder: Path, fps: float) -> list[Path]:
    """Writes recordings with a jump forwards, a jump back, and packets that cannot be decoded."""
    times = [n / fps for n in range(20)]
    rate = max(1, round(fps))
    joined = stamped(folder / "joined.ts", times, rate=rate)
    joined.write_bytes(2 * joined.read_bytes())
    return [
        stamped(folder / "jump.mkv", [*times, *(36_000 + time for time in times)], rate=rate),
        joined,
        with_damaged_packets(stamped(folder / "damaged.mp4", times, rate=rate), 5, 13),
    ]


def _run(soak: Soak, watch: "subprocess.Popen[bytes]", seconds: float, every_s: float) -> None:
    pause, begun, looked, healing = Event(), monotonic(), -LOOK_S, []
    chance, next_fault = soak.faults.chance, 20.0
    asked = [c for c in soak.cameras.values() if isinstance(c, WebCamera) and c.kind == "picture"]
    while (now := monotonic() - begun) < seconds and watch.poll() is None:
        if now - looked >= LOOK_S:
            soak.look(now)
            looked = now
        for camera in asked:
            camera.shown = int(now / PICTURE_S) % len(camera.clip.units)
        for item in [item for item in healing if item[0] <= now]:
            healing.remove(item)
            item[1]()
        if now >= next_fault and now < seconds - REST_S:
            healing.append((now + chance.uniform(1, 20), soak.fault()))
            next_fault = now + chance.expovariate(1 / every_s)
        pause.wait(0.2)


def _judged(soak: Soak, status: int, folder: Path, config: Path) -> int:
    out, log = (folder / "out").read_text(), (folder / "log").read_text()
    last = {row["camera"]: row for row in map(json.loads, out.splitlines())}
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path != config]
    secrets = sum(content.count(SECRET.encode()) for content in written)
    with sqlite3.connect(folder / "soak.db") as connection:
        rows = connection.execute("select mean, least, most from sample").fetchall()
    wrong = sum(not all(math.isfinite(v) and v >= 0 for v in row) for row in rows)
    settled = np.array([mark for mark in soak.marks if mark[0] >= SETTLED_S] or soak.marks)
    slope = np.polyfit(settled[:, 0] / 3600, settled[:, 1], 1)[0] if len(settled) > 2 else float("nan")
    print(f"faults: {dict(sorted(soak.counted.items()))}, {soak.counted.total()} in all")
    print(f"memory: {settled[0, 1]:.1f} MB at {settled[0, 0]:.0f} s, {settled[-1, 1]:.1f} MB at the end, "
          f"{settled[:, 1].max():.1f} at most; trend {slope:+.1f} MB an hour")  # fmt: skip
    print(f"threads: {settled[:, 2].min():.0f} to {settled[:, 2].max():.0f}; files: {settled[:, 3].min():.0f} to "
          f"{settled[:, 3].max():.0f}")  # fmt: skip
    print(f"samples stored: {len(rows)}, negative or no number: {wrong}; secrets seen: {secrets}; "
          f"tracebacks: {log.count('Traceback')}; losses of the log: {log.count('were lost: ')}")  # fmt: skip
    for name, row in sorted(last.items()):
        print(f"  {name}: {row['state']}, {row['reconnects']} reconnects, {row['stalls']} stalls, "
              f"{row['decode_errors']} decode errors, {row['drops']} drops {row['problem']}")  # fmt: skip
    if (place := log.find("Traceback")) >= 0:
        print(f"the first of them:\n{log[max(place - SHOWN, 0) : place + 5 * SHOWN]}")
    not_live = [name for name, row in last.items() if row["state"] != "live"]
    missing = len(last) < config.read_text("utf-8").count("[[cameras]]")
    return int(bool(secrets or wrong or "Traceback" in log or not_live or missing or status))


if __name__ == "__main__":
    sys.exit(main())
