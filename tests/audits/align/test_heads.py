"""Heads of the litigation table, however a page or a narrow column broke them."""

from __future__ import annotations

import pytest

from audits.align.heads import litigation_heads
from audits.align.lines import Piece
from reports_in.document import Source
from rules.editions import editions

TABLE = editions()["E2021"].tables["litigation"]
GROUPS = ("行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉")
WHOLE = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
ABOVE, BELOW = ("结果", "结果", "其他", "尚未", "总计"), ("维持", "纠正", "结果", "审结")


def heads(*words):
    pieces = [Piece(word, Source(None, number, None, (number, number + 1))) for number, word in enumerate(words, 1)]
    return {header.key: (header.printed, header.score) for header in litigation_heads(pieces, TABLE)}


@pytest.mark.parametrize(
    "words",
    [
        (*GROUPS, *WHOLE, *WHOLE, *WHOLE),
        (*GROUPS, *ABOVE, *BELOW, *WHOLE, *WHOLE),  # the first group's heads torn, the others whole on the second page
        (*GROUPS, *WHOLE, *WHOLE, *ABOVE, *BELOW),
        (*GROUPS, *ABOVE, *ABOVE, *ABOVE, *BELOW, *BELOW, *BELOW),  # a whole row of heads torn
    ],
)
def test_heads_torn_by_a_page_break_are_found_whole(words):
    found = heads(*words)
    assert {
        key: found[key] for group in ("review", "direct", "after_review") for key in found if key.startswith(f"{group}.")
    } == {
        f"{group}.{column}": (printed, 100.0)
        for group in ("review", "direct", "after_review")
        for column, printed in zip(("upheld", "corrected", "other", "pending", "total"), WHOLE, strict=True)
    }


def test_a_head_that_is_not_printed_is_not_made_of_what_is_left():
    found = heads(*GROUPS, *ABOVE, *BELOW[:3], *WHOLE, *WHOLE)
    assert [key for key, (printed, _) in found.items() if not printed] != []
