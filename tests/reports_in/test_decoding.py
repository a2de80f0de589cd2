"""Which encoding fits, what is lost, and what never reaches a Document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports_in.decoding import decode, lines_of, visible
from reports_in.errors import UndecodableText, UnknownFormat

REPORT = "青禾县水务局2023年政府信息公开工作年度报告\n一、总体情况\n全年收到申请 12 件，予以公开 3 件。\n"
HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=300)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"", "gb18030"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@given(more=HANZI)
def test_text_comes_back_from_every_encoding(mark, encoding, more):
    text = REPORT + more
    decoded = decode(mark + text.encode(encoding), "a.txt")
    assert (decoded.text, decoded.encoding, decoded.lost) == (text, encoding, 0)


def test_rare_characters_come_back_from_gb18030():
    text = REPORT + "㙍𠮷镇"
    assert decode(text.encode("gb18030"), "a.txt").text == text


@given(cut=st.integers(1, 2))
def test_utf8_cut_inside_its_last_character_stays_utf8(cut):
    decoded = decode((REPORT + "完").encode()[:-cut], "a.txt")
    assert (decoded.text, decoded.encoding, decoded.lost) == (REPORT + "\ufffd", "utf-8", 1)


def test_a_few_bad_bytes_in_gb18030_are_counted():
    data = (REPORT * 10).encode("gb18030") + b"\xff\xff" + REPORT.encode("gb18030")
    decoded = decode(data, "a.txt")
    assert (decoded.encoding, decoded.lost, decoded.text.endswith(REPORT)) == ("gb18030", 2, True)


def test_big5_is_believed_where_it_is_declared():
    text = "政府資訊公開工作年度報告，收到申請十二件"
    assert decode(text.encode("big5"), "a.html", "big5").text == text


def test_a_declaration_is_not_believed_against_the_content():
    assert decode(REPORT.encode(), "a.html", "big5").encoding == "utf-8"


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 8, b"\x00" * 5_000, b"MZ" + bytes(2_000), b"\x01\x02\x03ABC" * 100],
    ids=["every byte", "zeros", "program", "controls"],
)
def test_bytes_that_are_no_text_are_refused(data):
    with pytest.raises((UnknownFormat, UndecodableText)):
        decode(data, "年报.txt")


def test_bytes_that_fit_no_encoding_are_refused_as_undecodable():
    with pytest.raises(UndecodableText, match=r"年报\.txt.*无法解读"):
        decode("année écoulée à été".encode("cp1252") * 20, "年报.txt")


def test_what_nobody_sees_is_stripped():
    hidden = "\x00\x01\x08\x0e\x1f\x7f\x80\u200b\u200d\u2060\ufeff\u00ad\u202e\u2066\u2069\u200e\ud800"
    assert visible("一" + hidden + "二") == "一二"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\u2029"])
def test_every_line_end_becomes_one(end):
    assert lines_of(f"一{end}二{end}") == "一\n二\n"


def test_a_page_break_beside_a_line_end_adds_no_line():
    assert lines_of("一\n\f二\f\n三\f四\f") == "一\n二\n三\n四"


@given(st.text())
def test_visible_text_holds_nothing_that_databases_or_spreadsheets_refuse(text):
    shown = lines_of(text)
    assert shown == visible(shown)
    shown.encode("utf-8")
    assert not any(ord(character) < 32 and character not in "\t\n" for character in shown)
