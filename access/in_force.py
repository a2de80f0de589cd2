"""The settings in force: read by everybody, changed by who may, each change an entry of the log."""

from __future__ import annotations

import time
from collections.abc import Mapping

import sqlalchemy as sa

from access.actions import Action
from access.actor import Actor
from access.errors import SettingFault
from access.log import Log
from access.permissions import Role
from access.settings import SETTINGS, Setting, Value, fitting, stored
from audits.store.database import Database
from audits.store.tables import ACCOUNTS
from audits.store.tables import SETTINGS as ROWS

FRESH_SECONDS = 1.0  # other processes notice a change after at most so long


class Settings:
    """All settings by name. What is not set has its default."""

    def __init__(self, transactions: Database, log: Log) -> None:
        self._transactions = transactions
        self._log = log
        self._values: dict[str, Value] = {}
        self._fresh_until = 0.0

    def __getitem__(self, name: str) -> Value:
        return self._all()[name]

    def number(self, name: str) -> int:
        value = self._all()[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        return str(self._all()[name])

    def all(self) -> tuple[tuple[Setting, Value], ...]:
        """In the order of SETTINGS."""
        values = self._all()
        return tuple((setting, values[setting.name]) for setting in SETTINGS.values())

    def change(self, actor: Actor, name: str, value: object) -> Value:
        """The value as it is now. Logged with the one before. Raises SettingFault, Forbidden."""
        if name not in SETTINGS:
            raise SettingFault(f"没有设置 {name}；有 {'、'.join(SETTINGS)}")
        setting = SETTINGS[name]
        with self._log.recorded(actor, Action.SETTING_CHANGE, name) as entry:
            actor.require(setting.changes)
            new = setting.read(value)
            with self._transactions.write() as db:
                if name == "small_office" and not new:
                    _refuse_while_there_are_owners(db, setting)
                entry.details |= {"before": stored(db, name), "after": new}
                db.execute(ROWS.delete().where(ROWS.c.name == name))
                db.execute(ROWS.insert().values(name=name, value=new))
        self.look_again()
        return new

    def look_again(self) -> None:
        """Whoever has changed one makes this process notice at once."""
        self._fresh_until = 0.0

    def _all(self) -> Mapping[str, Value]:
        if time.monotonic() >= self._fresh_until:
            with self._transactions.read() as db:
                rows = dict(db.execute(sa.select(ROWS.c.name, ROWS.c.value)).tuples().all())
            self._values = {
                name: fitting(setting, rows[name]) if name in rows else setting.default for name, setting in SETTINGS.items()
            }
            self._fresh_until = time.monotonic() + FRESH_SECONDS
        return self._values


def _refuse_while_there_are_owners(db: sa.Connection, setting: Setting) -> None:
    owners = sa.select(ACCOUNTS.c.login).where(ACCOUNTS.c.role == Role.OWNER, ACCOUNTS.c.disabled_at.is_(None))
    found = db.scalars(owners).all()
    if found:
        words = f"还有负责人账号（{'、'.join(found)}）；请先给三名管理员各建账号并授权，再给负责人改授别的角色"
        raise SettingFault(f"{setting.title}：{words}")
