"""Web pages: reading order, one number in several spans, charsets, hidden parts, tables as grids or as layout."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in import read_bytes
from reports_in.document import Paragraph, Table, Trust
from reports_in.errors import LimitExceeded
from tests.reports_in.checks import everything, notes, ranges_fit, shape

SENTENCE = "全年共主动公开政府信息一百零三条，收到政府信息公开申请二件，均已按期办结，未发生行政复议和行政诉讼。"


def read(body: str, head: str = "", name: str = "a.html"):
    return read_bytes(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), name)


def cells(body: str) -> list[tuple[int, int, int, int, str]]:
    (table,) = (block for block in read(body).blocks if isinstance(block, Table))
    return [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in table.cells]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("<div>一<div>二</div>三</div>", ["一", "二", "三"]),
        ("<p>一<br>二<br/><br>三</p>", ["一", "二", "三"]),
        ("<p>收到<span>2</span><span>0</span>件</p>", ["收到20件"]),
        ("<p>收到<font><b>2</b></font><u>0</u><!-- x -->件</p>", ["收到20件"]),
        ("<p>政府<o:p></o:p>信息</p>", ["政府信息"]),
        ("<p>  一、\n   总体\n情况 </p>", ["一、总体情况"]),
        ("<p>A\n B</p>", ["A B"]),
        ("<p>2\n0</p>", ["2 0"]),
        ("<p>&nbsp;&nbsp;一&nbsp;二&#12288;</p>", ["一\xa0二"]),
        ("<p>&lt;条例&gt;&amp;&#x4E00;</p>", ["<条例>&一"]),
        ("<p>一&#8203;二&zwnj;三\u202e</p>", ["一二三"]),
        ("<ul><li>一<li>二</ul>", ["一", "二"]),
        ("<dl><dt>一<dd>二</dl>", ["一", "二"]),
        ("<pre>一\n  二\n\n三</pre>", ["一", "二", "三"]),
        ("<ruby>青<rt>qīng</rt></ruby>禾", ["青禾"]),
        (
            "一<script>x</script><style>y</style><noscript>z</noscript><template>t</template><select><option>o</select>二",
            ["一二"],
        ),
    ],
)
def test_lines_are_those_that_a_browser_shows(markup, lines):
    document = read(markup)
    assert shape(document) == lines
    assert ranges_fit(document)


def test_headings_state_their_level():
    document = read("<h1>年报</h1><h3>一<br>二</h3><p>三</p>")
    assert [(block.text, block.level) for block in document.blocks] == [("年报", 1), ("一", 3), ("二", 3), ("三", None)]


def test_a_text_dump_inside_pre_keeps_its_rows():
    assert shape(read("<pre>前\n规章\t0\t1\n文件\t\t2\n后</pre>")) == ["前", [["规章", "0", "1"], ["文件", "", "2"]], "后"]


@pytest.mark.parametrize(
    "hiding",
    [
        'style="display:none"',
        "style='color:red; DISPLAY : None'",
        'style="visibility:hidden"',
        "hidden",
        'style="mso-hide:all"',
    ],
)
def test_hidden_elements_are_left_out(hiding):
    assert shape(read(f"<p>一</p><div {hiding}><p>提示</p></div><p>{SENTENCE}</p>")) == ["一", SENTENCE]


@pytest.mark.parametrize("style", ["border:none", "overflow:hidden", "list-style:none", "text-decoration:none"])
def test_other_styles_hide_nothing(style):
    assert shape(read(f'<p style="{style}">一</p><p style="display:block">二</p>')) == ["一", "二"]


def test_a_folded_article_is_read_and_noted():
    folded = "<p>五、存在的主要问题</p><p>" + SENTENCE.replace("一百零三", "七") + "</p>"
    document = read(f"<p>{SENTENCE}</p><div style='display:none'>{folded}</div>")
    assert "五、存在的主要问题" in shape(document)
    assert notes(document) == ["HIDDEN_TEXT"]


def test_a_hidden_second_copy_is_left_out():
    copy = f"<p>一、总体情况</p><p>{SENTENCE}</p>"
    assert shape(read(f"{copy}<div style='display:none'>{copy}</div>")) == ["一、总体情况", SENTENCE]


def test_a_page_hidden_as_a_whole_is_read():
    assert shape(read("<div style='display:none'><p>一</p></div>")) == ["一"]


@pytest.mark.parametrize("opening", ["<!-- ", "<script>", "<style>"])
def test_what_an_unclosed_mark_swallows_is_noted(opening):
    assert "UNCLOSED" in notes(read_bytes(f"<html><body><p>一、总体情况</p>{opening}<p>二</p>".encode(), "a.html"))


def test_pictures_and_documents_in_the_article_are_noted():
    document = read(f'<p>{SENTENCE}</p><p><img src="/a/1.png" alt="表二"></p><a href="/x/%E5%B9%B4%E6%8A%A5.pdf?v=1">下载</a>')
    assert notes(document) == ["IMAGE", "ATTACHMENT"]
    assert "年报.pdf" in document.notes[1].message
    assert notes(read(f'<p>{SENTENCE}</p><img src="/icon_print.gif"><img src="a.png" width="16">')) == []


PAGE = "<html><head>{}<title>年报</title></head><body><p>一、总体情况</p><p>青禾县全年公开信息12条。</p></body></html>"


@pytest.mark.parametrize(
    ("meta", "encoding", "noted"),
    [
        ("<meta charset=utf-8>", "utf-8", []),
        ("<meta charset='gb2312'>", "gb18030", []),
        ('<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=GBK">', "gb18030", []),
        ('<meta content="text/html;charset=gb2312" http-equiv=content-type>', "gb18030", []),
        ("<meta charset=utf-8>", "gb18030", ["CHARSET"]),
        ("<meta charset=gb2312>", "utf-8", ["CHARSET"]),
        ("<meta charset=iso-8859-1>", "gb18030", ["CHARSET"]),
        ("<meta charset=nonsense>", "utf-8", ["CHARSET"]),
        ("", "utf-8", []),
        ("", "gb18030", []),
        ("", "utf-8-sig", []),
        ("<meta charset=utf-8>", "utf-16", ["CHARSET"]),
        ("", "utf-16-le", []),
    ],
)
def test_the_content_decides_the_charset_and_a_wrong_declaration_is_noted(meta, encoding, noted):
    document = read_bytes(PAGE.format(meta).encode(encoding), "a.html")
    assert shape(document) == ["一、总体情况", "青禾县全年公开信息12条。"]
    assert notes(document) == noted


def test_spans_are_placed_on_a_grid():
    assert cells("<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d</table>") == [
        (0, 0, 2, 1, "a"),
        (0, 1, 1, 2, "b"),
        (1, 1, 1, 1, "c"),
        (1, 2, 1, 1, "d"),
    ]


def test_a_row_span_ends_with_its_row_group():
    assert cells("<table><tbody><tr><td rowspan=9>a<td>b</tbody><tbody><tr><td>c<td>d</tbody></table>") == [
        (0, 0, 1, 1, "a"),
        (0, 1, 1, 1, "b"),
        (1, 0, 1, 1, "c"),
        (1, 1, 1, 1, "d"),
    ]


def test_a_row_span_of_zero_reaches_to_the_end():
    assert cells("<table><tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d</table>")[0] == (0, 0, 3, 1, "a")


def test_a_column_span_stops_before_a_place_already_taken():
    assert cells("<table><tr><td>a<td rowspan=2>b<td>c<tr><td colspan=3>d</table>")[3] == (1, 0, 1, 1, "d")


@pytest.mark.parametrize("span", ["999999999", "1000", "99999999999999999999"])
def test_an_impossible_span_is_clamped_and_noted(span):
    document = read(f"<table><tr><td colspan={span}>a<tr><td>1<td>2<td rowspan={span}>3<tr><td>4<td>5</table>")
    table = document.blocks[0]
    assert (table.columns, table.rows, table.cells[0].column_span, table.cells[3].row_span) == (3, 3, 3, 2)
    assert notes(document) == ["SPAN_CLAMPED"]


@pytest.mark.parametrize("span", ["", "x", "-3", "1.5", "１"])
def test_a_span_that_is_no_number_is_one(span):
    assert cells(f'<table><tr><td colspan="{span}">a<td>b<tr><td>c<td>d</table>')[1] == (0, 1, 1, 1, "b")


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<p>商业</p><p>企业</p>", "商业\n企业"),
        ("商业<br>企业", "商业\n企业"),
        ("<span>2</span><span>0</span>", "20"),
        ("&nbsp;3", "3"),
        ("&nbsp;", ""),
        ("<p><span>&#12288;</span><br></p>", ""),
        ("/", "/"),
        ("<input type=text value=7>", "7"),
        ("<input type=hidden value=7>", ""),
        ("<div><div>0</div></div>", "0"),
        ("<img src=a.png>", ""),
    ],
)
def test_a_cell_holds_what_it_shows(inside, text):
    document = read(f"<table><tr><td>a<td>b<td>c<tr><td>d<td>{inside}<td>f</table>")
    assert document.blocks[0].cells[4].text == text
    assert ranges_fit(document)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<span>新收</span><span></span>", "新收"),
        ("<o:p>新收</o:p><b>申请</b>", "新收申请"),
        ("\n <p><span>新</span><span>收</span></p>\n ", "新收"),
        ("<div><p>新<font>收<b>申</b>请</font></p></div>", "新收申请"),
        ("<span>新收</span><br>申请", "新收\n申请"),
        ("<span><span>新收</span><br>申请</span><b></b>", "新收\n申请"),
        ("<span>新收</span><script>x</script>", "新收"),
        ("<span>新收</span><other>申<hr>请</other>", "新收申\n请"),
        ("新收<p>申请</p>", "新收\n申请"),
        ("<p>新收</p><p>申请</p>", "新收\n申请"),
        ("<p>新收</p>申请", "新收\n申请"),
        ("<span>新收</span><!-- x -->申请", "新收申请"),
    ],
)
def test_a_cell_holds_the_same_text_however_it_is_wrapped(inside, text):
    assert cells(f"<table><tr><td>甲<td>乙<td>{inside}</td></tr><tr><td>1<td>2<td>3</table>")[2] == (0, 2, 1, 1, text)


def test_blank_cells_and_rows_stay():
    assert shape(read("<table><tr><td>a<td>b<tr><td><td><tr></tr><tr><td>c<td></table>")) == [
        [["a", "b"], ["", ""], [], ["c", ""]]
    ]


def test_a_caption_stands_before_its_table():
    assert shape(read("<table><caption>表一</caption><tr><td>a<td>b<tr><td>c<td>d</table>")) == [
        "表一",
        [["a", "b"], ["c", "d"]],
    ]


ARTICLE = f"<h1>年报</h1><p>一、总体情况</p><p>{SENTENCE}</p><table><tr><th>a<th>b<th>c<tr><td>1<td>2<td>3<tr><td>4<td>5<td>6</table><p>六、其他</p>"
READ = ["年报", "一、总体情况", SENTENCE, [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]], "六、其他"]


@pytest.mark.parametrize(
    "layout",
    [
        "<table><tr><td>{}</td></tr></table>",
        "<table><tr><td width=10></td><td>{}</td></tr></table>",
        "<table><tr><td></td></tr><tr><td><table><tr><td><div>{}</div></td></tr></table></td></tr></table>",
        "<table><tr><td><td><td></tr><tr><td><td>{}<td></tr><tr><td><td><td></tr></table>",
        "<form><center><table><tbody><tr><td><font>{}</font></td></tr></tbody></table></center></form>",
    ],
)
def test_a_layout_table_does_not_swallow_the_article(layout):
    document = read(layout.format(ARTICLE))
    assert shape(document) == READ
    assert [block.trust for block in document.blocks if isinstance(block, Table)] == [Trust.GRID]


def test_a_bold_heading_inside_a_cell_does_not_open_a_data_table():
    document = read("<table><tr><td><h4>信息内容</h4><td>件数<tr><td>规章<td></table>")
    assert shape(document) == [[["信息内容", "件数"], ["规章", ""]]]


def test_tables_stacked_inside_one_table_are_each_a_grid():
    inner = "<tr><td><table><tr><td>{0}一<td>1<td>2<tr><td>{0}二<td>3<td>4</table></td></tr>"
    document = read(f"<table><tr><td>第一项</td></tr>{inner.format('甲')}<tr><td>第二项</td></tr>{inner.format('乙')}</table>")
    assert shape(document) == [
        "第一项",
        [["甲一", "1", "2"], ["甲二", "3", "4"]],
        "第二项",
        [["乙一", "1", "2"], ["乙二", "3", "4"]],
    ]


def test_a_small_table_inside_a_cell_of_a_data_table_stays_in_its_cell():
    rows = "".join(f"<tr><td>第{n}行的标签<td>{n}<td>0</tr>" for n in range(6))
    document = read(f"<table>{rows}<tr><td>末行<td><table><tr><td>7</td></tr></table><td>0</table>")
    assert shape(document)[0][-1] == ["末行", "7", "0"]


def test_prose_inside_one_large_table_is_read_between_its_grids():
    rows = "<tr><td>规章<td>0<td>1<tr><td>文件<td>2<td>3"
    prose = f"<tr><td colspan=3><p>一、总体情况</p><p>{SENTENCE * 5}</p></td></tr>"
    document = read(f"<table>{rows * 6}{prose}{rows * 6}</table>")
    assert [type(block) for block in document.blocks] == [Table, Paragraph, Paragraph, Table]


@pytest.mark.parametrize("depth", [10, 255, 256, 257, 1_000, 20_000])
@pytest.mark.parametrize("tag", ["div", "span", "p", "ul><li"])
def test_the_last_word_is_read_at_any_depth_or_the_page_is_refused(tag, depth):
    if tag == "ul><li" and depth > 1_000:
        depth //= 4  # the parser itself takes two seconds at 20,000
    document = read(f"<{tag}>" * depth + "哨兵")
    assert everything(document) == "哨兵"


@pytest.mark.parametrize("depth", [10, 100])
def test_tables_inside_tables_are_read(depth):
    assert everything(read("<table><tr><td>" * depth + "哨兵")) == "哨兵"


@pytest.mark.parametrize("depth", [101, 256, 5_000])
def test_tables_nested_beyond_the_limit_are_refused(depth):
    with pytest.raises(LimitExceeded, match="嵌套"):
        read("<table><tr><td>" * depth + "哨兵")


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<i></i>" * 600_000, "网页标签"),
        ("".join(f"<p><b id={n}>x" for n in range(1_000)), "未关闭"),
        ("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">", "属性"),
        ("<p>" + "啊" * 3_000_001, "文字"),
        ("<table><tr>" + "<td>1" * 201, "列"),
    ],
    ids=["tags", "open tags", "attributes", "text", "columns"],
)
def test_markup_beyond_a_limit_is_refused(markup, fault):
    with pytest.raises(LimitExceeded, match=fault):
        read(markup + "<p>哨兵")


def test_pictures_inside_the_page_do_not_count_as_text():
    assert everything(read(f'<img src="data:image/png;base64,{"A" * 5_000_000}"><p>{SENTENCE}</p>')) == SENTENCE


PIECES = (
    "<table> <tr> <td> <td^colspan=2> <td^rowspan=3> </td> </tr> </table> <p> </p> <div> </div> <b> </b> <br> <pre> </pre> <a^href=x> </a>"
    " <h2> </h2> 一 2 ^ \x00 &nbsp;"
)
MARKUP = st.lists(st.sampled_from([piece.replace("^", " ") for piece in PIECES.split(" ")] + ["\t", "\n"]), max_size=40).map(
    "".join
)


@given(MARKUP)
def test_any_markup_is_read_with_fitting_ranges_and_no_cell_twice(markup):
    document = read(f"{markup}</pre></a><p>哨兵")
    assert ranges_fit(document)
    assert "哨兵" in everything(document)
    for block in document.blocks:
        if isinstance(block, Table):
            covered = [
                (row, column)
                for cell in block.cells
                for row in range(cell.row, cell.row + cell.row_span)
                for column in range(cell.column, cell.column + cell.column_span)
            ]
            assert block.trust is Trust.RAGGED or len(covered) == len(set(covered))


SPANS = st.lists(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=5), min_size=2, max_size=6)


@settings(deadline=None)
@given(SPANS)
def test_random_spans_are_placed_as_the_html_standard_places_them(table):
    if max(map(len, table)) < 2:
        table[0].append((1, 1))
    markup = "".join(
        "<tr>" + "".join(f"<td colspan={width} rowspan={height}>{row}.{at}" for at, (width, height) in enumerate(cells))
        for row, cells in enumerate(table)
    )
    assert cells(f"<table>{markup}</table>") == reference(table)


def reference(table: list[list[tuple[int, int]]]) -> list[tuple[int, int, int, int, str]]:
    """The standard's algorithm for forming a table, written out slot by slot; an overlap cuts the later cell short."""
    slots: set[tuple[int, int]] = set()
    placed = []
    for row, stated in enumerate(table):
        column = 0
        for at, (width, height) in enumerate(stated):
            while (row, column) in slots:
                column += 1
            fits = next((n for n in range(width) if (row, column + n) in slots), width)
            tall = min(height or len(table), len(table) - row)
            slots |= {(row + y, column + x) for y in range(tall) for x in range(fits)}
            placed.append((row, column, tall, fits, f"{row}.{at}"))
            column += fits
    return placed
