"""The parts of a service that need no process of their own."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from engine.cli import main
from engine.commands.serve import ServeOrder, serve, served_once
from engine.errors import EngineError
from engine.monitor.latencies import BOUNDS_S, Latencies
from engine.monitor.state import Changes
from engine.service.configuration import Configuration, words_of
from engine.service.listening import MOST_BODY, listening, refusal_of
from engine.service.reach import Reach
from engine.service.stream import ROOM, Hub
from engine.service.systemd import Announcer
from engine.service.vitals import MUTE_S, STUCK_S, Signs, Vitals
from engine.settings.config import Config


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path):
    (tmp_path / "cameras.toml").write_text('[[cameras]]\nname = "yard"\naddress = "clip.mp4"\n')
    with listening("localhost", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EngineError, match=f"port {port} of 127.0.0.1 cannot be had: address already in use"):
            serve(ServeOrder(tmp_path / "cameras.toml", Reach("127.0.0.1", port, tmp_path / "tokens")))


def test_two_services_do_not_serve_one_configuration(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text('[[cameras]]\nname = "yard"\naddress = "clip.mp4"\n')
    reach = Reach("127.0.0.1", 0, tmp_path / "tokens")
    with served_once(path), pytest.raises(EngineError, match="is served by another process already"):
        serve(ServeOrder(tmp_path / "." / "cameras.toml", reach))
    with served_once(path):
        pass


DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        pytest.param("GET", {"host": "localhost:8080"}, None, id="by name"),
        pytest.param("GET", {"host": "127.0.0.1"}, None, id="by number"),
        pytest.param("GET", {"host": "[::1]:8080"}, None, id="version 6"),
        pytest.param("POST", {"host": "localhost:1", "origin": "http://localhost:1"}, None, id="own page"),
        pytest.param("GET", {"host": "localhost:1", "origin": "https://evil.example"}, None, id="a look"),
        pytest.param("POST", {"host": "localhost:1", "origin": "http://localhost:2"}, 403, id="another port"),
        pytest.param("POST", {"host": "localhost:1", "origin": "null"}, 403, id="hidden origin"),
        pytest.param("GET", {}, 403, id="no host"),
        pytest.param("GET", {"host": "[::1"}, 403, id="half a host"),
        pytest.param("GET", {"host": "localhost.evil.example"}, 403, id="longer name"),
        pytest.param("POST", {"host": "localhost", "content-length": str(MOST_BODY)}, None, id="largest body"),
        pytest.param("POST", {"host": "localhost", "content-length": str(MOST_BODY + 1)}, 413, id="larger body"),
        pytest.param("POST", {"host": "localhost", "content-length": "9" * 5000}, 400, id="endless number"),
        pytest.param("POST", {"host": "localhost", "transfer-encoding": "chunked"}, 411, id="no length"),
    ],
)
def test_strangers_are_refused_at_the_door(method, headers, status):
    found = refusal_of(method, [(name.encode(), value.encode()) for name, value in headers.items()])
    assert (found and found.status) == status


def test_what_is_ill_is_said_and_a_lost_camera_is_not():
    vitals = Vitals(0.0)
    steps = [
        (1.0, Signs(5, True, 1.0), ""),
        (STUCK_S, Signs(5, True, STUCK_S), ""),
        (STUCK_S + 1, Signs(5, True, STUCK_S), "nothing was counted"),
        (STUCK_S + 2, Signs(6, True, STUCK_S), ""),
        (3 * STUCK_S, Signs(6, False, 3 * STUCK_S), ""),
        (3 * STUCK_S + MUTE_S, Signs(7, True, 3 * STUCK_S), "requests were not answered"),
        (4 * STUCK_S, Signs(8, True, 4 * STUCK_S, EngineError("no memory")), "no memory"),
    ]
    for now_s, signs, problem in steps:
        vitals.look(now_s, signs)
        assert problem in vitals.problem
        assert bool(vitals.problem) is bool(problem)


def test_a_file_is_read_again_when_it_has_settled(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text("one")
    read = []
    configuration = Configuration(path, lambda: read.append(path.read_text()) or Config(), lambda config: Changes())
    configuration.begin()
    try:
        configuration.look()
        path.write_text("half of")
        configuration.look()
        path.write_text("half of two")
        configuration.look()
        assert read == ["one"]
        configuration.look()
        configuration.look()
    finally:
        while configuration.reloads == 0:
            assert configuration.failure is None
        configuration.close()
    assert read == ["one", "half of two"]


def test_changes_are_named():
    changes = Changes(added=("a", "b"), reconnected=("c",), model=True)
    assert words_of(changes, is_same=False) == "added: a, b; connected anew: c; another model"
    assert words_of(Changes(), is_same=True) == "nothing changed"


def test_a_listener_that_takes_nothing_is_dropped_and_the_others_are_told():
    async def listen():
        hub = Hub()
        with hub.joined(None) as slow, hub.joined(None) as quick:
            for second in range(ROOM + 1):
                await quick.next()
                hub.publish([{"camera": "yard", "second": second}], ())
            return hub.dropped, hub.clients, slow.is_over, await slow.next(), await quick.next()

    dropped, clients, is_over, last, newest = asyncio.run(listen())
    assert (dropped, clients, is_over, last) == (1, 1, True, b"")
    assert b'"second": 5' in newest


def test_listeners_are_told_once_that_something_else_is_watched():
    async def listen():
        hub = Hub()
        with hub.joined(None) as client:
            await client.next()
            for layout in (0, 1, 1):
                hub.publish([{"camera": "yard"}], (), layout)
            return [await client.next() for _ in range(3)]

    assert [b"event: layout" in payload for payload in asyncio.run(listen())] == [False, True, False]


def test_systemd_is_told_as_often_as_it_asks(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        announcer = Announcer({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"})
        for now_s in (10.0, 10.5, 11.0, 11.5):
            announcer.alive(now_s)
        announcer.stopping()
        said = [manager.recv(100) for _ in range(3)]
    assert said == [b"WATCHDOG=1", b"WATCHDOG=1", b"STOPPING=1"]
    announcer.stopping()  # whoever listened is gone
    assert Announcer({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}).interval_s is None


def test_latencies_are_sorted_into_classes():
    pace = Latencies().plus(BOUNDS_S[0], 0.1).plus(BOUNDS_S[0] + 0.001, 0.2).plus(1000.0, 0.3)
    assert pace.classes == (1, 1, *[0] * (len(BOUNDS_S) - 2), 1)
    assert pace.model_s == pytest.approx(0.6)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_unit(tmp_path):
    unit = (DEPLOY / "deepcount.service").read_text()
    path = tmp_path / "deepcount.service"
    path.write_text(unit.replace("/opt/deepcount/bin/deepcount-engine", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(path)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_container_serves_as_nobody_with_a_command_that_is_understood(tmp_path, capsys):
    lines = (DEPLOY / "Containerfile").read_text()
    command = json.loads(re.search(r"^CMD (\[.*\])$", lines, re.MULTILINE)[1])
    check = json.loads(re.search(r"^    CMD (\[.*\])$", lines, re.MULTILINE)[1])
    assert re.search(r"^USER 65534:65534$", lines, re.MULTILINE)
    config = tmp_path / "cameras.toml"
    config.write_text('[[cameras]]\nname = "yard"\naddress = "clip.mp4"\n')
    assert main([str(config) if "/" in word and word.endswith(".toml") else word for word in command]) == 2
    assert "holds no token that is good" in capsys.readouterr().err
    with listening("127.0.0.1", 0) as place:
        url = f"http://127.0.0.1:{place.getsockname()[1]}"
    assert main([*check[1:-1], url]) == 1
    assert "no answer" in capsys.readouterr().err


def test_the_compose_file_gives_the_container_nothing_that_it_does_not_need():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("deepcount", "deepcount-nvidia"):
        service = services[name]
        assert (service["read_only"], service["user"], service["cap_drop"]) == (True, "65534:65534", ["ALL"])
        assert "ports" not in service
        assert any(volume.endswith(":ro") for volume in service["volumes"])
