import logging

import pytest

from cameras import ScriptedCamera
from engine.capture.health import State
from engine.errors import ConfigError
from engine.monitor.monitor import Monitor
from engine.paths import LIGHT_MODEL
from engine.settings.address import Address
from engine.settings.config import CameraSettings, Config
from engine.settings.config_file import load_config, save_config
from engine.settings.passwords import forget_password, keyring_problem, store_password, stored_password
from engine.settings.problems import checked
from logged import waited_for

SECRET = "p@ss/ wörd"


@pytest.fixture(autouse=True)
def keyring_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def camera(**values):
    given = {"name": "gate", "address": "rtsp://10.0.0.1:8554/x", "user": "guard", "password": "keyring", **values}
    return checked(CameraSettings, {key: value for key, value in given.items() if value is not None}, "test")


def test_a_password_in_the_keyring_opens_the_camera_and_shows_nowhere(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    store_password("guard", "10.0.0.1", "before")
    store_password("guard", "10.0.0.1", SECRET)
    assert camera().full_address == "rtsp://guard:p%40ss%2F%20w%C3%B6rd@10.0.0.1:8554/x"
    assert camera(user=None, address="rtsp://guard@10.0.0.1/x").full_address.startswith("rtsp://guard:p%40ss")
    path = tmp_path / "cameras.toml"
    config = Config(cameras=(camera(),))
    assert save_config(config, path) == ()
    assert 'password = "keyring"' in path.read_text()
    assert load_config(path) == config
    assert not any(word in f"{config!r} {path.read_text()} {caplog.text}" for word in (SECRET, "p%40ss"))


def test_a_watched_camera_takes_a_password_that_changed_in_the_keyring():
    with ScriptedCamera(rate=10.0) as server, Monitor() as monitor:
        server.require("guard", SECRET)
        config = Config(model=Address.of(str(LIGHT_MODEL)), provider="cpu", cameras=(camera(address=server.address),))
        store_password("guard", "127.0.0.1", "wrong")
        monitor.apply(config)
        (session,) = monitor.sessions
        assert waited_for(lambda: session.capture.health.state is State.FAILED)
        store_password("guard", "127.0.0.1", SECRET)
        assert monitor.apply(config).reconnected == ("gate",)
        (session,) = monitor.sessions
        assert waited_for(lambda: session.capture.health.state is State.LIVE)
        assert SECRET not in repr(monitor.sessions)


def test_a_password_that_is_not_there_is_missed_in_one_sentence():
    with pytest.raises(ConfigError, match=r"camera 'gate': the system's keyring holds no password of its user at 10"):
        _ = camera().full_address
    store_password("guard", "10.0.0.1", SECRET)
    forget_password("guard", "10.0.0.1")
    forget_password("guard", "10.0.0.1")
    assert stored_password("guard", "10.0.0.1") is None


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.fail.Keyring", "no keyring that is running"),
        ("keyring.backends.null.Keyring", "no keyring that is running"),
        ("no.such.Keyring", "cannot be used (ModuleNotFoundError)"),
    ],
)
def test_without_a_keyring_the_remedy_is_named(monkeypatch, backend, reason):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    for act in (
        lambda: store_password("guard", "h", SECRET),
        lambda: stored_password("guard", "h"),
        lambda: camera().full_address,
    ):
        with pytest.raises(ConfigError) as caught:
            act()
        assert reason in str(caught.value)
        assert "environment variable that password_env names" in str(caught.value)
        assert SECRET not in str(caught.value)
    assert keyring_problem()


def test_a_keyring_that_nobody_asked_for_and_that_keeps_nothing_safe_is_none(monkeypatch, tmp_path):
    assert keyring_problem() == ""
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    assert "no keyring that is running" in keyring_problem()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"password": SECRET}, "password is another text, expected 'keyring'"),
        ({"password_env": "GATE"}, "has password and also password_env, expected one of the two"),
        ({"user": None}, "has a password but no user, expected both"),
        ({"address": "a.mp4"}, "has a user or password, which only a network address can"),
        ({"address": "rtsp://u:x@h/x"}, "has a user or password and also credentials in its address"),
    ],
)
def test_what_cannot_be_with_a_password_is_refused(values, reason):
    with pytest.raises(ConfigError) as caught:
        camera(**values)
    assert reason in str(caught.value)
    assert SECRET not in str(caught.value)
