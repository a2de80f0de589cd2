"""What holds of claims whatever the text is: they never fail, they point at their sentence, and they cost what the text is long."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports_in.document import Paragraph, Source
from rules.claims import SUBJECTS, claims_of
from rules.claims.bindings import BINDING
from rules.claims.lists import listings_of, shares_of
from rules.claims.reading import read_claims
from rules.claims.vocabulary import vocabulary
from rules.claims.words import words_of
from rules.examples import filing_of
from rules.filing import Filing
from rules.prose import fold, prose_of

PIECES = [
    *vocabulary(),
    *"，；。：（）、《》“”%％",
    "2022年",
    "2023年",
    "12件",
    "3 件",
    "０件",
    "一起",
    "1,466件",
    "12.5%",
    "300元",
    "余",
    "某事",
]
REPORTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=60).map("".join)


def filing_with(*paragraphs: str) -> Filing:
    return filing_of({"sections": {"overview": list(paragraphs), "problems": ["无。"], "other_matters": ["无。"]}})


@given(REPORTS)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_claims_of_known_subjects(text: str) -> None:
    assert {claim.subject for claim in claims_of(filing_with(text))} <= SUBJECTS.keys()


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_the_words_of_any_text_cover_it_from_end_to_end(text: str) -> None:
    words = words_of(fold(text))
    assert [word.start for word in words] == [0, *(word.end for word in words)][: len(words)]
    assert (words[-1].end if words else 0) == len(fold(text))


@given(REPORTS)
@settings(max_examples=200, deadline=None)
def test_a_binding_without_its_kinds_beside_the_figure_binds_nothing(text: str) -> None:
    filing = filing_with(text)
    every = replace(BINDING, counts=tuple((frozenset(), bind) for _, bind in BINDING.counts))
    assert read_claims(filing, every) == read_claims(filing, BINDING)


@given(REPORTS)
@settings(max_examples=200, deadline=None)
def test_lists_and_shares_are_found_in_any_text_or_not_at_all(text: str) -> None:
    sentences = prose_of(filing_with(text)).sentences
    assert all(len(listing.parts) > 1 for sentence in sentences for listing in listings_of(sentence))
    assert all(share.whole >= share.part for sentence in sentences for share in shares_of(sentence))


@given(REPORTS)
@settings(max_examples=200, deadline=None)
def test_a_claim_quotes_its_sentence_as_printed_at_its_place(text: str) -> None:
    body = "头" * 7 + text
    source = Source(None, 3, None, (100, 100 + len(body)))
    filing = filing_with("占位。")
    claims = [claim for claim in claims_of(_with_paragraph(filing, Paragraph(body, source))) if claim.section == "overview"]
    assert [claim.quote for claim in claims] == [body[slice(*(at - 100 for at in claim.at.chars))].strip() for claim in claims]


def test_a_claim_keeps_the_line_of_its_sentence() -> None:
    filing = filing_with("（二）依申请公开。", "收到政府信息公开申请5件。")
    claim = next(claim for claim in filing.claims if claim.subject == "applications.received")
    assert claim.at.line == filing.sections["overview"].paragraphs[1].source.line


def test_digits_split_over_spans_are_one_number() -> None:
    filing = filing_with("（二）依申请公开。收到 政府 信息公开 申请 12 件 。")
    assert [(claim.subject, claim.value) for claim in filing.claims] == [("applications.received", 12)]


def test_a_sentence_broken_over_lines_is_read_whole() -> None:
    lines = [
        "（二）依申请公开情况。定期对政府信息公开申请集中的领域和热点问题进行研判，探索从",
        "源头上解决问题，提高答复的及时性和针对性。全年共收到政府信息公开申请31件，答",
        "复28件（含上年度结转4件，另有7件顺延到下年度答复），均在法定期限内予以答复，没有",
        "发生行政复议、行政诉讼，群众满意程度进一步提高，受到上级机关肯定。",
    ]
    claims = {claim.subject: claim.value for claim in filing_with(*lines).claims if not claim.zero}
    assert claims == {
        "applications.received": 31,
        "applications.handled": 28,
        "applications.carried_in": 4,
        "applications.carried_out": 7,
    }


ENDLESS = [
    "收到政府信息公开申请",
    "其中",
    "12件、",
    "（",
    "未收到",
    "行政复议3件，",
    "1件（其中",
    "1，",
    "10件，占5%，",
    "规范性文件",
    "，",
    "2023年",
    "10件，其中3件",
]


@pytest.mark.parametrize("unit", ENDLESS)
@pytest.mark.parametrize("end", ["", "。"])
def test_a_megabyte_of_anything_is_read_in_seconds(unit: str, end: str) -> None:
    pieces = 1_000_000 // len(unit)
    text = unit * pieces if not end else (unit * (3_900 // len(unit)) + end) * 20
    filing = filing_with(text)
    sentences = prose_of(filing).sentences
    start = process_time()
    claims_of(filing)
    for sentence in sentences:
        list(listings_of(sentence))
        list(shares_of(sentence))
    assert process_time() - start < 5


def _with_paragraph(filing: Filing, paragraph: Paragraph) -> Filing:
    section = replace(filing.sections["overview"], paragraphs=(paragraph,))
    return replace(filing, sections={**filing.sections, "overview": section}, claims=())
