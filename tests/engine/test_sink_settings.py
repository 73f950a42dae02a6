"""Sinks as they are configured, and what is refused of them."""

import pytest

from engine.errors import ConfigError
from engine.settings.config import Config
from engine.settings.config_file import load_config, save_config
from engine.settings.membership import gone_from_groups, renamed_in_groups
from engine.settings.passwords import store_password
from engine.settings.problems import checked
from engine.settings.secrets import known_secrets

HOOK = {"kind": "webhook", "url": "https://example.com/x", "password_env": "HOOK_KEY"}
MQTT = {"kind": "mqtt", "host": "10.0.0.2"}
MAIL = {"kind": "email", "host": "mail.example.com", "sender": "a@example.com", "to": ["b@example.com"]}
PROGRAM = {"kind": "program", "program": ["siren"]}
SECRET = "hunter2-planted"


def configured(**sink):
    yards = [{"name": name, "address": f"{name}.mp4"} for name in ("yard", "gate")]
    return checked(Config, {"cameras": yards, "sinks": [{"name": "staff"} | sink]}, "x.toml")


@pytest.mark.parametrize("values", [HOOK, MQTT, MAIL, PROGRAM], ids=["webhook", "mqtt", "email", "program"])
def test_the_least_of_each_kind_is_a_whole_sink(values):
    (sink,) = configured(**values).sinks
    assert (sink.enabled, sink.severity, sink.only_cameras, sink.quiet_hours) == (True, "info", None, None)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kind": "webhook", "url": "http://h/x"}, r"x.toml: sink 'staff' has no key that signs .* password_env"),
        ({**HOOK, "url_env": "URL"}, "has url and also url_env, expected one of the two"),
        ({"kind": "webhook", "password_env": "K"}, "has neither url nor url_env"),
        ({**HOOK, "url": f"https://h/x?token={SECRET}"}, "url holds what looks like a secret; .* url_env"),
        ({**HOOK, "url": f"https://me:{SECRET}@h/x"}, "url holds a user or password, expected none"),
        ({**HOOK, "url": "ftp://h/x"}, "url is no address of a webhook, expected such as https"),
        ({**HOOK, "password": "keyring"}, "has password and also password_env"),
        ({**HOOK, "password": SECRET}, "password is another text, expected 'keyring'"),
        ({**HOOK, "host": "h"}, "has host, which no sink of kind 'webhook' has; take it out"),
        ({"kind": "mqtt"}, "has no host, expected one; Name or number of the broker"),
        ({**MQTT, "user": "u"}, "has a user and no password, expected both"),
        ({**MQTT, "password_env": "P"}, "has a password and no user, expected both"),
        ({**MQTT, "security": "starttls"}, "security = 'starttls', which MQTT does not know"),
        ({**MQTT, "topic": "a/#"}, "topic is no topic, expected such as deepcount"),
        ({**MAIL, "to": []}, "has no to, expected one"),
        ({**MAIL, "sender": "nobody"}, "has no address, expected such as a@example.com"),
        ({**MAIL, "user": "u", "password_env": "P", "security": "none"}, "a user, whose password anybody could read"),
        ({**PROGRAM, "program": "siren --loud"}, "program is another text, expected a list"),
        ({**PROGRAM, "password_env": "P"}, "has password_env, which no sink of kind 'program' has"),
        ({**PROGRAM, "quiet": ["daily 22:00-22:00"]}, "has quiet hours that holds .* never applies"),
        ({**PROGRAM, "timezone": "UTC"}, "has a timezone and no quiet hours"),
        ({**PROGRAM, "only_cameras": ["lane"]}, "has sink 'staff' for 'lane', expected a camera or group"),
        ({**PROGRAM, "most_per_minute": 0}, "most_per_minute is 0, expected greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_without_its_secret(values, reason):
    with pytest.raises(ConfigError, match=reason) as caught:
        configured(**values)
    assert SECRET not in str(caught.value)


def test_a_secret_that_is_not_where_it_is_said_to_be_is_missed_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("HOOK_KEY", raising=False)
    with pytest.raises(ConfigError, match=r"sink 'staff': .* password_env names is not set"):
        configured(**HOOK).sinks[0].access()
    stored = configured(**MQTT, user="u", password="keyring").sinks[0]
    with pytest.raises(ConfigError, match=r"holds no password or key of it.*keyring set deepcount 'sink@staff'"):
        stored.access()
    store_password("sink", "staff", SECRET)
    assert stored.access().secret == SECRET
    assert SECRET not in repr(stored.access())


def test_a_url_that_is_a_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("HOOK_KEY", "key")
    monkeypatch.setenv("HOOK_URL", f"https://example.com/{SECRET}")
    config = configured(kind="webhook", url_env="HOOK_URL", password_env="HOOK_KEY")
    assert config.sinks[0].access().url.endswith(SECRET)
    assert SECRET not in repr(config.sinks[0].access())
    assert f"https://example.com/{SECRET}" in known_secrets(config, {})
    monkeypatch.setenv("HOOK_URL", f"ftp:{SECRET}")
    with pytest.raises(ConfigError, match="url_env names is no address") as caught:
        config.sinks[0].access()
    assert SECRET not in str(caught.value)


def test_sinks_are_saved_with_their_comments(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text(
        '# who is told\n[[sinks]]  # by day\nname = "siren"\nkind = "program"\nprogram = ["siren"] # loud\n'
    )
    config = load_config(path)
    save_config(
        config.model_copy(update={"sinks": (config.sinks[0].model_copy(update={"severity": "critical"}),)}), path
    )
    text = path.read_text()
    assert all(part in text for part in ("# who is told", "# by day", '["siren"] # loud', 'severity = "critical"'))
    assert load_config(path).sinks[0].severity == "critical"


def test_sinks_follow_cameras_that_are_renamed_or_taken_out():
    config = configured(**PROGRAM, only_cameras=["yard"])
    renamed = renamed_in_groups(config, config, {"court": "yard"})
    assert renamed.sinks[0].only_cameras == ("court",)
    gone = gone_from_groups(config.model_copy(update={"cameras": config.cameras[1:]}), config, "yard")
    assert gone.sinks[0].only_cameras == ()
