"""What a look at a source gives, whatever the source is: the contract between sweeps/sources/ and sweeps/run.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Protocol

STIRRED_SECONDS = 0.5  # while one waits, so often it is seen whether the look is over


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
    """All that a look found. If it is complete, an address that was seen before and is neither found nor failed is gone.

    absent  addresses that were asked by name and said that nothing is there, with what they said.
    """

    found: tuple[Found, ...]
    failed: tuple[Failed, ...] = ()
    complete: bool = True
    left: tuple[str, ...] = ()  # for the next look: still being written
    absent: tuple[Failed, ...] = ()


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


class Interrupted(Exception):
    """The look was told to end before it was done: nothing of it counts."""


def _alone() -> Callable[[str, float], float]:
    """Turns of a process that looks by itself."""
    next_at: dict[str, float] = {}
    lock = threading.Lock()

    def turn(host: str, pause: float) -> float:
        with lock:
            now = time.monotonic()
            at = max(now, next_at.get(host, now))
            next_at[host] = at + pause
        return at - now

    return turn


@dataclass(frozen=True, slots=True)
class Course:
    """What a look keeps to while it goes on.

    turn  of a host, with the pause in seconds that it is left in peace: takes its next turn, and says in how many seconds that is.
    over  any of them is set when the look has to end.
    """

    turn: Callable[[str, float], float] = field(default_factory=_alone)
    over: tuple[threading.Event, ...] = ()

    def go_on(self) -> None:
        """Raises Interrupted."""
        if any(event.is_set() for event in self.over):
            raise Interrupted

    def wait_for_turn(self, host: str, pause: float) -> None:
        """Return when the host may be asked. Raises Interrupted."""
        seconds = self.turn(host, pause)
        until = time.monotonic() + seconds  # from when it is told: to ask the database may take a while
        self.go_on()
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, STIRRED_SECONDS))
            self.go_on()


class Source(Protocol):
    """A kind of place to look at: one file in sweeps/sources/ each."""

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        """The source as it is kept, its blanks and defaults filled in. Raises ScheduleUnusable or SourceRefused."""

    def look(self, spec: Mapping[str, Any], seen: Mapping[str, Seen], into: Path, allowed: Allowed, course: Course) -> Look:
        """What is there now; the bytes of what is new or changed are put into the folder.

        Raises SourceUnavailable, and Interrupted soon after the course is over.
        """

    def words(self, spec: Mapping[str, Any]) -> str:
        """Where it looks, in Chinese, in one line."""
