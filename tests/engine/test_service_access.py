"""Who may ask a service for what: every route with every scope, and with none that is good."""

import asyncio
import socket
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
import pytest

from engine.errors import ConfigError
from engine.monitor.monitor import Monitor
from engine.service.access import MISTAKES, REQUESTS, Access, Asker, needed_scope
from engine.service.allowance import MOST_KNOWN, Allowance, Pace
from engine.service.certificate import Certificate
from engine.service.configuration import Configuration
from engine.service.desk import Desk
from engine.service.listening import listening
from engine.service.pictures import Gallery
from engine.service.reach import Reach
from engine.service.stream import Hub
from engine.service.tokens import Scope, TokenFile, make_token, revoke_token
from engine.service.vitals import Vitals
from engine.service.web import application
from engine.settings.config import Config

EVERYBODY, READ, ACKNOWLEDGE, ADMIN = 0, Scope.READ, Scope.ACKNOWLEDGE, Scope.ADMIN
NEEDED = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/health"): EVERYBODY,
    ("GET", "/ready"): EVERYBODY,
    ("POST", "/api/session"): EVERYBODY,
    ("POST", "/api/session/end"): EVERYBODY,
    ("GET", "/metrics"): READ,
    ("GET", "/api/openapi.json"): READ,
    ("GET", "/api/access"): READ,
    ("GET", "/api/events"): READ,
    ("GET", "/api/cameras"): READ,
    ("GET", "/api/cameras/{name}"): READ,
    ("GET", "/api/cameras/{name}/picture.jpg"): READ,
    ("GET", "/api/cameras/{name}/history"): READ,
    ("GET", "/api/cameras/{name}/preview.mjpeg"): READ,
    ("GET", "/api/recordings"): READ,
    ("GET", "/api/recordings/{name}/spans"): READ,
    ("GET", "/api/recordings/{name}/segments"): READ,
    ("GET", "/api/recordings/{name}/segments/{day}/{file}"): READ,
    ("GET", "/api/checks"): READ,
    ("GET", "/api/layout"): READ,
    ("GET", "/api/alerts"): READ,
    ("GET", "/api/alerts/{number}/snapshot.jpg"): READ,
    ("GET", "/api/alerts/{number}/clip.mp4"): READ,
    ("GET", "/api/rules"): READ,
    ("GET", "/api/groups"): READ,
    ("GET", "/api/groups/{name}/history"): READ,
    ("POST", "/api/alerts/{number}/acknowledge"): ACKNOWLEDGE,
    ("POST", "/api/alerts/{number}/close"): ADMIN,
    ("POST", "/api/rules/suspend"): ADMIN,
}
"""What each route needs; one that is not in here fails the test."""
LEAST = {"no token": -1, "unknown": -1, "expired": -1, "revoked": -1, "read": 1, "acknowledge": 2, "admin": 3}
HIDDEN = {"unknown", "expired", "revoked"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """A file of tokens, and those that are in it by what they are."""
    path = tmp_path_factory.mktemp("tokens") / "cameras.tokens"
    made = {scope.word: make_token(path, scope.word, scope, None) for scope in Scope}
    made["expired"] = make_token(path, "expired", Scope.ADMIN, datetime.now(UTC) - timedelta(seconds=1))
    made["revoked"] = make_token(path, "revoked", Scope.ADMIN, None)
    revoke_token(path, "revoked")
    return TokenFile(path), made | {"unknown": "dc_" + "x" * 43}


def app_of(access, folder):
    monitor = Monitor()
    hub, configuration = Hub(), Configuration(folder / "none.toml", Config, monitor.apply)
    hub.end()  # so that nobody listens for ever
    return application(Desk(monitor, configuration, Gallery(monitor), hub, Vitals(monotonic())), access, None)


def asked(access, folder, *requests):
    """Returns the answers to requests, in their order."""

    async def ask():
        transport = httpx.ASGITransport(app_of(access, folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://deepcount.example") as client:
            return [await client.request(method, path, **given) for method, path, given in requests]

    return asyncio.run(ask())


def bearer(made, who):
    return {"headers": {"authorization": f"Bearer {made[who]}"} if who in made else {}}


@pytest.mark.parametrize("who", LEAST)
def test_every_route_is_open_to_whom_it_is_meant_for_alone(tokens, tmp_path, who):
    known, made = tokens
    access = Access(known, is_secure=True, _mistakes=Allowance(Pace(1000, 1)))
    requests = [
        (method, path.replace("{name}", "yard").replace("{number}", "1"), bearer(made, who)) for method, path in NEEDED
    ]
    for (route, needed), answer in zip(NEEDED.items(), asked(access, tmp_path, *requests), strict=True):
        if needed is EVERYBODY or LEAST[who] >= needed:
            assert answer.status_code not in (401, 403), route
        else:
            assert answer.status_code == (401 if LEAST[who] < 0 else 403), route
            assert isinstance(answer.json()["detail"], str)
        assert not any(secret in answer.text for secret in made.values())


def test_no_route_is_missing_in_the_table(tokens, tmp_path):
    known, made = tokens
    (answer,) = asked(Access(known), tmp_path, ("GET", "/api/openapi.json", bearer(made, "read")))
    described = {
        (method.upper(), path.replace(":path", "")) for path, ways in answer.json()["paths"].items() for method in ways
    }
    assert described | {("GET", "/"), ("GET", "/api/openapi.json")} == set(NEEDED)
    assert answer.json()["security"] == [{"token": []}]
    assert needed_scope("DELETE", "/api/whatever/comes") is Scope.ADMIN
    assert needed_scope("GET", "/api/whatever/comes") is Scope.READ


def test_without_a_token_health_tells_nothing_of_what_is_watched(tokens, tmp_path):
    known, made = tokens
    access = Access(known)
    bare, whole = asked(access, tmp_path, ("GET", "/health", {}), ("GET", "/health", bearer(made, "read")))
    assert set(bare.json()) == {"status"}
    assert whole.json()["version"]


def test_a_browser_keeps_its_token_where_no_script_can_read_it(tokens, tmp_path):
    known, made = tokens
    access = Access(known, is_secure=True)
    wrong, right = asked(
        access,
        tmp_path,
        ("POST", "/api/session", {"json": {"token": made["expired"]}}),
        ("POST", "/api/session", {"json": {"token": made["read"]}}),
    )
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, "Bearer")
    assert right.json() == {"name": "read", "scope": "read"}
    cookie = right.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=strict", "max-age="))
    kept = {"headers": {"cookie": f"deepcount={made['acknowledge']}"}}
    elsewhere = {"headers": kept["headers"] | {"origin": "https://evil.example"}}
    seen, done, refused = asked(
        access,
        tmp_path,
        ("GET", "/api/cameras", kept),
        ("POST", "/api/alerts/1/acknowledge", kept | {"json": {}}),
        ("POST", "/api/alerts/1/acknowledge", elsewhere | {"json": {}}),
    )
    assert (seen.status_code, done.status_code, refused.status_code) == (200, 404, 403)
    assert not any("access-control" in name for answer in (seen, done, refused) for name in answer.headers)


def test_whoever_guesses_is_held_up_and_whoever_has_a_token_is_not(tokens):
    known, made = tokens
    access = Access(known)
    wrong = [(b"authorization", b"Bearer dc_guess")]
    right = [(b"authorization", f"Bearer {made['read']}".encode())]
    said = [access.judge("GET", "/metrics", wrong, "10.0.0.9", 0.0).status for _ in range(int(MISTAKES.at_once) + 1)]
    assert said == [401] * int(MISTAKES.at_once) + [429]
    assert isinstance(access.judge("GET", "/metrics", right, "10.0.0.9", 0.0), Asker)
    assert access.judge("GET", "/metrics", wrong, "10.0.0.9", 100.0).status == 401


def test_who_asks_too_often_is_asked_to_wait(tokens, tmp_path):
    access = Access()
    held = [access.judge("GET", "/health", [], "::1", 0.0) for _ in range(int(REQUESTS.at_once) + 1)][-1]
    assert (held.status, held.headers) == (429, {"retry-after": "1"})
    assert isinstance(access.judge("GET", "/health", [], "::1", 1.0), Asker)


def test_an_allowance_grows_again_and_remembers_only_so_many():
    allowance = Allowance(Pace(at_once=2, a_second=0.5))
    assert [allowance.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 2.0]
    assert [allowance.take("a", 3.0), allowance.take("a", 3.0)] == [0.0, 1.0]
    for number in range(MOST_KNOWN):
        allowance.take(str(number), 3.0)
    assert allowance.take("a", 3.0) == 0.0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param({"host": "0.0.0.0"}, "travel there for all to hear", id="plain"),
        pytest.param({"host": "0.0.0.0", "behind_proxy": True}, "holds no token that is good", id="no token"),
        pytest.param({"host": "127.0.0.1", "behind_proxy": True}, "holds no token", id="a proxy on this computer"),
        pytest.param({"host": "gate.example"}, "is no IP address", id="a name"),
        pytest.param({"host": ""}, "is no IP address", id="nothing"),
    ],
)
def test_others_are_answered_only_with_tokens_and_encrypted(tmp_path, given, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Reach(port=0, tokens=tmp_path / "cameras.tokens", **given).access()
    assert Reach("::1", 0, tmp_path / "cameras.tokens").access().tokens is None


def test_a_certificate_that_cannot_be_used_is_said(tmp_path, certificate):
    key = certificate.with_suffix(".key")
    assert Reach("::1", 0, tmp_path / "tokens", certificate, key).proof() is not None
    assert Reach("::1", 0, tmp_path / "tokens").proof() is None
    for text in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (tmp_path / "bad.pem").write_text(text)
        with pytest.raises(ConfigError, match=r"bad.pem cannot be used: .*expected a PEM file"):
            Certificate(tmp_path / "bad.pem", None)
    with pytest.raises(ConfigError, match="cannot be used"):
        Certificate(certificate, None)


def test_a_certificate_is_taken_anew_once_its_file_has_settled(tmp_path, certificate, caplog):
    path = tmp_path / "server.pem"
    whole = certificate.read_text() + certificate.with_suffix(".key").read_text()
    path.write_text(whole)
    caplog.set_level("INFO", "engine.service")
    used = Certificate(path, None)
    used.look()
    for text, said in (("half", "the certificate before goes on"), (whole, "the certificate was read again")):
        path.unlink()
        path.write_text(text)
        used.look()
        assert said not in caplog.text
        used.look()
        assert said in caplog.text


def test_of_a_crowd_that_only_connects_the_oldest_goes_first_and_nobody_whose_connection_stands(monkeypatch):
    monkeypatch.setattr("engine.service.listening.MOST_OPEN", 2)
    with listening("127.0.0.1", 0) as place, ExitStack() as stack:
        place.setblocking(True)
        clients = [stack.enter_context(socket.create_connection(place.getsockname())) for _ in range(4)]
        taken = [stack.enter_context(place.accept()[0]) for _ in range(2)]
        place.hears(taken[0].fileno())
        taken.append(stack.enter_context(place.accept()[0]))
        assert clients[1].recv(1) == b""
        place.hears(taken[2].fileno())
        with pytest.raises(ConnectionAbortedError):
            place.accept()
        assert clients[3].recv(1) == b""
        for client in (clients[0], clients[2]):
            client.settimeout(0.0)
            with pytest.raises(BlockingIOError):
                client.recv(1)
