"""Alembic's way in: the migrations run on the connection, and in the transaction, of audits/store/database.py."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
