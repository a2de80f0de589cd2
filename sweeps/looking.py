"""What a look at a source gives, whatever the source is: the contract between sweeps/sources/ and sweeps/run.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """What a schedule knows of an address from the last look.

    seen  what tells a change without reading: size and time, an entity tag. Only the source knows what is in it.
    """

    sha256: str
    seen: Mapping[str, Any]
    gone: bool = False  # it was not there at the last look


@dataclass(frozen=True, slots=True)
class Found:
    """One report at its address.

    name       as it will be called in the batch, with its suffix.
    path       where its bytes are; None if it is unchanged.
    agency     as the list of addresses calls whose report it is, None if nothing says.
    """

    address: str
    name: str
    path: Path | None
    sha256: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    agency: str | None = None

    @property
    def unchanged(self) -> bool:
        return self.path is None


@dataclass(frozen=True, slots=True)
class Failed:
    """An address that could not be looked at: nothing is known of it, and nothing is said to be gone."""

    address: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """All that a look found. If it is complete, an address that was seen before and is neither found nor failed is gone."""

    found: tuple[Found, ...]
    failed: tuple[Failed, ...] = ()
    complete: bool = True
    left: tuple[str, ...] = ()  # for the next look: still being written


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where sweeps may look in this office; nothing unless it is configured.

    folders   roots; any_folder on the machine itself, where whoever calls can read them anyway.
    networks  that addresses may lie in although they are private, hosts likewise by name.
    """

    folders: tuple[Path, ...] = ()
    any_folder: bool = False
    buckets: tuple[str, ...] = ()
    addresses: bool = False
    hosts: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    pause: timedelta = timedelta(seconds=1)  # between two requests to the same host


class Source(Protocol):
    """A kind of place to look at: one file in sweeps/sources/ each."""

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        """The source as it is kept, its blanks and defaults filled in. Raises ScheduleUnusable or SourceRefused."""

    def look(self, spec: Mapping[str, Any], seen: Mapping[str, Seen], into: Path, allowed: Allowed) -> Look:
        """What is there now; the bytes of what is new or changed are put into the folder. Raises SourceUnavailable."""

    def words(self, spec: Mapping[str, Any]) -> str:
        """Where it looks, in Chinese, in one line."""
