# ruff: noqa: T201
"""A service that is abused: thousands of slow clients, a body of a gigabyte, fifty years of history, tricks with paths.

    python tests/engine/abuse.py --clients 500 --seconds 10       (in earnest: --clients 10000 --seconds 60)

Slow clients connect, send a letter of a header now and then, and connect anew as soon as they are dropped. They are a
process of their own. Meanwhile somebody asks for `/health` every half second. Says what counting loses.
"""

import argparse
import asyncio
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from cameras import Clip, ScriptedCamera
from listeners import CAMERA, span
from logged import started

GIGABYTE = 1 << 30
TRICKS = ("..%2f..%2fetc%2fhosts", "%2e%2e/%2e%2e/etc/hosts", "....//etc", "%00", "%252e%252e%252fetc", 4000 * "a")
WAYS = ("recordings/{}/segments", "recordings/camera 0/segments/{}/x", "recordings/camera 0/segments/2026-01-01/{}")
YEAR_S = 365.25 * 86_400


async def pester(address: str, clients: int, seconds: float) -> None:
    """Keeps so many connections that say next to nothing; prints how often one was dropped."""
    host, port = address.removeprefix("http://").split(":")
    end_s, dropped = time.monotonic() + seconds, 0

    async def one() -> None:
        nonlocal dropped
        while time.monotonic() < end_s:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                while time.monotonic() < end_s:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(2.0)
                writer.close()
            except OSError:
                dropped += 1
                await asyncio.sleep(1.0)

    await asyncio.gather(*(one() for _ in range(clients)))
    print(dropped, flush=True)


def many_files(number: int) -> None:
    """Lets this process open so many files."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, number) if hard > 0 else number, hard))


def asked(address: str, seconds: float) -> list[float | None]:
    """Asks for the health again and again, each time as somebody new; returns how long each took, None for never."""
    end_s, took = time.monotonic() + seconds, []
    while (begun_s := time.monotonic()) < end_s:
        try:
            httpx.get(f"{address}/health", timeout=10.0).raise_for_status()
            took.append(time.monotonic() - begun_s)
        except httpx.HTTPError:
            took.append(None)
        time.sleep(max(0.0, 0.5 - (time.monotonic() - begun_s)))
    return took


def memory_of(process: subprocess.Popen) -> int:
    """Returns how many bytes it has in memory now."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def send_body(address: str, head: str) -> tuple[str, int]:
    """Sends a body of a gigabyte until somebody hangs up; returns the line that is answered, and how much went out."""
    host, port = address.removeprefix("http://").split(":")
    part, sent = b"x" * (1 << 20), 0
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f"POST /api/rules/suspend HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n".encode())
        try:
            while sent < GIGABYTE:
                client.sendall(part)
                sent += len(part)
        except OSError:
            pass
        try:
            return client.recv(200).split(b"\r\n")[0].decode(), sent
        except OSError:
            return "hung up", sent


def loris(address: str) -> float:
    """Sends a header letter by letter; returns after how many seconds somebody hangs up."""
    host, port = address.removeprefix("http://").split(":")
    begun_s = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=1.0) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n")
        while time.monotonic() - begun_s < 60:
            try:
                client.sendall(b"x")
                if not client.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    return time.monotonic() - begun_s


def crowd(address: str, given: argparse.Namespace) -> None:
    """Lets slow clients come, and says what counting loses and how soon health is answered."""
    with httpx.Client(base_url=address, timeout=30) as client:
        before = span(client, given.seconds / 2)[0]
    command = [sys.executable, __file__, "--pester", address, "--clients", str(given.clients)]
    with subprocess.Popen([*command, "--seconds", str(given.seconds + 8)], stdout=subprocess.PIPE, text=True) as others:
        time.sleep(4)  # until all have connected once
        during, took = metered(address, given.seconds)
        dropped = others.stdout.read().strip()
    with httpx.Client(base_url=address, timeout=30) as client:
        alone = (before + span(client, given.seconds / 2)[0]) / 2
    answered = [each for each in took if each is not None]
    print(f"{given.clients} slow clients, dropped {dropped} times: {during:.2f} frames a second,", end=" ")
    print(f"{alone:.2f} alone,", end=" ")
    print(f"a loss of {1 - during / alone:.1%}; /health was answered {len(answered)} times of {len(took)},", end=" ")
    print(f"the slowest in {max(answered, default=0):.2f} s", flush=True)


def bodies(address: str, process: subprocess.Popen) -> None:
    """Sends bodies of a gigabyte, and says what they cost."""
    before = memory_of(process)
    for head in (f"Content-Length: {GIGABYTE}", "Transfer-Encoding: chunked"):
        line, sent = send_body(address, head)
        print(f"a gigabyte with '{head}': {line}, after {sent >> 20} MiB")
    print(f"the memory grew by {(memory_of(process) - before) / (1 << 20):.1f} MiB", flush=True)


def questions(address: str) -> None:
    """Asks for more than there is, and for what lies elsewhere."""
    with httpx.Client(base_url=f"{address}/api/", timeout=30) as client:
        for years in (50, 19):
            begun_s = time.monotonic()
            query = {"from": time.time() - years * YEAR_S, "points": 2000}
            answer = client.get("cameras/camera%200/history", params=query)
            size, took_s = len(answer.content), time.monotonic() - begun_s
            print(f"{years} years of history: {answer.status_code}, {size} bytes in {took_s:.2f} s")
        said = {client.get(way.format(trick)).status_code for way in WAYS for trick in TRICKS}
        print(f"tricks with paths: {sorted(said)}")


def metered(address: str, seconds: float) -> tuple[float, list[float | None]]:
    """Returns the frames that were counted in each second of a span, and how soon health was answered."""
    first, begun_s = frames_of(address), time.monotonic()
    took = asked(address, seconds)
    return (frames_of(address) - first) / (time.monotonic() - begun_s), took


def frames_of(address: str) -> float:
    """Returns how many frames were counted so far; asks until it is told."""
    end_s = time.monotonic() + 30
    while True:
        try:
            lines = httpx.get(f"{address}/metrics", timeout=5.0).text.splitlines()
            return sum(float(line.split()[-1]) for line in lines if line.startswith("deepcount_frames_counted_total"))
        except httpx.HTTPError:
            if time.monotonic() > end_s:
                raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--pester", help=argparse.SUPPRESS)
    given = parser.parse_args()
    many_files(given.clients + 200)
    if given.pester:
        asyncio.run(pester(given.pester, given.clients, given.seconds))
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedCamera(Clip.drawn(frames=10, size=(384, 512)), rate=3) as camera,
    ):
        config = Path(folder) / "cameras.toml"
        tables = [CAMERA.format(number=each, address=camera.address, fps=given.fps) for each in range(given.cameras)]
        config.write_text('database = "log.db"\n' + "".join(tables))
        process = started("serve", "--config", config, "--port", "0")
        try:
            address = process.stdout.readline().split()[-1]
            time.sleep(5)
            crowd(address, given)
            bodies(address, process)
            questions(address)
            print(f"a header letter by letter: hung up after {loris(address):.1f} s")
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    main()
