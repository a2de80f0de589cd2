"""No spelling of an address, no redirect and no name leads a sweep to a machine that the public cannot reach."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from sweeps.looking import Allowed
from sweeps.sources import guard
from sweeps.sources.fetching import Client, Patience, Unanswered
from sweeps.sources.guard import Refused

NOTHING = Allowed(addresses=True, pause=timedelta())
HOSTS = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f.1 0x7f000001 0x7f.0.0.1 0177.0.0.1 0177.1 017700000001 00000177.0.0.1 127.0.0.1. 127.255.255.254
0 0.0.0.0 0x0 ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127．0．0．1 127｡0｡0｡1 localhost LOCALHOST localhost. ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
loc%61lhost 127.0.0.1%00 %31%32%37.0.0.1 a@127.0.0.1 user:pw@127.0.0.1 www.example.com@127.0.0.1 127.0.0.1:80@www.example.com
[::1] [::] [0:0:0:0:0:0:0:1] [0000::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::7f00:1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1] [2001:0:7f00:1::] [fe80::1] [fe80::1%25lo] [::1%lo]
[fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1] [2400::5efe:7f00:1] [::1 ::1] [127.0.0.1] [] [
10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.1.1 100.64.0.1 100.100.100.200 192.0.0.192 168.63.129.16 198.18.0.1
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.0.2.1 203.0.113.1 192.88.99.1 0.1.2.3 2852039166 0xA9FEA9FE 0251.0376.0251.0376
169.254.43518 127.0.0.1.nip trap.test trap.test. TRAP.test ｔｒａｐ.test 陷阱.test intranet a..b -a.b 127.0.0.08 127.0.0.256 1.2.3.4.5 1e3.2 0x.1
""".split()  # noqa: SIM905

ENOUGH = Patience(60, 60, 120)  # for the trap on a busy machine


class Trap:
    """Counts who connects, at both loopback addresses."""

    def __init__(self) -> None:
        self.hits = 0
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self.sockets[0].getsockname()[1]
        for listening in self.sockets:
            threading.Thread(target=self._serve, args=(listening,), daemon=True).start()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    for listening in made.sockets:
        listening.close()


@pytest.fixture
def everywhere_the_trap(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> Trap:
    """Whatever is connected to, at whatever port, is the trap: a hit is a hit."""
    real = socket.socket.connect

    def connect(self: socket.socket, where: tuple[str, int]) -> None:
        if self.family == socket.AF_INET6:
            trap.hits += 1
            raise ConnectionRefusedError
        real(self, ("127.0.0.1", trap.port))

    monkeypatch.setattr(socket.socket, "connect", connect)
    return trap


def loopback(host: str, port: int) -> list[str]:
    """What a hostile or careless name server answers for every name."""
    return ["127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%lo", "10.0.0.7", "nonsense"]


def test_there_are_enough_spellings() -> None:
    assert len(set(HOSTS)) >= 80


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_a_host_is_connected_to(host: str, everywhere_the_trap: Trap) -> None:
    client = Client(NOTHING, loopback, ENOUGH)
    before = everywhere_the_trap.hits
    for url in (f"http://{host}/", f"https://{host}/a?b=c", f"http://{host}:{everywhere_the_trap.port}/"):
        with pytest.raises(Unanswered):
            client.get(url)
    assert everywhere_the_trap.hits == before


def test_the_trap_does_catch_whoever_is_let_through(everywhere_the_trap: Trap) -> None:
    client = Client(Allowed(addresses=True, pause=timedelta(), networks=(ip_network("127.0.0.0/8"),)), loopback, ENOUGH)
    before = everywhere_the_trap.hits
    with pytest.raises(Unanswered):
        client.get("http://trap.test/")
    assert everywhere_the_trap.hits > before


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "ftp://www.example.com/a",
        "dict://127.0.0.1:11211/",
        "data:text/html,x",
        "//127.0.0.1/",
        "http:127.0.0.1",
        "http:/127.0.0.1/",
        "http:///127.0.0.1/",
        "http:\\\\127.0.0.1\\",
        "http://www.example.com\\@127.0.0.1/",
        "http://www.example.com#@127.0.0.1/",
        "http://www.example.com:80#@127.0.0.1:80/",
        "http://127.0.0.1\t/",
        "http://127.0.0.1\r\nHost: x/",
        "http://www.example.com:0/",
        "http://www.example.com:65536/",
        "http://www.example.com:８０/",
        "http://www.example.com:6379/",
        "http://www.example.com:-1/",
        "http://www.exa\u200bmple.com/",
        "http://" + "a" * 64 + ".com/",
        "http://www.example.com/" + "a" * 2_000,
        "",
        "www.example.com",
    ],
)
def test_what_is_no_plain_published_address_is_not_asked_for(url: str, everywhere_the_trap: Trap) -> None:
    before = everywhere_the_trap.hits
    with pytest.raises(Unanswered):
        Client(NOTHING, loopback, ENOUGH).get(url)
    assert everywhere_the_trap.hits == before


def test_an_address_has_one_spelling() -> None:
    urls = {
        "HTTP://WWW.Example.COM:80": "http://www.example.com/",
        "https://www.example.com.:443/a?b#c": "https://www.example.com/a?b",
        "http://政务.中国/年报.html": "http://xn--zfr164b.xn--fiqs8s/%E5%B9%B4%E6%8A%A5.html",
        "http://ｗｗｗ.example.com/a%20b": "http://www.example.com/a%20b",
        "http://[2400:0:0::1]/": "http://[2400::1]/",
        "http://[::ffff:8.8.8.8]/": "http://8.8.8.8/",
        "http://www.example.com?x=1": "http://www.example.com/?x=1",
    }
    assert {url: guard.parse(url).url for url in urls} == urls


def test_of_a_host_only_the_addresses_that_the_public_reaches_are_used() -> None:
    place = guard.parse("http://mixed.test/")
    assert [str(item) for item in guard.addresses(place, NOTHING, lambda *_: ["10.0.0.1", "8.8.8.8", "::1", "2400::1"])] == [
        "8.8.8.8",
        "2400::1",
    ]


def test_ipv4_behind_the_well_known_prefix_is_judged_by_itself() -> None:
    place = guard.parse("http://six.test/")
    assert [str(item) for item in guard.addresses(place, NOTHING, lambda *_: ["64:ff9b::a00:1", "64:ff9b::808:808"])] == [
        "64:ff9b::808:808"
    ]


def test_a_listed_network_is_allowed_and_a_listed_host_wherever_it_lies_but_link_local() -> None:
    network = Allowed(addresses=True, networks=(ip_network("10.20.0.0/16"),))
    host = Allowed(addresses=True, hosts=("oa",))
    assert [str(item) for item in guard.addresses(guard.parse("http://10.20.3.4:8080/"), network)] == ["10.20.3.4"]
    assert [str(item) for item in guard.addresses(guard.parse("http://oa:8080/"), host, lambda *_: ["10.1.2.3"])] == [
        "10.1.2.3"
    ]
    for url, allowed, address in (
        ("http://10.21.3.4/", network, "10.21.3.4"),
        ("http://oa.test/", network, "10.21.3.4"),
        ("http://oa.test:8080/", network, "10.20.3.4"),  # a name may have only its default port
        ("http://oa/", host, "169.254.169.254"),
        ("http://oa/", host, "0.0.0.0"),
        ("http://oa/", host, "127.0.0.1"),  # whoever answers for the name does not send us to ourselves
        ("http://oa/", host, "::1"),
        ("http://oa/", host, "::ffff:127.0.0.1"),
        ("http://oa:6379/", host, "10.1.2.3"),
        ("http://10.20.3.4:22/", network, "10.20.3.4"),
        ("http://other.test/", host, "10.1.2.3"),
    ):
        with pytest.raises(Refused):
            guard.addresses(guard.parse(url), allowed, lambda *_, at=address: [at])


def test_a_name_that_changes_its_address_is_judged_by_the_one_that_is_connected_to(everywhere_the_trap: Trap) -> None:
    """DNS rebinding: whatever was answered when the list was checked, each request resolves once and connects to that."""
    answers = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [next(answers)]

    guard.addresses(guard.parse("http://rebind.test/"), NOTHING, rebinding)
    before = everywhere_the_trap.hits
    with pytest.raises(Unanswered, match="不是公开的互联网地址"):
        Client(NOTHING, rebinding, ENOUGH).get("http://rebind.test/")
    assert (everywhere_the_trap.hits, asked) == (before, ["rebind.test"] * 2)


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[object] = []

    def connect(self: socket.socket, where: object) -> None:
        reached.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("the name was resolved again"))
    for name in ("http_proxy", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    monkeypatch.setitem(os.environ, "HECHA_SWEEP_ROBOTS", "0")
    with pytest.raises(Unanswered):
        Client(NOTHING, lambda *_: ["8.8.8.8"], ENOUGH).get("https://www.example.com/")
    assert reached == [("8.8.8.8", 443)]
