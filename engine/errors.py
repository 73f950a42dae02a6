"""What can go wrong, as a tree; every message is one sentence for the person who has to act on it.

EngineError
├── SourceError     a video that cannot be opened, or breaks off
├── ModelError      a model file that cannot be used, or a runtime that cannot run it
├── OutputError     a folder or file that cannot be written
└── DatabaseError   a log that cannot be opened or written

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


def redacted(address: str) -> str:
    """Returns an address without its user name and password: `rtsp://user:pw@host/x` becomes `rtsp://***@host/x`."""
    return re.sub(r"(?<=://)[^/@\s]*(?:@[^/@\s]*)*(?=@)", "***", address)
