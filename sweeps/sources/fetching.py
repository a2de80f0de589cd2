"""One polite GET over a connection of our own to an address that the guard has checked.

Every wait has an end: connecting, each read, and the whole. What comes is counted after it is decoded, so that a few packed bytes
cannot fill the memory. Proxies that the environment names are not used: they would resolve the name again, and elsewhere.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

import h11

from reports_in.limits import LIMITS
from sweeps.errors import SourceUnavailable
from sweeps.looking import Allowed, Course
from sweeps.sources import robots
from sweeps.sources.guard import Address, Place, Refused, Resolve, addresses, follow, is_public, parse, resolve
from sweeps.sources.robots import Robots

AGENT = "Hecha"  # as robots.txt may call us
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (429, 503)
TRIED_ADDRESSES = 2  # of one host
SILENT = 3  # requests in a row that a host did not answer; after them it is not asked again in this look
UNTRUSTED = {  # by OpenSSL's X509_V_ERR_…
    9: "还没有生效",
    10: "已过期",
    18: "是自己签发的",
    19: "由不认识的机构签发",
    20: "由不认识的机构签发，或网站没有送全证书",
    21: "由不认识的机构签发，或网站没有送全证书",
    23: "已吊销",
    62: "不是这个域名的",
    64: "不是这个 IP 地址的",
}
CHUNK_BYTES = 65_536
LONGEST_HEAD = 65_536


class Unanswered(Exception):
    """``str()`` says in Chinese why nothing came back that can be used."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """place  where it came from at last. ``headers`` by lower-case name, the last of each."""

    place: Place
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds; total is for one address, its redirects included, but not the pauses between requests."""

    connect: float = 10.0
    read: float = 20.0
    total: float = 120.0


@dataclass(slots=True)
class _Host:
    """What is known of a host in this look."""

    delay: float = 0.0
    silent: int = 0
    busy: str = ""
    robots: dict[str, Robots | Unanswered] = field(default_factory=dict)  # by scheme and port
    reading: threading.Lock = field(default_factory=threading.Lock)


class Client:
    """Asks for addresses during one look; from several threads, but each host at the allowed pace."""

    def __init__(
        self, allowed: Allowed, ask: Resolve = resolve, patience: Patience | None = None, course: Course | None = None
    ) -> None:
        """Raises SourceUnavailable."""
        self._allowed = allowed
        self._course = course or Course()
        self._ask_name = ask
        self._patience = patience or Patience()
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self._obeys = os.environ.get("HECHA_SWEEP_ROBOTS", "1").strip() != "0"
        contact = "".join(
            char for char in os.environ.get("HECHA_SWEEP_CONTACT", "") if " " <= char <= "~" and char not in "()\\"
        )
        self._agent = f"{AGENT}/{version('hecha')}" + (f" (+{contact.strip()})" if contact.strip() else "")
        try:
            self._tls = ssl.create_default_context(cafile=os.environ.get("HECHA_SWEEP_CA") or None)
        except OSError as exc:
            raise SourceUnavailable("HECHA_SWEEP_CA 所指的证书文件读不了；请核对路径和内容") from exc

    def get(self, url: str, known: Mapping[str, Mapping[str, str]] | None = None) -> Answer:
        """What is at that address after its redirects. ``known`` gives conditions for URLs that were read before. Raises Unanswered."""
        try:
            place = parse(url)
            return self._get(place, known or {}, LIMITS.file_bytes, self._obeys)
        except Refused as exc:
            raise Unanswered("SWEEP_ADDRESS_REFUSED", str(exc)) from exc

    def _get(self, place: Place, known: Mapping[str, Mapping[str, str]], most: int, obeys: bool) -> Answer:
        left = self._patience.total
        came_from_public = False
        for _ in range(MOST_REDIRECTS + 1):
            if obeys and not self._robots(place).may(place.target):
                raise Unanswered("SWEEP_ROBOTS", f"{place.host} 的 robots.txt 不允许程序访问这个地址")
            host = self._host(place.host)
            self._course.wait_for_turn(place.host, max(self._allowed.pause.total_seconds(), host.delay))
            begun = time.monotonic()
            answer, was_public = self._once(place, host, known.get(place.url, {}), most, begun + left, came_from_public)
            came_from_public |= was_public
            left -= time.monotonic() - begun
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return answer
            place = follow(place, location)
        raise Unanswered("SWEEP_ANSWER", f"跳转超过 {MOST_REDIRECTS} 次")

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name, _Host())

    def _robots(self, place: Place) -> Robots:
        host = self._host(place.host)
        key = f"{place.scheme}:{place.port}"
        with host.reading:
            if key not in host.robots:
                try:
                    host.robots[key] = self._read_robots(place, host)
                except Unanswered as exc:
                    host.robots[key] = exc
                except Refused as exc:
                    raise Unanswered("SWEEP_ADDRESS_REFUSED", str(exc)) from exc
            found = host.robots[key]
        if isinstance(found, Unanswered):
            raise Unanswered(found.code, str(found))
        return found

    def _read_robots(self, place: Place, host: _Host) -> Robots:
        """A site without one allows everything; one that cannot say now is not asked for more (RFC 9309, 2.3.1)."""
        try:
            answer = self._get(Place(place.scheme, place.host, place.port, "/robots.txt"), {}, robots.MOST_BYTES, obeys=False)
        except Unanswered as exc:
            if exc.code == "LIMIT_EXCEEDED":
                return Robots()
            raise
        if answer.status >= 500:
            raise Unanswered("SWEEP_ANSWER", f"{place.host} 的 robots.txt 打不开（{answer.status}），下次再看")
        if answer.status != 200:
            return Robots()
        found = robots.read(answer.body, AGENT)
        host.delay = max(host.delay, found.delay)
        return found

    def _once(
        self, place: Place, host: _Host, conditions: Mapping[str, str], most: int, until: float, came_from_public: bool
    ) -> tuple[Answer, bool]:
        """The answer, and whether a public address gave it."""
        if host.busy:
            raise Unanswered("SWEEP_BUSY", host.busy)
        if host.silent >= SILENT:
            raise Unanswered("SWEEP_UNREACHABLE", f"{place.host} 连续 {SILENT} 次没有应答，这次不再访问")
        try:
            connection, was_public = self._connected(place, until, came_from_public)
            with connection:
                status, headers, body = self._exchange(connection, place, conditions, most, until)
        except _Silent as exc:
            host.silent += 1
            raise Unanswered(exc.code, f"{place.host}：{exc}") from exc
        host.silent = 0
        if status in BUSY:
            later = headers.get("retry-after", "")
            asked = f"，要求 {later} 秒后再来" if later.isdigit() and len(later) < 8 else ""
            host.busy = f"{place.host} 说现在太忙（{status}{asked}），下次再看"
            raise Unanswered("SWEEP_BUSY", host.busy)
        return Answer(place, status, headers, body), was_public

    def _connected(self, place: Place, until: float, came_from_public: bool) -> tuple[socket.socket, bool]:
        """With whether its address is public. Raises Refused, _Silent.

        A site that everybody can write may not send us on to where only this office can go, be it allowed by itself.
        """
        try:
            may = addresses(place, self._allowed, self._ask_name)
        except (OSError, UnicodeError) as exc:
            raise _Silent("SWEEP_DNS", "域名解析不到地址") from exc
        if came_from_public and not any(map(is_public, may)):
            raise Refused(f"公开的网址跳转到了内网的 {place.host}；要看的话请把它自己写进清单")
        if came_from_public:
            may = [address for address in may if is_public(address)]
        fault: OSError | None = None
        for address in may[:TRIED_ADDRESSES]:
            try:
                return self._connect(address, place, until), is_public(address)
            except ssl.SSLCertVerificationError as exc:
                said = UNTRUSTED.get(exc.verify_code, f"验证码 {exc.verify_code}")
                raise _Silent("SWEEP_TLS", f"证书不可信（{said}）") from exc
            except OSError as exc:
                fault = exc
        raise _silent(fault) from fault

    def _connect(self, address: Address, place: Place, until: float) -> socket.socket:
        """To exactly that address. Raises OSError."""
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(_left(until, self._patience.connect))
            connection.connect((str(address), place.port))
            if place.scheme == "https":
                connection.settimeout(_left(until, self._patience.connect))
                return self._tls.wrap_socket(connection, server_hostname=place.host)
        except BaseException:
            connection.close()
            raise
        return connection

    def _exchange(
        self, connection: socket.socket, place: Place, conditions: Mapping[str, str], most: int, until: float
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and decoded body. Raises Unanswered, _Silent."""
        talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        asked = {
            "Host": place.authority,
            "User-Agent": self._agent,
            "Accept": "text/html,application/xhtml+xml,application/pdf,application/*;q=0.9,*/*;q=0.8",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **conditions,
        }
        try:
            connection.settimeout(_left(until, self._patience.read))
            request = h11.Request(method="GET", target=place.target, headers=list(asked.items()))
            connection.sendall(talk.send(request) + talk.send(h11.EndOfMessage()))
            events = self._events(talk, connection, until)
            head = next(event for event in events if isinstance(event, h11.Response))
            headers = {name.decode("latin-1"): _text(value) for name, value in head.headers}
            return head.status_code, headers, _decoded(events, headers.get("content-encoding", ""), most)
        except h11.RemoteProtocolError as exc:
            raise Unanswered("SWEEP_ANSWER", "网站的应答不完整，或不合 HTTP 规范，下次再看") from exc
        except TimeoutError as exc:
            raise _Silent("SWEEP_TIMEOUT", f"{self._patience.total:.0f} 秒内没有收完应答，或中途停了太久") from exc
        except OSError as exc:
            raise _silent(exc) from exc

    def _events(self, talk: h11.Connection, connection: socket.socket, until: float) -> Iterator[h11.Event]:
        """Up to the end of the message. Raises h11.RemoteProtocolError, OSError."""
        while True:
            event = talk.next_event()
            if event is h11.NEED_DATA:
                self._course.go_on()
                connection.settimeout(_left(until, self._patience.read))
                talk.receive_data(connection.recv(CHUNK_BYTES))
            elif isinstance(event, h11.EndOfMessage):
                if talk.trailing_data[0]:
                    raise h11.RemoteProtocolError("more than was announced")
                return
            elif isinstance(event, h11.Event):
                yield event
            else:
                raise h11.RemoteProtocolError("over before its end")


class _Silent(Exception):
    """The host cannot be reached or stopped answering. ``str()`` says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def _left(until: float, most: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, most)


def _text(value: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1")


def _decoded(events: Iterator[h11.Event], coding: str, most: int) -> bytes:
    """The body. Raises Unanswered for one that is larger decoded, or before."""
    coding = coding.strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise Unanswered("SWEEP_ANSWER", "网站用了没有请求的压缩方式")
    unzip = _Unzip() if "gzip" in coding else None
    body = bytearray()
    sent = 0
    for event in events:
        if not isinstance(event, h11.Data):
            continue
        sent += len(event.data)
        try:
            body += unzip.more(bytes(event.data), most + 1 - len(body)) if unzip else event.data
        except zlib.error as exc:
            raise Unanswered("SWEEP_ANSWER", "网站的应答解压不开，下次再看") from exc
        if len(body) > most or sent > most:
            raise Unanswered("LIMIT_EXCEEDED", f"内容超过上限 {most // 1024 // 1024 or 1} MB")
    if unzip and sent and not unzip.is_whole:
        raise Unanswered("SWEEP_ANSWER", "网站的应答不完整，下次再看")
    return bytes(body)


class _Unzip:
    """Of all members of a gzip stream, one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def is_whole(self) -> bool:
        return self._member.eof

    def more(self, data: bytes, most: int) -> bytes:
        """At most so many bytes, which must be more than none. Raises zlib.error."""
        found = bytearray()
        while data and len(found) < most:
            if self._member.eof:
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            found += self._member.decompress(data, most - len(found))
            data = self._member.unused_data if self._member.eof else b""
        return bytes(found)


def _silent(exc: OSError | None) -> _Silent:
    if isinstance(exc, TimeoutError):
        return _Silent("SWEEP_TIMEOUT", "连接超时")
    if isinstance(exc, ssl.SSLError):
        return _Silent("SWEEP_TLS", "加密连接建立不了，网站可能只支持过时的加密方式，或不是 https")
    if isinstance(exc, ConnectionRefusedError):
        return _Silent("SWEEP_UNREACHABLE", "连接被拒绝")
    if isinstance(exc, ConnectionError):
        return _Silent("SWEEP_UNREACHABLE", "连接被对方中断")
    return _Silent("SWEEP_UNREACHABLE", "连接不上")
