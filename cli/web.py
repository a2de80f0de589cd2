"""`hecha web`: the web pages and the JSON API, by uvicorn. On this machine only, unless it speaks TLS."""

from __future__ import annotations

import errno
import ipaddress
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.chinese import Command, expected_errors
from reports_in.system_words import in_words
from worker.errors import CertificateUnusable, PortInUse, StartError
from worker.settings import DATA_FOLDER, DATABASE_URL

if TYPE_CHECKING:
    from audits.store import Store
    from cli.certificate import Certificate

PORT = 8080
STOPPING_SECONDS = 10  # for requests that are being answered
C = TypeVar("C", bound=Callable[..., Any])


def about_addresses(command: C) -> C:
    """The options of `hecha web` that `hecha up` hands on."""
    for option in (
        click.option(
            "--proxy",
            "proxies",
            metavar="地址",
            multiple=True,
            envvar="HECHA_PROXIES",
            help="反向代理的地址，可写多个：只相信它们转来的来访地址（环境变量 HECHA_PROXIES，用空格隔开）",
        ),
        click.option("--key", metavar="文件", type=click.Path(path_type=Path), help="证书的私钥（PEM，没有密码）"),
        click.option(
            "--certificate", metavar="文件", type=click.Path(path_type=Path), help="证书（PEM）；对外开放而不写则自制一张"
        ),
        click.option(
            "--listen",
            metavar="地址",
            default="127.0.0.1",
            help="在哪个地址上开放；不写则只限本机。写其他地址时一律加密（https）",
        ),
        click.option(
            "--port", metavar="端口", type=click.IntRange(1, 65535), default=PORT, help=f"网页的端口；不写则为 {PORT}"
        ),
    ):
        command = option(command)
    return command


@click.command(cls=Command)
@about_addresses
@expected_errors
def web(port: int, listen: str, certificate: Path | None, key: Path | None, proxies: Sequence[str]) -> None:
    """启动网页和接口（JSON API），直到被停止。后台核查另由 hecha worker、hecha reconcile 做；单机请用 hecha up。"""
    from audits.store import Store
    from worker import logs

    logs.install()
    check_address(listen, port)
    tls = certificate_for(DATA_FOLDER, listen, certificate, key)
    if tls is not None:
        click.echo(f"证书指纹（SHA-256）：{tls.fingerprint}，{tls.ends:%Y-%m-%d} 到期", err=True)
    serve(Store(DATA_FOLDER, DATABASE_URL), port, listen, tls, proxies)


def serve(store: Store, port: int, listen: str, tls: Certificate | None, proxies: Sequence[str]) -> None:
    """Answer requests until SIGTERM or SIGINT; what is being answered then is finished."""
    import uvicorn

    from web.app import create_app
    from web.connections import MOST_AT_ONCE, Impatient
    from web.here import Options

    spool = store.folder / "tmp"  # what is being uploaded goes there: a container's /tmp is memory
    spool.mkdir(mode=0o700, exist_ok=True)
    tempfile.tempdir = str(spool)
    config = uvicorn.Config(
        create_app(store, Options(is_local=is_loopback(listen))),
        host=listen,
        port=port,
        http=Impatient,
        limit_concurrency=MOST_AT_ONCE,
        ssl_certfile=tls.path if tls else None,
        ssl_keyfile=tls.key if tls else None,
        proxy_headers=bool(proxies),  # uvicorn would believe whatever comes from this machine
        forwarded_allow_ips=list(proxies),
        log_config=None,
        access_log=False,  # the application's own has the ids
        server_header=False,
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    uvicorn.Server(config).run()


def certificate_for(data: Path, listen: str, certificate: Path | None, key: Path | None) -> Certificate | None:
    """None on this machine's own address, unless one is given. Raises CertificateUnusable."""
    if (certificate is None) != (key is None):
        raise CertificateUnusable("--certificate 和 --key 要一起写")
    if certificate is None and is_loopback(listen):
        return None
    from cli import certificate as certificates

    if certificate is not None and key is not None:
        return certificates.given(certificate, key)
    return certificates.own(data, listen)


def is_loopback(address: str) -> bool:
    """Whether nobody outside this machine reaches it."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def check_address(listen: str, port: int) -> None:
    """Raises PortInUse, or StartError for an address that is none of this machine's."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(listen, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except OSError as exc:
        match exc.errno:
            case errno.EADDRINUSE:
                raise PortInUse(f"端口 {port} 已被别的程序占用；请用 --port 换一个，或先停掉那个程序") from exc
            case errno.EACCES:
                raise PortInUse(f"端口 {port} 需要系统管理员权限；请用 --port 换成 1024 以上的端口") from exc
            case _:
                raise StartError(f"{listen}：不是本机的地址（{in_words(exc)}）；请核对 --listen") from exc


def address_of(listen: str, port: int, tls: object | None) -> str:
    """What to type into a browser on this machine, or, for a particular address, anywhere."""
    host = "127.0.0.1" if listen == "0.0.0.0" else "[::1]" if listen == "::" else f"[{listen}]" if ":" in listen else listen  # noqa: S104
    return f"{'https' if tls else 'http'}://{host}:{port}"
