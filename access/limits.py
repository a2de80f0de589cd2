"""How often somebody may do something in a minute. Counted in the database, so that all processes count together."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from access.errors import TooMany
from access.in_force import Settings
from access.plain import plain
from audits.store.database import Database
from audits.store.tables import TAKEN

WINDOW_SECONDS = 60
KEPT_WINDOWS = 10  # older counts are removed
MOST_CHARACTERS = 64  # of whoever is counted
IPV6_PREFIX = 64  # one customer has so much of an address


@dataclass(frozen=True, slots=True)
class Limit:
    shown: str
    setting: str


LIMITS: Mapping[str, Limit] = {
    "login": Limit("登录", "login_per_minute"),  # by address
    "password": Limit("验证口令", "login_per_minute"),  # by account: to guess it in an open session
    "upload": Limit("上传", "upload_per_minute"),  # by account
    "export": Limit("导出", "export_per_minute"),  # by account
}


class Limits:
    def __init__(self, transactions: Database, settings: Settings, clock: Callable[[], float]) -> None:
        self._transactions = transactions
        self._settings = settings
        self._clock = clock

    def take(self, what: str, who: str) -> None:
        """Count one more of ``what`` for an address or an account. Raises TooMany, and counts nothing, if that is too often.

        In any 60 seconds not more than the setting allows: of the minute before, what lies within them is taken to be spread
        evenly.
        """
        limit = LIMITS[what]
        allowed = self._settings.number(limit.setting)
        window, passed = divmod(self._clock(), WINDOW_SECONDS)
        share = passed / WINDOW_SECONDS
        who = _key(who)
        with self._transactions.write() as db:
            new = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(TAKEN)
            new = new.values(what=what, who=who, window=int(window), count=1).on_conflict_do_update(
                index_elements=["what", "who", "window"], set_={"count": TAKEN.c.count + 1}
            )
            count = db.execute(new.returning(TAKEN.c.count)).scalar_one()
            here = sa.and_(TAKEN.c.what == what, TAKEN.c.who == who)
            before = db.scalar(sa.select(TAKEN.c.count).where(here, TAKEN.c.window == int(window) - 1)) or 0
            if count + before * (1 - share) > allowed:
                raise TooMany(limit.shown, _wait(count, before, allowed, share))
            if count == 1:
                db.execute(TAKEN.delete().where(TAKEN.c.window < int(window) - KEPT_WINDOWS))


def _key(who: str) -> str:
    """An IPv6 address counts with its neighbours."""
    try:
        address = ipaddress.ip_address(who)
    except ValueError:
        return plain(who)[:MOST_CHARACTERS]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))  # without the name of an interface
    return who


def _wait(count: int, before: int, allowed: int, share: float) -> int:
    """Seconds until one more fits."""
    if count <= allowed:
        return max(1, math.ceil((1 - (allowed - count) / before - share) * WINDOW_SECONDS))
    full = count - 1  # taken in this minute, which will be the one before
    return max(1, math.ceil((1 - share + max(0.0, 1 - (allowed - 1) / full)) * WINDOW_SECONDS))
