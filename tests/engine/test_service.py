"""`deepcount-engine serve` as its clients and whoever runs it meet it: a real process, on real sockets."""

import json
import os
import shutil
import signal
import socket
import ssl
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import cv2
import httpx
import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from sqlalchemy import select

from cameras import Clip, ScriptedCamera
from engine.cli import main
from engine.log.database import Run, StoredCamera
from engine.paths import DEMO_CLIP
from engine.service.tokens import Scope, make_token, revoke_token
from logged import found, started, waited_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sockets of Windows are others")

SECRET = "hunter2"
CONFIG = """
database = "log.db"
[recordings]
folder = "recordings"
[[cameras]]
name = "north gate"
address = "{there}"
max_fps = 5
[[cameras.zones]]
name = "left"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
[[cameras]]
name = "gone"
address = "rtsp://guard:hunter2@127.0.0.1:1/stream"
privacy = [[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]]
[[cameras.rules]]
name = "missing"
measure = "lost"
for_s = 1
[[groups]]
name = "all"
members = ["north gate"]
[[groups.rules]]
name = "full"
above = 100000
"""
ANOTHER = """
[[cameras]]
name = "south"
address = "{there}"
counted = false
"""
RECORDED = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
ENDLESS = "events|mjpeg"
few = settings(max_examples=4, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
YARD = "/api/cameras/north%20gate"
REFUSED = [400, 401, 403, 404, 405, 406, 409, 411, 413, 415, 422, 428, 429, "5xx"]
REFUSING = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
"""A body that is too large is no less refused than one that says what cannot be."""


@pytest.fixture(scope="module")
def camera():
    with ScriptedCamera(Clip.drawn(frames=10, size=(384, 512)), rate=5) as camera:
        yield camera


@contextmanager
def serving(config, *options, client=None, **environment):
    """Starts a service; yields its process and a client, made of what is given, once it watches."""
    before = os.environ.copy()
    os.environ.update(environment, OMP_NUM_THREADS="1")
    try:
        process = started("serve", "--config", config, "--port", "0", *options)
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        address = process.stdout.readline().split()[-1]
        with httpx.Client(base_url=address, timeout=10, **(client or {})) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


def configured(folder, camera, more=""):
    path = folder / "cameras.toml"
    path.write_text((CONFIG + more).format(there=camera.address))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the service is at home; what is in `RECORDED` was recorded there before."""
    home = tmp_path_factory.mktemp("service")
    for name in ("north gate", "gone"):
        path = home / "recordings" / name / f"{RECORDED:%Y-%m-%d}" / f"{RECORDED:%H-%M-%S}.000Z_10.000s.mp4"
        path.parent.mkdir(parents=True)
        shutil.copy(DEMO_CLIP, path)
    return home


@pytest.fixture(scope="module")
def client(camera, folder):
    with serving(configured(folder, camera)) as (_, client):
        assert waited_for(lambda: seen(client)["zones"])
        yield client


def seen(client, name="north%20gate"):
    return client.get(f"/api/cameras/{name}").json()


def figures(client):
    lines = client.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_what_is_known_is_answered_and_what_is_not_is_unknown(client):
    assert client.get("/ready").json() == {"ready": True}
    health = client.get("/health")
    assert (health.status_code, health.json()["status"], health.json()["live"]) == (200, "ok", 1)
    there, gone = client.get("/api/cameras").json()["cameras"]
    assert (there["camera"], there["state"], there["problem"]) == ("north gate", "live", "")
    assert there["count"] >= there["zones"]["left"] >= 0
    assert (gone["camera"], gone["count"], gone["zones"]) == ("gone", None, {})
    assert seen(client, "gone")["problem"]
    known = figures(client)
    assert all(name.startswith("deepcount_") for name in known)
    yard = '{camera="north gate"}'
    assert known[f"deepcount_people{yard}"] >= 0
    assert known['deepcount_zone_people{camera="north gate",zone="left"}'] >= 0
    assert not any(name.startswith("deepcount_people") and '"gone"' in name for name in known)
    assert known[f"deepcount_frames_read_total{yard}"] >= known[f"deepcount_frames_counted_total{yard}"] > 0
    counted = known[f"deepcount_latency_seconds_count{yard}"]
    assert known['deepcount_latency_seconds_bucket{camera="north gate",le="+Inf"}'] == counted > 0
    assert known['deepcount_camera_state{camera="gone",state="live"}'] == 0
    assert {"deepcount_samples_lost_total", "deepcount_log_queue", "deepcount_overloaded"} <= set(known)


@pytest.mark.parametrize("overlay", ["none", "heat", "heads"])
def test_a_picture_is_as_wide_as_was_asked_for_and_never_larger_than_the_cameras(client, overlay):
    for width, expected in ((300, 320), (1900, 512)):
        answer = client.get(f"{YARD}/picture.jpg", params={"overlay": overlay, "width": width})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (expected * 3 // 4, expected, 3)


def test_what_was_counted_lately_is_in_the_history(client):
    def history(place: str, **asked: str) -> dict[str, list[float | None]]:
        return client.get(f"{place}/history", params={"points": "60", **asked}).json()

    assert waited_for(lambda: sum(history(YARD, zone="left")["readings"]) > 0)
    assert waited_for(lambda: sum(history("/api/groups/all")["readings"]) > 0)
    zone, whole = history(YARD, zone="left"), history(YARD)
    assert client.get("/api/groups/none/history").status_code == 404
    assert len(whole["mean"]) == len(whole["readings"]) <= 60
    assert sum(whole["readings"]) >= sum(zone["readings"]) > 0
    for mean, readings in zip(whole["mean"], whole["readings"], strict=True):
        assert (mean is None) is (readings == 0)


def test_an_alert_is_listed_and_acknowledged_once_and_listeners_are_told(client):
    assert waited_for(lambda: client.get("/api/alerts").json()["alerts"])
    alert = client.get("/api/alerts").json()["alerts"][0]
    assert (alert["owner"], alert["rule_name"], alert["state"]) == ("gone", "missing", "open")
    rule = client.get("/api/rules").json()["rules"][0]
    assert (rule["owner"], rule["rule"], rule["severity"]) == ("gone", "missing", "warning")
    place = f"/api/alerts/{alert['id']}/acknowledge"
    told = []
    with client.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        for line in lines:
            if line.startswith("event: "):
                told.append((line[7:], json.loads(next(lines)[6:])))
            if ("reading", "gone") in [(kind, values.get("camera")) for kind, values in told]:
                break
        done = httpx.post(client.base_url.join(place), json={"who": "Ada", "note": "a cable"})
        while told[-1][1].get("change") != "changed":
            line = next(lines)
            if line.startswith("event: "):
                told.append((line[7:], json.loads(next(lines)[6:])))
    assert (done.status_code, done.json()["acknowledged_by"], done.json()["note"]) == (200, "Ada", "a cable")
    readings = [values for kind, values in told if kind == "reading"]
    assert set(readings[0]) - {"time"} <= set(seen(client))
    assert told[0][0] == "alert"
    assert (told[0][1]["change"], told[0][1]["uid"]) == ("open", alert["uid"])
    assert told[-1][1]["acknowledged_by"] == "Ada"
    assert client.post(place, json={}).status_code == 409
    place = f"/api/alerts/{alert['id']}/close"
    closed = client.post(place, json={"who": "Bo"}).json()
    assert (closed["state"], closed["acknowledged_by"]) == ("closed", "Ada")
    assert client.post(place, json={}).status_code == 409
    assert client.post("/api/alerts/999/close", json={}).status_code == 404


def test_a_preview_is_one_picture_after_the_other(client):
    with client.stream("GET", f"{YARD}/preview.mjpeg", params={"fps": 10, "width": 160}) as answer:
        assert answer.headers["content-type"].startswith("multipart/x-mixed-replace")
        came = b""
        for part in answer.iter_bytes():
            came += part
            if came.count(b"--picture\r\n") == 4:
                break
    pictures = [part.partition(b"\r\n\r\n")[2] for part in came.split(b"--picture\r\n")[1:4]]
    assert len(set(pictures)) == 3
    assert all(cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_COLOR).shape[1] == 160 for each in pictures)


def test_recordings_are_found_by_their_time_and_had_by_ranges(client):
    moments = {
        "from": (RECORDED - timedelta(minutes=1)).isoformat(),
        "to": (RECORDED + timedelta(minutes=1)).isoformat(),
    }
    place = "/api/recordings/north%20gate/segments"
    (segment,) = client.get(place, params=moments).json()["segments"]
    assert datetime.fromisoformat(segment["begin"]) == RECORDED
    assert segment["bytes"] == DEMO_CLIP.stat().st_size
    assert client.get(place).json()["segments"] == []
    part = client.get(f"{place}/{segment['name']}", headers={"range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, DEMO_CLIP.read_bytes()[4:12])
    hidden = client.get(f"/api/recordings/gone/segments/{segment['name']}")
    assert (hidden.status_code, "privacy masks" in hidden.json()["detail"]) == (409, True)
    left = {each["camera"]: each for each in client.get("/api/recordings").json()["recordings"]}
    assert set(left) == {"north gate", "gone"}
    assert (left["gone"]["keep"], left["gone"]["bytes"]) == ("never", segment["bytes"])
    (span,) = client.get("/api/recordings/north%20gate/spans").json()["spans"]
    assert datetime.fromisoformat(span["end"]) - datetime.fromisoformat(span["begin"]) == timedelta(seconds=10)
    assert client.get("/api/checks").json() == {"checks": [], "errors": []}


@pytest.mark.parametrize(
    ("way", "status"),
    [
        pytest.param(("GET", "/api/cameras", {"headers": {"host": "evil.example"}}), 403, id="another host"),
        pytest.param(("GET", "/api/cameras", {"headers": {"host": "127.0.0.1.evil.example"}}), 403, id="its look"),
        pytest.param(
            ("POST", "/api/alerts/1/acknowledge", {"json": {}, "headers": {"origin": "https://evil.example"}}),
            403,
            id="another origin",
        ),
        pytest.param(("POST", "/api/alerts/1/acknowledge", {"content": b"x" * 20_000}), 413, id="large body"),
        pytest.param(("POST", "/api/alerts/1/acknowledge", {"content": iter([b"{}"])}), 411, id="endless body"),
        pytest.param(("POST", "/api/alerts/1/acknowledge", {"content": b"{}"}), 422, id="a form"),
        pytest.param(("POST", "/api/alerts/1/acknowledge", {"json": {"operator": "Ada"}}), 422, id="another word"),
        pytest.param(("POST", "/api/alerts/999/acknowledge", {"json": {}}), 404, id="no alert"),
        pytest.param(("POST", "/api/alerts/99999999999/acknowledge", {"json": {}}), 422, id="no number"),
        pytest.param(("GET", "/api/alerts", {"params": {"limit": 10**9}}), 422, id="all alerts"),
        pytest.param(("GET", "/api/alerts/999/snapshot.jpg", {}), 404, id="no snapshot"),
        pytest.param(("GET", "/api/alerts/1/clip.mp4", {}), 404, id="no clip"),
        pytest.param(("GET", "/api/cameras/nobody", {}), 404, id="no camera"),
        pytest.param(("GET", "/api/cameras/..%2F..%2Fetc%2Fpasswd/picture.jpg", {}), 404, id="a path"),
        pytest.param(("GET", "/api/recordings/nobody/segments", {}), 404, id="no recording"),
        pytest.param(("GET", "/api/recordings/..%2F..%2Flog.db/segments", {}), 404, id="a path of recordings"),
        pytest.param(("GET", "/api/recordings/gone/segments/..%2F../log.db", {}), 404, id="a path as a day"),
        pytest.param(("GET", "/api/recordings/gone/segments/..%2F..%2F../x", {}), 404, id="a path of a segment"),
        pytest.param(("GET", "/api/recordings/gone/segments/2026-99-99/log.db", {}), 404, id="no day"),
        pytest.param(("GET", "/api/recordings/gone/segments", {"params": {"from": 0}}), 422, id="all segments"),
        pytest.param(("GET", f"{YARD}/preview.mjpeg", {"params": {"fps": 1000}}), 422, id="quick preview"),
        pytest.param(("GET", "/api/cameras/nobody/preview.mjpeg", {}), 404, id="no preview"),
        pytest.param(("GET", "/api/cameras/gone/picture.jpg", {}), 503, id="no picture"),
        pytest.param(("GET", f"{YARD}/picture.jpg", {"params": {"width": 10**6}}), 422, id="large picture"),
        pytest.param(("GET", f"{YARD}/history", {"params": {"from": "1970-01-02"}}), 422, id="50 years"),
        pytest.param(("GET", f"{YARD}/history", {"params": {"to": "0001-01-01"}}), 422, id="long ago"),
        pytest.param(("GET", f"{YARD}/history", {"params": {"from": "2050-01-01"}}), 422, id="backwards"),
        pytest.param(("GET", f"{YARD}/history", {"params": {"points": 10**6}}), 422, id="many points"),
        pytest.param(("GET", f"{YARD}/history", {"params": {"zone": "right"}}), 404, id="no zone"),
        pytest.param(("DELETE", YARD, {}), 405, id="no such deed"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(client, way, status):
    method, path, given = way
    answer = client.request(method, path, **given)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)
    assert SECRET not in answer.text


def test_a_rule_is_suspended_and_let_again(client):
    order = {"owner": "all", "rule": "full", "until": "2099-12-31T00:00:00Z", "note": "a concert", "who": "Ada"}
    rules = client.post("/api/rules/suspend", json=order).json()["rules"]
    assert [each["suspended_until"] for each in rules if each["rule"] == "full"] == [4102358400]
    group = client.get("/api/groups").json()["groups"][0]
    assert [(each["by"], each["note"]) for each in group["suspended"]] == [("Ada", "a concert")]
    rules = client.post("/api/rules/suspend", json=order | {"until": None}).json()["rules"]
    assert {each["suspended_until"] for each in rules} == {None}
    assert client.get("/api/access").json() == {"name": None, "scope": "admin"}
    for until, status in (("2020-01-01T00:00:00Z", 409), ("2099-12-31T00:00:00", 422)):
        assert client.post("/api/rules/suspend", json=order | {"until": until}).status_code == status
    assert client.post("/api/rules/suspend", json=order | {"rule": "empty"}).status_code == 404


def asked(case):
    case.call_and_validate()


@pytest.mark.parametrize(("mode", "least"), [(GenerationMode.POSITIVE, 15), (GenerationMode.NEGATIVE, 8)])
def test_the_interface_keeps_what_it_says_of_itself_whatever_is_asked(client, mode, least):
    place = str(client.base_url.join("/api/openapi.json"))
    described = schemathesis.openapi.from_url(place, config=SchemathesisConfig.from_dict(REFUSING))
    tried = 0
    for each in described.exclude(path_regex=ENDLESS).get_all_operations():
        try:
            cases = each.ok().as_strategy(generation_mode=mode)
            few(given(cases)(asked))()
        except Unsatisfiable:  # nothing can be wrong where nothing is given
            continue
        tried += 1
    assert tried >= least


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "://" not in page.text.replace("http://www.w3.org/2000/svg", "")


def test_the_interface_describes_itself_and_tells_no_secret(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/health", "/metrics", "/api/cameras/{name}/picture.jpg", "/api/events"} <= set(paths)
    for path in ("/health", "/api/cameras", "/api/alerts", "/api/rules", "/metrics"):
        assert SECRET not in client.get(path).text


def test_others_ask_over_tls_with_a_token_which_opens_nothing_once_it_is_revoked(tmp_path, certificate):
    path, key = tmp_path / "cameras.toml", certificate.with_suffix(".key")
    path.write_text('[[cameras]]\nname = "gone"\naddress = "rtsp://guard:hunter2@127.0.0.1:1/stream"\n')
    token = make_token(path.with_suffix(".tokens"), "desk", Scope.READ, None)
    tls = ("--certificate", certificate, "--key", key, "--host", "0.0.0.0")
    trusting = {"verify": ssl.create_default_context(cafile=certificate)}
    with serving(path, *tls, client=trusting) as (_, client):
        place = client.base_url.copy_with(host="127.0.0.1")
        client.base_url, bearer = place, {"authorization": f"Bearer {token}"}
        assert place.scheme == "https"
        assert main(["health", "--url", str(place)]) == 0
        assert client.get("/api/cameras").status_code == 401
        answer = client.get("/api/cameras", headers=bearer)
        assert (answer.status_code, answer.json()["cameras"][0]["camera"]) == (200, "gone")
        assert client.post("/api/rules/suspend", headers=bearer, json={}).status_code == 403
        with client.stream("GET", "/api/events", headers=bearer) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            revoke_token(path.with_suffix(".tokens"), "desk")
            with pytest.raises(httpx.HTTPError):  # it is broken off
                list(lines)
        assert client.get("/api/cameras", headers=bearer).status_code == 401


def test_another_configuration_touches_what_changed_alone_and_a_broken_one_nothing(camera, tmp_path):
    path, place = configured(tmp_path, camera), tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place))
        manager.settimeout(10)
        told = {"NOTIFY_SOCKET": str(place), "WATCHDOG_USEC": "30000000"}
        with serving(path, **told) as (process, client):
            assert waited_for(lambda: seen(client)["count"] is not None)
            before = camera.connections
            configured(tmp_path, camera, ANOTHER)
            assert waited_for(lambda: "state" in seen(client, "south"))
            path.write_text("cameras = [")
            assert waited_for(lambda: client.get("/health").json()["configuration"])
            assert client.get("/health").json()["status"] == "ok"
            assert seen(client)["state"] == "live"
            configured(tmp_path, camera, ANOTHER)
            process.send_signal(signal.SIGHUP)
            assert waited_for(lambda: not client.get("/health").json()["configuration"])
            assert camera.connections == before + 1
            asked_s = monotonic()
            with client.stream("GET", "/api/events") as stream:
                assert next(stream.iter_lines())
                process.send_signal(signal.SIGTERM)
                _, err = process.communicate(timeout=20)
            assert process.returncode == 0
            assert monotonic() - asked_s < 5
        said = [manager.recv(1000).decode() for _ in range(3)]
        while "STOPPING=1" not in said:
            said.append(manager.recv(1000).decode())
    assert said[0].startswith("READY=1\nSTATUS=")
    assert "WATCHDOG=1" in said
    runs = select(StoredCamera.name).join(Run, Run.camera_id == StoredCamera.id).where(StoredCamera.kind == "camera")
    assert sorted(name for (name,) in found(tmp_path / "log.db", runs)).count("north gate") == 1  # it went on
    assert err.count("is refused, and the one before goes on: cameras.toml") == 1
    assert "added: south" in err
    assert SECRET not in err
    assert "Traceback" not in err
