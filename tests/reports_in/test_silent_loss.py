"""The last word of a file is read, or the file is refused: nothing is cut in silence, whatever the size, encoding or damage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in import read_bytes
from reports_in.errors import IntakeError, LimitExceeded
from reports_in.limits import LIMITS
from tests.reports_in.checks import everything, notes, ranges_fit

SENTINEL = "哨兵末字"
OPENING = "青禾县水务局2023年政府信息公开工作年度报告\n"
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")

# what fills a file up to a count, and the limit on that count
FILLINGS = {
    "a long line": ("啊", LIMITS.line_chars - len(SENTINEL)),
    "many lines": ("啊\n", LIMITS.blocks - 2),
    "many blanks": ("\n", LIMITS.text_chars - len(OPENING + SENTINEL)),
    "many rows": ("1\t2\t3\t4\n", LIMITS.cells // 4),
    "many columns": ("1\t", LIMITS.columns - 1),
    "many pipe rows": ("| 1 | 2 |\n", LIMITS.cells // 2),
}


@pytest.mark.parametrize(("piece", "limit"), FILLINGS.values(), ids=FILLINGS.keys())
@pytest.mark.parametrize("beyond", [False, True], ids=["at the limit", "beyond"])
def test_text_is_read_to_its_end_up_to_a_limit_and_refused_beyond(piece, limit, beyond):
    data = (OPENING + piece * (limit + beyond) + SENTINEL).encode()
    if beyond:
        with pytest.raises(LimitExceeded):
            read_bytes(data, "a.txt")
    else:
        assert everything(read_bytes(data, "a.txt")).endswith(SENTINEL)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("lines", [1, 100, 5_000, 40_000])
def test_text_in_every_encoding_is_read_to_its_end(encoding, lines):
    text = OPENING + "一、总体情况\t12\n" * lines + SENTINEL
    assert everything(read_bytes(text.encode(encoding), "a.txt")).endswith(SENTINEL)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [1_000, 65_000, 66_000, 300_000, 2_000_000])
def test_a_page_of_any_size_is_read_to_its_end(encoding, size):
    filler = "<p>收到申请<span>1</span><span>2</span>件</p>"
    page = f"<html><body>{filler * (size // len(filler))}<table><tr><td>1<td>{SENTINEL}<tr><td>1<td>{SENTINEL}</table>"
    assert everything(read_bytes(page.encode(encoding), "a.html")).endswith(SENTINEL)


@pytest.mark.parametrize("rows", [100, 20_000, 50_000])
def test_a_page_with_a_long_table_is_read_to_its_end(rows):
    page = f"<html><body><table>{'<tr><td>1<td>2<td>3<td>4' * rows}</table><p>{SENTINEL}"
    assert everything(read_bytes(page.encode(), "a.html")).endswith(SENTINEL)


def test_a_page_with_more_cells_than_the_limit_is_refused():
    page = f"<html><body><table>{'<tr><td>1<td>2<td>3<td>4' * (LIMITS.cells // 4 + 1)}</table><p>{SENTINEL}"
    with pytest.raises(LimitExceeded, match="单元格"):
        read_bytes(page.encode(), "a.html")


def is_read_or_refused(data: bytes) -> bool:
    """Whether those bytes give a document whose ranges fit, or an error in one line that names the file."""
    try:
        document = read_bytes(data, "年报")
    except IntakeError as error:
        return str(error).startswith("年报：") and "\n" not in str(error)
    return ranges_fit(document)


REPORT = (OPENING + "一、总体情况\n收到申请 12 件。\n规章\t0\t1\n" * 20 + SENTINEL).encode()
PAGE = f"<html><head><meta charset=utf-8></head><body><p>一、总体情况</p><table><tr><td>1<td>2<tr><td>3<td>4</table><p>{SENTINEL}</p></body></html>".encode()


@settings(max_examples=150)
@given(
    st.sampled_from([REPORT, PAGE]), st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=4)), min_size=1, max_size=8)
)
def test_damaged_files_are_read_with_fitting_ranges_or_refused_in_words(data, damages):
    for at, piece in damages:
        at %= len(data)
        data = data[:at] + piece + data[at + 1 :]
    assert is_read_or_refused(data)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused_in_words(data):
    assert is_read_or_refused(data)


@given(st.integers(1, len(REPORT) - 1))
def test_a_file_cut_off_anywhere_is_read_up_to_the_cut(at):
    document = read_bytes(REPORT[:at], "a.txt")
    kept = REPORT[:at].decode("utf-8", "ignore")
    assert "".join(everything(document).split()).startswith("".join(kept.split()))


@pytest.mark.parametrize("cut", [1, 2])
def test_a_character_cut_in_two_is_noted(cut):
    assert notes(read_bytes(REPORT[:-cut], "a.txt")) == ["LOST_CHARACTERS"]
