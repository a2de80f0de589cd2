"""Who may do what: accounts, sessions, tokens, roles, limits, settings, and the log of actions.

Knows no web and no command line. ``Access(store)`` holds all of it, on the store's database. In this order it reads best:
permissions.py and roles.yaml, actor.py, people.py, accounts.py, entrance.py, log.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from access.accounts import Accounts
from access.actions import Action
from access.actor import LOCAL, Actor, anonymous, local
from access.entrance import CodeWanted, Entrance, Person, SetUp, SetUpDone, SignedIn
from access.entry import Entry
from access.in_force import Settings
from access.limits import Limits
from access.log import Draft, Log, LogWanted, Verified
from access.people import Account
from access.permissions import Permission, Role, roles
from access.second_factor import SecondFactor
from access.sessions import Session, Sessions
from access.settings import SETTINGS, Setting
from access.tokens import Token, Tokens
from audits.store import Store

__all__ = [
    "LOCAL",
    "SETTINGS",
    "Access",
    "Account",
    "Action",
    "Actor",
    "CodeWanted",
    "Draft",
    "Entry",
    "LogWanted",
    "Permission",
    "Person",
    "Role",
    "SecondFactor",
    "Session",
    "SetUp",
    "SetUpDone",
    "Setting",
    "SignedIn",
    "Token",
    "Verified",
    "anonymous",
    "local",
    "roles",
]


class Access:
    """Everything about who may do what, on one store. Open one per process."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Raises RolesFault if roles.yaml is wrong: nothing is to start then."""
        roles()
        database = store.transactions
        self.together = database.together  # several of these in one transaction
        self.log = Log(database, clock)
        self.settings = Settings(database, self.log)
        self.limits = Limits(database, self.settings, clock)
        self.sessions = Sessions(database, self.settings, self.log, clock)
        self.tokens = Tokens(database, self.settings, self.log, clock)
        self.accounts = Accounts(database, self.settings, self.log, self.limits, clock)
        self.entrance = Entrance(database, self.settings, self.log, self.limits, self.sessions, self.accounts, clock)
