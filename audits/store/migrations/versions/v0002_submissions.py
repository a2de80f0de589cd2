"""Jobs become submissions: owners and their turns, hints, versions, last year's report; one audit for the same question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for column in ("owner", "pack"):
        op.add_column("batches", sa.Column(column, sa.String, nullable=False, server_default=""))
    for column in ("compared_at", "closed_at"):
        op.add_column("batches", sa.Column(column, sa.Double))
    op.create_index("batches_by_owner", "batches", ["owner", "received_at"])
    op.create_index("batches_open", "batches", ["closed_at"])
    op.create_table(
        "audits",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pack", sa.String, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True)),
        sa.Column("outputs", sa.JSON, nullable=False),
        sa.Column("audited_at", sa.Double, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("replaces", sa.String(32), sa.ForeignKey("submissions.id")),
        sa.Column("owner", sa.String, nullable=False),
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
        sa.Column("hints", sa.Integer, nullable=False),
        sa.Column("hint_at", sa.Double),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("audit_key", sa.String(64), sa.ForeignKey("audits.key")),
        sa.Column("received_at", sa.Double, nullable=False),
        sa.Column("settled_at", sa.Double),
        sa.UniqueConstraint("batch_id", "position", "version", name="submissions_place"),
    )
    for name, columns in {
        "submissions_by_batch": ["batch_id", "is_current", "state"],
        "submissions_in_turn": ["queue", "state", "owner", "attempt", "received_at", "position"],
        "submissions_by_lease": ["state", "lease_until"],
        "submissions_by_hint": ["state", "hint_at"],
        "submissions_by_file": ["sha256"],
        "submissions_by_audit": ["audit_key"],
    }.items():
        op.create_index(name, "submissions", columns)
    op.create_table(
        "turns",
        sa.Column("queue", sa.String(10), primary_key=True),
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("served_at", sa.Double, nullable=False),
    )
    op.execute(RESULTS_TO_AUDITS)
    op.execute(JOBS_TO_SUBMISSIONS)
    op.execute("insert into turns (queue, owner, served_at) values ('audit', '', 0), ('ocr', '', 0)")
    op.drop_table("results")
    op.drop_table("jobs")


# a job's id as key: it names the audit as well as any, and no new question will ever have that name
RESULTS_TO_AUDITS = """
insert into audits (key, sha256, pack, engine, summary, outputs, audited_at)
select jobs.id, results.sha256, results.pack, results.engine, results.summary, results.outputs, jobs.settled_at
from results join jobs on jobs.id = results.job_id where jobs.state = 'audited'
"""
# whoever was at work when the program was stopped to be upgraded is gone: its job waits again, and its hint is due
JOBS_TO_SUBMISSIONS = """
insert into submissions (
    id, batch_id, position, version, is_current, replaces, owner, name, sha256, year, pack, previous_sha256, previous_name, queue,
    state, attempt, token, lease_until, hints, hint_at, code, reason, audit_key, received_at, settled_at)
select jobs.id, jobs.batch_id, jobs.position, 1, true, null, '', jobs.name, jobs.sha256, jobs.year, '', null, null, 'audit',
    case when jobs.state = 'auditing' then 'received' else jobs.state end, jobs.attempt, null, null, 0,
    case when jobs.state in ('received', 'auditing') then 0 end, jobs.code, jobs.reason,
    case when jobs.state = 'audited' then jobs.id end, batches.received_at, jobs.settled_at
from jobs join batches on batches.id = jobs.batch_id
"""
