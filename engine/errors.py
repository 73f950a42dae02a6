"""What can go wrong, as a tree; every message is one sentence for the person who has to act on it.

EngineError
├── SourceError     a video that cannot be opened, or breaks off
├── ModelError      a model file that cannot be used, or a runtime that cannot run it
├── OutputError     a folder or file that cannot be written
├── DatabaseError   a log that cannot be opened or written
└── ConfigError     a configuration that cannot be read, or says what cannot be

A message names the thing, what was expected, what was found and the remedy. Errors of libraries become ours where the
library is called. An address that holds a password is only ever shown through `redacted`.
"""

import re


class EngineError(Exception):
    """Something that was given to the engine cannot be used."""


class SourceError(EngineError):
    """A video cannot be opened, or breaks off; readings made before stay valid."""


class ModelError(EngineError):
    """A model file cannot be used, or ONNX Runtime cannot run it as asked."""


class OutputError(EngineError):
    """A result cannot be written."""


class DatabaseError(EngineError):
    """The log cannot be opened or written."""


class ConfigError(EngineError):
    """A configuration file cannot be read, or a setting in it cannot be what it is."""


_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*(?:@[^/@\s]*)*(?=@)")
_SECRET_PARAMETER = re.compile(r"(?i)((?:user|usr|login|pass|pwd|token|key|auth|secret)\w{0,8}=)[^&;\s]+")


def redacted(address: str) -> str:
    """Returns an address without secrets.

    `rtsp://user:pw@host/x` becomes `rtsp://***@host/x`, and `http://host/x?user=me&pwd=pw` `http://host/x?user=***&pwd=***`.
    """
    return _SECRET_PARAMETER.sub(r"\1***", _CREDENTIALS.sub("***", address))
