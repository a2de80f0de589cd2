"""Which addresses sweeps may ask for: the guard against being sent to machines that the public cannot reach (SSRF).

An address is parsed strictly, its host resolved once, and only an address of the result that was checked is connected to; the
name is used for nothing but Host and the certificate. Whatever is not globally routable is refused unless the office allows it.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urljoin

import idna

from sweeps.looking import Allowed

LONGEST = 2_000  # characters
PORTS = {"http": 80, "https": 443}
SPECIAL = tuple(  # that Python's tables call global, or did in an older version
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "168.63.129.16/32",  # a cloud's own service, on a public address
            "2001::/23",  # Teredo and others
            "2001:db8::/32",
            "2002::/16",  # 6to4: any address of IPv4 inside
            "3fff::/20",
        ),
    )
)
PUBLIC_IPV6 = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")  # the way to IPv4 of networks that have IPv6 only
NEVER_BY_NAME = tuple(  # whoever answers for a listed name could send us to this very machine
    map(
        ip_network,
        ("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10", "0.0.0.0/8", "224.0.0.0/3", "ff00::/8", "168.63.129.16/32"),
    )
)
# of services that are no web sites, and might obey what looks like a request; as browsers refuse them, with those of databases
# fmt: off
NO_WEB_PORTS = frozenset((
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2379, 3306,
    3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9300, 10080,
    11211, 27017,
))
# fmt: on

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?:#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>[0-9]{1,5}))?")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}\u200b-\u200f\u2028-\u202f\u3000\ufeff]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as the last label it makes the whole an address in old spellings: 127.1, 0x7f.1
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


class Refused(Exception):
    """``str()`` says in Chinese why sweeps do not ask for that address."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart.

    host    lower case, as in certificates; an address of IPv6 without its brackets.
    target  path and query as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def literal(self) -> Address | None:
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def parse(url: str) -> Place:
    """The place that a URL names, spelled in one way only. Raises Refused for whatever may be read in two ways."""
    url = url.strip(" \t\r\n")
    if len(url) > LONGEST:
        raise Refused(f"网址超过 {LONGEST:,} 个字符")
    found = _URL.fullmatch(url)
    if found is None:
        raise Refused("不是完整的网址，应以 http:// 或 https:// 开头")
    scheme = found["scheme"].lower()
    if scheme not in PORTS:
        raise Refused(f"只巡查 http 和 https 网址，不支持 {scheme}")
    if _FORBIDDEN.search(url):
        raise Refused("网址里有空格、反斜杠或控制字符")
    if "@" in found["authority"]:
        raise Refused("网址里不能写用户名和密码")
    parts = _AUTHORITY.fullmatch(found["authority"])
    if parts is None:
        raise Refused("网址里的主机名写法不规范")
    port = int(parts["port"]) if parts["port"] else PORTS[scheme]
    if not 0 < port < 65_536:
        raise Refused("网址里的端口不对")
    target = quote(found["target"], safe=_SAFE)
    return Place(scheme, _host(parts["host"]), port, target if target.startswith("/") else f"/{target}")


def follow(place: Place, location: str) -> Place:
    """Where a redirect leads. Raises Refused."""
    if _FORBIDDEN.search(location):
        raise Refused("跳转的网址里有空格、反斜杠或控制字符")
    try:
        return parse(urljoin(place.url, location))
    except ValueError as exc:
        raise Refused("跳转的网址写法不规范") from exc


def resolve(host: str, port: int) -> Iterable[str]:
    """The addresses of a host, as the system says. Raises OSError."""
    return dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def check(place: Place, allowed: Allowed) -> None:
    """What can be said without asking anybody for the host's address. Raises Refused."""
    literal = place.literal
    if literal is not None:
        _judge(literal, place, allowed)
    elif "." not in place.host and not _is_listed(place.host, allowed):
        raise Refused(f"{place.host} 不是完整的域名")
    if place.port in NO_WEB_PORTS:
        raise Refused(f"端口 {place.port} 不是网站的端口")
    listed = _is_listed(place.host, allowed) or (literal is not None and _within(literal, allowed.networks))
    if place.port != PORTS[place.scheme] and not listed:
        raise Refused(f"端口 {place.port} 不是 {place.scheme} 的默认端口；确需巡查的，由运维人员把主机加入 HECHA_SWEEP_ALLOW")


def addresses(place: Place, allowed: Allowed, ask: Resolve = resolve) -> list[Address]:
    """The addresses of the place that may be connected to; at least one. Raises Refused, and OSError if the host is not found."""
    check(place, allowed)
    if place.literal is not None:
        return [place.literal]
    may: list[Address] = []
    refused: Refused | None = None
    for text in ask(place.host, place.port):
        try:
            address = _plain(ip_address(text))  # one with a zone (%eth0) is of this very network
            _judge(address, place, allowed)
            may.append(address)
        except ValueError:
            refused = Refused(f"{place.host} 解析到的地址不能识别")
        except Refused as exc:
            refused = exc
    if not may:
        raise refused or OSError(f"no address of {place.host}")
    return may


def _host(said: str) -> str:
    """The host in the one spelling that is compared, resolved and sent. Raises Refused."""
    if said.startswith("["):
        try:
            return str(_plain(IPv6Address(said[1:-1])))
        except ValueError as exc:
            raise Refused("网址里的 IPv6 地址写法不规范") from exc
    folded = unicodedata.normalize("NFKC", said).lower()
    try:
        host = folded if folded.isascii() else idna.encode(folded, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as exc:
        raise Refused("网址里的域名写法不规范") from exc
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise Refused("网址里的域名写法不规范")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError as exc:
            raise Refused("网址里的 IP 地址写法不规范，应写作四段十进制数") from exc
    return host


def _plain(address: Address) -> Address:
    """One of IPv4 written as IPv6 is judged, and connected to, as what it is."""
    if isinstance(address, IPv6Address) and address.scope_id is None and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _judge(address: Address, place: Place, allowed: Allowed) -> None:
    """Raise Refused unless everybody can reach it or the office allows it."""
    if is_public(address) or _within(address, allowed.networks):
        return
    if _is_listed(place.host, allowed) and not _within(address, NEVER_BY_NAME):
        return
    shown = "" if str(address) == place.host else f"{place.host} 的地址 "
    raise Refused(f"{shown}{address} 不是公开的互联网地址；内网网站由运维人员加入 HECHA_SWEEP_ALLOW 后才能巡查")


def is_public(address: Address) -> bool:
    """Whether everybody can reach it."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in PUBLIC_IPV6 or (int(address) >> 32) & 0xFCFFFFFF == 0x5EFE:  # ISATAP: one of IPv4 in its end
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not _within(address, SPECIAL)


def _within(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _is_listed(host: str, allowed: Allowed) -> bool:
    return host in allowed.hosts
