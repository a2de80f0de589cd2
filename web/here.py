"""What a request can reach: the store, who may do what, and how this server was started."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from access import Access
from audits.store import Store

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")  # what a proxy adds


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


def address_of(request: Request) -> str:
    """Where it came from; "" if that is unknown.

    What a proxy on this machine hands on without having been named to us comes from anywhere, and is not taken for this machine.
    """
    host = request.client.host if request.client else ""
    return f"{host}（代理）" if is_loopback(host) and any(name in request.headers for name in FORWARDED) else host


def is_loopback(host: str) -> bool:
    """Whether that is this machine, by name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


Here = Annotated[Services, Depends(services)]
