"""The rows. A change here needs a migration in migrations/versions; a test holds the two against each other."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class DatabaseClock(FunctionElement[float]):
    """Seconds since 1970 by the database's clock: workers on several machines must agree on when a lease ends."""

    type = sa.Double()
    inherit_cache = True


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseClock, "postgresql")
def _postgresql_clock(*_: object, **__: object) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


METADATA = sa.MetaData()
BATCHES = sa.Table(
    "batches",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("owner", sa.String, nullable=False, server_default=""),
    sa.Column("pack", sa.String, nullable=False, server_default=""),
    sa.Column("compared_at", sa.Double),  # its reports were held against each other; what that changes is audited again
    sa.Column("closed_at", sa.Double),  # everything is settled, the second time included
    sa.Index("batches_by_owner", "owner", "received_at"),
    sa.Index("batches_open", "closed_at"),
)
AUDITS = sa.Table(
    "audits",
    METADATA,
    sa.Column("key", sa.String(64), primary_key=True),  # of everything the answer depends on: one audit for it, ever
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("pack", sa.String, nullable=False),
    sa.Column("engine", sa.String, nullable=False),
    sa.Column("summary", sa.JSON(none_as_null=True)),
    sa.Column("outputs", sa.JSON, nullable=False),
    sa.Column("audited_at", sa.Double, nullable=False),
)
SUBMISSIONS = sa.Table(
    "submissions",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("replaces", sa.String(32), sa.ForeignKey("submissions.id")),
    sa.Column("owner", sa.String, nullable=False),  # the batch's, where turns are taken
    sa.Column("name", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("year", sa.Integer),
    sa.Column("pack", sa.String, nullable=False),
    sa.Column("previous_sha256", sa.String(64)),
    sa.Column("previous_name", sa.String),
    sa.Column("queue", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("token", sa.String(32)),
    sa.Column("lease_until", sa.Double),
    sa.Column("hints", sa.Integer, nullable=False),  # published since it was received
    sa.Column("hint_at", sa.Double),  # when the next one is due
    sa.Column("code", sa.String(40), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("audit_key", sa.String(64), sa.ForeignKey("audits.key")),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("settled_at", sa.Double),
    sa.UniqueConstraint("batch_id", "position", "version", name="submissions_place"),
    sa.Index("submissions_by_batch", "batch_id", "is_current", "state"),
    sa.Index("submissions_in_turn", "queue", "state", "owner", "attempt", "received_at", "position"),
    sa.Index("submissions_by_lease", "state", "lease_until"),
    sa.Index("submissions_by_hint", "state", "hint_at"),
    sa.Index("submissions_by_file", "sha256"),
    sa.Index("submissions_by_audit", "audit_key"),
)
TURNS = sa.Table(
    "turns",
    METADATA,
    sa.Column("queue", sa.String(10), primary_key=True),
    sa.Column("owner", sa.String, primary_key=True),
    sa.Column("served_at", sa.Double, nullable=False),
)
LEFT_OUT = sa.Table(
    "left_out",
    METADATA,
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("same_as", sa.String),  # of a duplicate; NULL: litter
)
