"""The first store: jobs and their results. Creates what is missing, for it was first made without Alembic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = sa.MetaData()
sa.Table(
    "batches",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
)
sa.Table(
    "jobs",
    TABLES,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("year", sa.Integer),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("token", sa.String(32)),
    sa.Column("lease_until", sa.Double),
    sa.Column("code", sa.String(40), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("settled_at", sa.Double),
    sa.UniqueConstraint("batch_id", "position"),
    sa.Index("jobs_by_batch_and_state", "batch_id", "state"),
)
sa.Table(
    "results",
    TABLES,
    sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("pack", sa.String, nullable=False),
    sa.Column("engine", sa.String, nullable=False),
    sa.Column("summary", sa.JSON(none_as_null=True)),
    sa.Column("outputs", sa.JSON, nullable=False),
)
sa.Table(
    "left_out",
    TABLES,
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("same_as", sa.String),
)


def upgrade() -> None:
    TABLES.create_all(op.get_bind())
