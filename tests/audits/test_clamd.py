"""The client of clamd: every answer and every fault of the daemon is one of five things, and none of them takes for ever."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audits.clamd import PIECE_BYTES, Address, BrokenOff, Clamd, ClamdError, TooLong, TooSlow, Unreachable, address_from
from tests.clamd import EICAR, SIGNATURE, FakeClamd, fake_clamd

HARMLESS = b"\xe5\xb9\xb4\xe6\x8a\xa5" * 100


@pytest.fixture(params=["unix", "tcp"])
def fake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeClamd]:
    with fake_clamd(tmp_path, request.param) as found:
        yield found


def client(fake: FakeClamd, seconds: float = 60.0) -> Clamd:
    return Clamd(address_from(fake.address), seconds)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("unix:/run/clamav/clamd.ctl", "unix:/run/clamav/clamd.ctl"),
        ("unix:///run/clamav/clamd.ctl", "unix:/run/clamav/clamd.ctl"),
        ("local:/run/clamav/clamd.ctl", "unix:/run/clamav/clamd.ctl"),
        (" /run/clamav/clamd.ctl ", "unix:/run/clamav/clamd.ctl"),
        ("UNIX:/var/run/clamd.scan/clamd.sock", "unix:/var/run/clamd.scan/clamd.sock"),
        ("tcp:clamd:3310", "tcp:clamd:3310"),
        ("tcp://10.0.0.5:3311/", "tcp:10.0.0.5:3311"),
        ("tcp://clamd", "tcp:clamd:3310"),
        ("localhost:3310", "tcp:localhost:3310"),
        ("tcp:[::1]:3310", "tcp:[::1]:3310"),
        ("tcp:[fd00::5]", "tcp:[fd00::5]:3310"),
    ],
)
def test_an_address_may_be_written_in_several_ways(written: str, meant: str) -> None:
    assert str(address_from(written)) == meant


@pytest.mark.parametrize(
    "written",
    [
        *("on", "1", "yes", "clamd", "unix:", "unix:clamd.ctl", "unix:/run/", "tcp:", "tcp:h:0", "tcp:h:65536", "tcp:h:x"),
        *("tcp:::1:3310", "http://h:3310", "tcp:a b:3310", "tcp:h:3310/x", "tcp:h:３３１０", "tcp:主机:3310", "/" + "x" * 107),
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        address_from(written)


def test_it_answers_and_says_what_it_is(fake: FakeClamd) -> None:
    client(fake).ping()

    found = client(fake).version()
    assert (found.program, found.signed_at) == ("ClamAV 1.4.6", datetime(2026, 11, 20, 8, 12, 1, tzinfo=UTC))


def test_a_database_of_the_offices_own_has_no_date(fake: FakeClamd) -> None:
    fake.version = b"ClamAV 1.4.6"

    assert client(fake).version().signed_at is None


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7])
def test_every_byte_of_a_file_is_scanned(fake: FakeClamd, size: int) -> None:
    data = (HARMLESS * (size // len(HARMLESS) + 1))[:size]

    assert client(fake).scan(io.BytesIO(data)) is None
    assert fake.scanned == [data]


@pytest.mark.parametrize("before", [b"", HARMLESS * 1000])
def test_a_hit_is_told_by_its_signature(fake: FakeClamd, before: bytes) -> None:
    assert client(fake).scan(io.BytesIO(before + EICAR)) == SIGNATURE


@pytest.mark.parametrize(
    ("verdict", "signature"),
    [
        (b"stream: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND", "Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68)"),
        (b"stream: PUA.Doc \n Macro FOUND", "PUA.Doc Macro"),
        (b"stream: " + b"x" * 3000 + b" FOUND", "x" * 200),
        (b"stream: \xff\xfe FOUND", "\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_a_signature_is_one_short_line_whatever_it_is_called(fake: FakeClamd, verdict: bytes, signature: str) -> None:
    fake.verdict = verdict

    assert client(fake).scan(io.BytesIO(HARMLESS)) == signature


@pytest.mark.parametrize(
    "verdict",
    [
        b"stream: Can't allocate memory ERROR",
        b"UNKNOWN COMMAND",
        b"HTTP/1.1 400 Bad Request",
        b"stream: FOUND",
        b"OK",
        b"x" * 9000,
    ],
)
def test_what_is_no_verdict_lets_nothing_pass(fake: FakeClamd, verdict: bytes) -> None:
    fake.verdict = verdict

    with pytest.raises(BrokenOff):
        client(fake).scan(io.BytesIO(HARMLESS))


def test_a_file_longer_than_it_takes_is_told_from_a_lost_connection(fake: FakeClamd) -> None:
    fake.longest = 1000

    with pytest.raises(TooLong):
        client(fake).scan(io.BytesIO(b"x" * 2000))
    with pytest.raises((TooLong, BrokenOff)):  # over a network the answer may be lost with the connection
        client(fake).scan(io.BytesIO(b"x" * 20 * PIECE_BYTES))


def test_a_daemon_that_vanishes_in_the_middle_gives_no_verdict(fake: FakeClamd) -> None:
    fake.drops_over = b"xx"

    with pytest.raises(BrokenOff):
        client(fake).scan(io.BytesIO(b"x" * 10 * PIECE_BYTES))


def test_a_daemon_that_takes_a_file_and_never_answers_is_not_waited_for(fake: FakeClamd) -> None:
    fake.is_mute = True
    begun = time.monotonic()

    with pytest.raises(TooSlow):
        client(fake, 0.3).scan(io.BytesIO(HARMLESS))
    assert time.monotonic() - begun < 60  # it says nothing for 600


def test_nobody_there_is_said_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more: unknown() if host == "nowhere" else look_up(host, *more))
    stale = tmp_path / "stale.ctl"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(stale))
    for address, words in (
        (Address(path=str(tmp_path / "none.ctl")), "没有这个套接字"),
        (Address(path=str(stale)), "连接被拒绝"),
        (Address(host="127.0.0.1", port=1), "连接被拒绝"),
        (Address(host="nowhere", port=3310), "找不到这台主机"),
    ):
        for ask in (Clamd(address).ping, Clamd(address).version, lambda at=address: Clamd(at).scan(io.BytesIO(b"x"))):
            with pytest.raises(Unreachable, match=words):
                ask()


@pytest.mark.parametrize("pong", [b"HTTP/1.1 400 Bad Request", b"pong", b""])
def test_what_answers_otherwise_is_no_clamd(fake: FakeClamd, pong: bytes) -> None:
    fake.pong = pong

    with pytest.raises(Unreachable):
        client(fake).ping()


def test_a_daemon_that_does_not_answer_is_not_waited_for(fake: FakeClamd) -> None:
    fake.pong = None

    with pytest.raises(Unreachable, match="没有应答"):
        client(fake).ping(0.2)


def test_an_answer_that_comes_byte_by_byte_does_not_go_on_for_ever() -> None:
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            while not over.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        with pytest.raises(ClamdError):
            Clamd(Address(host="127.0.0.1", port=listening.getsockname()[1]), 0.5).scan(io.BytesIO(HARMLESS))
        over.set()
