"""What can go wrong, as a tree; every message is one sentence for the person who has to act on it.

EngineError
├── SourceError     a video that cannot be opened, or breaks off
├── ModelError      a model file that cannot be used, or a runtime that cannot run it
├── OutputError     a folder or file that cannot be written
├── DatabaseError   a log that cannot be opened or written
│   └── MissingLogError     there is none yet
├── NotifyError     a notification that cannot be delivered
└── ConfigError     a configuration that cannot be read, or says what cannot be

A message names the thing, what was expected, what was found and the remedy. Errors of libraries become ours where the
library is called. Whatever went into a message, no secret, no control character and no page of text comes out of it.
"""

from engine.redaction import readable, redacted

LONGEST_SENTENCE = 2000  # characters; files that are no friend's may hold names of any length


class EngineError(Exception):
    """Something that was given to the engine cannot be used."""

    def __init__(self, sentence: str) -> None:
        super().__init__(redacted(readable(sentence))[:LONGEST_SENTENCE])


class SourceError(EngineError):
    """A video cannot be opened, or breaks off; readings made before stay valid."""


class ModelError(EngineError):
    """A model file cannot be used, or ONNX Runtime cannot run it as asked."""


class OutputError(EngineError):
    """A result cannot be written."""


class DatabaseError(EngineError):
    """The log cannot be opened or written."""


class MissingLogError(DatabaseError):
    """There is no log yet, so that nothing is in it."""


class NotifyError(EngineError):
    """Somebody cannot be told of an alert now."""


class ConfigError(EngineError):
    """A configuration file cannot be read, or a setting in it cannot be what it is."""
