"""A copy in traditional characters reads like the original, character for character; everything else stays as it is."""

from __future__ import annotations

from reports_in import read_bytes
from reports_in.traditional import PAIRS, simplified

TRADITIONAL = (
    "青川縣水務局2023年政府信息公開工作年度報告\n三、收到和處理政府信息公開申請情況\n一、本年新收政府信息公開申請數量\t3\t0\n"
)
SIMPLIFIED = (
    "青川县水务局2023年政府信息公开工作年度报告\n三、收到和处理政府信息公开申请情况\n一、本年新收政府信息公开申请数量\t3\t0\n"
)


def test_a_traditional_copy_reads_as_the_simplified_original_and_is_said_to_be_one() -> None:
    copy, original = (read_bytes(text.encode(), "a.txt") for text in (TRADITIONAL, SIMPLIFIED))
    assert (copy.text, copy.blocks) == (original.text, original.blocks)
    assert ([note.code for note in copy.notes], original.notes) == (["TRADITIONAL"], ())


def test_a_page_in_traditional_characters_reads_as_the_simplified_one_with_its_tables_and_title() -> None:
    page = "<html><head><title>{}</title></head><body><p>{}</p><table><tr><td>{}</td><td>3</td></tr></table></body></html>"
    copy, original = (read_bytes(page.format(*text.split("\n")).encode(), "a.html") for text in (TRADITIONAL, SIMPLIFIED))
    assert (copy.blocks, copy.meta.title) == (original.blocks, original.meta.title)


def test_a_simplified_report_that_quotes_a_traditional_name_is_left_as_it_is() -> None:
    document = read_bytes(f"{SIMPLIFIED}開明書店旧址已主动公开。\n".encode(), "a.txt")
    assert simplified(document) is document


def test_one_character_stands_for_one_and_none_of_those_that_simplified_texts_print_is_changed() -> None:
    pairs = PAIRS.read_text("utf-8").split()
    assert {len(pair) for pair in pairs} == {2}
    assert [pair for pair in pairs if pair[0] in {simple for _, simple in pairs}] == []
