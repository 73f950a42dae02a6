"""How this machine and what runs on it are doing, to be told to others: a report as a ZIP, without secrets.

Addresses lose their secrets by their structure, as everywhere. Then every text is searched for all secrets that are
known here (`engine.settings.secrets`). The configuration is written from its values, without the file's comments.
"""

import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from logging import getLevelName
from pathlib import Path
from typing import Any

import psutil

from engine import __version__
from engine.commands.doctor import Finding
from engine.errors import OutputError
from engine.files import written_whole
from engine.monitor.facts import CameraFacts
from engine.redacted_log import Message
from engine.redaction import redacted
from engine.settings.config import Config
from engine.settings.secrets import known_secrets, without

CONTENTS = """A report of DeepCount, without passwords and other secrets.

doctor.txt, doctor.json   what was found of this machine, the model and the log
cameras.json              how each camera is doing
process.json              memory, threads and processor of the program
configuration.json        what is configured
messages.txt              the newest messages of the program, times in UTC
versions.json             the packages that are installed beside it"""
Clean = Callable[[str], str]
"""Takes secrets out of a text."""


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What the program takes of the machine."""

    memory_bytes: int
    """That are in use and in no other process."""
    threads: int
    processor_share: float | None
    """Of one core, since it was asked last; None the first time."""
    cores: int


class ProcessWatch:
    """Measures the program itself."""

    def __init__(self) -> None:
        self._process, self._asked = psutil.Process(), False

    def facts(self) -> ProcessFacts:
        """Returns how it is doing; the processor's share is that since the last call."""
        with self._process.oneshot():
            share = self._process.cpu_percent() / 100
            found = ProcessFacts(
                self._process.memory_info().rss,
                self._process.num_threads(),
                share if self._asked else None,
                os.cpu_count() or 1,
            )
        self._asked = True
        return found


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that a report tells."""

    findings: Sequence[Finding]
    cameras: Sequence[CameraFacts]
    process: ProcessFacts
    config: Config
    messages: Sequence[Message]
    is_overloaded: bool = False


def write_report(diagnosis: Diagnosis, path: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Writes a report, whole; looks into the system's keyring for passwords to keep out of it.

    Raises:
        OutputError: the file cannot be written.
    """
    secrets = known_secrets(diagnosis.config, environment)
    texts = _texts(diagnosis, lambda text: without(redacted(text), secrets))
    try:
        with written_whole(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
    except OutputError as error:
        raise OutputError(f"{path} cannot be written; choose another folder, or make room") from error


def _texts(diagnosis: Diagnosis, clean: Clean) -> dict[str, str]:
    """Returns the files of a report by their names."""
    process = asdict(diagnosis.process) | {"overloaded": diagnosis.is_overloaded, "version": __version__}
    values = {
        "doctor.json": [asdict(finding) for finding in diagnosis.findings],
        "cameras.json": [_camera(facts) for facts in diagnosis.cameras],
        "process.json": process,
        "configuration.json": diagnosis.config.model_dump(),
        "versions.json": dict(sorted((found.name, found.version) for found in distributions())),
    }
    lines = {
        "contents.txt": [CONTENTS],
        "doctor.txt": [_finding_line(finding) for finding in diagnosis.findings],
        "messages.txt": [message_line(message) for message in diagnosis.messages],
    }
    texts = {name: json.dumps(_cleaned(value, clean), indent=2, ensure_ascii=False) for name, value in values.items()}
    return texts | {name: clean("\n".join(text)) + "\n" for name, text in lines.items()}


def message_line(message: Message) -> str:
    """Returns a message as a line of text, or more where it has more."""
    time = datetime.fromtimestamp(message.time_s, UTC)
    return f"{time:%Y-%m-%d %H:%M:%S} {getLevelName(message.level)} {message.source}: {message.words}"


def _finding_line(finding: Finding) -> str:
    remedy = f" ({finding.remedy})" if finding.remedy and finding.remedy != finding.found else ""
    return f"{'ok' if finding.well else '!!'} {finding.subject}: {finding.found}{remedy}"


def _camera(facts: CameraFacts) -> dict[str, Any]:
    health = facts.health
    more = {
        "size": health.size and f"{health.size[1]}x{health.size[0]}",
        "codec": health.link and health.link.codec,
        "decoder": health.link and health.link.decoder,
        "arrival_fps": round(health.rate, 3),
        "frames": health.frames,
    }
    return facts.as_dict | more


def _cleaned(value: Any, clean: Clean) -> Any:
    """Returns nested plain values with every text in them cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _cleaned(item, clean) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_cleaned(item, clean) for item in value]
    return value
