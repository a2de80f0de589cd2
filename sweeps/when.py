"""When a sweep is due: cron, or plain words such as 每周一 02:00, which are turned into cron.

Times are those of the office's clock on the wall; Asia/Shanghai unless set otherwise, which knows no summer time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from rules.numbers import parse_han
from sweeps.errors import ScheduleUnusable

ZONE = "Asia/Shanghai"
CLOSEST = timedelta(minutes=5)  # two runs of one sweep; more often would look before anybody can have published
LONGEST = 100  # characters
WEEKDAYS = {name: day % 7 for day, name in enumerate("一二三四五六日", 1)} | {"天": 0}
NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
CLOCK = rf"(?:(?P<part>凌晨|早上|早晨|上午|中午|下午|晚上|夜里)?(?:(?P<h>{NUMBER})(?:[:：](?P<m>\d{{2}})|[点时](?:(?P<half>半)|(?P<quarter>{NUMBER})分?)?(?:整|钟)?))|(?P<midnight>零点|半夜|午夜)|(?P<noon>中午))?"
HOURLY = re.compile(rf"每(?:隔)?(?P<n>{NUMBER})?(?:个)?小时(?:一次)?")
MINUTELY = re.compile(rf"每(?:隔)?(?P<n>{NUMBER})分钟(?:一次)?")
DAILY = re.compile(rf"(?:每天|每日|天天){CLOCK}")
WORKDAYS = re.compile(rf"(?:每个?)?工作日{CLOCK}")
WEEKLY = re.compile(rf"每(?:个)?(?:周|星期|礼拜)(?P<days>[一二三四五六日天](?:[、，,和及]?(?:周|星期)?[一二三四五六日天])*(?:[至到-](?:周|星期)?[一二三四五六日天])?){CLOCK}")  # fmt: skip
MONTHLY = re.compile(rf"每(?:个)?月(?P<days>{NUMBER}[日号](?:[、，,和及]{NUMBER}[日号])*){CLOCK}")
YEARLY = re.compile(rf"每年(?P<month>{NUMBER})月(?P<day>{NUMBER})[日号]{CLOCK}")
FIELDS = re.compile(r"[\d*/,\-]+(?:\s+[\d*/,\-LW#A-Za-z]+){4}")
DEFAULT_HOUR = 2  # where words say the day only: at night, when nobody waits for the machine
EXAMPLES = "每周一 02:00、每天 3 点、每月 1 日 2:30、工作日 6 点、每 6 小时，或 cron（0 2 * * 1）"


@dataclass(frozen=True, slots=True)
class When:
    """cron as five fields; words as they were written."""

    cron: str
    words: str


def parse(words: str) -> When:
    """When a sweep is due. Raises ScheduleUnusable for what is understood neither as cron nor as words."""
    said = words.strip()
    if not said or len(said) > LONGEST:
        raise ScheduleUnusable(f"没有写明什么时候巡查；例如：{EXAMPLES}")
    cron = " ".join(said.split()) if FIELDS.fullmatch(said) else _cron_of(re.sub(r"\s+", "", said))
    if cron is None:
        raise ScheduleUnusable(f"“{said}”：看不懂这个时间；例如：{EXAMPLES}")
    try:
        first, second = islice(CronSim(cron, datetime(2026, 1, 1)), 2)  # a wall clock, of no place
    except (CronSimError, ValueError) as exc:  # two values are not there where it never comes about: 30 February
        raise ScheduleUnusable(f"“{said}”：没有这样的时间；例如：{EXAMPLES}") from exc
    if second - first < CLOSEST:
        raise ScheduleUnusable(f"“{said}”：太密了，两次巡查至少相隔 {CLOSEST.seconds // 60} 分钟")
    return When(cron, said)


def zone() -> ZoneInfo:
    """The office's time zone: HECHA_TIME_ZONE, else Asia/Shanghai. Raises ScheduleUnusable."""
    name = os.environ.get("HECHA_TIME_ZONE", ZONE)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ScheduleUnusable(f"没有时区 {name}；请核对 HECHA_TIME_ZONE，例如 {ZONE}") from exc


def times(cron: str, after: float, where: ZoneInfo | None = None) -> Iterator[float]:
    """The moments after that one (seconds since 1970) at which the cron is due, without end."""
    local = where or zone()
    for due in CronSim(cron, datetime.fromtimestamp(after, local)):
        yield due.timestamp()


def _cron_of(said: str) -> str | None:
    if found := MINUTELY.fullmatch(said):
        every = _number(found["n"])
        return f"*/{every} * * * *" if 60 % every == 0 else None
    if found := HOURLY.fullmatch(said):
        every = _number(found["n"] or "1")
        return f"0 */{every} * * *" if every and 24 % every == 0 else None
    for pattern, rest in ((DAILY, "* * *"), (WORKDAYS, "* * 1-5"), (WEEKLY, ""), (MONTHLY, ""), (YEARLY, "")):
        if found := pattern.fullmatch(said):
            clock = _clock(found)
            if clock is None:
                return None
            if pattern is WEEKLY:
                rest = f"* * {_weekdays(found['days'])}"
            elif pattern is MONTHLY:
                rest = f"{','.join(str(_number(day)) for day in re.findall(NUMBER, found['days']))} * *"
            elif pattern is YEARLY:
                rest = f"{_number(found['day'])} {_number(found['month'])} *"
            return f"{clock[1]} {clock[0]} {rest}"
    return None


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    """Hour and minute; None for a time that no day has."""
    if found["midnight"]:
        return 0, 0
    if found["noon"]:
        return 12, 0
    if found["h"] is None:
        return (DEFAULT_HOUR, 0) if found["part"] is None else None
    hour = _number(found["h"])
    minute = 30 if found["half"] else _number(found["m"] or found["quarter"] or "0")
    if found["part"] in ("下午", "晚上", "夜里") and 1 <= hour < 12:
        hour += 12
    if found["part"] == "中午" and hour in (1, 2):
        hour += 12
    return (hour % 24, minute) if hour <= 24 and minute < 60 and (hour < 24 or not minute) else None


def _weekdays(days: str) -> str:
    named = re.findall(r"[一二三四五六日天]", days)
    numbers = [WEEKDAYS[name] for name in named]
    if re.search(r"[至到-]", days) and len(numbers) == 2:
        first, last = numbers[0], numbers[1] or 7
        return f"{first}-{last}" if first < last else ",".join(map(str, numbers))
    return ",".join(map(str, sorted(set(numbers))))


def _number(digits: str) -> int:
    return int(digits) if digits.isdigit() else (parse_han(digits) or 0)
