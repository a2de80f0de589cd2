"""Pages of a PDF or a scan as pictures, with the places that findings quote: drawn in a jail, kept beside what was printed of the audit."""

from __future__ import annotations

import json
import logging
import os
import struct
import threading
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audits.digest import digest_from
from audits.renderers.evidence import pages_of
from audits.store import Result, Store
from audits.store.removal import PRINTED
from reports_in.document import Box, ReadingNote
from reports_in.jail import Died, Jail
from reports_in.limits import LIMITS

log = logging.getLogger(__name__)

PAGE_SECONDS = 30.0  # for one page
_HEAD = struct.Struct(">I")
_JAIL_LOCK = threading.Lock()  # the web answers in threads, and a jail serves one at a time


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page. width and height in points; boxes by number of the finding, in points from the top left corner."""

    number: int
    width: float
    height: float
    boxes: Mapping[int, Sequence[Box]]
    picture: Path


def page_image(store: Store, result: Result, number: int) -> PageImage | None:
    """The page as a grey PNG; None where there is none, or where it cannot be shown truly. Drawn once."""
    if result.audit is None or "json" not in result.outputs or not result.submission.sha256:
        return None
    if not 1 <= number <= LIMITS.pages:  # whatever an address asks for: each answer is kept in a file
        return None
    folder = store.folder / PRINTED / result.audit.key[:2] / result.audit.key
    told, picture = folder / f"page-{number}.json", folder / f"page-{number}.png"
    if not told.exists():
        request = [str(store.file(result.submission.sha256)), str(store.file(result.outputs["json"])), number]
        with _JAIL_LOCK:
            try:
                answer = b"".join(_JAIL.ask(json.dumps(request).encode(), PAGE_SECONDS + LIMITS.read_seconds))
            except Died as died:
                log.warning("a page could not be drawn: %s", died.fault)
                return None
        (length,) = _HEAD.unpack_from(answer)
        try:
            _put(picture, answer[_HEAD.size + length :])
            _put(told, answer[_HEAD.size : _HEAD.size + length])  # last: where it is, the picture is
        except OSError as exc:
            log.warning("a page could not be kept: %s", exc)
            return None
    return _read(told, picture, number)


def _read(told: Path, picture: Path, number: int) -> PageImage | None:
    """What a jailed process wrote is believed in nothing but its numbers."""
    try:
        head: Any = json.loads(told.read_bytes())
        if not head:
            return None
        boxes = {int(finding): [_box(one) for one in found] for finding, found in head["boxes"].items()}
        return PageImage(number, float(head["width"]), float(head["height"]), boxes, picture)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _box(given: Any) -> Box:
    left, top, right, bottom = map(float, given)
    return left, top, right, bottom


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _draw(request: bytes) -> Iterable[bytes]:
    """In the child."""
    source, audit, number = json.loads(request)
    written = Path(audit).read_bytes()
    notes = [ReadingNote(note["code"], note["message"]) for note in json.loads(written)["notes"]]
    pages = pages_of(Path(source).read_bytes(), notes)
    sheet = pages.page(number) if pages is not None else None
    if pages is None or sheet is None:
        return (_HEAD.pack(2) + b"{}",)
    boxes = {}
    for ordinal, finding in enumerate(digest_from(written).findings, 1):
        here = [item for item in finding.evidence if item.at is not None and item.at.page == number]
        if found := pages.boxes(here).get(number):
            boxes[ordinal] = found
    head = json.dumps({"width": sheet.width, "height": sheet.height, "boxes": boxes}).encode()
    return (_HEAD.pack(len(head)) + head + png(sheet.pixels.tobytes(), sheet.pixels.shape[1], sheet.pixels.shape[0]),)


def png(pixels: bytes, wide: int, high: int) -> bytes:
    """8-bit grey pixels, row after row, as a PNG."""
    rows = b"".join(b"\0" + pixels[row * wide : (row + 1) * wide] for row in range(high))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 6)),
        (b"IEND", b""),
    )
    chunks = (_HEAD.pack(len(data)) + kind + data + _HEAD.pack(zlib.crc32(kind + data)) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


_JAIL = Jail(_draw)
