"""Comments of a TOML file that stand above a table, kept with it where tables come, go and change places.

tomlkit takes all that follows a table for a part of it. People write what is about a camera above it: the lines before
its header, back to the last empty one, are therefore handed on to it.
"""

from collections.abc import Sequence

from tomlkit.container import Container
from tomlkit.items import AoT, Comment, Table, Whitespace


def hand_on(container: Container, key: str) -> None:
    """Hands on what stands above each table of a list of tables, from the table before to that table."""
    tables = container.get(key)
    if not isinstance(tables, AoT):
        return
    ways: Sequence[Container] = [container, *(table.value for table in tables.body)]
    for before, table in zip(ways, tables.body, strict=False):
        if before is not container:  # what stands above the first stays where it is, since it is the file's own
            table.trivia.indent = _taken_end(_last(before)) + table.trivia.indent


def _last(container: Container) -> Container:
    """Returns where the last lines of a table stand: in itself, or in the last table within it."""
    item = container.body[-1][1] if container.body else None
    if isinstance(item, AoT) and item.body:
        return _last(item.body[-1].value)
    return _last(item.value) if isinstance(item, Table) else container


def _taken_end(container: Container) -> str:
    """Takes the comments after the last empty line out of a table; empty where there are none."""
    start = len(container.body)
    while start and isinstance(container.body[start - 1][1], Comment):
        start -= 1
    before = container.body[start - 1][1] if start else None
    if start == len(container.body) or not isinstance(before, Whitespace):
        return ""
    taken = "".join(item.as_string() for _, item in container.body[start:])
    del container.body[start:]
    return taken
