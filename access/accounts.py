"""Accounts as administrators and their owners handle them: created, granted, locked, reset, their passwords and second factors.

No account has a password that somebody else knows: whoever is new, or has forgotten his, gets a link that works once.
The system administrator creates accounts, the security administrator says what they may do, and neither does the other's part;
nobody does it to himself. How people come in is entrance.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from access import links, passwords, second_factor
from access.actions import Action
from access.actor import Actor
from access.errors import AccountFault, WrongCredentials
from access.in_force import Settings
from access.limits import Limits
from access.links import Purpose
from access.log import Draft, Log
from access.people import Account, account_of, permissions_of
from access.permissions import ADMINISTRATORS, Permission, Role, roles
from access.plain import plain
from access.second_factor import SecondFactor
from access.sessions import end_all
from access.tokens import revoke_all
from audits.regions import parts_of, path_of, shown
from audits.store.database import Database
from audits.store.tables import ACCOUNTS

LOGIN = re.compile(r"\w[\w.@-]{1,63}")
MOST_NAME = 60
MOST_REGIONS = 100
HOUR_SECONDS = 3600.0
_A = ACCOUNTS.c


class Accounts:
    def __init__(
        self, transactions: Database, settings: Settings, log: Log, limits: Limits, clock: Callable[[], float]
    ) -> None:
        self._transactions = transactions
        self._settings = settings
        self._log = log
        self._limits = limits
        self._clock = clock

    # who there is

    def all(self, text: str = "") -> tuple[Account, ...]:
        """By login; only those whose login or name has the text."""
        query = sa.select(ACCOUNTS).order_by(_A.login)
        if text:
            query = query.where(
                sa.or_(_A.login.contains(folded(text), autoescape=True), _A.name.contains(plain(text), autoescape=True))
            )
        now = self._clock()
        with self._transactions.read() as db:
            return tuple(account_of(row, now) for row in db.execute(query))

    def get(self, account_id: str) -> Account:
        """Raises AccountFault if there is none."""
        with self._transactions.read() as db:
            return account_of(_row(db, account_id), self._clock())

    def by_login(self, login: str) -> Account:
        """Raises AccountFault if there is none."""
        with self._transactions.read() as db:
            row = db.execute(sa.select(ACCOUNTS).where(_A.login == folded(login))).one_or_none()
        if row is None:
            raise AccountFault(f"没有账号 {login}")
        return account_of(row, self._clock())

    def permissions_of(self, account: Account) -> frozenset[Permission]:
        """What the account may do now, if nothing has to be seen to first."""
        return permissions_of(account.role or "", self._settings)

    # the system administrator's part

    def create(self, actor: Actor, login: str, name: str) -> tuple[Account, str]:
        """An account without role, regions and password, and the secret of the link by which its owner gives himself one."""
        with self._log.recorded(actor, Action.ACCOUNT_CREATE, login) as entry, self._transactions.write() as db:
            actor.require(Permission.ACCOUNT_CREATE)
            account_id = insert(db, login, name, None, (), self._clock())
            entry.details |= {"id": account_id, "name": name}
            return account_of(_row(db, account_id), self._clock()), self.invite(db, account_id)

    def rename(self, actor: Actor, account_id: str, name: str) -> None:
        """Change the name that others see."""
        with self._changed(actor, Action.ACCOUNT_RENAME, Permission.ACCOUNT_CREATE, account_id) as (db, row, entry):
            entry.details |= {"before": row.name, "after": named(name)}
            _update(db, account_id, name=named(name))

    def disable(self, actor: Actor, account_id: str) -> None:
        """End everything that is open under the account, and let it in no more."""
        with self._changed_of_another(actor, Action.ACCOUNT_DISABLE, Permission.ACCOUNT_CREATE, account_id) as (db, row, entry):
            _update(db, account_id, disabled_at=row.disabled_at or self._clock())
            entry.details["sessions"] = end_all(db, account_id)
            self._refuse_to_lose_an_administrator(db, row)

    def enable(self, actor: Actor, account_id: str) -> None:
        """Let a disabled account in again."""
        with self._changed_of_another(actor, Action.ACCOUNT_ENABLE, Permission.ACCOUNT_CREATE, account_id) as (db, _, __):
            _update(db, account_id, disabled_at=None)

    # the security administrator's part

    def grant(self, actor: Actor, account_id: str, role: Role | None, regions: Sequence[str]) -> None:
        """Say what the person may do, and in which regions (paths); both hold from his next request on.

        Sessions end if the role is another one.
        """
        with self._changed_of_another(actor, Action.ACCOUNT_GRANT, Permission.ACCOUNT_GRANT, account_id) as (db, row, entry):
            regions = self._granted_regions(role, regions)
            before = {"role": row.role, "regions": row.regions}
            entry.details |= {"before": before, "after": {"role": role or "", "regions": regions}}
            _update(db, account_id, role=role or "", regions=list(regions))
            if (role or "") != row.role:
                end_all(db, account_id)
                self._refuse_to_lose_an_administrator(db, row)

    def unlock(self, actor: Actor, account_id: str) -> None:
        """End the locking after failed sign-ins."""
        with self._changed_of_another(actor, Action.ACCOUNT_UNLOCK, Permission.ACCOUNT_GRANT, account_id) as (db, _, __):
            _update(db, account_id, failures=0, locked_until=None)

    def reset(self, actor: Actor, account_id: str) -> str:
        """Take away password, second factor, sessions and tokens; returns the secret of a link for a new password."""
        with self._changed_of_another(actor, Action.ACCOUNT_RESET, Permission.ACCOUNT_GRANT, account_id) as (db, row, entry):
            old = [row.password, *row.old_passwords] if row.password else row.old_passwords
            _update(db, account_id, password="", old_passwords=old, totp=None, totp_next=None, failures=0, locked_until=None)
            entry.details |= {"sessions": end_all(db, account_id), "tokens": revoke_all(db, account_id, self._clock())}
            return self.invite(db, account_id)

    def reset_second_factor(self, actor: Actor, account_id: str) -> None:
        """For a lost phone: he sets up another one when he signs in."""
        action = Action.SECOND_FACTOR_REMOVE
        with self._changed_of_another(actor, action, Permission.ACCOUNT_GRANT, account_id) as (db, _, entry):
            _update(db, account_id, totp=None, totp_next=None, totp_step=None)
            entry.details["sessions"] = end_all(db, account_id)

    # everybody's own

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Ends the person's other sessions. Raises WrongCredentials for the old one, PasswordRefused, TooMany."""
        self._prove(actor, Action.PASSWORD_CHANGE, old)
        with self._changed(actor, Action.PASSWORD_CHANGE, Permission.ACCOUNT_SELF, actor.account_id) as (db, row, entry):
            self.set_password(db, row, new)
            entry.details["sessions"] = end_all(db, actor.account_id, except_for=actor.session_id)

    def new_second_factor(self, actor: Actor, password: str = "") -> SecondFactor:
        """One that counts as soon as ``confirm_second_factor`` has seen a code of it; the one before does until then.

        Who has one already gives his password, too: it would be replaced, by whoever found the session open. Raises
        WrongCredentials, TooMany.
        """
        actor.require(Permission.ACCOUNT_SELF)
        with self._transactions.read() as db:
            has_one = _row(db, actor.account_id).totp is not None
        if has_one:
            self._prove(actor, Action.SECOND_FACTOR_SET, password)
        secret = second_factor.new_secret()
        with self._transactions.write() as db:
            _update(db, actor.account_id, totp_next=secret)
        return second_factor.offered(secret, actor.login)

    def pending_second_factor(self, actor: Actor) -> SecondFactor | None:
        """The one that waits for its first code, to be shown again after a wrong one."""
        actor.require(Permission.ACCOUNT_SELF)
        with self._transactions.read() as db:
            secret = _row(db, actor.account_id).totp_next
        return None if secret is None else second_factor.offered(secret, actor.login)

    def confirm_second_factor(self, actor: Actor, code: str) -> None:
        """Raises WrongCredentials, TooMany; AccountFault if none waits for it."""
        self._limits.take("password", actor.account_id)
        with self._changed(actor, Action.SECOND_FACTOR_SET, Permission.ACCOUNT_SELF, actor.account_id) as (db, row, entry):
            if row.totp_next is None:
                raise AccountFault("没有待启用的动态口令；请重新开始设置")
            step = second_factor.step_of(row.totp_next, code, self._clock(), None)
            if step is None:
                raise WrongCredentials("动态口令不对；请核对手机时间，输入最新的六位数")
            _update(db, actor.account_id, totp=row.totp_next, totp_next=None, totp_step=step)
            entry.details["sessions"] = end_all(db, actor.account_id, except_for=actor.session_id)

    def remove_second_factor(self, actor: Actor, password: str) -> None:
        """Raises WrongCredentials, TooMany. Where the setting asks for one, the next page does so too."""
        self._prove(actor, Action.SECOND_FACTOR_REMOVE, password)
        with self._changed(actor, Action.SECOND_FACTOR_REMOVE, Permission.ACCOUNT_SELF, actor.account_id) as (db, _, __):
            _update(db, actor.account_id, totp=None, totp_next=None, totp_step=None)

    # what entrance.py needs, too; in the caller's transaction

    def invite(self, db: sa.Connection, account_id: str) -> str:
        """The secret of a link by which its owner sets the account's password."""
        hours = self._settings.number("link_hours")
        return links.make(db, Purpose.PASSWORD, account_id, self._clock() + hours * HOUR_SECONDS)

    def set_password(self, db: sa.Connection, row: sa.Row[Any], new: str) -> None:
        """Raises PasswordRefused."""
        now = self._clock()
        policy = passwords.policy(self._settings)
        old = [row.password, *row.old_passwords] if row.password else list(row.old_passwords)
        own = [row.login, row.name, *(part for region in row.regions for part in parts_of(region))]
        passwords.accept(new, policy, [*own, *self._settings.text("own_words").split()], old)
        kept = old[: max(0, policy.history - 1)]
        values = {"password": passwords.hashed(new), "password_at": now, "old_passwords": kept, "must_change": False}
        _update(db, row.id, **values, failures=0, locked_until=None)
        for purpose in (Purpose.PASSWORD, Purpose.CODE):  # who has shown the old one and not yet his code begins anew
            links.remove(db, purpose, row.id)

    def _prove(self, actor: Actor, action: Action, password: str) -> None:
        """That whoever sits there is the person, not somebody who found the session open."""
        actor.require(Permission.ACCOUNT_SELF)
        self._limits.take("password", actor.account_id)
        with self._transactions.read() as db:
            row = _row(db, actor.account_id)
        if not passwords.holds(row.password, password):
            self._log.append(actor, action, actor.login, result="failed", fault=WrongCredentials.code)
            raise WrongCredentials("原口令不对")

    @contextmanager
    def _changed(
        self, actor: Actor, action: Action, permission: Permission, account_id: str
    ) -> Iterator[tuple[sa.Connection, sa.Row[Any], Draft]]:
        """One transaction on one account, held until its end, with its entry in the log."""
        with self._log.recorded(actor, action, account_id) as entry, self._transactions.write() as db:
            actor.require(permission)
            row = _row(db, account_id, lock=True)
            entry.object = row.login
            yield db, row, entry

    @contextmanager
    def _changed_of_another(
        self, actor: Actor, action: Action, permission: Permission, account_id: str
    ) -> Iterator[tuple[sa.Connection, sa.Row[Any], Draft]]:
        with self._changed(actor, action, permission, account_id) as (db, row, entry):
            if account_id == actor.account_id and actor.role is not Role.OWNER:
                raise AccountFault("不能对自己的账号这样做；请由另一名管理员办理")
            yield db, row, entry

    def _granted_regions(self, role: Role | None, regions: Sequence[str]) -> list[str]:
        if role is Role.OWNER and not self._settings["small_office"]:
            raise AccountFault("负责人一人兼任各种角色，只有打开设置 small_office（小型单位一人兼任）后才能授予")
        if len(regions) > MOST_REGIONS:
            raise AccountFault(f"一个账号最多 {MOST_REGIONS} 个地区；请授予上一级地区")
        wrong = [region for region in regions if path_of(parts_of(region)) != region or plain(region) != region]
        several = [region for region in regions if re.search(r"[，,；;]", region)]
        if several:
            raise AccountFault(f"“{shown(several[0])}”像是几个地区写在了一起；请一行写一个")
        if wrong:
            raise AccountFault(f"地区 {wrong[0]} 写法不对；应为 /福建省/福州市/，全部地区为 /")
        if regions and (role is None or Permission.REPORT_READ not in roles()[role].permissions):
            raise AccountFault("这个角色看不到报告，不能授予地区；请只授予角色")
        return sorted(set(regions))

    def _refuse_to_lose_an_administrator(self, db: sa.Connection, before: sa.Row[Any]) -> None:
        """If it was the last one of its kind, nobody could undo what is about to be done."""
        administrators = sa.select(_A.role).where(_A.disabled_at.is_(None), _A.role.in_((*ADMINISTRATORS, Role.OWNER)))
        there = set(db.scalars(administrators.with_for_update()))  # held: two must not remove each other
        if Role.OWNER in there and self._settings["small_office"]:
            return
        lost = set(ADMINISTRATORS) - there if before.role == Role.OWNER else {before.role} & set(ADMINISTRATORS) - there
        if before.disabled_at is None and lost:
            names = "、".join(Role(role).shown for role in sorted(lost))
            raise AccountFault(f"这样就没有{names}了；请先把这个角色授给另一个账号")


def insert(db: sa.Connection, login: str, name: str, role: Role | None, regions: Sequence[str], now: float) -> str:
    """A new row without a password, in the caller's transaction; returns its id. Raises AccountFault."""
    key = folded(login)
    if not LOGIN.fullmatch(key):
        raise AccountFault("登录名为 2 至 64 个字母、汉字、数字，中间可有 . _ - @")
    if db.execute(sa.select(_A.id).where(_A.login == key)).one_or_none() is not None:
        raise AccountFault(f"登录名 {key} 已有人用")
    account_id = uuid4().hex
    db.execute(
        ACCOUNTS.insert().values(
            id=account_id,
            login=key,
            name=named(name),
            role=role or "",
            regions=list(regions),
            password="",
            old_passwords=[],
            must_change=False,
            failures=0,
            created_at=now,
        )
    )
    return account_id


def folded(login: str) -> str:
    """However it is typed: full width, capitals, blanks around it."""
    return plain(unicodedata.normalize("NFKC", login)).casefold()


def named(name: str) -> str:
    """Raises AccountFault."""
    shown = plain(name)
    if not 1 <= len(shown) <= MOST_NAME:
        raise AccountFault(f"请填写姓名，不超过 {MOST_NAME} 个字")
    return shown


def _row(db: sa.Connection, account_id: str, *, lock: bool = False) -> sa.Row[Any]:
    query = sa.select(ACCOUNTS).where(_A.id == plain(account_id))
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise AccountFault("没有这个账号")
    return row


def _update(db: sa.Connection, account_id: str, **values: Any) -> None:
    db.execute(ACCOUNTS.update().where(_A.id == account_id).values(**values))
