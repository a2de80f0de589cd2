"""Pieces of the source's pages in the report, and the annotated copy of the source."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from random import Random

import pypdf
import pypdfium2
import pytest

from audits.audit import audit
from audits.findings import Audit
from audits.renderers import annotated, evidence, pdf
from audits.renderers.terms import Terms
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from reports_in import read_bytes
from reports_in.document import ReadingNote, Source
from rules.compile import load_pack
from rules.verdict import Evidence

SHOWN = Terms(evidence=True)


@pytest.fixture(scope="module")
def source() -> bytes:
    """A PDF with faults planted in its tables and its prose."""
    invented = invent(1, 2023)
    page = invented.page()
    for defect in ("result-sum", "label", "blank-row", "text-review", "fee"):
        planted = DEFECTS[defect].plant(invented, page, Random(1))
        page = planted.page if planted else page
    return print_as("pdf-split-rows", invented, page).printed.data


@pytest.fixture(scope="module")
def audited(source: bytes) -> Audit:
    return audit(read_bytes(source, "年报.pdf"), load_pack())


def turned(source: bytes, degrees: int) -> bytes:
    """The pages turned as an office turns a wide table: drawn the other way and marked to be shown upright."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(source))
    for page in writer.pages:
        page.rotate(-degrees)
        page.transfer_rotation_to_content()
        page.rotate(degrees)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pictures(data: bytes) -> int:
    return data.count(b"/Subtype /Image")


def quoted_in_boxes(source: bytes, audited: Audit) -> list[bool]:
    """For every place marked, whether the file's own text there belongs to the finding's quotes."""
    pages = evidence.pages_of(source)
    assert pages is not None
    file = pypdfium2.PdfDocument(source)
    found = []
    for finding in audited.findings:
        quotes = "".join("".join(item.quote.split()) for item in finding.evidence)
        for page, boxes in pages.places(finding.evidence).items():
            texts = [file[page - 1].get_textpage().get_text_bounded(*box) for box in boxes]
            found += [all(char in quotes for char in "".join(text.split())) for text in texts]
    return found


def test_every_finding_with_a_place_is_shown_on_its_page(source: bytes, audited: Audit) -> None:
    placed = [f for f in audited.findings if any(e.at is not None and e.at.box is not None for e in f.evidence)]

    assert len(placed) >= 4
    assert len(placed) <= pictures(pdf.render(audited, SHOWN, source)) <= 2 * len(placed)


@pytest.mark.parametrize(("terms", "given"), [(Terms(), True), (SHOWN, False)])
def test_pages_are_shown_only_when_asked_for_and_at_hand(source: bytes, audited: Audit, terms: Terms, given: bool) -> None:
    assert pictures(pdf.render(audited, terms, source if given else None)) == 0


def test_the_same_source_gives_the_same_bytes(source: bytes, audited: Audit) -> None:
    assert pdf.render(audited, SHOWN, source) == pdf.render(audited, SHOWN, source)
    assert annotated.render(audited, SHOWN, source) == annotated.render(audited, SHOWN, source)


def test_what_is_boxed_is_what_is_quoted(source: bytes, audited: Audit) -> None:
    found = quoted_in_boxes(source, audited)

    assert (len(found) >= 5, all(found)) == (True, True)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_on_turned_pages_too(source: bytes, degrees: int) -> None:
    pages = turned(source, degrees)
    found = quoted_in_boxes(pages, audit(read_bytes(pages, "年报.pdf"), load_pack()))

    assert (len(found) >= 5, all(found)) == (True, True)


@pytest.mark.parametrize("box", [(300.0, 40.0, 340.0, 52.0), (-50.0, -50.0, -10.0, -10.0), (0.0, 5000.0, 10.0, 5010.0)])
def test_a_place_where_something_else_stands_is_not_shown(source: bytes, box: tuple[float, float, float, float]) -> None:
    pages = evidence.pages_of(source)
    assert pages is not None

    assert pages.pieces([Evidence("新收政府信息公开申请数量", Source(1, None, box, (0, 1)))]) == []


@pytest.mark.parametrize("page", [0, -1, 99])
def test_a_page_that_is_not_there_is_not_shown(source: bytes, page: int) -> None:
    pages = evidence.pages_of(source)
    assert pages is not None

    assert pages.pieces([Evidence("0", Source(page, None, (10.0, 10.0, 20.0, 20.0), (0, 1)))]) == []


@pytest.mark.parametrize("other", [b"", b"<html>", b"%PDF-1.7 broken", None])
def test_what_is_no_pdf_gets_no_pieces_and_no_copy(audited: Audit, other: bytes | None) -> None:
    assert pictures(pdf.render(audited, SHOWN, other)) == 0
    assert annotated.render(audited, SHOWN, other) == b""


def test_the_copy_has_a_note_for_every_place_and_the_pages_unchanged(source: bytes, audited: Audit) -> None:
    copy = annotated.render(audited, SHOWN, source)
    before, after = pypdfium2.PdfDocument(source), pypdfium2.PdfDocument(copy)
    notes = [note.get_object() for page in pypdf.PdfReader(io.BytesIO(copy)).pages for note in page.get("/Annots", [])]
    told = "\n".join(str(note["/Contents"]) for note in notes)
    placed = [f for f in audited.findings if any(e.at is not None and e.at.box is not None for e in f.evidence)]

    assert [page.get_textpage().get_text_bounded() for page in after] == [
        page.get_textpage().get_text_bounded() for page in before
    ]
    assert {str(note["/Subtype"]) for note in notes} == {"/Square"}
    assert [finding.message for finding in placed if finding.message not in told] == []


def test_a_report_without_findings_needs_no_copy(source: bytes, audited: Audit, audit_of) -> None:
    assert annotated.render(audit_of(0), SHOWN, source) == b""


def test_both_files_are_sound(source: bytes, audited: Audit, tmp_path: Path) -> None:
    codes = []
    for data in (pdf.render(audited, SHOWN, source), annotated.render(audited, SHOWN, source)):
        (tmp_path / "a.pdf").write_bytes(data)
        codes.append(subprocess.run(["qpdf", "--check", str(tmp_path / "a.pdf")], capture_output=True).returncode)

    assert codes == [0, 0]


def scan(lean: float = 0.0, form: str = "PNG", pages: int = 1) -> bytes:
    """A sheet of A4 at 200 dpi with one line of type every 50 points, laid into the scanner a little askew."""
    from PIL import Image, ImageDraw

    sheet = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(sheet)
    for number in range(12):
        top = (100 + 50 * number) * 200 / 72
        pen.rectangle((250, top, 1400, top + 30), fill=0)
    sheet = sheet.rotate(-lean, fillcolor=255, resample=Image.Resampling.BICUBIC)
    out = io.BytesIO()
    first = Image.new("L", sheet.size, 255) if pages > 1 else sheet
    sheet.save(out, form, dpi=(200, 200)) if pages == 1 else first.save(out, form, save_all=True, append_images=[sheet])
    return out.getvalue()


def line_at(number: int, page: int = 1) -> Evidence:
    """The line of that number, where it stands once the sheet was straightened."""
    top = 100.0 + 50 * number
    return Evidence("政府信息", Source(page, None, (90.0, top - 2, 504.0, top + 13), (0, 4)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("lean", [0.0, 2.0, -3.0])
def test_a_scan_is_straightened_and_the_line_stands_in_its_box(form: str, lean: float) -> None:
    pages = evidence.pages_of(scan(lean, form))
    assert pages is not None

    (piece,) = pages.pieces([line_at(4)])
    scale = piece.pixels.shape[1] / piece.width
    left, top, right, bottom = (round(edge * scale) for edge in piece.boxes[0])
    inside_it = piece.pixels[top:bottom, left + 4 : right - 4]
    assert (inside_it < 128).mean() > 0.55
    assert (piece.pixels[: top - 2] < 128).sum() == 0
    assert (piece.pixels[bottom + 2 :] < 128).sum() == 0


@pytest.mark.parametrize("lean", [2.0, -3.0])
def test_on_the_page_itself_the_place_leans_as_the_page_does(lean: float) -> None:
    from PIL import Image

    pages = evidence.pages_of(scan(lean))
    assert pages is not None
    (left, bottom, right, top), *_ = pages.places([line_at(4)])[1]
    page = Image.open(io.BytesIO(scan(lean)))
    whole = page.crop(
        tuple(round(edge * 200 / 72) for edge in (left, page.height * 72 / 200 - top, right, page.height * 72 / 200 - bottom))
    )  # type: ignore[arg-type]
    black = sum(whole.histogram()[:128])

    assert black > 0.97 * 1150 * 30


def test_a_later_page_of_a_tiff_is_shown_and_one_that_is_not_there_is_not() -> None:
    pages = evidence.pages_of(scan(form="TIFF", pages=2))
    assert pages is not None

    assert len(pages.pieces([line_at(3, page=2)])) == 1
    assert pages.pieces([line_at(3, page=1)]) == []  # nothing is printed there
    assert pages.pieces([line_at(3, page=3)]) == []


def test_a_scan_that_was_turned_to_be_read_is_not_shown() -> None:
    pages = evidence.pages_of(scan(), [ReadingNote("OCR_TURNED", "第1页扫描时横放或倒放，转正后识别")])
    assert pages is not None

    assert pages.pieces([line_at(4)]) == []


def test_a_picture_gets_pieces_in_the_report_and_no_annotated_copy(audit_of) -> None:
    audit = audit_of(1)
    shown = replace(audit, findings=(replace(audit.findings[0], evidence=(line_at(4),)),))

    assert pictures(pdf.render(shown, SHOWN, scan())) == 1
    assert annotated.render(shown, SHOWN, scan()) == b""
