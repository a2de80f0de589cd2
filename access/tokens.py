"""API tokens: what a program signs in with. Shown once, kept as a hash, for some of a person's permissions and for some days."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa

from access.actions import Action
from access.actor import Actor
from access.errors import TokenFault
from access.in_force import Settings
from access.log import Log
from access.passwords import DAY_SECONDS
from access.people import ACTING, new_secret, stored, with_token
from access.permissions import Permission
from access.plain import plain
from access.sessions import note_use
from audits.store.database import Database
from audits.store.tables import ACCOUNTS, TOKENS

PREFIX = "hecha_"  # scanners of code and logs know one when they see it
USED_SECONDS = 60.0
MOST_TITLE = 60
MOST_TOKENS = 20  # of one person, that work
NEVER = frozenset((Permission.ACCOUNT_SELF,))  # a program gives itself no password and no further token
_T = TOKENS.c


@dataclass(frozen=True, slots=True)
class Token:
    """Times are seconds since 1970; revoked_at and used_at None for not yet."""

    id: str
    account_id: str
    login: str
    title: str
    permissions: tuple[Permission, ...]
    created_at: float
    expires_at: float
    revoked_at: float | None
    used_at: float | None


class Tokens:
    def __init__(self, transactions: Database, settings: Settings, log: Log, clock: Callable[[], float]) -> None:
        self._transactions = transactions
        self._settings = settings
        self._log = log
        self._clock = clock

    def actor(self, secret: str, address: str = "") -> Actor | None:
        """Whom the token acts for. None if there is none of it, or no longer."""
        now = self._clock()
        with self._transactions.read() as db:
            row = db.execute(BY_SECRET, {"of_secret": stored(secret)}).one_or_none()
        if row is None or row.disabled_at is not None or row.revoked_at is not None or row.expires_at <= now:
            return None
        if row.used_at is None or now - row.used_at >= USED_SECONDS:
            note_use(self._transactions, TOKENS.update().where(_T.id == row.id).values(used_at=now))
        return with_token(row, row.permissions, row.id, self._settings, address)

    def create(self, actor: Actor, title: str, permissions: Collection[Permission | str], days: int) -> tuple[Token, str]:
        """The token and its secret, which is told here and never again. Raises TokenFault, Forbidden."""
        title = plain(title)
        with self._log.recorded(actor, Action.TOKEN_CREATE, title) as entry, self._transactions.write() as db:
            actor.require(Permission.ACCOUNT_SELF)
            if not actor.account_id:
                raise TokenFault("令牌属于账号；请登录后在网页上创建，或用 hecha user tokens 指定账号")
            now = self._clock()
            asked = self._asked(actor, permissions)
            self._refuse(db, actor, title, days, now)
            secret = PREFIX + new_secret()
            token = Token(uuid4().hex, actor.account_id, actor.login, title, asked, now, now + days * DAY_SECONDS, None, None)
            db.execute(
                TOKENS.insert().values(
                    id=token.id,
                    secret=stored(secret),
                    account_id=token.account_id,
                    title=token.title,
                    permissions=list(asked),
                    created_at=now,
                    expires_at=token.expires_at,
                )
            )
            entry.details |= {"id": token.id, "permissions": asked, "days": days}
        return token, secret

    def _asked(self, actor: Actor, permissions: Collection[Permission | str]) -> tuple[Permission, ...]:
        found = sorted({Permission(name) for name in permissions if name in list(Permission)})
        if not found or len(found) != len(set(permissions)):
            raise TokenFault(f"令牌的权限不对；可用 {'、'.join(sorted(actor.permissions - NEVER))}")
        if not set(found) <= actor.permissions - NEVER:
            raise TokenFault("令牌不能有账号本身没有的权限，也不能管理账号自己的口令和令牌")
        return tuple(found)

    def _refuse(self, db: sa.Connection, actor: Actor, title: str, days: int, now: float) -> None:
        if not 1 <= len(title) <= MOST_TITLE:
            raise TokenFault(f"请给令牌起一个名称（不超过 {MOST_TITLE} 字），说明谁用它做什么")
        most = self._settings.number("token_days")
        if not 1 <= days <= most:
            raise TokenFault(f"令牌有效期为 1 至 {most} 天")
        working = sa.and_(_T.account_id == actor.account_id, _T.revoked_at.is_(None), _T.expires_at > now)
        if (db.scalar(sa.select(sa.func.count()).where(working)) or 0) >= MOST_TOKENS:
            raise TokenFault(f"一个账号最多 {MOST_TOKENS} 个有效令牌；请先吊销不用的")

    def of(self, account_id: str | None = None) -> tuple[Token, ...]:
        """All, or one person's, the newest first, with those that work no more."""
        query = sa.select(TOKENS, ACCOUNTS.c.login).join_from(TOKENS, ACCOUNTS).order_by(_T.created_at.desc(), _T.id)
        if account_id is not None:
            query = query.where(_T.account_id == account_id)
        with self._transactions.read() as db:
            return tuple(
                Token(
                    id=row.id,
                    account_id=row.account_id,
                    login=row.login,
                    title=row.title,
                    permissions=tuple(Permission(name) for name in row.permissions if name in list(Permission)),
                    created_at=row.created_at,
                    expires_at=row.expires_at,
                    revoked_at=row.revoked_at,
                    used_at=row.used_at,
                )
                for row in db.execute(query)
            )

    def revoke(self, actor: Actor, token_id: str) -> None:
        """One's own, or with the permission anybody's. Raises Forbidden, TokenFault if there is none. Safe to repeat."""
        token_id = plain(token_id)
        with self._log.recorded(actor, Action.TOKEN_REVOKE, token_id) as entry, self._transactions.write() as db:
            row = db.execute(sa.select(_T.account_id, _T.title).where(_T.id == token_id)).one_or_none()
            is_own = row is not None and row.account_id == actor.account_id
            actor.require(Permission.ACCOUNT_SELF if is_own else Permission.SESSION_END)
            if row is None:
                raise TokenFault("没有这个令牌")
            entry.details |= {"title": row.title, "account": row.account_id}
            db.execute(TOKENS.update().where(_T.id == token_id, _T.revoked_at.is_(None)).values(revoked_at=self._clock()))


def revoke_all(db: sa.Connection, account_id: str, now: float) -> int:
    """Revoke a person's tokens, in the caller's transaction; returns how many worked."""
    working = sa.and_(_T.account_id == account_id, _T.revoked_at.is_(None))
    return db.execute(TOKENS.update().where(working).values(revoked_at=now)).rowcount


BY_SECRET = (
    sa.select(_T.id, _T.account_id, _T.permissions, _T.expires_at, _T.revoked_at, _T.used_at, *ACTING)
    .join_from(TOKENS, ACCOUNTS)
    .where(_T.secret == sa.bindparam("of_secret"))
)
