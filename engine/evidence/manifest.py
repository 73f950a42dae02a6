"""The manifest of a bundle: what it is of, what made it, and size and hash of every member."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the bundle."""

    name: str
    bytes: int
    sha256: str
    what: str
    """What it is, for people."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of it."""

    facts: Mapping[str, Any]
    """Plain values: subject, program, settings and so on."""
    members: tuple[Member, ...]

    @property
    def content(self) -> bytes:
        """As it stands in the bundle."""
        found = {"format": FORMAT, **self.facts, "members": [asdict(member) for member in self.members]}
        return (json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()

    @property
    def sha256(self) -> str:
        """By which it is known again."""
        return hashlib.sha256(self.content).hexdigest()


def read_manifest(content: bytes) -> Manifest:
    """Returns the manifest that a member holds; raises ValueError where it is none that this version reads."""
    try:
        found = json.loads(content)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f"has format {found.get('format')!r}, expected {FORMAT}")
        members = tuple(Member(**member) for member in found.pop("members"))
        if not all(isinstance(one.name, str) and type(one.bytes) is int and one.bytes >= 0 for one in members):
            raise ValueError("holds a member without name or size")
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("holds no list of members") from None
    except UnicodeDecodeError:
        raise ValueError("is no text in UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("is no JSON") from None
    found.pop("format")
    return Manifest(found, members)
