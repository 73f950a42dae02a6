"""Makes, lists and revokes what lets others ask a service: the work of `deepcount-engine token`."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.service.tokens import Scope, Token, make_token, read_tokens, revoke_token

COLUMNS = ("name", "scope", "state", "made", "expires", "revoked")


def make(path: Path, name: str, scope: str, days: int | None) -> int:
    """Makes a token and prints it; returns the exit status.

    Raises:
        EngineError: there is or was one of that name, or the file cannot be written.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    secret = make_token(path, name, Scope[scope.upper()], None if days is None else now + timedelta(days=days))
    print(secret)
    print(
        f"it is shown this once; send it as 'Authorization: Bearer TOKEN'; {path} keeps a hash of it", file=sys.stderr
    )
    return 0


def print_tokens(path: Path, *, as_json: bool) -> int:
    """Prints what tokens there are, without the tokens themselves; returns the exit status.

    Raises:
        ConfigError: the file cannot be read.
    """
    now = datetime.now(UTC)
    tokens = read_tokens(path)
    if as_json:
        rows = [_row(token, now, datetime.isoformat) for token in tokens]
        print(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
        return 0
    if not tokens:
        print(f"{path} holds no token; 'deepcount-engine token make NAME --tokens {path}' makes one", file=sys.stderr)
        return 0
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in COLUMNS:
        table.add_column(column, no_wrap=column not in ("name", "scope"), overflow="fold")
    for token in tokens:
        table.add_row(*(Text(value or "–") for value in _row(token, now, _minute)))
    Console().print(table)
    return 0


def revoke(path: Path, name: str) -> int:
    """Revokes a token; returns the exit status.

    Raises:
        EngineError: there is none of that name that could be used, or the file cannot be written.
    """
    gone = revoke_token(path, name)
    print(f"the token '{gone.name}' opens nothing from now on")
    return 0


def _minute(moment: datetime) -> str:
    """Returns a moment as people here read it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _row(token: Token, now: datetime, say: Callable[[datetime], str]) -> tuple[str | None, ...]:
    moments = (None if moment is None else say(moment) for moment in (token.made, token.expires, token.revoked))
    return token.name, token.scope.word, token.state(now), *moments
