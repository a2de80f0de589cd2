"""Entries of the log of actions for a log server, by RFC 5424 over UDP or TCP."""

from __future__ import annotations

import socket
from types import TracebackType
from urllib.parse import urlsplit

from access.entry import Entry

FACILITY = 13  # log audit
SEVERITIES = {"ok": 6, "denied": 4, "failed": 4}  # informational, warning
TIMEOUT_SECONDS = 10.0
MOST_BYTES = 8192  # a datagram that every server takes is smaller, but the audit must not be cut for UDP's sake alone
SD_ID = "hecha@32473"


def place_of(address: str) -> tuple[bool, str, int]:
    """Whether it is TCP, the host, and the port of udp://host:port or tcp://host:port. Raises ValueError for what can be none."""
    parts = urlsplit(address)
    if parts.scheme not in ("udp", "tcp") or not parts.hostname or not parts.port:
        raise ValueError("not udp://host:port or tcp://host:port")
    parts.hostname.encode("idna")
    return parts.scheme == "tcp", parts.hostname, parts.port


class Syslog:
    """A connection to udp://host:port or tcp://host:port. Raises OSError when it is entered or sends."""

    def __init__(self, address: str) -> None:
        """Raises ValueError if ``place_of`` does."""
        self._tcp, self._host, self._port = place_of(address)
        self._name = socket.gethostname() or "-"

    def __enter__(self) -> Syslog:
        kind = socket.SOCK_STREAM if self._tcp else socket.SOCK_DGRAM
        family, kind, protocol, _, place = socket.getaddrinfo(self._host, self._port, type=kind)[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.settimeout(TIMEOUT_SECONDS)
        self._socket.connect(place)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._socket.close()

    def send(self, entry: Entry) -> None:
        message = line(entry, self._name).encode()[:MOST_BYTES].decode(errors="ignore").encode()  # no half character
        self._socket.sendall(b"%d %s" % (len(message), message) if self._tcp else message)


def line(entry: Entry, host: str) -> str:
    """The entry as one message. Its number and hash let the copy be held against our own log."""
    head = f"<{FACILITY * 8 + SEVERITIES[entry.result]}>1 {entry.at} {host} hecha - {entry.action}"
    data = " ".join(f'{name}="{_escaped(str(getattr(entry, name)))}"' for name in ("number", "hash", "result"))
    said = (entry.who, entry.address, entry.action_shown, entry.object, entry.region, entry.result_shown, entry.details)
    return f"{head} [{SD_ID} {data}] \ufeff{' | '.join(said)}"


def _escaped(value: str) -> str:
    return "".join(f"\\{char}" if char in '"\\]' else char for char in value)
