"""Bytes to characters: which encoding fits, what was lost, and the characters that never reach a Document.

The content decides, not the declaration: pages declare utf-8 and hold GBK, and the reverse. UTF-8 is tried first because
GB18030 accepts most UTF-8 and garbles it, while GBK text is next to never valid UTF-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from reports_in.errors import UndecodableText, UnknownFormat

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\x84\x31\x95\x33", "gb18030"))
TRUSTED_ENCODINGS = frozenset({"gb18030", "big5", "big5hkscs"})  # Big5 only where declared: content cannot tell it
UTF8_LOSS = 0.1  # of the characters beyond ASCII; GBK read as UTF-8 loses more than half, a damaged page a few
TOLERATED_LOSS = 0.02  # likewise in every other encoding, but at least one character, the last of a file cut off
TOLERATED_CONTROLS = 0.02  # of all characters; compressed or compiled bytes hold about 10 %
FEW_CONTROLS = 8  # are stripped from however short a text
SAMPLE = 4_000  # characters looked at to tell UTF-16 without a mark

INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]+"
)
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029|\x0b")
_PAGE_BREAK = re.compile("(?<=\n)\x0c+|^\x0c+|\x0c+(?=\n|$)")
_LAYOUT_BYTES = b"\t\n\x0b\x0c\r\x1a"  # control characters that are no fault; 0x1A once ended DOS files
_ORDINARY = re.compile("[\t\n\r -~\u2010-\u203b\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """text as decoded, nothing stripped yet; encoding is Python's name; lost counts the places that no character fits."""

    text: str
    encoding: str
    lost: int = 0


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """The characters of a whole text file or page. Raises UndecodableText, or UnknownFormat for bytes that are no text."""
    decoded = _decode(data, declared)
    size = len(decoded.text) if decoded else len(data)
    if _has_controls(data, decoded.encoding if decoded else "", max(FEW_CONTROLS, TOLERATED_CONTROLS * size)):
        raise UnknownFormat(name, "内容不是文字，扩展名与内容不符", "请提交年报原件（DOCX、PDF、网页或文本）")
    if decoded is None:
        fault = "不是 UTF-8、GB18030 或 UTF-16 编码的文字，无法解读"
        raise UndecodableText(name, fault, "请用记事本打开原文件，另存为 UTF-8 编码后重新提交")
    return decoded


def is_utf8(data: bytes) -> bool:
    """Whether ``decode`` takes the bytes for UTF-8 as they are, and loses nothing. False also where that takes a closer look."""
    if data.startswith(BOMS[0][0]) or b"\0" in data[: 4 * SAMPLE]:
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\ufffd" not in text and not _has_controls(data, "utf-8", max(FEW_CONTROLS, TOLERATED_CONTROLS * len(text)))


def _has_controls(data: bytes, encoding: str, tolerated: float) -> bool:
    """Whether there are more control characters. In the encodings of one byte and more no other character holds such a byte."""
    if encoding.startswith("utf-16"):
        data = data.decode(encoding, "replace").encode("utf-8", "replace")
    codes = np.frombuffer(data, np.uint8)
    low = codes < 0x20
    if np.count_nonzero(low) <= tolerated:  # line ends among them, and yet few
        return False
    return len(codes[low].tobytes().translate(None, _LAYOUT_BYTES)) > tolerated


def _decode(data: bytes, declared: str | None) -> Decoded | None:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _with_replacements(data[len(mark) :], encoding)
    if b"\0" in data[: 4 * SAMPLE] and (wide := _utf16(data)) is not None:
        return wide
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        damaged = _with_replacements(data, "utf-8")
        cut_off = error.reason == "unexpected end of data"
        if cut_off or damaged.lost <= UTF8_LOSS * len(_BEYOND_ASCII.findall(damaged.text)):
            return damaged
    for likely in (declared, "gb18030"):
        if likely in TRUSTED_ENCODINGS:
            decoded = _with_replacements(data, likely)
            if decoded.lost <= max(1, TOLERATED_LOSS * len(_BEYOND_ASCII.findall(decoded.text))):
                return decoded
    return None


def _utf16(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: the byte order under which nearly all characters are ordinary ones of a Chinese report."""
    best, share = "", 0.85
    for encoding in ("utf-16-le", "utf-16-be"):
        sample = data[: 2 * SAMPLE].decode(encoding, "replace")
        ordinary = len(_ORDINARY.findall(sample)) / len(sample)
        if ordinary > share:
            best, share = encoding, ordinary
    return _with_replacements(data, best) if best else None


def _with_replacements(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return Decoded(text, encoding, text.count("\ufffd"))


def lines_of(text: str) -> str:
    """The same text with ``\\n`` for every kind of line end and without characters that nobody sees.

    A page break (form feed) at the edge of a line goes, elsewhere it ends the line, so that line numbers stay an editor's.
    """
    text = _LINE_END.sub("\n", text)
    if "\f" in text:
        text = _PAGE_BREAK.sub("", text).replace("\f", "\n")
    return visible(text)


def visible(text: str) -> str:
    """The same text without control, zero-width and direction characters, which databases and spreadsheets refuse."""
    if text.isalnum() or not INVISIBLE.search(text):  # letters and figures alone, as most cells hold, need no search
        return text
    return INVISIBLE.sub("", text)
