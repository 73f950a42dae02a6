# ruff: noqa: T201
"""What listeners cost: a service counts alone, then while many listen to its events; says what counting loses.

    python tests/engine/listeners.py --clients 20 --seconds 5        (in earnest: --clients 200 --seconds 60)

The cameras ask for about half of what the machine can count, so that nothing is dropped for want of it. Listeners are a
process of their own. Some of them take nothing, and have to be dropped without holding up anybody.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from cameras import Clip, ScriptedCamera
from logged import started

CAMERA = '[[cameras]]\nname = "camera {number}"\naddress = "{address}"\nmax_fps = {fps}\ndensity_interval_s = "never"\n'
SLOW = 5
"""Listeners that take nothing."""


async def listen(address: str, clients: int, seconds: float) -> None:
    """Listens, and prints how many events came to each, and how late the latest was."""
    host, port = address.removeprefix("http://").split(":")
    ask = f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    streams = [await asyncio.open_connection(host, int(port)) for _ in range(clients + SLOW)]
    for _, writer in streams:
        writer.write(ask)
    counts = [0] * clients
    longest = [0.0] * clients

    async def take(number: int) -> None:
        heard_s = time.monotonic()
        while data := await streams[number][0].read(1 << 16):
            now_s = time.monotonic()
            longest[number], heard_s = max(longest[number], now_s - heard_s), now_s
            counts[number] += data.count(b"event: reading")

    tasks = [asyncio.create_task(take(number)) for number in range(clients)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    print(f"{min(counts)} {max(counts)} {max(longest):.2f}", flush=True)


def counted(client: httpx.Client) -> tuple[float, float, float]:
    """Returns how many frames were counted and dropped, and the processor's seconds."""
    totals = {"counted": 0.0, "dropped": 0.0, "cpu": 0.0}
    for line in client.get("/metrics").text.splitlines():
        name, _, value = line.rpartition(" ")
        for kind in ("counted", "dropped"):
            totals[kind] += float(value) if name.startswith(f"deepcount_frames_{kind}_total") else 0.0
        totals["cpu"] += float(value) if name == "deepcount_process_cpu_seconds_total" else 0.0
    return totals["counted"], totals["dropped"], totals["cpu"]


def span(client: httpx.Client, seconds: float) -> tuple[float, ...]:
    """Returns frames counted and dropped, and the processor's seconds, in each second of a span."""
    before, begun_s = counted(client), time.monotonic()
    time.sleep(seconds)
    after, took_s = counted(client), time.monotonic() - begun_s
    return tuple((now - was) / took_s for was, now in zip(before, after, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--fps", type=float, default=1.5)
    parser.add_argument("--listen", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.listen:
        asyncio.run(listen(given.listen, given.clients, given.seconds))
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedCamera(Clip.drawn(frames=10, size=(384, 512)), rate=3) as camera,
    ):
        cameras = [CAMERA.format(number=each, address=camera.address, fps=given.fps) for each in range(given.cameras)]
        config = Path(folder) / "cameras.toml"
        config.write_text('database = "log.db"\n' + "".join(cameras))
        process = started("serve", "--config", config, "--port", "0")
        try:
            with httpx.Client(base_url=process.stdout.readline().split()[-1], timeout=10) as client:
                report(client, given)
        finally:
            process.terminate()
            process.communicate()


def report(client: httpx.Client, given: argparse.Namespace) -> None:
    time.sleep(5)
    before = span(client, given.seconds / 2)
    command = [sys.executable, __file__, "--listen", str(client.base_url).rstrip("/"), "--clients", str(given.clients)]
    with subprocess.Popen(
        [*command, "--seconds", str(given.seconds + 3)], stdout=subprocess.PIPE, text=True
    ) as listeners:
        time.sleep(2)
        during = span(client, given.seconds)
        least, most, longest = listeners.stdout.read().split()
    after = span(client, given.seconds / 2)
    for words, (frames, dropped, cpu) in (
        ("alone", before),
        (f"{given.clients} listen", during),
        ("alone again", after),
    ):
        print(f"{words:>12}: {frames:6.2f} frames a second counted, {dropped:5.2f} dropped, {cpu:.2f} processors")
    alone = (before[0] + after[0]) / 2
    print(
        f"counting keeps {during[0] / alone:.1%} of its rate; each listener had {least} to {most} readings, "
        f"the longest silence was {longest} s"
    )


if __name__ == "__main__":
    main()
