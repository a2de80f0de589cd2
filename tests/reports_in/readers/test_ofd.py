"""OFD: invented files come out whole; hostile packages are refused with their reason."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from random import Random

import pytest

from bench.corpus.formats.ofd import Marked, package, parts, write
from bench.corpus.formats.sheets import Box, Paper, Sheet, Text
from bench.corpus.invent import invent
from bench.corpus.page import Grid, Words
from reports_in import read_bytes
from reports_in.document import Document, Paragraph, Table
from reports_in.errors import Damaged, EmptyFile, Encrypted, IntakeError, LimitExceeded, NeedsOcr
from reports_in.limits import LIMITS
from reports_in.readers import ofd
from tests.reports_in.checks import everything, notes, ranges_fit, rows, shape

PAGE = "Doc_0/Pages/Page_0/Content.xml"
STYLES = {
    "runs of advances": Marked(),
    "listed advances, boxes": Marked(Paper(split=True), deltas="listed", lines="boxes"),
    "an object per character, fills": Marked(Paper(repeated=True), deltas="glyphs", lines="fills"),
    "scaled by a CTM": Marked(Paper(shade=True), scaled=True),
    "rules in a template": Marked(template=True, seal=True),
    "open sides": Marked(Paper(rules="open", spread=True)),
}


def read(data: bytes) -> Document:
    return read_bytes(data, "年报.ofd")


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def sheet(*texts: tuple[float, float, str]) -> dict[str, str]:
    return parts([Sheet(595, 842, [Text(x, y, 12, text) for x, y, text in texts])], Marked())


def with_objects(objects: str) -> dict[str, str]:
    made = sheet((72, 100, "正文"))
    made[PAGE] = made[PAGE].replace("</ofd:Layer>", objects + "</ofd:Layer>")
    return made


def text_object(text: str, attributes: str = "", code: str = 'X="0" Y="4"') -> str:
    return (
        f'<ofd:TextObject ID="900" Boundary="20 60 100 6" Font="2" Size="4" {attributes}>'
        f"<ofd:TextCode {code}>{text}</ofd:TextCode></ofd:TextObject>"
    )


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
    assert (got, ranges_fit(document)) == (want, True)


@pytest.mark.parametrize("style", STYLES)
def test_prose_comes_back_paragraph_by_paragraph(style: str) -> None:
    page = invent(5).page()
    document = read(write(page, Random(5), STYLES[style]).data)
    want = [bare(block.text) for block in page if isinstance(block, Words)]
    assert [bare(block.text) for block in document.blocks if isinstance(block, Paragraph)] == want


def test_places_are_points_from_the_top_left_corner() -> None:
    made = parts(
        [
            Sheet(
                595,
                842,
                [Text(110, 116, 12, "甲"), Text(210, 116, 12, "1")],
                [Box(100, 100, 200, 120), Box(200, 100, 300, 120)],
            )
        ],
        Marked(),
    )
    (table,) = read(package(made)).blocks
    assert isinstance(table, Table)
    boxes = [[round(edge) for edge in cell.source.box or ()] for cell in table.cells]
    assert (rows(table), boxes, table.cells[0].source.page) == ([["甲", "1"]], [[100, 100, 200, 120], [200, 100, 300, 120]], 1)


def test_a_run_of_advances_is_spelled_out() -> None:
    document = read(package(with_objects(text_object("本年3001件", code='X="0" Y="4" DeltaX="4 4 g 3 2.1 2.1"'))))
    assert shape(document) == ["正文", "本年3001件"]


def test_more_advances_claimed_than_there_are_characters_cost_nothing() -> None:
    document = read(package(with_objects(text_object("一二三", code='X="0" Y="4" DeltaX="g 2000000000 4"'))))
    assert shape(document) == ["正文", "一二三"]


def test_characters_count_whatever_glyphs_draw_them() -> None:
    glyphs = '<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="2"><ofd:Glyphs>31 32</ofd:Glyphs></ofd:CGTransform>'
    made = with_objects(text_object("收到").replace("<ofd:TextCode", glyphs + "<ofd:TextCode"))
    assert shape(read(package(made))) == ["正文", "收到"]


def test_composite_objects_and_page_blocks_are_read() -> None:
    made = with_objects(
        '<ofd:CompositeObject ID="901" Boundary="0 60 100 20" ResourceID="77"/>'
        f"<ofd:PageBlock ID='902'>{text_object('块内').replace('20 60', '20 120')}</ofd:PageBlock>"
    )
    made["Doc_0/DocumentRes.xml"] = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="77" Width="100" Height="20">'
        f"<ofd:Content>{text_object('复合').replace('20 60', '20 5')}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    made["Doc_0/Document.xml"] = made["Doc_0/Document.xml"].replace(
        "</ofd:CommonData>", "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    )
    assert shape(read(package(made))) == ["正文", "复合", "块内"]


def test_a_composite_that_holds_itself_ends() -> None:
    made = with_objects('<ofd:CompositeObject ID="901" Boundary="0 60 100 20" ResourceID="77"/>')
    made["Doc_0/DocumentRes.xml"] = (
        '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="77" Width="1" Height="1">'
        '<ofd:Content><ofd:CompositeObject ID="5" Boundary="0 0 1 1" ResourceID="77"/></ofd:Content>'
        "</ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    made["Doc_0/Document.xml"] = made["Doc_0/Document.xml"].replace(
        "</ofd:CommonData>", "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    )
    assert shape(read(package(made))) == ["正文"]


def test_hidden_objects_are_no_evidence_and_slanted_ones_a_watermark() -> None:
    document = read(
        package(with_objects(text_object("藏", 'Visible="false"') + text_object("内部", 'CTM="0.7 -0.7 0.7 0.7 0 0"')))
    )
    assert (shape(document), notes(document)) == (["正文"], ["WATERMARK"])


def test_signatures_annotations_and_attachments_are_noted_not_trusted() -> None:
    made = parts([Sheet(595, 842, [Text(72, 100, 12, "正文")])], Marked(seal=True))
    made["Doc_0/Document.xml"] = made["Doc_0/Document.xml"].replace(
        "</ofd:Document>", "<ofd:Attachments>A.xml</ofd:Attachments></ofd:Document>"
    )
    assert notes(read(package(made))) == ["SIGNED", "ANNOTATIONS", "ATTACHMENTS"]


def test_figures_of_an_unreadable_font_are_never_figures() -> None:
    document = read(package(with_objects(text_object("\ue000\ue001\ue002"))))
    assert (re.search(r"\d", document.text), notes(document)) == (None, ["FONT_UNREADABLE"])


def test_another_prefix_and_absolute_places_are_as_good() -> None:
    made = {
        path: xml.replace("ofd:", "o:")
        .replace("xmlns:o:", "xmlns:o")
        .replace("xmlns:ofd", "xmlns:o")
        .replace('BaseLoc="Pages', 'BaseLoc="/Doc_0/Pages')
        for path, xml in sheet((72, 100, "正文")).items()
    }
    assert shape(read(package(made))) == ["正文"]


def _changed(path: str, old: str, new: str) -> bytes:
    made = sheet((72, 100, "正文"))
    made[path] = made[path].replace(old, new)
    return package(made)


def _without(path: str) -> bytes:
    made = sheet((72, 100, "正文"))
    del made[path]
    return package(made)


def _doctype(declaration: str) -> bytes:
    return _changed(PAGE, "?>\n", f"?>\n{declaration}")


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def _encrypted() -> bytes:
    data = bytearray(package(sheet((72, 100, "正文"))))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset] |= 1
    return bytes(data)


def _overlapping() -> bytes:
    """Two directory entries for the same bytes, as in a bomb of overlapping files."""
    data = package(sheet((72, 100, "正文")))
    end = data.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HLL", data, end + 10)
    first = data.find(b"PK\x01\x02", start)
    second = data.find(b"PK\x01\x02", first + 4)
    again = data[first:second].replace(b".xml", b".xm2")
    tail = bytearray(data[end:])
    struct.pack_into("<HHLL", tail, 8, count + 1, count + 1, size + len(again), start)
    return data[:end] + again + bytes(tail)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, xml in sheet((72, 100, "正文")).items():
            file.writestr(path, xml if path != PAGE else xml.replace("?>\n", "?>\n" + " " * (LIMITS.part_bytes + 10)))
    return out.getvalue()


def _pages(count: int) -> bytes:
    made = sheet((72, 100, "正文"))
    entry = '<ofd:Page ID="5" BaseLoc="Pages/Page_0/Content.xml"/>'
    made["Doc_0/Document.xml"] = re.sub(r"<ofd:Page ID.*?/>", entry * count, made["Doc_0/Document.xml"])
    return package(made)


WHOLE = package(sheet((72, 100, "正文")))
REFUSED: dict[str, tuple[bytes, type[IntakeError], str]] = {
    "truncated": (WHOLE[: len(WHOLE) // 2], Damaged, "压缩结构"),
    "broken in a part": (WHOLE.replace(WHOLE[60:70], b"0123456789"), Damaged, "读不出来|XML|缺少"),
    "no page part": (_without(PAGE), Damaged, "第1页"),
    "no document part": (_without("Doc_0/Document.xml"), Damaged, "根部件"),
    "no page": (_pages(0), EmptyFile, "一页也没有"),
    "too many pages": (_pages(LIMITS.pages + 1), LimitExceeded, "500 页"),
    "no text": (package(sheet()), EmptyFile, "没有任何文字"),
    "an entity of a local file": (_doctype('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), Damaged, "DOCTYPE"),
    "an external DTD": (_doctype('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'), Damaged, "DOCTYPE"),
    "a billion laughs": (_doctype(LAUGHS), Damaged, "DOCTYPE"),
    "a password": (_encrypted(), Encrypted, "密码"),
    "overlapping entries": (_overlapping(), Damaged, "重叠"),
    "a bomb": (_bomb(), LimitExceeded, "上限|压缩比"),
    "a page of 200 metres": (_changed(PAGE, "0 0 209.9028 297.0389", "0 0 200000 200000"), LimitExceeded, "尺寸"),
    "XML nested too deep": (_changed(PAGE, "</ofd:Layer>", "<ofd:PageBlock>" * 300 + "</ofd:PageBlock>" * 300 + "</ofd:Layer>"), Damaged, "XML"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_whole_is_refused_with_its_reason(case: str) -> None:
    data, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason):
        ofd.read(data, "年报.ofd")


def test_a_picture_of_a_page_needs_ocr() -> None:
    made = sheet()
    picture = '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="3"/>'
    made[PAGE] = made[PAGE].replace("</ofd:Layer>", picture + "</ofd:Layer>")
    with pytest.raises(NeedsOcr, match="OFD 是扫描件"):
        read(package(made))


@pytest.mark.parametrize("depth", [0, 5, 28])
def test_a_sentinel_is_read_at_any_depth_or_the_file_is_refused(depth: int) -> None:
    inner = text_object("末尾哨兵")
    made = with_objects("<ofd:PageBlock>" * depth + inner + "</ofd:PageBlock>" * depth)
    assert everything(read(package(made))).endswith("末尾哨兵")


@pytest.mark.parametrize("depth", [40, 200])
def test_objects_nested_beyond_sense_are_refused_not_dropped(depth: int) -> None:
    made = with_objects("<ofd:PageBlock>" * depth + text_object("末尾哨兵") + "</ofd:PageBlock>" * depth)
    with pytest.raises(IntakeError):
        read(package(made))


def test_a_sentinel_at_the_end_of_the_longest_file_is_read() -> None:
    sheets = [
        Sheet(595, 842, [Text(72, 100 + 30 * line, 12, f"第{page}页第{line}行。") for line in range(20)])
        for page in range(LIMITS.pages)
    ]
    sheets[-1].texts.append(Text(72, 800, 12, "末尾哨兵"))
    assert everything(read(package(parts(sheets, Marked())))).endswith("末尾哨兵")


def test_mutated_parts_end_in_a_document_or_an_error_of_ours() -> None:
    random = Random(11)
    made = parts([Sheet(595, 842, [Text(110, 116, 12, "甲")], [Box(100, 100, 200, 120), Box(200, 100, 300, 120)])], Marked())
    ends = set()
    for _ in range(300):
        path = random.choice(list(made))
        xml = list(made[path])
        for _ in range(random.randint(1, 4)):
            xml[random.randrange(len(xml))] = random.choice('<>"/ 0x-9gML.&\x7f')
        try:
            ends.add(ranges_fit(ofd.read(package({**made, path: "".join(xml)}), "年报.ofd")))
        except IntakeError:
            ends.add(True)
    assert ends == {True}
