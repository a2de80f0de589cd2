"""What a request can reach: the store, who may do what, and how this server was started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from access import Access
from audits.store import Store


@dataclass(frozen=True, slots=True)
class Options:
    """How this server was started.

    is_local   it listens on the loopback address alone, so that plain http is as good as TLS; nowhere else is it let in.
    """

    is_local: bool = True


@dataclass(frozen=True, slots=True)
class Services:
    """What the whole app shares.

    pages  paths without parameters that can be opened: the navigation leads nowhere else.
    told   when it was last entered that an account or an address reached a limit, by a clock of this process.
    """

    store: Store
    access: Access
    options: Options
    pages: frozenset[str]
    told: dict[str, float] = field(default_factory=dict)


def services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


Here = Annotated[Services, Depends(services)]
