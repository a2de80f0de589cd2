"""Word documents: what is printed of them, in the order it is printed, and nothing else."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.corpus.layouts import LAYOUTS, case
from bench.layouts import Outcome, compare, read_back
from reports_in import read_bytes
from reports_in.document import PageMeta, Paragraph, Table, Trust
from reports_in.errors import Damaged, EmptyFile, Encrypted, IntakeError, LimitExceeded
from reports_in.limits import LIMITS
from tests.reports_in.checks import everything, notes, ranges_fit, rows, shape
from tests.reports_in.readers.word_files import (
    CONTENT_TYPES,
    DOWN,
    GOES_ON,
    MAIN,
    PACKAGE,
    RELATION,
    STRICT,
    W,
    docx,
    lvl,
    numbered,
    numbering,
    p,
    r,
    span,
    tbl,
    tc,
    tr,
    zipped,
)

BY = 'w:id="1" w:author="审核"'


def read(body, **parts):
    return read_bytes(docx(body, **parts), "年报.docx")


def spans(document):
    """Text, row, column, row span, column span of every cell of the only table."""
    (table,) = (block for block in document.blocks if isinstance(block, Table))
    assert table.trust is Trust.GRID
    return table.rows, table.columns, [(c.text, c.row, c.column, c.row_span, c.column_span) for c in table.cells]


# text

TEXTS = {
    "runs are joined": (p(r("收到") + r("12") + r("件")), ["收到12件"]),
    "a line break parts lines": (p("<w:r><w:t>一、总体情况</w:t><w:br/><w:t>本年度</w:t></w:r>"), ["一、总体情况", "本年度"]),
    "tabs and hyphens": (
        p("<w:r><w:t>12</w:t><w:tab/><w:t>3</w:t><w:noBreakHyphen/><w:softHyphen/><w:t>4</w:t></w:r>"),
        ["12\t3-4"],
    ),
    "insertions are in, deletions out": (
        p(f"<w:ins {BY}>{r('12')}</w:ins><w:del {BY}><w:r><w:delText>8</w:delText></w:r></w:del>" + r("件")),
        ["12件"],
    ),
    "moved text stands where it went": (
        p(f"<w:moveFrom {BY}>{r('旧处')}</w:moveFrom>" + r("中")) + p(f"<w:moveTo {BY}>{r('新处')}</w:moveTo>"),
        ["中", "新处"],
    ),
    "a deleted paragraph end joins two": (
        p(r("政府信息"), f"<w:rPr><w:del {BY}/></w:rPr>") + p("公开") + p("完"),
        ["政府信息公开", "完"],
    ),
    "a wholly deleted paragraph leaves nothing": (
        p(f"<w:del {BY}><w:r><w:delText>旧</w:delText></w:r></w:del>", f"<w:rPr><w:del {BY}/></w:rPr>") + p("新"),
        ["新"],
    ),
    "hidden text is out": (p(r("显") + r("隐", "<w:vanish/>") + r("示", '<w:vanish w:val="0"/>')), ["显示"]),
    "a field prints its result": (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "http://a.example" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("公开网") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        ),
        ["公开网"],
    ),
    "a field inside a field's code prints nothing": (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + r("内")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + r("外")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        ),
        ["外"],
    ),
    "a field never closed keeps its text": (p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r("正文")), ["正文"]),
    "a simple field prints its result": (
        p(f'<w:fldSimple w:instr="DATE">{r("2024年1月15日")}</w:fldSimple>'),
        ["2024年1月15日"],
    ),
    "content controls are open": (
        f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{p('甲')}</w:sdtContent></w:sdt>"
        + p(f"<w:sdt><w:sdtContent>{r('乙')}</w:sdtContent></w:sdt>"),
        ["甲", "乙"],
    ),
    "wrappers are open": (
        p(f"<w:hyperlink>{r('链')}</w:hyperlink><w:smartTag><w:smartTagPr/>{r('接')}</w:smartTag>"),
        ["链接"],
    ),
    "ruby text is left out": (
        p(
            "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>jǐng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>景</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        ),
        ["景"],
    ),
    "formulas are read": (
        p("<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"),
        ["1/2"],
    ),
    "ticks and digits of symbol fonts": (
        p(
            '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Symbol" w:char="F033"/><w:sym w:font="Wingdings" w:char="F082"/></w:r>'
        ),
        ["☑3②"],
    ),
    "invisible characters are dropped": (p("1\u200b2\u00ad件"), ["12件"]),
    "a text box of an old kind": (
        p(
            r("前")
            + f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        ),
        ["前", "框"],
    ),
    "a text box written twice is read once": (
        p(
            "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><wp:posOffset>0</wp:posOffset><a:graphic><wps:txbx>"
            f"<w:txbxContent>{p('框')}</w:txbxContent></wps:txbx></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
            f"<v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        ),
        ["框"],
    ),
    "only the fallback has text": (
        p(
            "<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:drawing><wp:posOffset>7</wp:posOffset></w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict><v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        ),
        ["框"],
    ),
    "word art": (p('<w:r><w:pict><v:shape><v:textpath string="2023年年报"/></v:shape></w:pict></w:r>'), ["2023年年报"]),
    "the section's end is no text": (p("甲") + "<w:sectPr/>", ["甲"]),
}


@pytest.mark.parametrize(("body", "expected"), TEXTS.values(), ids=TEXTS.keys())
def test_paragraphs_read_as_they_print(body, expected):
    document = read(body)
    assert (shape(document), ranges_fit(document)) == (expected, True)


def test_headings_keep_the_level_of_their_style_or_their_own():
    styles = (
        '<w:style w:styleId="1"><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="a"><w:basedOn w:val="1"/></w:style><w:style w:styleId="b"><w:basedOn w:val="b"/></w:style>'
    )
    body = "".join(
        p("题", properties)
        for properties in (
            '<w:pStyle w:val="a"/>',
            '<w:pStyle w:val="b"/>',
            '<w:outlineLvl w:val="1"/>',
            '<w:outlineLvl w:val="9"/>',
        )
    )
    assert [block.level for block in read(body, styles=styles).blocks] == [1, None, 2, None]


def test_contents_keep_the_page_number_behind_a_tab():
    line = '<w:r><w:t>一、总体情况</w:t><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    assert shape(read(p(line + r("1") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))) == ["一、总体情况\t1"]


def test_headers_and_footers_are_left_out():
    assert shape(read(p("正文"), others={"word/header1.xml": f'<w:hdr xmlns:w="{W}">{p("页眉")}</w:hdr>'})) == ["正文"]


@pytest.mark.parametrize("space", [W, STRICT])
def test_both_kinds_of_namespaces_are_read(space):
    assert shape(read(p("正文") + tbl(tr("1", "2")), space=space)) == ["正文", [["1", "2"]]]


# numbers

LIST = numbering(lvl(0, "chineseCounting", "%1、"), lvl(1, "chineseCounting", "（%2）"), lvl(2, "decimal", "%3."))


def test_automatic_numbers_are_written_out_and_count_per_level():
    levels = [0, 1, 2, 2, 1, 2, 0, 1]
    body = "".join(p("题", numbered(level)) for level in levels)
    assert shape(read(body, numbering=LIST)) == ["一、题", "（一）题", "1.题", "2.题", "（二）题", "1.题", "二、题", "（一）题"]


FORMS = [
    ("chineseCounting", 10, "十"),
    ("chineseCountingThousand", 21, "二十一"),
    ("japaneseCounting", 101, "一百零一"),
    ("ideographDigital", 10, "一〇"),
    ("chineseLegalSimplified", 12, "拾贰"),
    ("ideographTraditional", 11, "甲"),
    ("decimalEnclosedCircle", 3, "③"),
    ("decimalEnclosedCircle", 21, "21"),
    ("decimalFullWidth", 12, "１２"),
    ("upperLetter", 27, "AA"),
    ("lowerRoman", 14, "xiv"),
    ("decimalZero", 7, "07"),
    ("unheardOf", 4, "4"),
    ("none", 4, ""),
]


@pytest.mark.parametrize(("form", "start", "printed"), FORMS)
def test_every_form_of_number(form, start, printed):
    level = lvl(0, form, "%1、").replace('w:start w:val="1"', f'w:start w:val="{start}"')
    assert shape(read(p("题", numbered()), numbering=numbering(level))) == [f"{printed}、题"]


NUMBERED = {
    "bullets print no number": (numbering(lvl(0, "bullet", "")), [numbered()], ["题"]),
    "list 0 takes the number off": (LIST, [numbered(list_id=0)], ["题"]),
    "an unknown list has none": (LIST, [numbered(list_id=77)], ["题"]),
    "two lists of one kind count on": (
        LIST + '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>',
        [numbered(), numbered(list_id=2)],
        ["一、题", "二、题"],
    ),
    "a list that starts anew does": (
        LIST
        + '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>',
        [numbered(), numbered(list_id=2), numbered(list_id=2)],
        ["一、题", "一、题", "二、题"],
    ),
    "a level may count through": (
        numbering(lvl(0, "decimal", "%1、"), lvl(1, "decimal", "（%2）", '<w:lvlRestart w:val="0"/>')),
        [numbered(), numbered(1), numbered(), numbered(1)],
        ["1、题", "（1）题", "2、题", "（2）题"],
    ),
    "legal numbers are Arabic": (
        numbering(lvl(0, "chineseCounting", "%1、"), lvl(1, "decimal", "%1.%2 ", "<w:isLgl/>")),
        [numbered(), numbered(1)],
        ["一、题", "1.1 题"],
    ),
    "a tab keeps number and figure apart": (
        numbering(lvl(0, "decimal", "%1").replace('<w:suff w:val="nothing"/>', "")),
        [numbered()],
        ["1 题"],
    ),
    "a style's list gives its levels": (
        '<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="列表"/>'
        + lvl(0, "decimal", "%1、")
        + '</w:abstractNum><w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="列表"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
        [numbered()],
        ["1、题"],
    ),
    "a monstrous start is printed as it is": (
        numbering(lvl(0, "upperLetter", "%1、").replace('w:start w:val="1"', 'w:start w:val="99999999"')),
        [numbered()],
        ["99999999、题"],
    ),
}


@pytest.mark.parametrize(("lists", "paragraphs", "expected"), NUMBERED.values(), ids=NUMBERED.keys())
def test_lists_count_as_word_counts(lists, paragraphs, expected):
    assert shape(read("".join(p("题", properties) for properties in paragraphs), numbering=lists)) == expected


def test_a_heading_style_brings_its_number_and_its_level_in_the_list():
    styles = (
        '<w:style w:styleId="1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="2"><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="3"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="4"><w:basedOn w:val="2"/></w:style>'
    )
    lists = numbering(
        lvl(0, "chineseCounting", "%1、"),
        lvl(1, "chineseCounting", "（%2）"),
        lvl(2, "decimal", "%3.", '<w:pStyle w:val="3"/>'),
    )
    body = "".join(p("题", f'<w:pStyle w:val="{style}"/>') for style in "1234")
    assert shape(read(body, numbering=lists, styles=styles)) == ["一、题", "（一）题", "1.题", "（二）题"]


def test_numbers_inside_a_layout_table_are_counted_once():
    inner = tbl(tr("1", "2"), tr("3", "4"))
    body = tbl(tr(tc(p("总体情况", numbered()) + inner + p()))) + p("主动公开", numbered())
    assert shape(read(body, numbering=LIST)) == ["一、总体情况", [["1", "2"], ["3", "4"]], "二、主动公开"]


def test_a_deleted_numbered_paragraph_takes_no_number():
    gone = p(f"<w:del {BY}><w:r><w:delText>旧</w:delText></w:r></w:del>", f"{numbered()}<w:rPr><w:del {BY}/></w:rPr>")
    assert shape(read(gone + p("新", numbered()) + p("末", numbered()), numbering=LIST)) == ["一、新", "二、末"]


# tables


def test_spans_across_and_down_are_one_cell():
    table = tbl(
        tr(tc("项目", DOWN), tc("合计", span(2))),
        tr(tc("", GOES_ON), "自然人", "法人"),
        tr("新收", "0", "12"),
    )
    assert spans(read(table)) == (
        3,
        3,
        [
            ("项目", 0, 0, 2, 1),
            ("合计", 0, 1, 1, 2),
            ("自然人", 1, 1, 1, 1),
            ("法人", 1, 2, 1, 1),
            ("新收", 2, 0, 1, 1),
            ("0", 2, 1, 1, 1),
            ("12", 2, 2, 1, 1),
        ],
    )


def test_a_merge_goes_on_past_columns_left_out():
    table = tbl(
        tr("甲", tc("乙", DOWN)),
        tr(tc("", GOES_ON), properties='<w:gridBefore w:val="1"/>'),
        tr("丙", properties='<w:gridAfter w:val="1"/>') + tr("丁", "戊"),
    )
    assert spans(read(table))[2] == [
        ("甲", 0, 0, 1, 1),
        ("乙", 0, 1, 2, 1),
        ("丙", 2, 0, 1, 1),
        ("丁", 3, 0, 1, 1),
        ("戊", 3, 1, 1, 1),
    ]


def test_a_merge_of_another_width_is_a_cell_of_its_own():
    table = tbl(tr(tc("甲", DOWN + span(2)), "乙"), tr(tc("", GOES_ON), "丙", "丁"))
    assert spans(read(table))[2][2:] == [("", 1, 0, 1, 1), ("丙", 1, 1, 1, 1), ("丁", 1, 2, 1, 1)]


def test_old_merges_across_are_one_cell():
    table = tbl(tr(tc("合计", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), "丙"), tr("1", "2", "3"))
    assert spans(read(table))[2][:2] == [("合计", 0, 0, 1, 2), ("丙", 0, 2, 1, 1)]


def test_text_under_a_merge_is_said_and_not_read():
    document = read(tbl(tr(tc("甲", DOWN), "1"), tr(tc("藏", GOES_ON), "2")))
    assert (shape(document), notes(document)) == ([[["甲", "1"], ["2"]]], ["MERGED_TEXT"])


def test_deleted_rows_and_cells_are_gone():
    table = tbl(
        tr("旧", "8", properties=f"<w:del {BY}/>"),
        tr("新收", tc("8", f"<w:cellDel {BY}/>"), "12"),
        tr("结转", "0"),
    )
    assert shape(read(table)) == [[["新收", "12"], ["结转", "0"]]]


def test_hidden_rows_are_left_out_and_said():
    table = tbl(
        tr("底稿", "8", properties="<w:hidden/>"),
        tr("新收", "12", properties='<w:hidden w:val="0"/>'),
        tr("结转", "0"),
    )
    document = read(table)
    assert (shape(document), notes(document)) == ([[["新收", "12"], ["结转", "0"]]], ["HIDDEN_LEFT_OUT"])


def test_rows_and_cells_in_content_controls_are_read():
    row = f"<w:sdt><w:sdtContent>{tr('新收', '12')}</w:sdtContent></w:sdt>"
    cell = f"<w:tr>{tc('结转')}<w:sdt><w:sdtContent>{tc('0')}</w:sdtContent></w:sdt></w:tr>"
    assert shape(read(tbl(row, cell))) == [[["新收", "12"], ["结转", "0"]]]


def test_a_table_that_frames_a_page_is_read_as_flow():
    inner = tbl(tr("新收", "12"), tr("结转", "0"))
    assert shape(read(tbl(tr(tc(p("题"))), tr(tc(p("正文") + inner + p()))))) == ["题", "正文", [["新收", "12"], ["结转", "0"]]]


def test_a_small_table_inside_a_cell_stays_in_its_cell():
    inner = tbl(tr("a", "b"))
    table = tbl(tr("1", "2", "3"), tr("4", tc(inner + p()), "6"))
    assert shape(read(table)) == [[["1", "2", "3"], ["4", "a\tb", "6"]]]


def test_lines_and_text_boxes_of_a_cell_are_kept():
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox></w:pict></w:r>"
    assert shape(read(tbl(tr(tc(p("商业") + p("企业") + p(box)), "2")))) == [[["商业\n企业\n框", "2"]]]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 4),
                st.sampled_from(["", DOWN, GOES_ON]),
                st.sampled_from(["", '<w:hMerge w:val="restart"/>', "<w:hMerge/>"]),
            ),
            min_size=2,
            max_size=5,
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 2),
)
def test_cells_of_any_merges_never_cover_the_same_place(lines, before):
    table = tbl(
        *(
            tr(
                *(tc(f"{i}", span(width) + down + across) for i, (width, down, across) in enumerate(line)),
                properties=f'<w:gridBefore w:val="{before * (at % 2)}"/>',
            )
            for at, line in enumerate(lines)
        )
    )
    document = read(table)
    count, columns, cells = spans(document)
    places = [(row + i, column + j) for _, row, column, height, width in cells for i in range(height) for j in range(width)]
    assert (len(places), ranges_fit(document)) == (len(set(places)), True)
    assert all(row < count and column < columns for row, column in places)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30), min_size=1, max_size=8))
def test_any_text_comes_back_in_fitting_ranges(texts):
    from xml.sax.saxutils import escape

    try:
        document = read("".join(p(r(escape(text))) + tbl(tr(tc(p(r(escape(text)))), "1")) for text in texts))
    except EmptyFile:
        pytest.fail("the table holds a 1")
    assert ranges_fit(document)


# the measure

DOCX_LAYOUTS = [name for name in LAYOUTS if name.startswith("docx")]


@pytest.mark.parametrize("layout", DOCX_LAYOUTS)
@pytest.mark.parametrize("seed", range(5))
def test_every_cell_of_an_invented_report_is_read(layout, seed):
    printed = case(layout, seed)
    outcomes = {reading.outcome for reading in compare(printed, read_back(printed))}
    assert outcomes == {Outcome.RIGHT} if LAYOUTS[layout].exact else Outcome.WRONG not in outcomes


# what is said beside the text

PICTURE = '<w:r><w:drawing><wp:inline><wp:extent cx="{}" cy="{}"/><a:graphic><a:blip r:embed="rId9"/></a:graphic></wp:inline></w:drawing></w:r>'
NOTED = {
    "a large picture": (p(PICTURE.format(5_000_000, 3_000_000)) + p("文"), {}, ["IMAGE"]),
    "a large picture in a cell": (tbl(tr(tc(p(PICTURE.format(5_000_000, 3_000_000))), "1")), {}, ["IMAGE"]),
    "a seal": (p(PICTURE.format(1_400_000, 1_400_000)) + p("文"), {}, []),
    "an old picture": (
        p('<w:r><w:pict><v:shape style="width:400pt;height:200pt"><v:imagedata/></v:shape></w:pict></w:r>') + p("文"),
        {},
        ["IMAGE"],
    ),
    "an embedded sheet": (
        p('<w:r><w:object><v:shape style="width:415pt;height:90pt"><v:imagedata/></v:shape></w:object></w:r>') + p("文"),
        {},
        ["IMAGE"],
    ),
    "hidden text": (p(r("隐", "<w:vanish/>")) + p("文"), {}, ["HIDDEN_LEFT_OUT"]),
    "hidden blanks": (p(r(" ", "<w:vanish/>")) + p("文"), {}, []),
    "a footnote": (p(r("文") + '<w:r><w:footnoteReference w:id="2"/></w:r>'), {}, ["FOOTNOTE"]),
    "another document": (p("文") + '<w:altChunk r:id="rId5"/>', {}, ["ALT_CHUNK"]),
    "macros": (p("文"), {"word/vbaProject.bin": b"x"}, ["MACRO"]),
    "embedded files": (p("文"), {"word/embeddings/oleObject1.bin": b"x"}, ["EMBEDDED"]),
    "an external template": (
        p("文"),
        {
            "word/settings.xml": f'<w:settings xmlns:w="{W}"/>',
            "word/_rels/settings.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATION}/attachedTemplate" Target="http://203.0.113.1/t.dotm" TargetMode="External"/></Relationships>',
        },
        ["EXTERNAL"],
    ),
    "a link is nothing to say": (
        p("文"),
        {
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATION}/hyperlink" Target="http://a.example" TargetMode="External"/></Relationships>',
        },
        [],
    ),
}


@pytest.mark.parametrize(("body", "parts", "codes"), NOTED.values(), ids=NOTED.keys())
def test_what_is_left_out_is_said(body, parts, codes):
    assert notes(read(body, others=parts)) == codes


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("示例县2023年政府信息公开工作年度报告", "示例县2023年政府信息公开工作年度报告"),
        ("关于召开会议的通知", None),
        ("", None),
    ],
)
def test_the_files_own_title_counts_if_it_is_a_reports(title, expected):
    core = f'<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
    assert read(p("文"), others={"docProps/core.xml": core}).meta == PageMeta(title=expected)


# files of careless and of hostile writers


def test_parts_are_found_by_relation_by_backslash_and_by_absolute_name():
    body = f'<w:document xmlns:w="{W}"><w:body>{p("题", numbered())}</w:body></w:document>'
    beside = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATION}/numbering" Target="/word/lists7.xml"/></Relationships>'
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels\\.rels": MAIN.format("/word/document2.xml"),
        "word\\document2.xml": body,
        "word\\_rels\\document2.xml.rels": beside,
        "word\\lists7.xml": f'<w:numbering xmlns:w="{W}">{LIST}</w:numbering>',
    }
    assert shape(read_bytes(zipped(parts), "a.docx")) == ["一、题"]


def test_wild_spans_are_clamped_to_the_tables_columns_and_said():
    table = tbl(tr(tc("甲", span(999_999_999)), "乙"), tr("1", "2", "3"), columns=2)
    document = read(table)
    assert (notes(document), spans(document)[1]) == (["SPAN_CLAMPED"], 3)


HOSTILE = {
    "a row of more columns than any table": (docx(tbl(tr(*["1"] * (LIMITS.columns + 1)))), LimitExceeded),
    "wide cells beyond the limit": (docx(tbl(tr(*[tc("1", span(150))] * 2))), LimitExceeded),
    "tables in tables without end": (docx("<w:tbl><w:tr><w:tc>" * 90 + p("底") + "</w:tc></w:tr></w:tbl>" * 90), Damaged),
    "a document type": (
        zipped(
            {
                "[Content_Types].xml": CONTENT_TYPES,
                "_rels/.rels": MAIN.format("word/document.xml"),
                "word/document.xml": f'<!DOCTYPE w:document [<!ENTITY e "x">]><w:document xmlns:w="{W}"><w:body>{p("H&e;")}</w:body></w:document>',
            }
        ),
        Damaged,
    ),
    "a bomb of entities": (
        zipped(
            {
                "[Content_Types].xml": CONTENT_TYPES,
                "word/document.xml": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
                + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
                + f"]><w:document xmlns:w='{W}'><w:body>{p('&j;')}</w:body></w:document>",
            }
        ),
        Damaged,
    ),
    "an outside entity": (
        zipped(
            {
                "[Content_Types].xml": CONTENT_TYPES,
                "word/document.xml": f'<!DOCTYPE x SYSTEM "http://203.0.113.1/x.dtd"><w:document xmlns:w="{W}"><w:body>{p("文")}</w:body></w:document>',
            }
        ),
        Damaged,
    ),
    "no body": (zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": f'<w:document xmlns:w="{W}"/>'}), Damaged),
    "no main part": (zipped({"[Content_Types].xml": CONTENT_TYPES, "word/styles.xml": "<a/>"}), Damaged),
    "broken markup": (zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": "<w:document"}), Damaged),
    "nothing in it": (docx(p("  ")), EmptyFile),
    "cut in two": (docx(p("文") * 2000)[:700], Damaged),
    "a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        Encrypted,
    ),
    "numbers that are none": (
        docx(
            p("文", numbered("x", "--5")),
            numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="x"><w:start w:val="--9"/></w:lvl></w:abstractNum><w:num w:numId="--5"><w:abstractNumId w:val="0"/></w:num>',
        ),
        None,
    ),
}


@pytest.mark.parametrize(("data", "error"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_end_in_their_class(data, error):
    if error is None:
        assert shape(read_bytes(data, "年报.docx")) == ["文"]
    else:
        with pytest.raises(error):
            read_bytes(data, "年报.docx")


def test_a_part_of_300_mb_is_refused_without_being_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        with archive.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)
    with pytest.raises(LimitExceeded):
        read_bytes(out.getvalue(), "年报.docx")


def test_a_text_node_beyond_the_parsers_limit_is_refused():
    with pytest.raises(IntakeError):
        read(p("啊" * 3_800_000))


SENTINEL = "哨兵末字"
DEPTHS = (1, 20, 60, 79, 80, 99, 100, 101, 250, 300, 3_000)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("kind", ["table", "control", "box"])
def test_the_last_word_is_read_at_any_depth_or_the_file_is_refused(kind, depth):
    opening, closing = {
        "table": ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        "control": ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
        "box": ("<w:p><w:r><w:pict><v:textbox><w:txbxContent>", "</w:txbxContent></v:textbox></w:pict></w:r></w:p>"),
    }[kind]
    data = docx(opening * depth + p(SENTINEL) + closing * depth + p("尾"))
    try:
        found = everything(read_bytes(data, "年报.docx"))
    except IntakeError:
        return
    assert SENTINEL in found


@pytest.mark.parametrize("count", [1_000, LIMITS.blocks - 1, LIMITS.blocks + 1])
def test_the_last_paragraph_is_read_or_the_file_is_refused(count):
    data = docx(p("甲") * count + p(SENTINEL))
    if count < LIMITS.blocks:
        assert read_bytes(data, "a.docx").blocks[-1].text == SENTINEL
    else:
        with pytest.raises(LimitExceeded):
            read_bytes(data, "a.docx")


WHOLE = docx(p("一、总体情况") + tbl(tr("新收", "12"), tr("结转", "0")) + p(SENTINEL))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_files_are_read_with_fitting_ranges_or_refused(damages):
    data = bytearray(WHOLE)
    for at, byte in damages:
        data[at] = byte
    try:
        document = read_bytes(bytes(data), "年报")
    except IntakeError:
        return
    assert ranges_fit(document)


def test_a_table_keeps_its_place_between_paragraphs():
    document = read(p("前") + tbl(tr("1", "2")) + p("后"))
    assert [type(block) for block in document.blocks] == [Paragraph, Table, Paragraph]
    assert rows(document.blocks[1]) == [["1", "2"]]
