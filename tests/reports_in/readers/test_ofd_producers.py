"""OFD as other producers write it: every liberty that GB/T 33190 gives comes out right, or in an error that names it.

Shapes of real files as reported to the public reader projects (ofdrw, ofd.js, easyofd); all files here are written by us.
"""

from __future__ import annotations

import struct
import zlib

import pytest

from bench.corpus.formats.ofd import Marked, package, parts
from bench.corpus.formats.sheets import Box, Sheet, Text
from reports_in import read_bytes
from reports_in.document import Document, Table
from reports_in.errors import Damaged, Encrypted, IntakeError, NeedsOcr
from reports_in.readers import ofd
from tests.reports_in.checks import notes, rows, shape

PAGE = "Doc_0/Pages/Page_0/Content.xml"
DOCUMENT = "Doc_0/Document.xml"
RES = '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016">'
LAYER = "</ofd:Layer>"
LONG = "本年度共收到政府信息公开申请二十九件，均已在规定的期限内依法答复申请人。"


def read(made: dict[str, str] | dict[str, str | bytes]) -> Document:
    return read_bytes(package(made), "年报.ofd")


def files(objects: str = "", first: str = "正文") -> dict[str, str]:
    """One A4 page with a line of text, and these objects after it."""
    made = parts([Sheet(595, 842, [Text(72, 100, 12, first)] if first else [])], Marked())
    made[PAGE] = made[PAGE].replace(LAYER, objects + LAYER)
    return made


def said(text: str, place: str = "20 60 100 6", code: str = 'X="0" Y="4"', more: str = "", before: str = "") -> str:
    return (
        f'<ofd:TextObject ID="900" Boundary="{place}" Font="2" Size="4" {more}>{before}'
        f"<ofd:TextCode {code}>{text}</ofd:TextCode></ofd:TextObject>"
    )


def line(place: str, drawn: str, more: str = "") -> str:
    return f'<ofd:PathObject ID="901" Boundary="{place}" {more}><ofd:AbbreviatedData>{drawn}</ofd:AbbreviatedData></ofd:PathObject>'


def picture(more: str = "", place: str = "0 0 210 297") -> str:
    return f'<ofd:ImageObject ID="902" Boundary="{place}" ResourceID="3" {more}/>'


def png(colour: int) -> bytes:
    """A white picture of one dot; colour 2 is opaque, 6 has transparency."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = struct.pack(">LLBBBBB", 1, 1, 8, colour, 0, 0, 0)
    dots = zlib.compress(b"\0" + b"\xff" * (3 if colour == 2 else 4))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")


def with_picture(made: dict[str, str], colour: int) -> dict[str, str | bytes]:
    """The picture that objects call 3 is there."""
    media = '<ofd:MultiMedias><ofd:MultiMedia ID="3" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
    listed = made[DOCUMENT].replace("</ofd:CommonData>", "<ofd:DocumentRes>Res.xml</ofd:DocumentRes></ofd:CommonData>")
    return {**made, DOCUMENT: listed, "Doc_0/Res.xml": f"{RES}{media}</ofd:Res>", "Doc_0/a.png": png(colour)}


def first_table(document: Document) -> list[list[str]]:
    return rows(next(block for block in document.blocks if isinstance(block, Table)))


CELL_LINES = "".join(line(f"20 {y} 60 0", "M 0 0 L 60 0") for y in (60, 70)) + "".join(
    line(f"{x} 60 0 10", "M 0 0 L 0 10") for x in (20, 50, 80)
)

SAID: dict[str, tuple[str, list[str]]] = {
    "a page's matrix on every object, coordinates counted upwards": (
        said("收到申请", "-47 -22 400 400", 'X="300" Y="-600" DeltaX="12 12 12"', 'CTM="0.3527 0 0 0.3527 0 296.6207"').replace(
            'Size="4"', 'Size="12"'
        ),
        ["正文", "收到申请"],
    ),
    "fewer advances than characters": (said("400.00", code='X="0" Y="4" DeltaX="g 3 2"'), ["正文", "400.00"]),
    "several codes in one object, the second one beside the first": (
        said("新收", code='X="0" Y="4" DeltaX="4"').replace(
            "</ofd:TextObject>", '<ofd:TextCode X="8" Y="4" DeltaX="2">29</ofd:TextCode></ofd:TextObject>'
        ),
        ["正文", "新收29"],
    ),
    "several codes, the second one a line lower": (
        said("新收", code='X="0" Y="4" DeltaX="4"').replace(
            "</ofd:TextObject>", '<ofd:TextCode Y="24" DeltaX="2">29</ofd:TextCode></ofd:TextObject>'
        ),
        ["正文", "新收", "29"],
    ),
    "glyphs of an embedded font, fewer than characters": (
        said(
            "收到了",
            before='<ofd:CGTransform CodePosition="0" CodeCount="3" GlyphCount="1"><ofd:Glyphs>9</ofd:Glyphs></ofd:CGTransform>',
        ),
        ["正文", "收到了"],
    ),
    "narrow type": (said("收到了", more='HScale="0.5"'), ["正文", "收到了"]),
    "an indented file": (said("\n        收到\n      ", code='X="0" Y="4" DeltaX="4"'), ["正文", "收到"]),
    "a processing instruction inside the text": (said("收<?a b?>到"), ["正文", "收到"]),
    "a character data section": (said("<![CDATA[收到]]>"), ["正文", "收到"]),
    "written downwards, steps listed": (said("收到", code='X="0" Y="4" DeltaY="4"'), ["正文", "收", "到"]),
    "opaque by its own words": (said("收到", more='Alpha="255" Fill="true"'), ["正文", "收到"]),
    "an outline only": (said("收到", more='Fill="false" Stroke="true"'), ["正文", "收到"]),
    "transparent": (said("收到", more='Alpha="0"'), ["正文"]),
    "without ink": (said("收到", more='Fill="false"'), ["正文"]),
    "in a transparent colour": (said("收到", before='<ofd:FillColor Value="0 0 0" Alpha="0"/>'), ["正文"]),
    "in a block, in a style of its own": ("<ofd:PageBlock ID='5'>" + said("收到", more='DrawParam="8"') + "</ofd:PageBlock>", ["正文", "收到"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_text_comes_out_as_a_page_shows_it(case: str) -> None:
    objects, want = SAID[case]
    assert shape(read(files(objects))) == want


def test_invisible_text_is_noted() -> None:
    assert notes(read(files(said("收到", more='Alpha="0"')))) == ["HIDDEN_TEXT"]


RULED: dict[str, str] = {
    "drawn parameters": CELL_LINES.replace('ID="901"', 'ID="901" DrawParam="4"'),
    "commas between the numbers": CELL_LINES.replace("M 0 0 L", "M 0,0 L"),
    "a matrix on every line": CELL_LINES.replace("M 0 0 L 60 0", "M 0 0 L 600 0")
    .replace("M 0 0 L 0 10", "M 0 0 L 0 100")
    .replace('ID="901"', 'ID="901" CTM="0.1 0 0 0.1 0 0"'),
    "a matrix on one line only": CELL_LINES.replace('"20 60 60 0"', '"20 60 60 0" CTM="1 0 0 1 0 0"'),
    "one boundary for all": "".join(
        line("0 0 210 297", drawn)
        for drawn in ("M 20 60 L 80 60", "M 20 70 L 80 70", "M 20 60 L 20 70", "M 50 60 L 50 70", "M 80 60 L 80 70")
    ),
    "one path for all, lines and corners": line(
        "0 0 210 297", "S 20 60 L 80 60 L 80 70 L 20 70 C M 50 60 L 50 70", 'LineWidth="0.2"'
    ),
    "words for numbers in another path": CELL_LINES + line("0 0 9 9", "M a b L c d"),
    "a boundary that is none": CELL_LINES + line("none", "M 0 0 L 0 0"),
    "a layer for lines": f'</ofd:Layer><ofd:Layer ID="7" Type="Background">{CELL_LINES}</ofd:Layer><ofd:Layer ID="8">',
}


@pytest.mark.parametrize("case", RULED)
def test_ruled_cells_are_found(case: str) -> None:
    texts = said("新收", "22 62 20 6") + said("29", "52 62 20 6", 'X="0" Y="4" DeltaX="2"')
    assert first_table(read(files(RULED[case] + texts))) == [["新收", "29"]]


def test_a_page_lying_on_its_side_is_turned() -> None:
    """A wide table printed on upright paper: rules and text carry the same quarter turn."""
    label = "本年新收政府信息公开申请数量，自然人、商业企业、科研机构、社会公益组织、法律服务机构"
    texts = said(label, "150 20 6 190", "X='0' Y='0'", 'CTM="0 1 -1 0 0 0"') + said(
        "29", "150 220 6 40", "X='0' Y='0'", 'CTM="0 1 -1 0 0 0"'
    )
    lines = "".join(line(f"{x} 18 0 262", "M 0 0 L 0 262") for x in (146, 158)) + "".join(
        line(f"146 {y} 12 0", "M 0 0 L 12 0") for y in (18, 210, 280)
    )
    document = read(files(texts + lines, first=""))
    assert first_table(document) == [[label, "29"]]


def test_characters_turned_one_by_one_stand_where_they_are_drawn() -> None:
    turned = said("收到", code='X="0" Y="0" DeltaY="4"', more='ReadDirection="90" CharDirection="90"')
    upright = said("另行", "20 100 100 6")
    assert shape(read(files(turned + upright))) == ["正文", "收", "到", "另行"]


def test_a_line_read_downwards_without_steps_runs_downwards() -> None:
    assert shape(read(files(said("收到", more='ReadDirection="90"')))) == ["正文", "收", "到"]


def test_the_root_may_have_any_name_and_the_package_several_documents() -> None:
    one = {path.replace("Doc_0", "Doc_7"): xml.replace("Doc_0", "Doc_7") for path, xml in files(first="前件").items()}
    two = {path.replace("Doc_0", "文书"): xml.replace("Doc_0", "文书") for path, xml in files(first="后件").items()}
    body = two["OFD.xml"][two["OFD.xml"].index("<ofd:DocBody>") : two["OFD.xml"].index("</ofd:OFD>")]
    both = {**two, **one, "OFD.xml": one["OFD.xml"].replace("</ofd:OFD>", f"{body}</ofd:OFD>")}
    assert shape(read(both)) == ["前件", "后件"]


def test_a_page_that_begins_elsewhere_than_at_nought_keeps_its_places() -> None:
    made = files()
    made[PAGE] = made[PAGE].replace("0 0 209.9028 297.0389", "10 20 209.9028 297.0389")
    (paragraph,) = read(made).blocks
    (plain,) = read(files()).blocks
    moved = [round(a - b, 1) for a, b in zip(plain.source.box or (), paragraph.source.box or (), strict=True)]
    assert moved == [28.3, 56.7, 28.3, 56.7]


def test_a_page_without_a_size_has_that_of_the_document() -> None:
    made = files()
    made[PAGE] = made[PAGE].replace(made[PAGE][made[PAGE].index("<ofd:Area>") : made[PAGE].index("<ofd:Content>")], "")
    assert shape(read(made)) == ["正文"]


def _with_template(content: str, used: str = "50", extra: str = "") -> dict[str, str]:
    made = files()
    made[PAGE] = made[PAGE].replace("<ofd:Area>", f'<ofd:Template TemplateID="{used}"/><ofd:Area>')
    made[DOCUMENT] = made[DOCUMENT].replace(
        "</ofd:CommonData>", f'<ofd:TemplatePage ID="50" BaseLoc="T/A.xml"/>{extra}</ofd:CommonData>'
    )
    made["Doc_0/T/A.xml"] = content
    return made


def _template(objects: str, uses: str = "") -> str:
    return (
        f'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">{uses}<ofd:Content><ofd:Layer ID="1">{objects}</ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    )


def test_text_of_a_template_and_of_the_template_that_it_uses_is_read() -> None:
    made = _with_template(
        _template(said("表头"), '<ofd:Template TemplateID="51"/><ofd:Template TemplateID="50"/>'),
        extra='<ofd:TemplatePage ID="51" BaseLoc="T/B.xml"/>',
    )
    made["Doc_0/T/B.xml"] = _template(said("落款", "20 90 100 6"))
    assert shape(read(made)) == ["正文", "表头", "落款"]


def test_a_composite_of_a_page_s_own_resources_is_read() -> None:
    made = files('<ofd:CompositeObject ID="6" Boundary="0 60 100 20" ResourceID="77"/>')
    made[PAGE] = made[PAGE].replace("<ofd:Area>", "<ofd:PageRes>PageRes.xml</ofd:PageRes><ofd:Area>")
    made["Doc_0/Pages/Page_0/PageRes.xml"] = (
        f'{RES}<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="77" Width="9" Height="9"><ofd:Content>'
        f"{said('复合', '20 5 100 6')}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    assert shape(read(made)) == ["正文", "复合"]


@pytest.mark.parametrize(
    "objects", [picture() + said(LONG, more='Alpha="0"'), said(LONG) + picture()], ids=["transparent", "covered"]
)
def test_the_text_under_a_scan_is_no_evidence(objects: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "is_ready", lambda: False)
    with pytest.raises(NeedsOcr, match="隐藏的识别文字层"):
        read(with_picture(files(objects, first=""), 2))


@pytest.mark.parametrize(
    ("colour", "more"), [(6, ""), (2, 'Alpha="80"'), (2, 'ImageMask="4"')], ids=["transparent", "faint", "masked"]
)
def test_text_that_a_picture_lets_through_is_read(colour: int, more: str) -> None:
    assert shape(read(with_picture(files(picture(more), first=LONG), colour))) == [LONG]


def test_text_on_a_picture_is_read() -> None:
    assert shape(read(with_picture(files(picture() + said(LONG), first=""), 2))) == [LONG]


def test_text_behind_a_picture_that_is_not_in_the_file_is_read() -> None:
    assert shape(read(files(picture(), first=LONG))) == [LONG]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_parts_may_be_in_any_encoding(encoding: str) -> None:
    made: dict[str, str | bytes] = {**files()}
    declared = {"utf-8-sig": "UTF-8"}.get(encoding, encoding)
    made[PAGE] = files()[PAGE].replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
    assert shape(read(made)) == ["正文"]


def _encrypted() -> dict[str, str]:
    """A package as GM/T tools leave it: a list of what is encrypted, and parts that are no XML."""
    return {"OFD.xml": "\x07\x01", "Encryptions.xml": "<Encryptions/>", "Doc_0/Document.xml": "\x02"}


REFUSED: dict[str, tuple[dict[str, str], type[IntakeError], str]] = {
    "encrypted parts": (_encrypted(), Encrypted, "已加密"),
    "a template that is not listed": (_with_template(_template(""), used="99"), Damaged, "第1页的模板页"),
    "a composite that is not there": (
        files('<ofd:CompositeObject ID="6" Boundary="0 60 100 20" ResourceID="77"/>'),
        Damaged,
        "第1页的复合对象",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_lost_is_refused_with_its_reason(case: str) -> None:
    made, error, reason = REFUSED[case]
    with pytest.raises(error, match=reason):
        ofd.read(package(made), "年报.ofd")


def test_boxes_of_a_table_are_the_same_whether_its_lines_carry_a_matrix() -> None:
    boxes = [Box(100, 100, 200, 120), Box(200, 100, 300, 120)]
    texts = [Text(110, 116, 12, "甲"), Text(210, 116, 12, "1")]
    plain, scaled = (read(parts([Sheet(595, 842, texts, boxes)], Marked(scaled=scaled))) for scaled in (False, True))
    places = [[round(edge, 1) for block in one.blocks for edge in block.source.box or ()] for one in (plain, scaled)]
    assert places[0] == places[1]
