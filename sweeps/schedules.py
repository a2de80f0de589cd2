"""Schedules: a sweep as somebody wishes it, checked before it is kept."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from audits.regions import EVERYWHERE
from audits.store import Store
from audits.store.sweeping import Schedule
from rules.compile import find_pack, load_pack
from rules.errors import RuleError
from sweeps.errors import ScheduleUnusable
from sweeps.looking import Allowed
from sweeps.sources import source_of
from sweeps.when import When, parse, times

LONGEST_TITLE = 100
MISSED = {"latest": "补做最近一次", "all": "逐次补做"}  # or a number of hours
HOURS = re.compile(r"[1-9]\d{0,3}")
PREVIEWED = 5


def checked(
    store: Store,
    title: str,
    when: str,
    source: Mapping[str, Any],
    allowed: Allowed,
    *,
    owner: str,
    region: str = EVERYWHERE,
    pack: str = "national",
    year: int | None = None,
    missed: str = "latest",
) -> Schedule:
    """The schedule as it would be kept; nothing is kept yet. Raises ScheduleUnusable, SourceRefused."""
    title = " ".join(title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ScheduleUnusable(f"巡查要有名称，不超过 {LONGEST_TITLE} 个字")
    if missed not in MISSED and not HOURS.fullmatch(missed):
        raise ScheduleUnusable(f"错过的巡查怎么办：只能写 {'、'.join(MISSED)}，或补做几小时以内的（1 到 9999）")
    try:
        load_pack(find_pack(pack))
    except RuleError as exc:
        raise ScheduleUnusable(f"规则包 {pack} 不能用：{exc}") from exc
    due: When = parse(when)
    now = store.sweeping.now()
    return Schedule(
        id=uuid.uuid4().hex,
        title=title,
        when=due.cron,
        words=due.words,
        source=source_of(source).check(source, allowed),
        pack=pack,
        year=year,
        region=region,
        owner=owner,
        missed=missed,
        created_at=now,
        starts_at=now,
    )


def pause(store: Store, schedule_id: str) -> None:
    """It is not due any more until it is resumed; a look that is at work goes on to its end."""
    schedule = store.sweeping.schedule(schedule_id)
    if schedule.paused_at is None:
        store.sweeping.change(replace(schedule, paused_at=store.sweeping.now()))


def resume(store: Store, schedule_id: str) -> None:
    """It is due again from now on; what passed meanwhile was not missed."""
    schedule = store.sweeping.schedule(schedule_id)
    if schedule.paused_at is not None:
        store.sweeping.change(replace(schedule, paused_at=None, starts_at=store.sweeping.now()))


def changed(store: Store, schedule_id: str, wanted: Schedule) -> Schedule:
    """Put the wishes of ``wanted`` in the place of what is kept; its past stays, and no moment before now becomes due by it."""
    kept = store.sweeping.schedule(schedule_id)
    again = kept.when != wanted.when
    new = replace(
        wanted,
        id=kept.id,
        owner=kept.owner,
        created_at=kept.created_at,
        paused_at=kept.paused_at,
        starts_at=wanted.starts_at if again else kept.starts_at,
    )
    store.sweeping.change(new)
    if kept.source != new.source and not kept.source["kind"] == new.source["kind"] == "addresses":
        store.sweeping.forget(kept.id, list(store.sweeping.swept(kept.id)))  # nothing is gone from where nobody looks any more
    return new


def next_times(when: str, after: float, count: int = PREVIEWED) -> list[float]:
    """The next moments at which it is due, in seconds since 1970."""
    return list(islice(times(when, after), count))


def missed_in_words(missed: str) -> str:
    return MISSED.get(missed, f"补做 {missed} 小时以内的最近一次")
