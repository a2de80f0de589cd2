"""Links that work once: to set up the service, to give oneself a first or a new password, to show a second factor at sign-in."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from access.errors import LinkInvalid
from access.people import new_secret, stored
from audits.store.tables import LINKS


class Purpose(StrEnum):
    SET_UP = "set_up"
    PASSWORD = "password"  # noqa: S105  # an invitation, or after a reset
    CODE = "code"


def make(db: sa.Connection, purpose: Purpose, account_id: str | None, expires_at: float) -> str:
    """A new secret; earlier links for the same purpose work no more."""
    secret = new_secret()
    remove(db, purpose, account_id)
    row = {"secret": stored(secret), "purpose": purpose, "account_id": account_id, "expires_at": expires_at}
    db.execute(LINKS.insert().values(row))
    return secret


def remove(db: sa.Connection, purpose: Purpose, account_id: str | None) -> None:
    db.execute(LINKS.delete().where(LINKS.c.purpose == purpose, LINKS.c.account_id == account_id))


def look_up(db: sa.Connection, purpose: Purpose, secret: str, now: float) -> str | None:
    """Whose link it is, None for nobody's yet. The link stays. Raises LinkInvalid."""
    row = db.execute(sa.select(LINKS.c.account_id).where(*_valid(purpose, secret, now))).one_or_none()
    if row is None:
        raise LinkInvalid
    account_id: str | None = row.account_id
    return account_id


def use(db: sa.Connection, purpose: Purpose, secret: str, now: float) -> str | None:
    """As ``look_up``, and the link is gone: of two who try at once, one gets it. Raises LinkInvalid."""
    gone = LINKS.delete().where(*_valid(purpose, secret, now)).returning(LINKS.c.account_id)
    row = db.execute(gone).one_or_none()
    if row is None:
        raise LinkInvalid
    account_id: str | None = row.account_id
    return account_id


def _valid(purpose: Purpose, secret: str, now: float) -> tuple[sa.ColumnElement[bool], ...]:
    return LINKS.c.secret == stored(secret), LINKS.c.purpose == purpose, LINKS.c.expires_at > now
