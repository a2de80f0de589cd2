"""Passages and sentences: broken lines joined, words folded, evidence as printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports_in.document import Paragraph, Source
from rules.errors import FieldError
from rules.examples import filing_of
from rules.filing import Filing, PartState, Section
from rules.patterns import any_of, check_patterns
from rules.prose import fold, prose_of, read_lead, without_quoted


def overview_of(*texts: str, pages: tuple[int, ...] = ()) -> tuple[Filing, str]:
    """A filing whose overview has these paragraphs, one line each, and the text that their places count in."""
    document = "\n".join(texts)
    paragraphs, begin = [], 0
    for index, text in enumerate(texts):
        page = pages[index] if pages else None
        paragraphs.append(Paragraph(text, Source(page, index + 1, None, (begin, begin + len(text)))))
        begin += len(text) + 1
    filing = filing_of({})
    overview = Section("overview", PartState.PRESENT, "一、总体情况", None, tuple(paragraphs))
    return replace(filing, sections={**filing.sections, "overview": overview}, preamble=()), document


def only(*texts: str) -> Filing:
    """A filing that has no other prose."""
    filing, _ = overview_of(*texts)
    return replace(filing, sections={"overview": filing.sections["overview"]})


def test_a_report_without_prose_has_no_passages():
    assert list(prose_of(only()).passages) == []


@given(st.lists(st.text(min_size=1), max_size=6))
def test_whatever_characters_there_are_passages_are_quoted_as_printed(texts):
    passages = prose_of(only(*texts)).passages

    printed = "".join("".join(texts).split())
    assert all("".join(passage.raw.split()) in printed for passage in passages)
    assert all(passage.evidence().quote for passage in passages)


def test_words_have_one_width_and_no_blanks_inside():
    filing, _ = overview_of("（一） 主动公开。2023 年，收到 ２ 件(含上年度 1 件)。")
    assert prose_of(filing).of("overview")[0].words == "（一）主动公开。2023年，收到2件（含上年度1件）。"


def test_figures_apart_stay_apart():
    filing, _ = overview_of("发布 12 34 条 ok go。")
    assert prose_of(filing).of("overview")[0].words == "发布12 34条ok go。"


@given(st.text("甲乙a1，。 \t\u3000\u200b\ufeff\r\x0b\u2028（", max_size=30))
def test_what_is_printed_for_any_words_is_found_again(text):
    """The words are cut free of blanks in one way and led back to the print in another."""
    filing, document = overview_of(f"头{text}尾", "下一行。")
    passage = prose_of(filing).of("overview")[0]
    found = [passage.evidence(at, at + 1) for at, char in enumerate(passage.words) if char != " "]
    assert [fold(evidence.quote) for evidence in found] == [char for char in passage.words if char != " "]
    assert all(document[slice(*evidence.at.chars)].strip() == evidence.quote for evidence in found)


def test_folding_keeps_every_place():
    text = "⾏政⻔户（a）１２,\u3000〔2021〕[30]，。"
    assert (len(fold(text)), fold(text)) == (len(text), "行政门户（a）12， 〔2021〕〔30〕，。")


def test_evidence_is_quoted_as_printed_with_its_place():
    filing, document = overview_of("第一句。", "2023 年，收 到 ２ 件。又一句。")
    sentence = prose_of(filing).sentences[1]
    evidence = sentence.evidence(sentence.words.index("收到"), sentence.words.index("件") + 1)
    assert evidence.at is not None
    assert (evidence.quote, evidence.at.line, document[slice(*evidence.at.chars)]) == ("收 到 ２ 件", 2, "收 到 ２ 件")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("甲。乙！丙？丁", ["甲。", "乙！", "丙？", "丁"]),
        ("他说“好。”再说。", ["他说“好。”", "再说。"]),
        ("增长3.5%。", ["增长3.5%。"]),
    ],
)
def test_sentences_end_at_their_marks(text, sentences):
    filing, _ = overview_of(text)
    assert [sentence.words for sentence in prose_of(filing).sentences if sentence.section == "overview"] == sentences


WRAPPED = (
    "（一）主动公开情况。本机关按照规定主动公开政府信息，全年",
    "通过门户网站发布各类信息一百二十条，制作解读材料八篇，并",
    "通过新媒体账号发布消息三百条，组织新闻发布会两场，努力做",
    "到应公开尽公开，回应群众关切。",
    "（二）依申请公开情况。全年收到申请三件，均已办结。",
)


def test_lines_broken_by_the_page_width_are_joined():
    filing, document = overview_of(*WRAPPED)
    passages = prose_of(filing).of("overview")
    evidence = passages[0].evidence(passages[0].words.index("一百二十条"))
    assert (len(passages), evidence.at.line, document[slice(*evidence.at.chars)]) == (  # type: ignore[union-attr]
        2,
        2,
        "一百二十条，制作解读材料八篇，并\n通过新媒体账号发布消息三百条，组织新闻发布会两场，努力做\n到应公开尽公开，回应群众关切。",
    )


def test_headings_without_a_full_stop_are_not_joined_to_what_follows():
    filing, _ = overview_of(
        "（一）政府信息资源的规范化标准化管理及公开平台建设工作", "本机关维护门户网站。", "（二）监督保障", "培训两次。"
    )
    assert len(prose_of(filing).of("overview")) == 4


def test_a_sentence_cut_by_a_page_is_joined():
    filing, _ = overview_of("本机关按照规定主动公开各类政府信息共计一百", "二十条。", pages=(1, 2))
    assert [passage.words for passage in prose_of(filing).of("overview")] == [
        "本机关按照规定主动公开各类政府信息共计一百二十条。"
    ]


def test_the_same_filing_is_cut_once():
    filing, _ = overview_of("甲。")
    assert prose_of(filing) is prose_of(replace(filing, claims=()))


@pytest.mark.parametrize(
    ("words", "lead"),
    [
        ("（三）平台建设", ("paren_han", 3, "平台建设")),
        ("二、下步打算", ("han", 2, "下步打算")),
        ("2、信息管理", ("arabic", 2, "信息管理")),
        ("（1）发布情况", ("paren_arabic", 1, "发布情况")),
        ("三是加强培训", ("clause", 3, "加强培训")),
        ("（三）、申请情况", ("paren_han", 3, "申请情况")),
        ("2.5万元", None),
        ("三月以来", None),
    ],
)
def test_the_ordinal_that_opens_a_passage_is_read(words, lead):
    found = read_lead(words)
    assert (found and (found.style, found.number, words[found.end :])) == lead


def test_titles_quotations_and_document_numbers_are_blanked_in_place():
    words = "按照《关于转发《甲》的通知》（国办函〔2021〕30号）要求，“2020年”已过，2023年收到1件。"
    bare = without_quoted(words)
    assert (len(bare), [year for year in ("2020", "2021", "2023") if year in bare]) == (len(words), ["2023"])


def test_a_match_is_given_with_its_sentence_and_groups():
    filing, _ = overview_of("第一句。其中收 到 2 件，", "又一行。")
    (hit,) = prose_of(filing).text().find(any_of((r"收到(\d+)件",)))
    assert (hit.sentence.words, hit.words, hit.groups) == ("其中收到2件，", "收到2件", ("2",))


def test_a_match_never_crosses_a_paragraph_or_a_sentence():
    filing, _ = overview_of("收到申请", "3件。收到", "4件")
    assert [hit.words for hit in prose_of(filing).text(("overview",)).find(any_of((r"收到[^，]{0,5}\d件",)))] == []


def test_words_in_quotation_marks_can_be_left_out():
    filing, _ = overview_of("要求“收到1件”，收到2件。")
    text = prose_of(filing).text(("overview",), quoted=False)
    assert [hit.groups for hit in text.find(any_of((r"收到(\d)件",)))] == [("2",)]


def test_a_pattern_that_could_run_away_is_refused():
    with pytest.raises(FieldError, match="不是 RE2 能用的正则表达式"):
        check_patterns("find", ("甲(?=乙)",))
