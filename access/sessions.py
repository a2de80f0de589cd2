"""Sessions: who is signed in at which browser. The browser has the secret, the database its hash; ending one is removing the row."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from access.actions import Action
from access.actor import Actor
from access.errors import AccountFault
from access.in_force import Settings
from access.log import Log
from access.people import ACTING, in_session, new_secret, stored
from access.permissions import Permission
from access.plain import plain
from audits.errors import StoreError
from audits.store.database import Database
from audits.store.tables import ACCOUNTS, SESSIONS

log = logging.getLogger(__name__)

SEEN_SECONDS = 60.0  # how exactly it is written down when a session was last used: not every page is a write
MOST_BROWSER = 200  # characters of what a browser says of itself
_S = SESSIONS.c


@dataclass(frozen=True, slots=True)
class Session:
    """public_id tells it apart and lets it be ended; it opens nothing. Times are seconds since 1970."""

    public_id: str
    account_id: str
    login: str
    name: str
    address: str
    browser: str
    opened_at: float
    seen_at: float


class Sessions:
    def __init__(self, transactions: Database, settings: Settings, log: Log, clock: Callable[[], float]) -> None:
        self._transactions = transactions
        self._settings = settings
        self._log = log
        self._clock = clock

    def open(self, db: sa.Connection, account_id: str, address: str, browser: str) -> tuple[str, str]:
        """A new session, in the caller's transaction, which has made sure of the person. Returns its secret and public id."""
        now = self._clock()
        secret, public_id = new_secret(), uuid4().hex
        db.execute(SESSIONS.delete().where(sa.not_(self._alive(now))))
        row = {"secret": stored(secret), "account_id": account_id, "public_id": public_id, "address": plain(address)}
        row |= {"browser": plain(browser)[:MOST_BROWSER]}
        db.execute(SESSIONS.insert().values(**row, opened_at=now, seen_at=now))
        return secret, public_id

    def actor(self, secret: str, address: str = "") -> Actor | None:
        """Who is signed in with that secret, as he is now. None: nobody, or no longer."""
        now = self._clock()
        with self._transactions.read() as db:
            row = db.execute(BY_SECRET, {"of_secret": stored(secret)}).one_or_none()
        if row is None or row.disabled_at is not None or self._has_ended(row, now):
            return None
        if now - row.seen_at >= SEEN_SECONDS:
            note_use(self._transactions, SESSIONS.update().where(_S.public_id == row.public_id).values(seen_at=now))
        return in_session(row, self._settings, address or row.address, now)

    def end(self, secret: str, actor: Actor | None = None) -> None:
        """Sign out. Nothing happens if it has ended already."""
        with self._transactions.together(), self._transactions.write() as db:
            gone = db.execute(SESSIONS.delete().where(_S.secret == stored(secret)).returning(_S.public_id)).one_or_none()
            if gone is not None and actor is not None:
                self._log.append(actor, Action.SESSION_CLOSE, actor.login)

    def of(self, account_id: str | None = None) -> tuple[Session, ...]:
        """Those that are open, all or one person's, the last used first."""
        query = sa.select(SESSIONS, ACCOUNTS.c.login, ACCOUNTS.c.name).join_from(SESSIONS, ACCOUNTS)
        query = query.where(self._alive(self._clock())).order_by(_S.seen_at.desc())
        if account_id is not None:
            query = query.where(_S.account_id == account_id)
        with self._transactions.read() as db:
            return tuple(
                Session(
                    row.public_id, row.account_id, row.login, row.name, row.address, row.browser, row.opened_at, row.seen_at
                )
                for row in db.execute(query)
            )

    def end_by(self, actor: Actor, public_id: str) -> None:
        """End a session: one's own, or with the permission anybody's. Raises Forbidden, AccountFault if there is none."""
        public_id = plain(public_id)
        with self._log.recorded(actor, Action.SESSION_END, public_id) as entry, self._transactions.write() as db:
            query = sa.select(_S.account_id, ACCOUNTS.c.login).join_from(SESSIONS, ACCOUNTS).where(_S.public_id == public_id)
            row = db.execute(query).one_or_none()
            is_own = row is not None and row.account_id == actor.account_id
            actor.require(Permission.ACCOUNT_SELF if is_own else Permission.SESSION_END)
            if row is None:
                raise AccountFault("没有这个会话，可能已经结束")
            entry.object = row.login
            db.execute(SESSIONS.delete().where(_S.public_id == public_id))

    def csrf(self, secret: str) -> str:
        """What forms of this session carry, so that no other site can send them."""
        return hmac.new(secret.encode("utf-8", "surrogatepass"), b"hecha csrf", hashlib.sha256).hexdigest()

    def csrf_holds(self, secret: str, given: str) -> bool:
        return hmac.compare_digest(self.csrf(secret).encode(), given.encode("utf-8", "surrogatepass"))

    def _has_ended(self, row: sa.Row[Any], now: float) -> bool:
        idle, most = self._bounds()
        return bool(now - row.seen_at > idle or now - row.opened_at > most)

    def _alive(self, now: float) -> sa.ColumnElement[bool]:
        idle, most = self._bounds()
        return sa.and_(_S.seen_at >= now - idle, _S.opened_at >= now - most)

    def _bounds(self) -> tuple[float, float]:
        """Seconds."""
        return self._settings.number("session_idle_minutes") * 60.0, self._settings.number("session_hours") * 3600.0


def note_use(transactions: Database, update: sa.Update) -> None:
    """Write down that something is used. If nothing can be written (a full disk), reading goes on all the same."""
    try:
        with transactions.write() as db:
            db.execute(update)
    except StoreError as exc:
        log.warning("use of a session or token not written down: %s", exc)


def end_all(db: sa.Connection, account_id: str, except_for: str = "") -> int:
    """End a person's sessions but the one of that public id, in the caller's transaction; returns how many."""
    return db.execute(SESSIONS.delete().where(_S.account_id == account_id, _S.public_id != except_for)).rowcount


BY_SECRET = (
    sa.select(_S.account_id, _S.public_id, _S.address, _S.opened_at, _S.seen_at, *ACTING)
    .join_from(SESSIONS, ACCOUNTS)
    .where(_S.secret == sa.bindparam("of_secret"))
)
