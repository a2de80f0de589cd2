"""Plain tables cut out of a page: what they hold is what the parser makes of them, and nothing else is cut out."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in.builder import Builder
from reports_in.readers import html
from reports_in.readers.html_plain import cut_tables


def cells(markup: str) -> list[list[object]]:
    """The rows of the only table, which must be cut out of the page; a cell that is more than a line as (width, height, lines)."""
    rest, (table,) = cut_tables(f"<p>前</p>{markup}<p>后</p>".encode())
    assert rest.decode() == "<p>前</p><table plain-table=0></table><p>后</p>"
    return [[cell if isinstance(cell, str) else lines_of(cell) for cell in row] for row in table.rows]


def lines_of(cell):
    return cell.column_span, cell.row_span, [line.text for line in cell.flow] or [cell.text]


def table(*rows: str) -> str:
    return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


def items_of(page: str, *, whole: bool):
    builder = Builder("a.html")
    read = partial(html._items, builder)
    data = page.encode()
    items, stated = read(data, []) if whole else html._without_plain_tables(data, cut_tables(data), read)
    return repr(items), stated, builder.notes


@pytest.mark.parametrize(
    ("markup", "rows"),
    [
        (table("<td>一</td><td>2</td>", "<td></td><td> </td>"), [["一", "2"], ["", ""]]),
        (table("<td><p>1</p></td><td><p>2</p></td>", "<td>3</td><td><p>4</p></td>"), [["1", "2"], ["3", "4"]]),
        (table('<td style="a:b"><p class=x><span lang=EN-US>1</span><b></b></p></td>' * 3), [["1", "1", "1"]]),
        (table("<td><span>1</span><span>0</span></td><td><span>2</span><span>3</span></td>"), [["10", "23"]]),
        (table("<td>甲 <b>乙</b> <i>丙</i>丁</td>"), [["甲 乙 丙丁"]]),
        (table("<td colspan=\"2\">1</td><td rowspan=3 COLSPAN='2'>2</td>"), [[(2, 1, ["1"]), (2, 3, ["2"])]]),
        (table('<td title="colspan=9" rowspan="0" rowspan="2">1</td>'), [[(1, 0, ["1"])]]),
        (
            table("<td>一<br>二<p>三</p></td><td><p>四</p><p> </p><p>五</p></td>"),
            [[(1, 1, ["一", "二", "三"]), (1, 1, ["四", "五"])]],
        ),
        (table("<td>&nbsp;1&nbsp;2&lt;</td><td>\n一\r\n二\u200b</td>"), [["1\xa02<", "一二"]]),
        (table('<td style="display:block" data-hidden="no">1</td>'), [["1"]]),
        ("<TABLE><TR><TD>1</TD></TR></TABLE>", [["1"]]),
        (
            "<table>\n<colgroup><col width=3></colgroup>\n<tr>\n<th>1</th>\n<td>2</td>\n</tr>\n<tr></tr></table>",
            [["1", "2"], []],
        ),
    ],
)
def test_a_plain_table_is_cut_out_with_what_it_holds(markup, rows):
    assert cells(markup) == rows


@pytest.mark.parametrize(
    "markup",
    [
        table("<td><a href=x>1</a></td>"),
        table("<td><img src=x></td>"),
        table("<td><!-- 1 --></td>"),
        table("<td><h2>1</h2></td>"),
        table(f"<td>{table('<td></td>')}</td>").replace("<table><tbody><tr><td></td>", "<table>x<tr><td></td>"),
        table("<td>1</td>x<td>2</td>"),
        table("<td hidden>1</td>"),
        table('<td><p style="DISPLAY : none">1</p></td>'),
        table('<td><span style="&#100;isplay:&#110;one">1</span></td>'),
        table("<td>1</td>", "<td>2</td>").replace("<tr><td>2", "<tr style='visibility:hidden'><td>2"),
        table("<td>&copy;</td>"),
        table("<td>&nb<b>sp;1</b></td>"),
        table("<td>&lt<b></b>;1</td>"),
        table("<td>1<p>&nb<i></i>sp;</p></td>"),
        table("<td title='<br>'>1</td>"),
        table('<td><p title="<p>">1</p><br></td>'),
        table("<td a=b\"c>1</td>"),
        table("<td><p>1</div></td>"),
        table("<td><div><p>1</p></div></td>"),
        table("<td>1"),
        table("<td>1\0</td>"),
        table("<td>\ufffd</td>"),
        table("<td class='\ufffd'>1</td>"),
        "<table><td>1</td></table>",
        "<table><thead><tr><td>1</td></tr></tbody></table>",
        "<table><caption>1</caption><tr><td>1</td></tr></table>",
        "<table><tr><td>1</td></tr>",
    ],
)  # fmt: skip
def test_any_other_table_stays_in_the_page(markup):
    assert cut_tables(markup.encode()) == (markup.encode(), [])


@pytest.mark.parametrize("tag", ["<b>", "<b></b><i>", "<br>"])
def test_no_character_is_made_of_bytes_on_both_sides_of_a_tag(tag):
    first, *others = "甲".encode()
    page = table("<td>1</td><td>XY</td>").encode().replace(b"X", bytes([first]) + tag.encode()).replace(b"Y", bytes(others))
    assert cut_tables(page) == (page, [])


@pytest.mark.parametrize("damaged", ["<td>甲</td>", "<td class='甲'>1</td>", "<td>1<b class='甲'></b></td>"])
def test_a_table_in_another_encoding_stays_in_the_page(damaged):
    page = table("<td>1</td>", damaged).encode("gb18030")
    assert cut_tables(page) == (page, [])


def test_row_groups_begin_where_the_parser_lets_them():
    groups = "<table><thead><tr></tr></thead><tr></tr><tr></tr><tbody><tr></tr></tbody><tfoot><tr></tr></tfoot></table>"
    (found,) = cut_tables(groups.encode())[1]
    assert found.groups == [0, 1, 3, 4]


@pytest.mark.parametrize(
    "around",
    [
        "{}", "<p>一{}二</p>", "<a href=x>{}</a>", "<a href=x><img></a>{}", "<h2>{}</h2>", "<footer>{}</footer>", "<pre>{}</pre>",
        "<!-- {} -->", "<!-- {}", "<script>{}</script>", "<textarea>{}</textarea>", "<noscript>{}</noscript>", "<select>{}</select>",
        "<div title='{}'>三</div>", "<div hidden>{}</div>", "<a href=x><b hidden>三</b></a>{}", "<table><tr><td>{}</td><td>2</td></tr></table>",
        "<table>{}</table>", "<table plain-table=0></table>{}", "{}<table plain-table=0></table>",
    ],
)  # fmt: skip
def test_wherever_a_plain_table_stands_the_page_reads_as_the_parser_reads_the_whole(around):
    page = f"<p>前</p>{around.replace('{}', table('<td>1</td><td>2</td>', '<td>3</td>'))}<p>后</p>"
    assert items_of(page, whole=False) == items_of(page, whole=True)


TAGS = ["p", "span", "b", "div", "td", "th", "tr", "tbody", "thead", "o:p", "table"]
ODD = [
    "<td rowspan=2>",
    "<p title='>'>",
    "<td hidden>",
    "<p class=x>",
    '<i style="display:none">',
    "<col>",
    "<a>",
    "<!--x-->",
    "<br/>",
]
PIECES = st.sampled_from(
    ["12", "一二", " ", "&nbsp;", "&lt;", *(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), *ODD]
)
CELLS = st.lists(PIECES, max_size=4).map(lambda pieces: f"<td>{''.join(pieces)}</td>")
ROWS = st.lists(CELLS, max_size=4).map(lambda row: f"<tr>{''.join(row)}</tr>")


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=4).map(lambda rows: f"<p>前</p><table>{' '.join(rows)}</table><p>后</p>"))
def test_tables_of_any_markup_read_as_the_parser_reads_them(page):
    assert items_of(page, whole=False) == items_of(page, whole=True)
