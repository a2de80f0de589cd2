"""A small office of invented people, and how they come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from access import LOCAL, Access, Account, Actor, CodeWanted, Permission, Role
from audits.store import Store

MONDAY = 1_795_396_500.0  # 2026-11-23 09:15 in Beijing
DESK = "10.1.2.3"
PASSWORDS = ("kV7#mQ2p!x9", "Zr4&wT8u%n3", "Gy6*bL5d?j1", "Pc9!hX3s=v7", "Mf2~qN8k+e4", "Dt5@yB7w^a6", "Jw3$gR6z:c8")
PASSWORD = PASSWORDS[0]


class Office:
    """People are made as they are in life: created by one, granted by another, with a password of their own."""

    def __init__(self, store: Store, access: Access, clock: Callable[[], float]) -> None:
        self.store = store
        self.access = access
        self.clock = clock

    def person(self, login: str, role: Role | None = None, regions: Sequence[str] = (), password: str = PASSWORD) -> Account:
        account, link = self.access.accounts.create(LOCAL, login, f"{login}先生")
        if role is not None:
            self.access.accounts.grant(LOCAL, account.id, role, regions)
        self.access.entrance.use_link(link, password, f"10.9.9.{len(self.access.accounts.all()) % 250}")
        return self.access.accounts.get(account.id)

    def guest(self, login: str) -> Account:
        """A supervisor with a session and a token, without the cost of a password."""
        account, _ = self.access.accounts.create(LOCAL, login, "客人")
        self.access.accounts.grant(LOCAL, account.id, Role.SUPERVISOR, ["/"])
        with self.store.transactions.write() as db:
            self.access.sessions.open(db, account.id, DESK, "")
        actor = replace(LOCAL, account_id=account.id, login=login, via="session")
        self.access.tokens.create(actor, "脚本", [Permission.REPORT_READ], 10)
        return self.access.accounts.get(account.id)

    def secret(self, login: str, password: str = PASSWORD, address: str = DESK) -> str:
        """Of a new session."""
        found = self.access.entrance.sign_in(login, password, address)
        assert not isinstance(found, CodeWanted)
        return found.secret

    def actor(self, login: str, password: str = PASSWORD, address: str = DESK) -> Actor:
        found = self.access.sessions.actor(self.secret(login, password, address), address)
        assert found is not None
        return found

    def signed_in(self, login: str, role: Role, regions: Sequence[str] = ()) -> Actor:
        self.person(login, role, regions)
        return self.actor(login, address=f"10.8.8.{len(self.access.accounts.all()) % 250}")
