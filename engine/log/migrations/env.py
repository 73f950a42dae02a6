"""Runs migrations on the connection that the engine hands over; there is no other way to run them."""

from alembic import context

from engine.log.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
