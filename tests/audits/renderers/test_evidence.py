"""Pieces of the source's pages in the report, and the annotated copy of the source."""

from __future__ import annotations

import io
import subprocess
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
from reports_in.document import Source
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
