"""Words planted at the start, inside and at the very end of files of every format are all read, or the file is refused.

The readers' own tests go to each parser's limits (depths and sizes around them: test_html.py, test_docx.py, test_pdf.py,
test_ofd.py, test_xlsx.py, test_doc.py, test_silent_loss.py). Here every format gets the same treatment, in archives too.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from random import Random

import pytest

from bench.corpus.formats import docx, html, ofd, pdf
from bench.corpus.formats.doc import para, word97
from bench.corpus.formats.xlsx import workbook
from bench.corpus.page import Page, Words
from reports_in import read_bytes
from reports_in.archives import Member, Skipped, members
from reports_in.errors import IntakeError
from tests.hostile.files import zipped
from tests.reports_in.checks import everything

COUNTS = (1, 255, 256, 257, 1_023, 1_024, 4_095, 4_096, 9_999)
SIZES = (1, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 1_048_576, 1_048_577)  # of the buffers that parsers and packers have


def page(lines: Sequence[str]) -> Page:
    return tuple(Words(line, "prose") for line in lines)


def mhtml(lines: Sequence[str]) -> bytes:
    message = EmailMessage()
    message["MIME-Version"] = "1.0"
    message.make_related()
    message.add_related(html.write(page(lines), Random(1), html.Markup()).data, "text", "html", cte="base64")
    return message.as_bytes()


WRITERS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "txt": lambda lines: "\n".join(lines).encode(),
    "md": lambda lines: "\n\n".join(["# 报告", *lines]).encode(),
    "html": lambda lines: html.write(page(lines), Random(1), html.Markup()).data,
    "mhtml": mhtml,
    "docx": lambda lines: docx.write(page(lines), Random(1), docx.Word()).data,
    "doc": lambda lines: word97([para(line) for line in lines]),
    "xlsx": lambda lines: workbook([[line] for line in lines]),
    "ofd": lambda lines: ofd.write(page(lines), Random(1), ofd.Marked()).data,
    "pdf": lambda lines: pdf.write(page(lines), Random(1), pdf.Drawn()).data,
}


def planted(count: int) -> list[str]:
    return [f"哨兵{number}号在此" for number in range(count)]


def missing(read: str, lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line not in read][:5]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("count", COUNTS)
def test_every_line_is_read_or_the_file_is_refused(form: str, count: int) -> None:
    if form in ("pdf", "ofd") and count > 1_100:
        pytest.skip("drawing more takes longer than reading; their own tests go to the limit of pages")
    lines = planted(count)
    try:
        read = everything(read_bytes(WRITERS[form](lines), f"年报.{form}")).replace("\n", "")
    except IntakeError as error:
        read = "".join(lines) if error.code == "LIMIT_EXCEEDED" else ""

    assert missing(read, lines) == []


@pytest.mark.parametrize("form", [form for form in WRITERS if form not in ("pdf", "ofd")])
@pytest.mark.parametrize("size", SIZES)
def test_a_long_line_is_read_to_its_end_or_the_file_is_refused(form: str, size: int) -> None:
    lines = ["开头的哨兵", "长" * (size // 3) + "末尾的哨兵"]
    if form == "xlsx" and len(lines[1]) > 32_767:
        pytest.skip("no cell of a workbook holds so much")
    try:
        read = everything(read_bytes(WRITERS[form](lines), f"年报.{form}"))
    except IntakeError as error:
        read = "".join(lines) if error.code == "LIMIT_EXCEEDED" else ""

    assert missing(read, [lines[0], lines[1][-5:]]) == []


@pytest.mark.parametrize("size", SIZES)
def test_what_is_packed_comes_out_to_its_last_byte(size: int) -> None:
    data = Random(size).randbytes(size)
    packed = [zipped({"a.txt": data, "b.txt": data}), gzip.compress(data), bz2.compress(data), lzma.compress(data)]

    found = [list(members(io.BytesIO(each), "批")) for each in packed]

    assert [[item.data == data for item in items if isinstance(item, Member)] for items in found] == [
        [True, True],
        [True],
        [True],
        [True],
    ]


@pytest.mark.parametrize("cut", [1, 21, 22, 23, 100, 1_000, 4_096])
def test_an_archive_that_lost_its_end_says_so(cut: int) -> None:
    whole = zipped({f"{number}.txt": Random(number).randbytes(3_000) for number in range(5)})
    for data in (whole, gzip.compress(whole), lzma.compress(whole)):
        found = list(members(io.BytesIO(data[:-cut]), "批"))

        assert [item for item in found if isinstance(item, Skipped)] != []
