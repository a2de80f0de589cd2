"""PDF: real and invented files come out whole; every damaged or hostile one has its own end."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.platypus import SimpleDocTemplate, TableStyle
from reportlab.platypus import Table as FlowTable

from bench.corpus.formats.pdf import Drawn, write
from bench.corpus.formats.sheets import Paper
from bench.corpus.invent import invent
from bench.corpus.page import Grid, Words
from reports_in import read_bytes
from reports_in.document import Document, Paragraph, Table
from reports_in.errors import Damaged, EmptyFile, Encrypted, IntakeError, LimitExceeded, NeedsOcr, UnknownFormat
from reports_in.limits import LIMITS
from tests.reports_in.checks import everything, notes, ranges_fit, rows, shape
from tests.reports_in.readers.raw_pdf import FONT, drawn, one_page, spelled, stream

SHARED = Path(os.environ.get("HECHA_SHARED", Path(__file__).parents[4] / "shared"))
HELLO = "BT /F1 12 Tf 72 700 Td (Shown) Tj ET"
STYLES = {
    "strokes": Drawn(),
    "boxes": Drawn(lines="boxes", bold=True),
    "fills": Drawn(lines="fills", glyphs=True),
    "double": Drawn(lines="double"),
    "dashed": Drawn(lines="dashed"),
    "one path": Drawn(Paper(shade=True), lines="path"),
    "open sides": Drawn(Paper(rules="open", split=True)),
    "rows cut by pages": Drawn(Paper(split=True)),
    "repeated heads": Drawn(Paper(repeated=True, head="示例单位", number="of")),
    "spread labels": Drawn(Paper(spread=True)),
    "rotated": Drawn(turned=90, moved=True),
    "upside down": Drawn(turned=180),
    "font not embedded": Drawn(font="named", turned=270),
    "inside a form": Drawn(form=True, turned=90),
    "any order, watermark": Drawn(order="shuffled", mark="仅供内部参考"),
    "landscape": Drawn(Paper(width=842, height=595, number="slash", split=True)),
}


def read(data: bytes) -> Document:
    return read_bytes(data, "年报.pdf")


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", range(3))
def test_a_report_comes_back_cell_by_cell_with_its_spans(style: str, seed: int) -> None:
    page = invent(seed).page()
    document = read(write(page, Random(seed), STYLES[style]).data)
    want = [
        [
            (at, slot.column, slot.height, slot.width, bare(slot.text))
            for at, line in enumerate(block.lines)
            for slot in line.slots
        ]
        for block in page
        if isinstance(block, Grid)
    ]
    got = [
        [(cell.row, cell.column, cell.row_span, cell.column_span, bare(cell.text)) for cell in block.cells]
        for block in document.blocks
        if isinstance(block, Table)
    ]
    assert got == want


@pytest.mark.parametrize("style", STYLES)
def test_prose_comes_back_paragraph_by_paragraph(style: str) -> None:
    page = invent(5).page()
    document = read(write(page, Random(5), STYLES[style]).data)
    want = [bare(block.text) for block in page if isinstance(block, Words)]
    assert [bare(block.text) for block in document.blocks if isinstance(block, Paragraph)] == want


@pytest.mark.parametrize("rules", ["level", "none"])
def test_figures_without_upright_rules_come_row_by_row(rules: str) -> None:
    page = invent(1).page()
    document = read(write(page, Random(1), Drawn(Paper(rules=rules, stacked=False))).data)
    figures = [
        slot.text for block in page if isinstance(block, Grid) for line in block.lines for slot in line.slots if slot.spot
    ]
    assert [text for text in document.text.split() if text in set(figures)] == figures


def test_the_same_bytes_give_the_same_document() -> None:
    data = write(invent(2).page(), Random(2), Drawn()).data
    assert read(data) == read(data)


def test_every_range_fits_and_every_box_lies_on_its_page() -> None:
    document = read(write(invent(2).page(), Random(2), Drawn(turned=90, moved=True)).data)
    cells = [cell for block in document.blocks if isinstance(block, Table) for cell in block.cells]
    boxes = [cell.source.box for cell in cells]
    assert ranges_fit(document)
    assert all(box is not None and 0 <= box[0] < box[2] <= 595 and 0 <= box[1] < box[3] <= 842 for box in boxes)


def test_the_real_report_comes_out_exactly_as_in_its_gold() -> None:
    report, gold = SHARED / "reports" / "huaian-2024.pdf", SHARED / "gold" / "huaian-2024.json"
    if not (report.exists() and gold.exists()):
        pytest.skip(f"the real report is not here: {report}")
    document = read(report.read_bytes())
    tables = [block for block in document.blocks if isinstance(block, Table)]
    expected = json.loads(gold.read_text(encoding="utf-8"))["tables"]
    figures = [[_number(text) for text in line if _number(text) is not None] for table in tables for line in rows(table)]
    want = [
        *([*row.values()] for row in expected["disclosure"].values()),
        *expected["applications"].values(),
        [figure for group in expected["litigation"].values() for figure in group],
    ]
    assert [line for line in figures if line] == want


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def test_platypus_tables_keep_spans_over_pages() -> None:
    out = io.BytesIO()
    lines = [["名称", "", "件数"], ["一", "甲", "1"], *(["", f"第{n}项", str(n)] for n in range(2, 80))]
    flow = FlowTable(lines, repeatRows=1)
    flow.setStyle(
        TableStyle(
            [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONTNAME", (0, 0), (-1, -1), FONT), ("SPAN", (0, 0), (1, 0))]
        )
    )
    SimpleDocTemplate(out, pagesize=landscape(A4), invariant=1).build([flow])
    (table,) = read(out.getvalue()).blocks
    assert isinstance(table, Table)
    assert ([cell.text for cell in table.cells if cell.column == 2], table.cells[0].column_span) == (
        ["件数", *map(str, range(1, 80))],
        2,
    )


def test_a_table_lying_on_an_upright_page_is_turned() -> None:
    out = "q 0 1 -1 0 500 100 cm BT /F1 12 Tf 10 10 Td (Name) Tj 100 0 Td (12) Tj ET 0 0 m 200 0 l S 0 30 m 200 30 l S"
    (table,) = read(one_page(out + " 0 0 m 0 30 l S 90 0 m 90 30 l S 200 0 m 200 30 l S Q")).blocks
    assert isinstance(table, Table)
    assert rows(table) == [["Name", "12"]]


def test_radicals_of_a_mangled_font_are_folded_and_noted() -> None:
    document = read(drawn([(72, 100, "⾏政机关为⼈⺠服务⽆误")]))
    assert (shape(document), notes(document)) == (["行政机关为人民服务无误"], ["RADICALS_FOLDED"])


def test_full_width_figures_and_brackets_stay_as_printed() -> None:
    assert shape(read(drawn([(72, 100, "收到１２件(含3件)")]))) == ["收到１２件(含3件)"]


def test_invisible_text_is_no_evidence() -> None:
    document = read(one_page(HELLO + " BT 3 Tr /F1 12 Tf 72 600 Td (Hidden) Tj ET"))
    assert (shape(document), notes(document)) == (["Shown"], ["HIDDEN_TEXT"])


def test_text_outside_the_page_is_no_evidence() -> None:
    document = read(drawn([(72, 100, "正文"), (900, 100, "页外")]))
    assert (shape(document), notes(document)) == (["正文"], ["HIDDEN_TEXT"])


def test_text_typed_onto_the_page_is_read() -> None:
    field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(3119)/Rect[72 500 200 520]/AP<</N 7 0 R>>>>"
    shown = stream(
        "BT /F1 12 Tf 2 4 Td (3119) Tj ET", "/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</F1 5 0 R>>>>"
    )
    document = read(one_page(HELLO, field, shown, page="/Annots[6 0 R]", catalogue="/AcroForm<</Fields[6 0 R]>>"))
    assert (shape(document), notes(document)) == (["Shown", "3119"], ["TYPED_ON"])


TYPE0 = (
    "<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Foo/Encoding/Identity-H/DescendantFonts[7 0 R]{}>>",
    "<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Foo"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000>>",
)
PRIVATE = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <0000> <ffff> "
    "endcodespacerange 1 beginbfrange <0030> <0039> <e000> endbfrange endcmap end end"
)


@pytest.mark.parametrize("unicode", ["", "/ToUnicode 8 0 R"])
def test_figures_of_an_unreadable_font_are_never_figures(unicode: str) -> None:
    content = "BT /F2 12 Tf 72 700 Td <0030003100320033> Tj ET " + HELLO.replace("700", "600")
    data = one_page(content, TYPE0[0].format(unicode), TYPE0[1], stream(PRIVATE), fonts="/F1 5 0 R/F2 6 0 R")
    document = read(data)
    assert (re.search(r"\d", document.text), len(shape(document)), notes(document)) == (None, 2, ["FONT_UNREADABLE"])


def _picture(after: str, size: str = "595 0 0 842", before: str = "") -> bytes:
    image = "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>\nstream\nA\nendstream"
    return one_page(f"{before} q {size} 0 0 cm /I Do Q {after}", image, fonts="/F1 5 0 R>>/XObject<</I 6 0 R")


def test_text_behind_a_scan_is_no_evidence() -> None:
    with pytest.raises(NeedsOcr):
        read(_picture("", before=HELLO.replace("Shown", "A line that is long enough to be a sentence")))


def test_a_scan_with_printed_page_numbers_still_needs_ocr() -> None:
    with pytest.raises(NeedsOcr):
        read(_picture(HELLO.replace("Shown", "- 1 -")))


def test_a_picture_as_large_as_a_table_is_noted() -> None:
    assert notes(read(_picture(HELLO, "300 0 0 100"))) == ["IMAGE"]


def test_a_seal_is_no_picture_of_a_table() -> None:
    assert notes(read(_picture(HELLO, "120 0 0 120"))) == []


def _protected(user: str, owner: str) -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(drawn([(72, 100, "正文")]))))
    writer.encrypt(user, owner, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_password_for_printing_only_does_not_hinder_reading() -> None:
    assert shape(read(_protected("", "owner"))) == ["正文"]


PAGES = "<</Type/Catalog/Pages 2 0 R>>"
EMPTY_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
REFUSED: dict[str, tuple[bytes, type[IntakeError], str]] = {
    "a password is needed": (_protected("user", "owner"), Encrypted, "密码"),
    "truncated early": (drawn([(72, 100, "正文")])[:300], Damaged, "尾部缺失"),
    "truncated late": (drawn([(72, 100, "正文")])[:-30], Damaged, "尾部缺失"),
    "an update cut off": (drawn([(72, 100, "正文")]) + b"\n90 0 obj\n<</Type/Page", Damaged, "尾部缺失"),
    "garbage": (b"%PDF-1.4\n" + bytes(range(256)) * 50 + b"%%EOF", Damaged, "损坏"),
    "no page": (spelled([PAGES, "<</Type/Pages/Kids[]/Count 0>>"]), EmptyFile, "一页也没有"),
    "blank pages": (drawn([], []), EmptyFile, "没有任何文字"),
    "ten thousand pages": (
        spelled([PAGES, f"<</Type/Pages/Kids[{' '.join(f'{n} 0 R' for n in range(3, 10_003))}]/Count 10000>>", *[EMPTY_PAGE] * 10_000]),
        LimitExceeded,
        "10,000 页",
    ),
    "a million pages claimed": (spelled([PAGES, "<</Type/Pages/Kids[3 0 R]/Count 1000000>>", EMPTY_PAGE]), LimitExceeded, "页"),
    "pages claimed and not there": (spelled([PAGES, "<</Type/Pages/Kids[3 0 R]/Count 3>>", EMPTY_PAGE]), Damaged, "第2-3页"),
    "a page tree in a loop": (spelled([PAGES, "<</Type/Pages/Kids[2 0 R]/Count 1>>"]), Damaged, "第1页"),
    "a page of 70 metres": (one_page(HELLO, page="/MediaBox[0 0 200000 200000]"), LimitExceeded, "尺寸"),
    "a scan": (_picture(""), NeedsOcr, "扫描件"),
    "a scan with a hidden layer": (_picture(f"3 Tr {HELLO.replace('Shown', 'A long hidden layer of words')}"), NeedsOcr, "隐藏"),
    "an XFA form": (
        one_page(HELLO, stream("<xdp/>"), catalogue="/AcroForm<</Fields[]/XFA 6 0 R>>/NeedsRendering true"),
        UnknownFormat,
        "XFA",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_whole_is_refused_with_its_reason(case: str) -> None:
    data, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason) as caught:
        read(data)
    assert str(caught.value).startswith("年报.pdf：")


def _with_attachment() -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(drawn([(72, 100, "正文")]))))
    writer.add_attachment("a.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_with_attachment(), "ATTACHMENTS"),
        (one_page(HELLO, catalogue="/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "ACTIVE_CONTENT"),
        (one_page(HELLO, catalogue="/OpenAction<</S/Launch/F(cmd.exe)>>"), "ACTIVE_CONTENT"),
        (one_page(HELLO, stream("<x/>"), catalogue="/AcroForm<</Fields[]/XFA[(template) 6 0 R]>>"), "XFA_FORM"),
        (drawn([(72, 100, "正文")], []), "BLANK_PAGE"),
    ],
)
def test_what_is_left_aside_is_noted(data: bytes, code: str) -> None:
    assert notes(read(data)) == [code]


def test_a_scanned_page_among_others_is_noted() -> None:
    writer = PdfWriter()
    for data in (drawn([(72, 100, "正文")]), _picture("")):
        writer.append(PdfReader(io.BytesIO(data)))
    out = io.BytesIO()
    writer.write(out)
    assert [note.message[:4] for note in read(out.getvalue()).notes] == ["第2页是"]


def test_a_form_that_draws_itself_ends() -> None:
    itself = stream(HELLO, "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>")
    assert "Shown" in read(one_page("/X Do", itself, fonts="/F1 5 0 R>>/XObject<</X 6 0 R")).text


def test_bad_drawing_commands_do_not_hide_the_text() -> None:
    assert shape(read(one_page(HELLO + " garbage << [ ( 1 2 3"))) == ["Shown"]


@pytest.mark.parametrize("pages", [1, 40, LIMITS.pages])
def test_a_sentinel_at_the_very_end_is_read(pages: int) -> None:
    document = read(
        drawn(
            *([(72.0, 100.0 + 30 * line, f"第{page}页第{line}行。") for line in range(20)] for page in range(pages - 1)),
            [(72, 800, "末尾哨兵")],
        )
    )
    assert everything(document).endswith("末尾哨兵")


def test_mutated_files_end_in_a_document_or_an_error_of_ours() -> None:
    random = Random(7)
    whole = write(invent(0).page(), random, Drawn(font="named")).data
    ends = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(random.randint(1, 30)):
            data[random.randrange(len(data))] = random.randrange(256)
        try:
            ends.add(ranges_fit(read(bytes(data))))
        except IntakeError:
            ends.add(True)
    assert ends == {True}
