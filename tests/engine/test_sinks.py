"""Sinks with real peers: a broker, a mail server, programs, and the command that tries them."""

import email
import email.policy
import json
import socket
import sys
from pathlib import Path

import psutil
import pytest

import broker as mosquitto
from engine.cli import main
from engine.errors import NotifyError
from engine.notify.message import Message, trial_notice
from engine.notify.sink import OwnerStanding, RuleStanding, Standing
from engine.notify.sinks import opened_sink
from engine.notify.topics import part
from engine.settings.problems import checked
from engine.settings.sinks import SinkSettings
from logged import waited_for
from receiver import MailServer, Receiver

SECRET = "planted-password"
PICTURE = b"\xff\xd8\xff\xe0 a picture"
STANDING = Standing(
    (OwnerStanding("yard", "live", 12.34), OwnerStanding("Tor süd/1", "lost", None)),
    (
        RuleStanding("yard", "busy", "above 10", "critical", 1_790_000_000, 12.34, "Ada", 1_790_003_600),
        RuleStanding("yard", "gone", "lost", None),
    ),
)


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("SINK_SECRET", SECRET)


def settings(kind, **values):
    return checked(SinkSettings, {"name": "staff", "kind": kind, "timeout_s": 5.0} | values, "x.toml", folder=Path("/"))


def opened(kind, **values):
    made = settings(kind, **values)
    return opened_sink(made, made.access())


def message(**values):
    return Message("k" * 32, (trial_notice("staff"),), **values)


def refusal(sink, **values):
    """Returns what is said where a message cannot be delivered; the secret is not in it."""
    with pytest.raises(NotifyError) as caught:
        sink.deliver(message(**values))
    sink.close()
    assert SECRET not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def mqtt(tmp_path):
    """Starts a broker; skips where there is none."""
    if reason := mosquitto.missing():
        pytest.skip(reason)
    brokers = []

    def start(certificate=None):
        brokers.append(mosquitto.Broker(tmp_path, certificate))
        brokers[-1].start()
        return brokers[-1]

    yield start
    for each in brokers:
        each.stop()


def to_broker(broker, **values):
    login = {"user": mosquitto.USER, "password_env": "SINK_SECRET"}
    return opened("mqtt", host="127.0.0.1", port=broker.port, **login, **values)


def test_a_broker_gets_events_and_retained_states_that_home_assistant_finds(mqtt):
    broker = mqtt()
    sink = to_broker(broker)
    assert sink.deliver(message()) == "was told under deepcount/event, and acknowledged it"
    sink.show(STANDING)
    assert waited_for(lambda: "deepcount/rules/yard/gone" in broker.retained)
    (event,) = [json.loads(text) for topic, text, _ in broker.heard if topic == "deepcount/event"]
    assert (event["kind"], event["key"]) == ("test", "k" * 32)
    states = {topic: text for topic, text in broker.retained.items() if topic.startswith("deepcount/")}
    assert states["deepcount/status"] == "online"
    assert json.loads(states["deepcount/cameras/yard"]) == {"name": "yard", "state": "live", "people": 12.3}
    assert json.loads(states[f"deepcount/cameras/{part('Tor süd/1')}"])["people"] is None
    busy = json.loads(states["deepcount/rules/yard/busy"])
    assert (busy["state"], busy["acknowledged_by"], busy["suspended_until"]) == ("ON", "Ada", 1_790_003_600)
    assert json.loads(states["deepcount/rules/yard/gone"])["state"] == "OFF"
    found = json.loads(broker.retained["homeassistant/binary_sensor/deepcount/yard__busy/config"])
    assert (found["state_topic"], found["availability_topic"]) == ("deepcount/rules/yard/busy", "deepcount/status")
    assert json.loads(broker.retained["homeassistant/sensor/deepcount/yard/config"])["unique_id"]
    heard = len(broker.heard)
    sink.show(STANDING)
    sink.show(Standing(STANDING.owners))
    assert waited_for(lambda: broker.retained["deepcount/rules/yard/busy"] == "")
    assert not any("cameras" in topic for topic, *_ in broker.heard[heard:])
    sink.close()
    assert waited_for(lambda: broker.retained["deepcount/status"] == "offline")


def test_a_broker_says_offline_where_the_connection_broke(mqtt):
    broker = mqtt()
    sink = to_broker(broker)
    sink.deliver(message())
    assert waited_for(lambda: broker.retained.get("deepcount/status") == "online")
    sink._client.socket().shutdown(socket.SHUT_RDWR)
    said = waited_for(
        lambda: "offline" in [text for topic, text, _ in list(broker.heard) if topic == "deepcount/status"]
    )
    assert said  # for as long as it takes to connect again
    sink.show(STANDING)
    assert waited_for(lambda: broker.retained["deepcount/status"] == "online")
    sink.close()


def test_a_broker_that_was_away_is_told_everything_again(mqtt):
    broker = mqtt()
    sink = to_broker(broker, timeout_s=1.0)
    sink.show(STANDING)
    broker.stop()
    assert "broker" in refusal(sink)
    broker.heard.clear()
    broker.start()
    sink.show(STANDING)
    assert waited_for(lambda: "deepcount/cameras/yard" in broker.retained)
    sink.close()


def test_a_broker_over_tls_has_to_prove_itself(mqtt, certificate):
    broker = mqtt(certificate)
    sink = to_broker(broker, security="tls", tls_ca=str(certificate))
    assert "acknowledged" in sink.deliver(message())
    sink.close()
    assert refusal(to_broker(broker, security="tls")).endswith("proves nothing by its certificate; give it with tls_ca")


def test_a_broker_that_refuses_or_is_silent_is_said_so(mqtt, monkeypatch, free_port):
    broker = mqtt()
    wrong = opened("mqtt", host="127.0.0.1", port=broker.port)
    assert "the broker refuses the connection" in refusal(wrong)
    assert "cannot be reached: connection refused" in refusal(opened("mqtt", host="127.0.0.1", port=free_port))
    with MailServer() as server:
        server.silent = True
        silent = opened("mqtt", host="127.0.0.1", port=server.port, timeout_s=0.3)
        assert "does not answer within 0.3 s" in refusal(silent)


def mail(server, **values):
    given = {"host": "127.0.0.1", "port": server.port, "sender": "cameras@example.com", "to": ["b@x.com", "c@x.com"]}
    return opened("email", **(given | values))


def test_an_email_comes_encrypted_with_login_and_its_picture_inline(tls, certificate):
    with MailServer(tls=tls, login=("me", SECRET)) as server:
        sink = mail(server, user="me", password_env="SINK_SECRET", tls_ca=str(certificate))
        assert sink.deliver(message(picture=PICTURE, attempt=2)) == "sent an e-mail to b@x.com, c@x.com"
        assert sink.deliver(message()) == "sent an e-mail to b@x.com, c@x.com"
    assert (server.encrypted, server.recipients) == ([True, True], [["b@x.com", "c@x.com"]] * 2)
    with_picture, plain = [email.message_from_bytes(each, policy=email.policy.default) for each in server.mails]
    assert with_picture["Subject"] == "Test of 'staff'"
    assert with_picture["Message-ID"] == plain["Message-ID"]
    assert with_picture["X-DeepCount-Attempt"] == "2"
    assert "attempt 2: you may have had it before" in with_picture.get_body(("plain",)).get_content()
    (picture,) = [each for each in with_picture.walk() if each.get_content_type() == "image/jpeg"]
    assert picture.get_content() == PICTURE
    cid = picture["Content-ID"].strip("<>")
    assert f'src="cid:{cid}"' in with_picture.get_body(("html",)).get_content()
    assert [each.get_content_type() for each in plain.walk()] == ["text/plain"]


def test_a_mail_server_that_does_not_take_it_is_said_so(tls, certificate, free_port):
    with MailServer(tls=tls, login=("me", "other")) as server:
        login = {"user": "me", "password_env": "SINK_SECRET"}
        sink = mail(server, **login, tls_ca=str(certificate))
        assert "refuses the user or password" in refusal(sink)
        assert "proves nothing by its certificate" in refusal(mail(server, **login))
        assert "answered 530: log in first" in refusal(mail(server, security="none"))
    with MailServer(refuses=("b@x.com", "c@x.com")) as server:
        assert "offers no STARTTLS" in refusal(mail(server))
        assert "refuses all recipients: b@x.com (550 nobody" in refusal(mail(server, security="none"))
        part_told = mail(server, security="none", to=["b@x.com", "d@x.com"]).deliver(message())
        assert part_told == "told 1 of 2; the server refused b@x.com (550 nobody of that name)"
        server.silent = True
        assert "does not answer within 0.3 s" in refusal(mail(server, security="none", timeout_s=0.3))
    gone = opened("email", host="127.0.0.1", port=free_port, sender="a@x", to=["b@x"])
    assert "cannot be used: connection refused" in refusal(gone)


def python(code, *arguments, **values):
    return opened("program", program=[sys.executable, "-c", code, *arguments], **values)


def test_a_program_gets_json_on_its_input_and_no_shell_sees_its_arguments(tmp_path):
    code = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read() + sys.argv[2].encode())"
    sink = python(code, str(tmp_path / "told"), "; $(exit) *")
    assert sink.deliver(message(attempt=3)) == "was run, and ended with status 0"
    told = (tmp_path / "told").read_text()
    assert told.endswith("; $(exit) *")
    assert json.loads(told.removesuffix("; $(exit) *"))["attempt"] == 3


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path):
    pids = tmp_path / "pids"
    child = f"import os, signal; open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); signal.pause()"
    code = (
        "import subprocess, sys, signal\n"
        f"for alone in (False, True): subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=alone)\n"
        "signal.pause()"
    )
    sink = python(code, timeout_s=3.0)
    assert "did not end within 3 s and was killed with its children" in refusal(sink)
    known = [int(pid) for pid in pids.read_text().split()]
    assert len(known) == 2
    assert waited_for(lambda: not any(_lives(pid) for pid in known))


def _lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_fails_or_is_not_there_is_said_so():
    assert "ended with status 3, expected 0" in refusal(python("raise SystemExit(3)"))
    assert "cannot be started: no such file" in refusal(opened("program", program=["/nowhere/siren"]))


def test_a_webhook_says_what_it_answered(free_port, certificate):
    with Receiver(403) as receiver:
        login = {"password_env": "SINK_SECRET"}
        assert "answered 403 Forbidden, expected 200" in refusal(opened("webhook", url=receiver.url, **login))
        receiver.mode = 302
        assert "answered 302" in refusal(opened("webhook", url=receiver.url, **login))
    gone = opened("webhook", url=f"http://127.0.0.1:{free_port}/x", **login)
    assert "cannot be reached: nothing listens there" in refusal(gone)


def test_the_command_tries_each_sink_and_says_in_one_sentence_what_happened(tmp_path, capsys, free_port):
    with Receiver() as receiver:
        path = tmp_path / "cameras.toml"
        program = json.dumps([sys.executable, "-c", "pass"])
        path.write_text(
            f'[[sinks]]\nname = "hook"\nkind = "webhook"\nurl = "{receiver.url}"\npassword_env = "SINK_SECRET"\n'
            f'[[sinks]]\nname = "siren"\nkind = "program"\nprogram = {program}\nenabled = false\n'
            f'[[sinks]]\nname = "mail"\nkind = "email"\nhost = "127.0.0.1"\nport = {free_port}\n'
            'sender = "a@x"\nto = ["b@x"]\n'
            '[[sinks]]\nname = "lost"\nkind = "webhook"\nurl = "http://127.0.0.1/"\npassword_env = "NOT_SET_ANYWHERE"\n'
        )
        assert main(["notify", "test", "--config", str(path)]) == 1
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "sink 'hook' was told, and answered 200 OK"
        assert lines[1].startswith("sink 'mail': the mail server cannot be used: connection refused")
        assert lines[2].startswith("sink 'lost': the environment variable that password_env names is not set")
        assert len(lines) == 3
        assert receiver.told[0]["kind"] == "test"
        assert main(["notify", "test", "--config", str(path), "--sink", "siren"]) == 0
        assert capsys.readouterr().out == "sink 'siren' was run, and ended with status 0\n"
        assert main(["notify", "test", "--config", str(path), "--sink", "bell"]) == 2
        assert "has no sink 'bell'; there are: hook, siren, mail, lost" in capsys.readouterr().err
