"""When a sweep is due, as cron and in the words that people use."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import ScheduleUnusable
from sweeps.when import parse, times, zone

WORDS = {
    "每周一 02:00": "0 2 * * 1",
    "每天 3 点": "0 3 * * *",
    "每日下午三点半": "30 15 * * *",
    "每月 1 日 2:30": "30 2 1 * *",
    "每月1日、15日 3点": "0 3 1,15 * *",
    "工作日 6 点": "0 6 * * 1-5",
    "每个工作日 6 点": "0 6 * * 1-5",
    "每小时": "0 */1 * * *",
    "每 6 小时": "0 */6 * * *",
    "每 15 分钟": "*/15 * * * *",
    "每周一、三、五 8:15": "15 8 * * 1,3,5",
    "每周一至周五 7 点": "0 7 * * 1-5",
    "每星期日零点": "0 0 * * 0",
    "每年1月31日 18:00": "0 18 31 1 *",
    "每天中午": "0 12 * * *",
    "每天晚上十点": "0 22 * * *",
    "每天": "0 2 * * *",
    "0 2 * * 1": "0 2 * * 1",
    "  0  2 * *  1 ": "0 2 * * 1",
    "*/5 * * * *": "*/5 * * * *",
}


@pytest.mark.parametrize("words", WORDS)
def test_words_are_understood(words: str) -> None:
    assert parse(words).cron == WORDS[words]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "没有写明"),
        ("有空的时候", "看不懂"),
        ("每天 25 点", "看不懂"),
        ("每天 3:75", "看不懂"),
        ("每 7 分钟", "看不懂"),
        ("每 5 小时", "看不懂"),
        ("* * * * *", "太密"),
        ("0,1 2 * * *", "太密"),
        ("0 0 30 2 *", "没有这样的时间"),
        ("0 2 * *", "看不懂"),
        ("60 2 * * *", "没有这样的时间"),
        ("每天 3 点" * 50, "没有写明"),
    ],
)
def test_what_is_no_time_is_refused_with_examples(words: str, why: str) -> None:
    with pytest.raises(ScheduleUnusable, match=why):
        parse(words)


@given(st.text(alphabet="每天周月日一二三四五六七八九十点时分半:0123456789 */,-工作小隔上下午晚零号至、", max_size=14))
def test_any_words_are_a_time_or_refused(words: str) -> None:
    try:
        cron = parse(words).cron
    except ScheduleUnusable:
        return
    first, second = islice(times(cron, 0.0), 2)
    assert 0 < first < second


def test_times_are_of_the_clock_on_the_wall() -> None:
    first = next(times("0 2 * * 1", datetime(2026, 11, 21, 12, tzinfo=zone()).timestamp()))
    assert datetime.fromtimestamp(first, zone()).isoformat() == "2026-11-23T02:00:00+08:00"


def test_a_time_zone_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_TIME_ZONE", "Asia/Atlantis")
    with pytest.raises(ScheduleUnusable, match="HECHA_TIME_ZONE"):
        zone()
