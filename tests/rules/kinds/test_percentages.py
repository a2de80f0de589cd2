"""Which percentages are recalculated, and how near is near enough."""

from __future__ import annotations

import pytest

from rules.examples import filing_of
from rules.kinds.percentages import Percentages
from rules.verdict import Severity, State

CASES = {
    "上报信息673条，采用289条，采用率43%。": (State.HOLDS, None, False),
    "上报信息673条，采用289条，采用率为42.94%。": (State.HOLDS, None, False),
    "上报信息673条，采用289条，采用率达53%。": (State.BROKEN, None, False),
    "收到申请23件，予以公开12件，占52.2%。": (State.HOLDS, None, False),
    "收到申请23件，予以公开12件，占申请总数的62.2%。": (State.BROKEN, None, False),
    "发布信息6000条，政策解读2605条，占43.41%。": (State.BROKEN, Severity.NOTICE, False),
    "发布信息100条，微信50条，微博20条，占70%。": (State.HOLDS, None, False),
    "发布信息100条，微信50条，微博20条，占60%。": (State.BROKEN, None, True),
    "发布信息近100条，微信50条，占60%。": (State.NOT_APPLICABLE, None, False),
    "发布信息100条，解读50篇，占60%。": (State.NOT_APPLICABLE, None, False),
    "发布信息200条，占全年发布量的20%。": (State.NOT_APPLICABLE, None, False),
    "发布信息200条，其中解读50条，同比增长60%。": (State.NOT_APPLICABLE, None, False),
    "上报信息673条，采用289条，合格率100%。": (State.NOT_APPLICABLE, None, False),
    "信息中指南1条，占8%；公文5条，占41%；预算2条，占17%。": (State.NOT_APPLICABLE, None, False),
    "信息中指南1条，占8%，公文5条，占41%，预算2条，占17%。": (State.NOT_APPLICABLE, None, False),
    "发布信息50条，访问量200条，占比400%。": (State.NOT_APPLICABLE, None, False),
}


@pytest.mark.parametrize("text", CASES)
def test_a_percentage_is_that_of_the_numbers_before_it(text: str) -> None:
    filing = filing_of({"sections": {"overview": [text], "problems": ["无。"], "other_matters": ["无。"]}})
    verdicts = list(Percentages().check(filing))
    assert [(verdict.state, verdict.severity, verdict.doubt is not None) for verdict in verdicts] == [CASES[text]]
