"""Which version's tables a log has, and which this version wants; Alembic is loaded only where they differ.

It takes as long to load as all else of the log together, and most logs are of this version.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = re.compile(r"v(\d{4})_\w+\.py")


def newest_revision() -> str:
    """Returns the revision of this version's tables."""
    found = (_VERSION.fullmatch(path.name) for path in (MIGRATIONS / "versions").iterdir())
    return max(match[1] for match in found if match)


def is_current(connection: Connection) -> bool:
    """Whether a log's tables are those of this version."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    known = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    return known == [newest_revision()]
