"""Which node of a fleet watches which cameras."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "lease",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("holder", sa.String(200)),
        sa.Column("until_s", sa.Double, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "node",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("seen_s", sa.Double, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
