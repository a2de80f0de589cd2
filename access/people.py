"""What a row of an account says: the person as lists show him, and as he acts."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from access.actor import Actor
from access.in_force import Settings
from access.passwords import has_expired, policy
from access.permissions import Permission, Role, roles
from audits.regions import NONE, Scope
from audits.store.tables import ACCOUNTS

NOTHING_BUT_SELF = frozenset((Permission.ACCOUNT_SELF,))
SECRET_BYTES = 32  # twice the 128 bits that are asked for


@dataclass(frozen=True, slots=True)
class Account:
    """A person as administrators see him. Times are seconds since 1970.

    role           None until it is granted.
    regions        paths, see audits/regions.py.
    has_password   False until he has used his link.
    locked_until   None unless locked now.
    """

    id: str
    login: str
    name: str
    role: Role | None
    regions: tuple[str, ...]
    has_password: bool
    has_second_factor: bool
    locked_until: float | None
    is_disabled: bool
    created_at: float
    seen_at: float | None


def account_of(row: sa.Row[Any], now: float) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role) if row.role else None,
        regions=tuple(row.regions),
        has_password=row.password != "",
        has_second_factor=row.totp is not None,
        locked_until=row.locked_until if row.locked_until is not None and row.locked_until > now else None,
        is_disabled=row.disabled_at is not None,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )


ACTING = tuple(  # columns of an account that say how it acts
    ACCOUNTS.c[name] for name in ("login", "name", "role", "regions", "password_at", "must_change", "totp", "disabled_at")
)


def in_session(row: sa.Row[Any], settings: Settings, address: str, now: float) -> Actor:
    """The person at a browser; what he has to see to first comes before everything else."""
    must: Literal["", "password", "second_factor"] = ""
    if row.must_change or has_expired(policy(settings), row.password_at, now):
        must = "password"
    elif row.totp is None and _needs_second_factor(row.role, settings, address):
        must = "second_factor"
    may = NOTHING_BUT_SELF if must else permissions_of(row.role, settings)
    return _actor(row, may, "session", row.public_id, address, must)


def with_token(row: sa.Row[Any], granted: Sequence[str], token_id: str, settings: Settings, address: str) -> Actor:
    """A program: what its token was given, as far as the person may do it still."""
    may = frozenset(permission for permission in permissions_of(row.role, settings) if permission in granted)
    return _actor(row, may, "token", token_id, address, "")


def permissions_of(role: str, settings: Settings) -> frozenset[Permission]:
    """An owner is one only where the setting small_office says so."""
    if not role or (role == Role.OWNER and not settings["small_office"]):
        return NOTHING_BUT_SELF
    return roles()[Role(role)].permissions


def _actor(
    row: sa.Row[Any],
    may: frozenset[Permission],
    via: Literal["session", "token"],
    session_id: str,
    address: str,
    must: Literal["", "password", "second_factor"],
) -> Actor:
    role = Role(row.role) if row.role else None
    scope = Scope(tuple(row.regions)) if Permission.REPORT_READ in may else NONE
    return Actor(row.account_id, row.login, row.name, role, scope, may, via, session_id, address, must)


def _needs_second_factor(role: str, settings: Settings, address: str) -> bool:
    asked = settings["second_factor"]
    if asked == "off" or (not settings["second_factor_on_loopback"] and _is_loopback(address)):
        return False
    return asked == "all" or (role != "" and Role(role).is_administrator)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def stored(secret: str) -> str:
    """What is kept of a secret: enough to know it again, nothing to use it with."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
