"""A copy of the source PDF with every finding marked where it stands, but those that a decision set aside: a frame, and a note with the problem's number and words.

The pages themselves are left as they are; any PDF reader shows, hides and lists the marks. Nothing is written for other formats, nor
for a PDF that pypdf cannot copy: the audit report says the same.
"""

from __future__ import annotations

import io
import logging

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from audits.findings import Audit, Finding
from audits.renderers.cells import clean
from audits.renderers.evidence import Pages, pages_of
from audits.renderers.terms import PLAIN, Terms
from audits.wording import SEVERITIES
from reports_in.document import Box
from rules.verdict import Severity

log = logging.getLogger(__name__)

COLOURS = {Severity.ERROR: (0.78, 0.1, 0.1), Severity.WARNING: (0.85, 0.5, 0.0), Severity.NOTICE: (0.15, 0.4, 0.7)}
LONGEST = 1_000  # characters of one note
PRINTED = 4  # the annotation flag that makes it print
PAD = 1.5


def render(audit: Audit, terms: Terms = PLAIN, source: bytes | None = None) -> bytes:
    """The annotated copy; b"" if the source is no PDF, cannot be copied, or has nothing to mark."""
    pages = pages_of(source, audit.notes)
    if pages is None or source is None or b"%PDF-" not in source[:1024] or not audit.standing():
        return b""
    try:
        return _annotated(audit, source, pages)
    except Exception:  # whatever a stranger's PDF does to pypdf must not cost the audit
        log.exception("the source cannot be annotated")
        return b""


def _annotated(audit: Audit, source: bytes, pages: Pages) -> bytes:
    reader = PdfReader(io.BytesIO(source))
    if reader.is_encrypted:
        reader.decrypt("")
    writer = PdfWriter(clone_from=reader)
    marked = 0
    for number, finding in audit.standing():
        for page, boxes in pages.places(finding.evidence).items():
            leaf = writer.pages[page - 1]
            marks = leaf.get("/Annots")
            marks = marks.get_object() if marks is not None else None
            if not isinstance(marks, ArrayObject):
                marks = ArrayObject()
                leaf[NameObject("/Annots")] = marks
            for box in boxes:
                marks.append(writer._add_object(_mark(number, finding, box, writer)))
                marked += 1
    if not marked:
        return b""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _mark(number: int, finding: Finding, box: Box, writer: PdfWriter) -> DictionaryObject:
    """A square with its note. The look is drawn here, as not every reader draws one of its own."""
    left, bottom, right, top = box[0] - PAD, box[1] - PAD, box[2] + PAD, box[3] + PAD
    colour = COLOURS[finding.severity]
    shade = " ".join(f"{part:g}" for part in colour)
    doubt = f"\n人工核对：{finding.doubt}" if finding.doubt is not None else ""
    words = clean(f"{finding.message}\n应为：{finding.expected}\n依据：{finding.basis}{doubt}")
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Square"),
            NameObject("/Rect"): ArrayObject(FloatObject(round(edge, 2)) for edge in (left, bottom, right, top)),
            NameObject("/F"): NumberObject(PRINTED),
            NameObject("/C"): ArrayObject(map(FloatObject, colour)),
            NameObject("/BS"): DictionaryObject({NameObject("/W"): FloatObject(1.2)}),
            NameObject("/T"): TextStringObject(clean(f"{number}. {SEVERITIES[finding.severity]}：{finding.title}")),
            NameObject("/Contents"): TextStringObject(words[:LONGEST]),
            NameObject("/NM"): TextStringObject(f"{finding.id}-{number}"),
            NameObject("/AP"): DictionaryObject(
                {NameObject("/N"): writer._add_object(_look(right - left, top - bottom, shade))}
            ),
        }
    )


def _look(width: float, height: float, shade: str) -> DecodedStreamObject:
    look = DecodedStreamObject()
    look.set_data(f"{shade} RG 1.2 w 0.6 0.6 {width - 1.2:.2f} {height - 1.2:.2f} re S".encode("ascii"))
    look.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, round(width, 2), round(height, 2)))),
        }
    )
    return look
