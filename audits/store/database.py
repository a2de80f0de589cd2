"""One database behind one address: SQLite or PostgreSQL, brought up to date when it is opened.

Nothing above this file knows which of the two it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import sqlalchemy as sa

from audits.errors import StoreError

log = logging.getLogger(__name__)
R = TypeVar("R")

REVISIONS = (
    "0001",
    "0002",
    "0003",
)  # of migrations/versions, in order; told here so that opening needs no Alembic when all is well
BUSY_SECONDS = 30  # to wait for another's transaction, or for an answer of the server
UPGRADE_LOCK = 0x48656368  # of PostgreSQL's advisory locks: one process upgrades, the others wait


class _Joint:
    """A transaction that several writers share; ``db`` is None before the first of them."""

    def __init__(self) -> None:
        self.db: sa.Connection | None = None
        self.ends = ExitStack()
        self.afterwards: list[Callable[[], object]] = []


class Database:
    """Transactions on one database. Open one per process: connections do not survive a fork."""

    def __init__(self, url: str, revision: str = REVISIONS[-1]) -> None:
        """Raises StoreError if it cannot be used. Creates and upgrades tables; opening twice, at once, is safe.

        revision  the one to bring an older database up to; only who puts back an old backup wants another than the last.
        """
        self._joint: ContextVar[_Joint | None] = ContextVar("joint", default=None)
        try:
            self.url = sa.make_url(url)
        except sa.exc.ArgumentError as exc:
            raise StoreError("数据库地址不对；应为 postgresql://用户:密码@主机/库名，不设则用数据文件夹里的 SQLite") from exc
        if self.url.get_backend_name() == "sqlite":
            self._engine = sa.create_engine(self.url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        elif self.url.get_backend_name() == "postgresql":
            self.url = self.url.set(drivername="postgresql+pg8000")
            arguments = {"timeout": BUSY_SECONDS, "application_name": "hecha"}
            self._engine = sa.create_engine(self.url, connect_args=arguments, pool_pre_ping=True, hide_parameters=True)
            # it logs a traceback for every connection that a restarted server had closed; what matters is raised
            logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
        else:
            raise StoreError(f"{self.shown}：只支持 SQLite 和 PostgreSQL")
        self._upgrade(revision)

    @property
    def shown(self) -> str:
        """The address without its password."""
        if self.url.get_backend_name() == "sqlite":
            return self.url.database or "sqlite"
        return self.url.set(drivername="postgresql").render_as_string(hide_password=True)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of things. Raises StoreError."""
        joint = self._joint.get()
        if joint is not None and joint.db is not None:
            yield joint.db  # what has been written together is seen there alone
            return
        with self._transaction(writes=False) as db:
            yield db

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A transaction all of whose statements see the state of one moment, however long it takes. Raises StoreError."""
        level = {} if self.url.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with self._told(), self._engine.connect().execution_options(**level) as db, db.begin():
            yield db

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that is recorded whole or not at all. Raises StoreError."""
        joint = self._joint.get()
        if joint is None:
            with self._transaction(writes=True) as db:
                yield db
            return
        if joint.db is None:
            joint.db = joint.ends.enter_context(self._transaction(writes=True))
        with self._told(), joint.db.begin_nested():
            yield joint.db

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is written inside, by whomever, is recorded whole or not at all. Raises StoreError.

        The transaction begins at the first write, so that others need not wait for what is done before; a writer that fails
        and is caught inside leaves nothing of its own. One inside another is part of it.
        """
        if self._joint.get() is not None:
            yield
            return
        joint = _Joint()
        token = self._joint.set(joint)
        try:
            with joint.ends:
                yield
        finally:
            self._joint.reset(token)
        for act in joint.afterwards:
            try:
                act()
            except Exception:  # what was written together is recorded, and the others are still to be done
                log.exception("not done after its transaction")

    def afterwards(self, act: Callable[[], R]) -> R | None:
        """Do what cannot be undone: at once, or, inside of ``together``, when all of that is recorded; then None comes back.

        If it is not recorded, this is not done either. It must be something that is taken up later if a crash comes between.
        """
        joint = self._joint.get()
        if joint is None:
            return act()
        joint.afterwards.append(act)
        return None

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sa.Connection]:
        with self._told(), self._engine.connect().execution_options(hecha_writes=writes) as db, db.begin():
            yield db

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A fault of the database is said as one of ours."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as exc:
            fault = getattr(exc, "orig", None) or exc
            raise StoreError(f"{self.shown}：数据库出错（{fault}）；请检查磁盘空间、权限和数据库是否在运行，然后重试") from exc

    def _upgrade(self, revision: str) -> None:
        if self._revision() == revision:
            return
        with self.write() as db:
            if db.dialect.name == "postgresql":
                db.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            found = _revision(db)
            if found not in (None, *REVISIONS):
                raise StoreError(f"{self.shown}：数据库是更新版本的核查建立的（{found}）；请先升级程序")
            if found != revision:
                _run_migrations(db, revision)
                log.info("database upgraded from %s to %s", found or "nothing", revision)

    def _revision(self) -> str | None:
        with self.read() as db:
            return _revision(db)


def _revision(db: sa.Connection) -> str | None:
    """None before the first migration, whatever tables there are."""
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    found = db.scalar(sa.text("select version_num from alembic_version"))
    return None if found is None else str(found)


def _run_migrations(db: sa.Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "audits.store:migrations")
    config.attributes["connection"] = db
    command.upgrade(config, revision)


def _prepare_sqlite(connection: Any, _: object) -> None:
    """WAL lets readers read while one writes; FULL: what we said is stored survives a power cut."""
    connection.isolation_level = None  # transactions begin where we say, not where the driver thinks
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(db: sa.Connection) -> None:
    """Whoever is going to write waits for its turn at the start: one who has read cannot be let in later."""
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("hecha_writes") else "BEGIN")
