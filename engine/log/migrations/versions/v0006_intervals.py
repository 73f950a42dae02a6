"""Between which numbers of people the truth lies, and why a count is not to be relied on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the columns; of older samples nothing is known."""
    op.add_column("sample", sa.Column("low", sa.Float))
    op.add_column("sample", sa.Column("high", sa.Float))
    op.add_column("sample", sa.Column("doubt", sa.String(20)))
