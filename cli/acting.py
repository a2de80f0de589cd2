"""Commands on the machine itself: who gives them, and how the log of actions tells of them.

Whoever may write the data folder may do everything; that he did it is entered all the same.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from access import Actor, Draft
    from audits.store import Store
    from reports_in.errors import Infected


def actor() -> Actor:
    """With the user of the operating system."""
    from access import local

    try:
        return local(getpass.getuser())
    except (KeyError, OSError):  # in a container there may be no name for the number
        return local(str(os.getuid()))


def enter_infected(store: Store, found: Infected, *, region: str = "") -> None:
    """A file that the virus scanner refused."""
    from access import Access

    Access(store).log.infected(actor(), found, region=region)


@contextmanager
def recorded(store: Store, action: str, object: str = "", *, region: str = "") -> Iterator[Draft]:
    """What is written inside and its entry are one transaction, see access/log.py."""
    from access import Access, Action

    with Access(store).log.recorded(actor(), Action(action), object, region=region) as entry:
        yield entry
