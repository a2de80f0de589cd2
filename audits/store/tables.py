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
DATES = ("received_at", "published")
LISTED = ("errors", "warnings", "notices", "doubtful", "open", "match")
BATCHES = sa.Table(
    "batches",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("received_at", sa.Double, nullable=False),
    sa.Column("owner", sa.String, nullable=False, server_default=""),
    sa.Column("pack", sa.String, nullable=False, server_default=""),
    sa.Column("region", sa.String, nullable=False, server_default="/"),  # whose reports these are, see audits/regions.py
    sa.Column("compared_at", sa.Double),  # its reports were held against each other; what that changes is audited again
    sa.Column("closed_at", sa.Double),  # everything is settled, the second time included
    sa.Column("figures", sa.JSON(none_as_null=True)),  # of a closed one: what its reports add up to
    sa.Column("waivers", sa.String(64)),  # hash of the file of waivers that its reports are held against
    sa.Column("evidence", sa.Boolean, nullable=False, server_default=sa.false()),  # PDFs show the places in the original
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
    sa.Column("match", sa.JSON(none_as_null=True)),  # whose report it is by the roster
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
    sa.Column("publication", sa.JSON(none_as_null=True)),  # what a sweep saw of it where it is published
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
    # what lists show and search, written when it is settled; the region is the batch's until then. What is sorted or cut out
    # of an index by a range stands there in the order of its characters, whatever language the database speaks.
    sa.Column("region", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False, server_default="/"),
    sa.Column("agency", sa.String),
    sa.Column("agency_code", sa.String),  # by the roster
    sa.Column("roster_id", sa.String(32)),  # that roster
    sa.Column("report_year", sa.Integer),
    sa.Column("standing", sa.String(16), nullable=False, server_default=""),
    sa.Column("gravity", sa.Integer, nullable=False, server_default="0"),  # the greater the worse: lists begin with it
    sa.Column("errors", sa.Integer, nullable=False, server_default="0"),
    sa.Column("warnings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("notices", sa.Integer, nullable=False, server_default="0"),
    sa.Column("doubtful", sa.Integer, nullable=False, server_default="0"),
    sa.Column("undecided", sa.Integer, nullable=False, server_default="0"),
    sa.Column("open", sa.Integer, nullable=False, server_default="0"),  # findings that nobody has decided
    sa.Column("match", sa.String(10), nullable=False, server_default=""),  # what the roster knew of whose it is
    sa.Column("told", sa.JSON(none_as_null=True)),  # by what, and whose it may be, if the roster did not know
    sa.Column("published", sa.String(10)),  # YYYY-MM-DD, by the report itself
    # region, agency, other names, file and batch, folded
    sa.Column("search", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False, server_default=""),
    sa.UniqueConstraint("batch_id", "position", "version", name="submissions_place"),
    sa.Index("submissions_by_batch", "batch_id", "is_current", "state"),
    sa.Index("submissions_in_turn", "queue", "state", "owner", "attempt", "received_at", "position"),
    sa.Index("submissions_by_lease", "state", "lease_until"),
    sa.Index("submissions_by_hint", "state", "hint_at"),
    sa.Index("submissions_by_file", "sha256"),
    sa.Index("submissions_by_audit", "audit_key"),
    sa.Index("submissions_by_replaced", "replaces"),  # or deleting a row looks through all of them for one that points to it
    # each of these answers its kind of question alone, without the rows: a list of 140,000 reports is read through in 20 ms
    sa.Index("submissions_worst_first", "is_current", "gravity", "id", "region", "owner", "report_year", "state", *LISTED),
    sa.Index(
        "submissions_in_region", "is_current", "region", "gravity", "id", "owner", "report_year", "state", "standing", *LISTED
    ),
    sa.Index("submissions_counted", "is_current", "state", "standing", "report_year", "region", "owner", "undecided", *LISTED),
    sa.Index("submissions_by_name", "is_current", "search", "id", "region", "owner"),
    sa.Index("submissions_newest", "is_current", "received_at", "id"),
    sa.Index("submissions_by_agency", "roster_id", "agency_code", "report_year", "is_current", "state", *DATES, "region"),
    sa.Index("submissions_unplaced", "match", "is_current"),
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
FINDINGS = sa.Table(
    "findings",
    METADATA,
    sa.Column("audit_key", sa.String(64), sa.ForeignKey("audits.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # as in the report's PDF
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("severity", sa.String(8), nullable=False),
    sa.Column("is_doubtful", sa.Boolean, nullable=False),
    sa.Index("findings_by_id", "finding_id"),
    sa.Index("findings_by_rule", "rule", "audit_key"),
)
DECISIONS = sa.Table(
    "decisions",  # never changed but for is_current: what was decided before stays readable
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("finding_id", sa.String, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("region", sa.String, nullable=False),
    sa.Column("agency", sa.String, nullable=False),
    sa.Column("year", sa.Integer),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("decision", sa.String(10), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("message", sa.String(64), nullable=False),  # hash of what the finding said: it may say something else next time
    sa.Column("expires", sa.String(10)),  # of a waiver, YYYY-MM-DD
    sa.Column("is_over", sa.Boolean, nullable=False, server_default=sa.false()),  # it has expired, and reports were told
    sa.Column("submission_id", sa.String(32), nullable=False),  # where it was taken
    sa.Column("account_id", sa.String(32), nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("decided_at", sa.Double, nullable=False),
    sa.Index("decisions_by_finding", "finding_id", "is_current"),
)
ASSIGNMENTS = sa.Table(
    "assignments",  # of reports to agencies, by people; never changed but for is_current
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("is_current", sa.Boolean, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("code", sa.String, nullable=False),  # of the agency, with its name and region, as its roster had it
    sa.Column("agency", sa.String, nullable=False),
    sa.Column("agency_region", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False),  # of the batch where it was said
    sa.Column("sha256", sa.String(64), nullable=False),  # of the file of which it was said, "" if there was none
    sa.Column("name", sa.String, nullable=False),
    sa.Column("was_read", sa.Boolean, nullable=False),  # broken files may look alike: these are told by their names, too
    sa.Column("batch_id", sa.String(32), nullable=False),  # place and version of the report
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("submission_id", sa.String(32), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("account_id", sa.String(32), nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("assigned_at", sa.Double, nullable=False),
    sa.Index("assignments_by_file", "sha256", "is_current"),
    sa.Index("assignments_by_place", "batch_id", "position"),
)
ROSTERS = sa.Table(
    "rosters",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),  # of the table as it was imported
    sa.Column("region", sa.String, nullable=False),  # what it covers
    sa.Column("account_id", sa.String(32), nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("imported_at", sa.Double, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),  # the newest of its region
    sa.Column(
        "is_placed", sa.Boolean, nullable=False, server_default=sa.false()
    ),  # reports there were told that it came, or went
)
AGENCIES = sa.Table(
    "agencies",  # the lines of the current rosters
    METADATA,
    sa.Column("roster_id", sa.String(32), sa.ForeignKey("rosters.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("others", sa.JSON, nullable=False),
    sa.Column("level", sa.String(12)),
    sa.Column("kind", sa.String(16)),
    sa.Column("parent", sa.String),
    sa.Column("depth", sa.Integer, nullable=False),  # how many are above it
    sa.Column("region", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
    sa.Column("reports", sa.Boolean, nullable=False),  # whether a report is expected of it
    sa.Column("deadline", sa.String(5)),  # MM-DD of the year after the report's; NULL: no law names a day
    sa.Column("in_force", sa.Boolean, nullable=False),  # no roster of a smaller region speaks of the agency's region
    sa.Column("search", sa.String, nullable=False),
    sa.Index("agencies_by_region", "in_force", "region", "reports"),
    sa.Index("agencies_by_name", "name"),
)
REMOVALS = sa.Table(
    "removals",  # files that may have lost the last row that names them, until they are gone or named again
    METADATA,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("asked_at", sa.Double, nullable=False),
)
ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("regions", sa.JSON, nullable=False),  # paths, see audits/regions.py; none: sees nothing
    sa.Column("password", sa.String, nullable=False),  # argon2id; "" until it is set
    sa.Column("password_at", sa.Double),
    sa.Column("old_passwords", sa.JSON, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("totp", sa.String),  # secret of the second factor
    sa.Column("totp_next", sa.String),  # one that waits for its first code
    sa.Column("totp_step", sa.Integer),  # the last time step used: a code works once
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", sa.Double),
    sa.Column("disabled_at", sa.Double),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("seen_at", sa.Double),
)
SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("secret", sa.String(64), primary_key=True),  # its SHA-256
    sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("public_id", sa.String(32), nullable=False, unique=True),  # what administrators end it by
    sa.Column("address", sa.String, nullable=False),
    sa.Column("browser", sa.String, nullable=False),
    sa.Column("opened_at", sa.Double, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),
    sa.Index("sessions_by_account", "account_id"),
)
TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("secret", sa.String(64), nullable=False, unique=True),  # its SHA-256
    sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("permissions", sa.JSON, nullable=False),  # of those of its account
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("revoked_at", sa.Double),
    sa.Column("used_at", sa.Double),
)
LINKS = sa.Table(
    "links",  # that work once: gone when they are used
    METADATA,
    sa.Column("secret", sa.String(64), primary_key=True),  # its SHA-256
    sa.Column("purpose", sa.String(12), nullable=False),
    sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", ondelete="CASCADE")),  # NULL: nobody is there yet
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Index("links_by_account", "account_id"),
)
TAKEN = sa.Table(
    "taken",  # of limits, by an address or a user
    METADATA,
    sa.Column("what", sa.String(16), primary_key=True),
    sa.Column("who", sa.String, primary_key=True),
    sa.Column("window", sa.Integer, primary_key=True),  # minutes since 1970
    sa.Column("count", sa.Integer, nullable=False),
)
SETTINGS = sa.Table(
    "settings",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
ENTRIES = sa.Table(
    "entries",  # of the log of actions: only ever appended, each with the hash of the one before
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601 with offset
    sa.Column("account_id", sa.String(32)),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("object", sa.String, nullable=False),
    sa.Column("region", sa.String, nullable=False),
    sa.Column("result", sa.String(8), nullable=False),
    sa.Column("details", sa.String, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("entries_by_time", "at"),
    sa.Index("entries_by_action", "action", "number"),
)
CHAIN_ENDS = sa.Table(
    "chain_ends",  # of the log of actions: what is cut off at either end is missed
    METADATA,
    sa.Column("which", sa.String(10), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
SCHEDULES = sa.Table(
    "schedules",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("when", sa.String, nullable=False),  # cron, as the plain words were understood
    sa.Column("words", sa.String, nullable=False),  # as it was written
    sa.Column("source", sa.JSON, nullable=False),  # kind and where
    sa.Column("pack", sa.String, nullable=False),
    sa.Column("year", sa.Integer),
    sa.Column("region", sa.String, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("missed", sa.String(10), nullable=False),  # what to do about slots that nobody was there for
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("starts_at", sa.Double, nullable=False),  # no slot before it
    sa.Column("paused_at", sa.Double),
    sa.Column("deleted_at", sa.Double),
)
RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("schedule_id", sa.String(32), sa.ForeignKey("schedules.id"), primary_key=True),
    sa.Column("slot", sa.Double, primary_key=True),  # when it was due: two cannot run for the same moment
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("token", sa.String(32)),
    sa.Column("lease_until", sa.Double),
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id")),
    sa.Column("digest", sa.JSON(none_as_null=True)),
    sa.Column("code", sa.String, nullable=False, server_default=""),  # of the fault, "" for none
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("not_before", sa.Double),  # it failed, and is tried again no sooner
    sa.Column("started_at", sa.Double),
    sa.Column("ended_at", sa.Double),
    sa.Index("runs_by_state", "state", "lease_until"),
)
HOSTS = sa.Table(
    "hosts",  # whose turn it is to ask a site: all processes that look keep one pace
    METADATA,
    sa.Column("host", sa.String, primary_key=True),
    sa.Column("next_at", sa.Double, nullable=False),
)
SWEPT = sa.Table(
    "swept",  # what a schedule saw at an address, the last time
    METADATA,
    sa.Column("schedule_id", sa.String(32), sa.ForeignKey("schedules.id"), primary_key=True),
    sa.Column("address", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("agency", sa.String),  # as the list of addresses calls it
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("seen", sa.JSON, nullable=False),  # size, time, entity tag: what tells a change without reading
    sa.Column("submission_id", sa.String(32)),  # where it was last audited
    sa.Column("absent_until", sa.Double),  # somebody looked before it was there
    sa.Column("first_seen_at", sa.Double, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),
    sa.Column("gone_at", sa.Double),  # it was not there; said to be withdrawn if it is not there the next time either
    sa.Column("is_withdrawn", sa.Boolean, nullable=False),
)
