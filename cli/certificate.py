"""The certificate of the web pages: one of our own where none is given, kept in the data folder, and what is printed of any."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reports_in.system_words import in_words
from worker.errors import CertificateUnusable

LASTS = timedelta(days=730)
RENEWED_BEFORE = timedelta(days=30)  # one of our own that ends sooner is replaced when the service starts
BACKDATED = timedelta(days=1)  # clocks of an office differ


@dataclass(frozen=True, slots=True)
class Certificate:
    """``fingerprint``: SHA-256 as browsers show it, for people to compare."""

    path: Path
    key: Path
    fingerprint: str
    ends: datetime

    @property
    def days_left(self) -> int:
        return (self.ends - datetime.now(UTC)).days


def given(path: Path, key: Path) -> Certificate:
    """The office's own. Raises CertificateUnusable if it cannot be read, has ended, or does not belong to the key."""
    found = _read(path, key)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, key, password="")  # no prompt on a terminal
    except (ssl.SSLError, OSError) as exc:
        raise CertificateUnusable(
            f"{path}：和私钥 {key} 配不成一对，或私钥有密码（{exc}）；请提供 PEM 格式、没有密码的证书和私钥"
        ) from exc
    if found.days_left < 0:
        raise CertificateUnusable(f"{path}：证书已于 {found.ends:%Y-%m-%d} 到期；请换新的证书")
    return found


def own(data: Path, address: str) -> Certificate:
    """Our own, self-signed, for that address and the names of this machine; made if there is none, or it ends soon, or lacks a name."""
    path, key = data / "certificate" / "hecha.crt", data / "certificate" / "hecha.key"
    names = _names(address)
    try:
        found = given(path, key)
        if found.days_left > RENEWED_BEFORE.days and names <= _names_in(path):
            return found
    except CertificateUnusable:
        pass
    try:
        _make(path, key, names)
    except OSError as exc:
        raise CertificateUnusable(f"{path}：写不下自制的证书（{in_words(exc)}）；请检查权限和磁盘空间") from exc
    return _read(path, key)


def kept(data: Path) -> Certificate | None:
    """Our own if it was ever made. Raises CertificateUnusable."""
    path = data / "certificate" / "hecha.crt"
    return _read(path, path.with_suffix(".key")) if path.exists() else None


def _read(path: Path, key: Path) -> Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as exc:
        raise CertificateUnusable(f"{path}：证书打不开（{in_words(exc)}）；请核对路径和权限") from exc
    except ValueError as exc:
        raise CertificateUnusable(f"{path}：不是 PEM 格式的证书；请转换后再用") from exc
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(path, key, fingerprint, certificate.not_valid_after_utc)


def _names(address: str) -> set[str]:
    """What people may type into a browser to get here."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    if address in ("0.0.0.0", "::", ""):  # noqa: S104  # everywhere: by any address this machine is known under
        try:
            names |= {str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(socket.gethostname(), None)}
        except OSError:  # a machine that does not know itself by name
            return names
    else:
        names.add(address)
    return names


def _names_in(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))}


def _make(path: Path, key_path: Path, names: set[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()[:64] or "hecha"
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "核查"), x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([_alternative(each) for each in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)  # so that an office can trust it by itself
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(key_path, secret, 0o600)
    _write(path, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable to others for a moment."""
    temporary = path.with_suffix(path.suffix + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    os.replace(temporary, path)
