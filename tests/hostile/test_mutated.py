"""Reports with random damage, through the jail: read or refused, never a defect of ours, never a dead process."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from random import Random

import pytest

from audits.single import audit_in_jail
from bench.corpus.formats import doc, xlsx
from tests.hostile import files

TRIES = 25
PIECES = (b"<", b">", b'"', b"&", b"\0", b"-1", b"99999999999", b"\xff\xff\xff\xff", b"\t", b"\n", b"]]>", b"<!--")
SOUND = {
    "txt": lambda: files.as_text().encode(),
    "html": lambda: files.as_html().encode(),
    "docx": files.as_docx,
    "ofd": files.as_ofd,
    "pdf": files.as_pdf,
    "doc": lambda: doc.word97(doc.report(files.report().page())),
    "xlsx": lambda: xlsx.report(files.report().page(), ruled=True, sheets=False),
}


def damaged(data: bytes, random: Random) -> bytes:
    """Bytes changed, cut out, repeated or put in, at one to eight places."""
    made = bytearray(data)
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(made) or 1)
        match random.randrange(4):
            case 0:
                made[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                del made[at : at + random.randint(1, 200)]
            case 2:
                made[at:at] = made[max(0, at - 300) : at]
            case _:
                made[at : at + 1] = random.choice(PIECES)
    return bytes(made)


def with_a_damaged_part(data: bytes, random: Random) -> bytes:
    """A sound package, one part of which is damaged: what damage to the bytes of a ZIP never gets to."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(sorted(parts))
    return files.zipped(parts | {name: damaged(parts[name], random)})


@pytest.mark.parametrize("form", SOUND)
def test_a_damaged_report_is_audited_or_refused(form: str, tmp_path: Path) -> None:
    random = Random(f"damage-{form}")
    sound = SOUND[form]()
    ours = []
    for number in range(TRIES):
        path = tmp_path / f"{number}.{form}"
        packed = form in ("docx", "ofd", "xlsx") and number % 3 > 0
        path.write_bytes(with_a_damaged_part(sound, random) if packed else damaged(sound, random))
        outcome = audit_in_jail(path, path.name, ("json",))
        if outcome.code in ("INTERNAL", "READER_CRASHED"):
            ours.append((number, outcome.reason))

    assert ours == []
