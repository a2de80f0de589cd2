"""How people come in: by the first link of all, by their name and password, by a code, by a link of their own.

There is no account, no password and no default of either until somebody uses the set-up link. Whoever does makes three accounts,
one for each administrator, and gives a password to the first alone; the other two get links. An office of one says so openly
(the setting small_office) and makes a single account that does everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from access import links, passwords, second_factor
from access.accounts import Accounts, folded, insert
from access.actions import Action
from access.actor import Actor, anonymous
from access.errors import AccountFault, LinkInvalid, WrongCredentials
from access.in_force import Settings
from access.limits import Limits
from access.links import Purpose
from access.log import Log
from access.people import Account, account_of
from access.permissions import ADMINISTRATORS, Role
from access.sessions import Sessions, end_all
from audits.regions import EVERYWHERE, NONE
from audits.store.database import Database
from audits.store.tables import ACCOUNTS, SETTINGS

CODE_SECONDS = 300.0  # to look for the phone
HOUR_SECONDS = 3600.0
MINUTE_SECONDS = 60.0
WRONG = "登录名、口令或动态口令不对，或账号已停用、已锁定；连续输错会锁定一段时间，忘记口令请联系安全管理员"
_A = ACCOUNTS.c


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``secret`` is for the cookie, and nowhere else."""

    secret: str
    account: Account


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password was right. ``secret`` goes with the code, within CODE_SECONDS."""

    secret: str


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the first form asks. The first is whoever fills it in; without the two others he is the owner of a small office."""

    first: Person
    password: str
    security: Person | None = None
    audit: Person | None = None


@dataclass(frozen=True, slots=True)
class SetUpDone:
    """links: secrets by which the other two set their passwords."""

    account: Account
    links: Mapping[Role, tuple[Account, str]]


class Entrance:
    def __init__(
        self,
        transactions: Database,
        settings: Settings,
        log: Log,
        limits: Limits,
        sessions: Sessions,
        accounts: Accounts,
        clock: Callable[[], float],
    ) -> None:
        self._transactions = transactions
        self._settings = settings
        self._log = log
        self._limits = limits
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock

    # the first time

    def is_new(self) -> bool:
        """Whether there never was an administrator: what a command made before counts for nothing."""
        with self._transactions.read() as db:
            return _is_new(db)

    def setup_link(self, actor: Actor) -> str | None:
        """The secret of a new set-up link, None if there are administrators; earlier ones work no more."""
        with self._transactions.read() as db:
            if not _is_new(db):
                return None
        with self._log.recorded(actor, Action.SET_UP_LINK), self._transactions.write() as db:
            expires_at = self._clock() + self._settings.number("link_hours") * HOUR_SECONDS
            return links.make(db, Purpose.SET_UP, None, expires_at)

    def is_setup_link(self, secret: str) -> bool:
        """Whether the form may be shown."""
        try:
            with self._transactions.read() as db:
                links.look_up(db, Purpose.SET_UP, secret, self._clock())
                return _is_new(db)
        except LinkInvalid:
            return False

    def set_up(self, secret: str, asked: SetUp, address: str) -> SetUpDone:
        """Make the first accounts, all or none. Raises LinkInvalid, PasswordRefused, AccountFault, TooMany.

        A form that was refused may be sent again: the link is used up when the accounts are there.
        """
        self._limits.take("login", address)
        whoever = anonymous(address)
        with self._log.recorded(whoever, Action.SET_UP) as entry, self._transactions.write() as db:
            links.use(db, Purpose.SET_UP, secret, self._clock())
            if not _is_new(db):
                raise LinkInvalid
            if (asked.security is None) != (asked.audit is None):
                raise AccountFault("三名管理员要么都填，要么由负责人一人兼任")
            done = self._first_accounts(db, asked)
            entry.object = done.account.login
            entry.details["accounts"] = {role: account.login for role, (account, _) in done.links.items()}
            entry.details["small_office"] = asked.security is None
        self._settings.look_again()
        return done

    def _first_accounts(self, db: sa.Connection, asked: SetUp) -> SetUpDone:
        now = self._clock()
        if asked.security is None or asked.audit is None:
            db.execute(SETTINGS.delete().where(SETTINGS.c.name == "small_office"))  # there may be one without any account
            db.execute(SETTINGS.insert().values(name="small_office", value=True))
            first = insert(db, asked.first.login, asked.first.name, Role.OWNER, (EVERYWHERE,), now)
        else:
            first = insert(db, asked.first.login, asked.first.name, Role.SYSTEM_ADMIN, (), now)
        self._accounts.set_password(db, _row(db, first), asked.password)
        found = {}
        for role, person in ((Role.SECURITY_ADMIN, asked.security), (Role.AUDIT_ADMIN, asked.audit)):
            if person is not None:
                account_id = insert(db, person.login, person.name, role, (), now)
                found[role] = (account_of(_row(db, account_id), now), self._accounts.invite(db, account_id))
        return SetUpDone(account_of(_row(db, first), now), found)

    # every day

    def sign_in(self, login: str, password: str, address: str, browser: str = "") -> SignedIn | CodeWanted:
        """A new session, or the wish for a code first. Raises WrongCredentials, TooMany.

        What is wrong is not told, and an unknown name takes as long as a known one.
        """
        self._limits.take("login", address)
        with self._transactions.read() as db:
            row = db.execute(sa.select(ACCOUNTS).where(_A.login == folded(login))).one_or_none()
        right = passwords.holds("" if row is None else row.password, password)
        if row is None or not right or not self._is_let_in(row):
            raise self._refused(row, address, "password")
        if row.totp is None:
            return self._open(row, address, browser, password)
        with self._transactions.write() as db:
            return CodeWanted(links.make(db, Purpose.CODE, row.id, self._clock() + CODE_SECONDS))

    def send_code(self, secret: str, code: str, address: str, browser: str = "") -> SignedIn:
        """The session that a code was wanted for. Raises LinkInvalid, WrongCredentials, TooMany; a code works once."""
        self._limits.take("login", address)
        with self._transactions.read() as db:
            account_id = links.look_up(db, Purpose.CODE, secret, self._clock())
            row = _row(db, account_id or "")
        step = second_factor.step_of(row.totp, code, self._clock(), row.totp_step) if row.totp else None
        if step is None or not self._is_let_in(row):
            raise self._refused(row, address, "code")
        return self._open(row, address, browser, step=step, link=secret)

    def _is_let_in(self, row: sa.Row[Any]) -> bool:
        return row.password != "" and row.disabled_at is None and (row.locked_until or 0.0) <= self._clock()

    def _refused(self, row: sa.Row[Any] | None, address: str, what: str) -> WrongCredentials:
        """Count the failure and enter it; returns what to raise. What was typed for an unknown name may be a password."""
        now = self._clock()
        with self._transactions.together(), self._transactions.write() as db:
            asked = sa.select(ACCOUNTS).where(_A.id == ("" if row is None else row.id)).with_for_update()
            current = db.execute(asked).one_or_none()
            details: dict[str, Any] = {"what": what}
            if current is not None and (current.locked_until or 0.0) <= now:
                failures = 1 if current.locked_until is not None else current.failures + 1
                locks = failures >= self._settings.number("lockout_failures")
                until = now + self._settings.number("lockout_minutes") * MINUTE_SECONDS if locks else None
                db.execute(ACCOUNTS.update().where(_A.id == current.id).values(failures=failures, locked_until=until))
                details |= {"failures": failures, "locks": locks}
            who = anonymous(address)
            if current is not None:
                who = replace(who, account_id=current.id, login=current.login, name=current.name)
            object = "（未知登录名）" if current is None else current.login
            self._log.append(who, Action.SESSION_REFUSED, object, result="failed", **details)
        return WrongCredentials(WRONG)

    def _open(
        self, row: sa.Row[Any], address: str, browser: str, password: str = "", step: int | None = None, link: str = ""
    ) -> SignedIn:
        now = self._clock()
        with self._transactions.together(), self._transactions.write() as db:
            current = db.execute(sa.select(ACCOUNTS).where(_A.id == row.id).with_for_update()).one()
            values: dict[str, Any] = {"failures": 0, "locked_until": None, "seen_at": now}
            if link:  # of two who send the same code at once, one comes in
                links.use(db, Purpose.CODE, link, now)
                values["totp_step"] = step
            is_same = (current.password, current.totp) == (row.password, row.totp) and self._is_let_in(current)
            if is_same and (step is None or current.totp_step is None or step > current.totp_step):
                if password and passwords.is_outdated(current.password):
                    values["password"] = passwords.hashed(password)
                db.execute(ACCOUNTS.update().where(_A.id == row.id).values(**values))
                secret, public_id = self._sessions.open(db, row.id, address, browser)
                who = Actor(row.id, row.login, row.name, None, NONE, frozenset(), "session", public_id, address)
                self._log.append(who, Action.SESSION_OPEN, row.login, second_factor=step is not None)
                return SignedIn(secret, account_of(_row(db, row.id), now))
        raise self._refused(row, address, "changed")  # something happened to the account since we looked

    # a link of one's own

    def open_link(self, secret: str) -> Account:
        """Whose password it sets. Raises LinkInvalid."""
        with self._transactions.read() as db:
            account_id = links.look_up(db, Purpose.PASSWORD, secret, self._clock())
            return account_of(_usable(db, account_id), self._clock())

    def use_link(self, secret: str, password: str, address: str) -> Account:
        """Set the password; signing in with it comes next. Raises LinkInvalid, PasswordRefused, TooMany.

        A link whose password was refused may be tried again.
        """
        self._limits.take("login", address)
        with self._log.recorded(anonymous(address), Action.PASSWORD_SET) as entry, self._transactions.write() as db:
            row = _usable(db, links.use(db, Purpose.PASSWORD, secret, self._clock()))
            entry.object = row.login
            self._accounts.set_password(db, row, password)
            entry.details["sessions"] = end_all(db, row.id)
            return account_of(_row(db, row.id), self._clock())


def _is_new(db: sa.Connection) -> bool:
    administrators = _A.role.in_((*ADMINISTRATORS, Role.OWNER))
    return db.execute(sa.select(_A.id).where(administrators).limit(1)).one_or_none() is None


def _usable(db: sa.Connection, account_id: str | None) -> sa.Row[Any]:
    row = _row(db, account_id or "")
    if row.disabled_at is not None:
        raise LinkInvalid
    return row


def _row(db: sa.Connection, account_id: str) -> sa.Row[Any]:
    return db.execute(sa.select(ACCOUNTS).where(_A.id == account_id)).one()
