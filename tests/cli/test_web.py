"""`hecha web` is open to this machine only, or speaks TLS; what stands in its way is one line with a code."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli import certificate
from cli.web import address_of, certificate_for, check_address, is_loopback
from tests.servers import PATIENCE, free_port, until
from web.connections import MOST_AT_ONCE, SILENT_SECONDS
from worker.errors import CertificateUnusable, PortInUse, StartError


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens at."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_said_before_anything_starts(taken: int) -> None:
    with pytest.raises(PortInUse, match=f"端口 {taken} 已被别的程序占用"):
        check_address("127.0.0.1", taken)


def test_an_address_of_another_machine_cannot_be_listened_at() -> None:
    with pytest.raises(StartError, match="不是本机的地址"):
        check_address("192.0.2.1", 18080)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)),
        *(("::", False), ("10.0.0.5", False), ("hecha.example", False), ("127.0.0.1.example", False)),
    ],
)
def test_only_this_machines_own_addresses_go_without_tls(address: str, here: bool, tmp_path: Path) -> None:
    assert (is_loopback(address), certificate_for(tmp_path, address, None, None) is None) == (here, here)


@pytest.mark.parametrize(
    ("listen", "tls", "shown"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8080"),
        ("0.0.0.0", True, "https://127.0.0.1:8080"),
        ("::", True, "https://[::1]:8080"),
        ("fd00::5", True, "https://[fd00::5]:8080"),
    ],
)
def test_the_address_shown_can_be_typed_into_a_browser(listen: str, tls: object, shown: str) -> None:
    assert address_of(listen, 8080, tls) == shown


def test_our_own_certificate_is_made_once_and_its_key_is_nobody_elses(tmp_path: Path) -> None:
    first = certificate.own(tmp_path, "0.0.0.0")
    again = certificate.own(tmp_path, "0.0.0.0")

    assert first == again
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert first.days_left > 700


def test_our_own_certificate_serves_tls_for_this_machines_names_with_the_printed_fingerprint(tmp_path: Path) -> None:
    made = certificate.own(tmp_path, "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.path, made.key)
    trusting = ssl.create_default_context(cafile=str(made.path))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with server.wrap_socket(listening.accept()[0], server_side=True) as one:
                one.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        with (
            socket.create_connection(listening.getsockname()) as plain,
            trusting.wrap_socket(plain, server_hostname="localhost") as spoken,
        ):
            shown = spoken.getpeercert(binary_form=True)
            spoken.send(b"x")
        thread.join()

    assert shown is not None
    assert made.fingerprint.replace(":", "").lower() == hashlib.sha256(shown).hexdigest()


def test_our_own_certificate_is_renewed_before_it_ends_and_when_a_name_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=10))
    short = certificate.own(tmp_path, "127.0.0.1")
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=700))
    renewed = certificate.own(tmp_path, "127.0.0.1")
    renamed = certificate.own(tmp_path, "hecha.example")

    assert len({short.fingerprint, renewed.fingerprint, renamed.fingerprint}) == 3
    assert certificate.own(tmp_path, "127.0.0.1") == renamed


def test_a_certificate_that_has_ended_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "BACKDATED", timedelta(days=9))
    monkeypatch.setattr(certificate, "LASTS", timedelta(days=-2))
    certificate.own(tmp_path, "127.0.0.1")
    made = certificate.kept(tmp_path)

    assert made is not None
    assert abs(datetime.now(UTC) - timedelta(days=2) - made.ends) < timedelta(hours=1)
    with pytest.raises(CertificateUnusable, match=f"已于 {made.ends:%Y-%m-%d} 到期"):
        certificate_for(tmp_path, "0.0.0.0", made.path, made.key)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    one, other = certificate.own(tmp_path / "a", "127.0.0.1"), certificate.own(tmp_path / "b", "127.0.0.1")

    with pytest.raises(CertificateUnusable, match="配不成一对"):
        certificate_for(tmp_path, "0.0.0.0", one.path, other.key)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "c.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CertificateUnusable):
        certificate_for(tmp_path, "0.0.0.0", path, path)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="要一起写"):
        certificate_for(tmp_path, "0.0.0.0", tmp_path / "c.pem", None)


# the program itself


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Callable[..., tuple[int, Path]]]:
    """Starts `hecha web` on a data folder of the test; gives its port and its log."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*args: str, **env: str) -> tuple[int, Path]:
        port, log = free_port(), tmp_path / "log"
        command = [Path(sys.executable).parent / "hecha", "web", "--port", str(port), *args]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("HECHA_")}
        with log.open("wb") as file:
            running.append(subprocess.Popen(command, env={**plain, "HECHA_DATA": str(tmp_path / "data"), **env}, stderr=file))
        until(lambda: _listens(port), f"hecha web listens; see {log}")
        return port, log

    yield start
    for process in running:
        process.terminate()
        assert process.wait(PATIENCE) in (
            0,
            -signal.SIGTERM,
        )  # uvicorn ends by the signal, when it has answered what it was asked


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def _get(port: int, path: str, *, trust: Path | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = (
        http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        if trust is None
        else http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=PATIENCE, context=ssl.create_default_context(cafile=str(trust))
        )
    )
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@pytest.mark.integration
def test_open_to_everybody_it_speaks_tls_by_its_own_certificate_and_nothing_else(
    web: Callable[..., tuple[int, Path]], tmp_path: Path
) -> None:
    port, log = web("--listen", "0.0.0.0")
    kept = certificate.kept(tmp_path / "data")
    assert kept is not None

    answer = _get(port, "/healthz", trust=kept.path)
    with pytest.raises((http.client.HTTPException, OSError)):
        _get(port, "/healthz")

    assert (answer.status, kept.fingerprint in log.read_text("utf-8")) == (200, True)
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert answer.headers["server"] is None


@pytest.mark.integration
def test_only_a_proxy_that_was_named_says_where_a_request_comes_from(web: Callable[..., tuple[int, Path]]) -> None:
    headers = {"X-Forwarded-For": "192.0.2.44", "X-Forwarded-Proto": "https"}
    unnamed, log = web(HECHA_LOG_FORMAT="json")
    _get(unnamed, "/healthz", **headers)
    until(lambda: "GET /healthz" in log.read_text("utf-8"), "the request is logged")
    distrusted = log.read_text("utf-8")
    named, log = web("--proxy", "127.0.0.1", HECHA_LOG_FORMAT="json")
    _get(named, "/healthz", **headers)
    until(lambda: "GET /healthz" in log.read_text("utf-8"), "the request is logged")

    assert ("192.0.2.44" in distrusted, "192.0.2.44" in log.read_text("utf-8")) == (False, True)
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [len(line["request"]) > 8 for line in lines if "GET /healthz" in line["message"]] == [True]


@pytest.mark.integration
def test_a_connection_that_asks_for_nothing_is_closed(web: Callable[..., tuple[int, Path]]) -> None:
    port, _ = web()
    with socket.create_connection(("127.0.0.1", port)) as silent, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        for connection in (silent, slow):
            connection.settimeout(SILENT_SECONDS + PATIENCE)
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""  # by itself it would stay for ever


@pytest.mark.integration
def test_connections_have_an_end_and_leave_room_again(web: Callable[..., tuple[int, Path]]) -> None:
    port, _ = web()
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(MOST_AT_ONCE)]
    full = _get(port, "/healthz").status
    for connection in held:
        connection.close()
    until(lambda: _get(port, "/healthz").status == 200, "there is room again")

    assert full == 503
