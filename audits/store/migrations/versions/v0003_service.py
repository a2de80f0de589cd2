"""What lists show and search, decisions, rosters, people and their log of actions, schedules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from audits.store.migrations.filling import fill_in

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("batches", sa.Column("region", sa.String, nullable=False, server_default="/"))
    op.add_column("batches", sa.Column("figures", sa.JSON(none_as_null=True)))
    op.add_column("batches", sa.Column("waivers", sa.String(64)))
    op.add_column("batches", sa.Column("evidence", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("audits", sa.Column("match", sa.JSON(none_as_null=True)))
    for column in (
        sa.Column("publication", sa.JSON(none_as_null=True)),
        sa.Column(
            "region", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False, server_default="/"
        ),
        sa.Column("agency", sa.String),
        sa.Column("agency_code", sa.String),
        sa.Column("roster_id", sa.String(32)),
        sa.Column("report_year", sa.Integer),
        sa.Column("standing", sa.String(16), nullable=False, server_default=""),
        sa.Column("gravity", sa.Integer, nullable=False, server_default="0"),
        sa.Column("errors", sa.Integer, nullable=False, server_default="0"),
        sa.Column("warnings", sa.Integer, nullable=False, server_default="0"),
        sa.Column("notices", sa.Integer, nullable=False, server_default="0"),
        sa.Column("doubtful", sa.Integer, nullable=False, server_default="0"),
        sa.Column("undecided", sa.Integer, nullable=False, server_default="0"),
        sa.Column("open", sa.Integer, nullable=False, server_default="0"),
        sa.Column("match", sa.String(10), nullable=False, server_default=""),
        sa.Column("told", sa.JSON(none_as_null=True)),
        sa.Column("published", sa.String(10)),
        sa.Column(
            "search", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False, server_default=""
        ),
    ):
        op.add_column("submissions", column)
    op.create_index(
        "submissions_by_agency",
        "submissions",
        ["roster_id", "agency_code", "report_year", "is_current", "state", "received_at", "published", "region"],
    )
    op.create_index("submissions_by_name", "submissions", ["is_current", "search", "id", "region", "owner"])
    op.create_index("submissions_by_replaced", "submissions", ["replaces"])
    op.create_index(
        "submissions_counted",
        "submissions",
        [
            "is_current",
            "state",
            "standing",
            "report_year",
            "region",
            "owner",
            "undecided",
            "errors",
            "warnings",
            "notices",
            "doubtful",
            "open",
            "match",
        ],
    )
    op.create_index(
        "submissions_in_region",
        "submissions",
        [
            "is_current",
            "region",
            "gravity",
            "id",
            "owner",
            "report_year",
            "state",
            "standing",
            "errors",
            "warnings",
            "notices",
            "doubtful",
            "open",
            "match",
        ],
    )
    op.create_index("submissions_newest", "submissions", ["is_current", "received_at", "id"])
    op.create_index("submissions_unplaced", "submissions", ["match", "is_current"])
    op.create_index(
        "submissions_worst_first",
        "submissions",
        [
            "is_current",
            "gravity",
            "id",
            "region",
            "owner",
            "report_year",
            "state",
            "errors",
            "warnings",
            "notices",
            "doubtful",
            "open",
            "match",
        ],
    )
    op.create_table(
        "findings",
        sa.Column("audit_key", sa.String(64), sa.ForeignKey("audits.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("finding_id", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("is_doubtful", sa.Boolean, nullable=False),
    )
    op.create_index("findings_by_id", "findings", ["finding_id"])
    op.create_index("findings_by_rule", "findings", ["rule", "audit_key"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("finding_id", sa.String, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("expires", sa.String(10)),
        sa.Column("is_over", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("decided_at", sa.Double, nullable=False),
    )
    op.create_index("decisions_by_finding", "decisions", ["finding_id", "is_current"])
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("agency_region", sa.String, nullable=False),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("was_read", sa.Boolean, nullable=False),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("assigned_at", sa.Double, nullable=False),
    )
    op.create_index("assignments_by_file", "assignments", ["sha256", "is_current"])
    op.create_index("assignments_by_place", "assignments", ["batch_id", "position"])
    op.create_table(
        "rosters",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("account_id", sa.String(32), nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("imported_at", sa.Double, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("is_placed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "agencies",
        sa.Column("roster_id", sa.String(32), sa.ForeignKey("rosters.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("others", sa.JSON, nullable=False),
        sa.Column("level", sa.String(12)),
        sa.Column("kind", sa.String(16)),
        sa.Column("parent", sa.String),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("region", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("reports", sa.Boolean, nullable=False),
        sa.Column("deadline", sa.String(5)),
        sa.Column("in_force", sa.Boolean, nullable=False),
        sa.Column("search", sa.String, nullable=False),
    )
    op.create_index("agencies_by_region", "agencies", ["in_force", "region", "reports"])
    op.create_index("agencies_by_name", "agencies", ["name"])
    op.create_table(
        "removals",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("asked_at", sa.Double, nullable=False),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("regions", sa.JSON, nullable=False),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("password_at", sa.Double),
        sa.Column("old_passwords", sa.JSON, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("totp", sa.String),
        sa.Column("totp_next", sa.String),
        sa.Column("totp_step", sa.Integer),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Double),
        sa.Column("disabled_at", sa.Double),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double),
    )
    op.create_table(
        "sessions",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False, unique=True),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("browser", sa.String, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
    op.create_index("sessions_by_account", "sessions", ["account_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("secret", sa.String(64), nullable=False, unique=True),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("permissions", sa.JSON, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("revoked_at", sa.Double),
        sa.Column("used_at", sa.Double),
    )
    op.create_table(
        "links",
        sa.Column("secret", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE")),
        sa.Column("expires_at", sa.Double, nullable=False),
    )
    op.create_index("links_by_account", "links", ["account_id"])
    op.create_table(
        "taken",
        sa.Column("what", sa.String(16), primary_key=True),
        sa.Column("who", sa.String, primary_key=True),
        sa.Column("window", sa.Integer, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(32)),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("object", sa.String, nullable=False),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("result", sa.String(8), nullable=False),
        sa.Column("details", sa.String, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("entries_by_time", "entries", ["at"])
    op.create_index("entries_by_action", "entries", ["action", "number"])
    op.create_table(
        "chain_ends",
        sa.Column("which", sa.String(10), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("when", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("source", sa.JSON, nullable=False),
        sa.Column("pack", sa.String, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("missed", sa.String(10), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("starts_at", sa.Double, nullable=False),
        sa.Column("paused_at", sa.Double),
        sa.Column("deleted_at", sa.Double),
    )
    op.create_table(
        "runs",
        sa.Column("schedule_id", sa.String(32), sa.ForeignKey("schedules.id"), primary_key=True),
        sa.Column("slot", sa.Double, primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("token", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id")),
        sa.Column("digest", sa.JSON(none_as_null=True)),
        sa.Column("code", sa.String, nullable=False, server_default=""),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("not_before", sa.Double),
        sa.Column("started_at", sa.Double),
        sa.Column("ended_at", sa.Double),
    )
    op.create_index("runs_by_state", "runs", ["state", "lease_until"])
    op.create_table(
        "hosts",
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("next_at", sa.Double, nullable=False),
    )
    op.create_table(
        "swept",
        sa.Column("schedule_id", sa.String(32), sa.ForeignKey("schedules.id"), primary_key=True),
        sa.Column("address", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("agency", sa.String),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("seen", sa.JSON, nullable=False),
        sa.Column("submission_id", sa.String(32)),
        sa.Column("absent_until", sa.Double),
        sa.Column("first_seen_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
        sa.Column("gone_at", sa.Double),
        sa.Column("is_withdrawn", sa.Boolean, nullable=False),
    )
    fill_in(op.get_bind())
