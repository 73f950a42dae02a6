"""A report for others holds what helps them, and nothing that is secret."""

import json
import logging
import zipfile
from dataclasses import replace
from urllib.parse import quote

import pytest

from engine.capture.health import HealthReport, State
from engine.commands.doctor import Finding, examine
from engine.counting.schedule import Load
from engine.diagnosis import Diagnosis, ProcessWatch, write_report
from engine.errors import OutputError
from engine.monitor.facts import CameraFacts
from engine.monitor.tally import Newest, Total
from engine.paths import LIGHT_MODEL
from engine.picture.condition import Condition
from engine.redacted_log import KeptLog
from engine.settings.config_file import load_config
from engine.settings.passwords import store_password
from engine.sources.arrival import Link

SECRETS = {
    "address": "Zürich&7 in-address",
    "query": "tok3n-in-query",
    "small": "of-the-small-stream",
    "variable": 'quo"ted\\in-variable',
    "keyring": "kept-in-the-keyring",
    "database": "db-pa55",
    "comment": "only-in-a-comment",
    "other": "AKIA-of-a-cloud",
}
CONFIG = f"""\
database = "postgresql://counter:{SECRETS["database"]}@db.local/counts"
# the password of the gate is {SECRETS["comment"]}
[[cameras]]
name = "gate"
address = "rtsp://ann:{quote(SECRETS["address"], safe="")}@10.0.0.1/live?token={SECRETS["query"]}"
address_small = "rtsp://eve:{SECRETS["small"]}@10.0.0.1/small"
[[cameras.zones]]
name = "north"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
[[cameras]]
name = "yard"
address = "rtsp://10.0.0.2/live"
user = "ben"
password_env = "YARD"
[[cameras]]
name = "hall"
address = "rtsp://10.0.0.3/live"
user = "cem"
password = "keyring"
"""


@pytest.fixture
def diagnosis(tmp_path, monkeypatch):
    """A diagnosis of which every part that people or libraries may write into was told secrets."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    store_password("cem", "10.0.0.3", SECRETS["keyring"])
    monkeypatch.setenv("YARD", SECRETS["variable"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["other"])
    path = tmp_path / "cameras.toml"
    path.write_text(CONFIG)
    told = " ".join([*SECRETS.values(), *(quote(secret, safe="") for secret in SECRETS.values())])
    log, logger = KeptLog(), logging.getLogger("engine.test_diagnosis")
    logger.addHandler(log)
    logger.warning("cannot log in with %r", told.replace(SECRETS["comment"], ""))
    logger.warning("plainly %s", SECRETS["variable"])
    logger.removeHandler(log)
    health = HealthReport(
        State.LIVE,
        0.0,
        told.replace(SECRETS["comment"], ""),
        5,
        25.0,
        0.1,
        0,
        1,
        2,
        3,
        Condition.CLEAR,
        (576, 768),
        Link("h264"),
    )
    facts = CameraFacts("gate", health, Load(25.0, 5.0, 0.2, 0.1, None), Newest(7.0, {"north": 2.0}), Total())
    finding = Finding("log", f"postgresql://counter:{SECRETS['database']}@db.local does not answer", False, "look")
    return Diagnosis((finding,), (facts,), ProcessWatch().facts(), load_config(path), log.since(0), True)


def test_no_byte_of_a_report_tells_a_secret(diagnosis, tmp_path):
    write_report(diagnosis, tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    spellings = {
        spelling
        for secret in SECRETS.values()
        for spelling in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])
    }
    assert [(name, word) for name, text in texts.items() for word in spellings if word in text] == []
    raw = (tmp_path / "report.zip").read_bytes()
    assert not any(spelling.encode() in raw for spelling in spellings)


def test_a_report_tells_what_helps(diagnosis, tmp_path):
    write_report(diagnosis, tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        camera = json.loads(archive.read("cameras.json"))[0]
        config = json.loads(archive.read("configuration.json"))
        findings, process = json.loads(archive.read("doctor.json")), json.loads(archive.read("process.json"))
        versions = json.loads(archive.read("versions.json"))
        messages = archive.read("messages.txt").decode()
    assert camera["state"] == "live"
    assert (camera["size"], camera["codec"], camera["counted_fps"]) == ("768x576", "h264", 5.0)
    assert camera["latency_p95_s"] is None
    assert config["cameras"][0]["address"] == "rtsp://***@10.0.0.1/live?token=***"
    assert config["cameras"][0]["address_small"] == "rtsp://***@10.0.0.1/small"
    assert config["cameras"][0]["zones"][0]["polygon"] == [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    assert findings[0]["found"] == "postgresql://***@db.local does not answer"
    assert process["threads"] >= 1
    assert process["overloaded"]
    assert "numpy" in versions
    assert "WARNING engine.test_diagnosis: cannot log in with" in messages


def test_a_report_is_written_whole_or_not_at_all(diagnosis, tmp_path, monkeypatch):
    (tmp_path / "report.zip").write_text("the one before")
    broken = replace(diagnosis, findings=(Finding("log", object()),))  # which JSON cannot tell
    with pytest.raises(TypeError):
        write_report(broken, tmp_path / "report.zip")
    assert (tmp_path / "report.zip").read_text() == "the one before"
    with pytest.raises(OutputError, match="choose another folder"):
        write_report(diagnosis, tmp_path / "no folder" / "report.zip")
    assert list(tmp_path.glob(".*")) == []


def test_doctor_looks_at_the_log_that_is_configured(tmp_path):
    findings = {finding.subject: finding for finding in examine(LIGHT_MODEL, tmp_path / "counts.db")}
    assert "counts.db" in findings["log"].found
    assert not (tmp_path / "counts.db").exists()


def test_the_log_is_kept_bounded_without_secrets_and_told_once():
    log, logger = KeptLog(most=3), logging.getLogger("engine.test_diagnosis")
    logger.addHandler(log)
    for number in range(5):
        logger.warning("cannot open rtsp://ann:secret@host/%s", number)
    logger.removeHandler(log)
    log.handle(logging.makeLogRecord({"msg": "%d", "args": ("secret",)}))
    messages = log.since(0)
    assert [message.words for message in messages[1:]] == [
        "cannot open rtsp://***@host/4",
        "a message that cannot be shown (TypeError)",
    ]
    assert messages[0].words == "cannot open rtsp://***@host/3"
    assert [message.number for message in log.since(5)] == [6]
    assert log.since(6) == ()
