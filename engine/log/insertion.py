"""Insertions that say what happens to a row that is there: SQLite and PostgreSQL each have one of their own."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insertion(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Returns an insertion into a table of that database."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # which is there already where it is spoken

    return postgresql.insert(table)
