"""The second factor: codes of six digits that a phone reckons from a shared secret and the time (TOTP, RFC 6238). No network."""

from __future__ import annotations

import base64
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20  # as long as the SHA-1 that authenticator apps take without being told
DRIFT = 1  # steps that a phone's clock may be off, either way
ISSUER = "核查"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a person needs to set it up: the secret to type in, or a picture of ``uri`` to photograph.

    path  of an SVG path of ``size`` x ``size`` units: the dark squares of the picture.
    """

    secret: str
    uri: str
    size: int
    path: str


def new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def offered(secret: str, login: str) -> SecondFactor:
    label = quote(f"{ISSUER}:{login}")
    uri = f"otpauth://totp/{label}?secret={secret}&issuer={quote(ISSUER)}&digits={DIGITS}&period={STEP_SECONDS}"
    return SecondFactor(secret, uri, *_picture(uri))


def code_at(secret: str, step: int) -> str:
    """The code of that step, counted from 1970."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: str, code: str, now: float, after: int | None) -> int | None:
    """The step that the code is of, if it is of one about now and later than ``after``: a code works once. None otherwise."""
    given = "".join(unicodedata.normalize("NFKC", code).split()).encode("utf-8", "surrogatepass")
    current = int(now // STEP_SECONDS)
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), given)
        if same and (after is None or step > after):
            found = step
    return found


def _picture(text: str) -> tuple[int, str]:
    from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel  # slow to import, seldom wanted

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(text.encode()))
    code.make()
    dark = ((row, column) for row, line in enumerate(code.modules) for column, is_dark in enumerate(line) if is_dark)
    return code.moduleCount, "".join(f"M{column} {row}h1v1h-1z" for row, column in dark)
