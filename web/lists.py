"""What lists of reports ask for in their addresses, and the words that they and the report page share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from audits.decision import Decided
from audits.matching import MatchState
from audits.outcome import Standing
from audits.single import NATIONAL
from audits.store import SubmissionState
from audits.store.lines import Order, Wanted
from audits.wording import SEVERITIES, STANDINGS
from rules.compile import PACK_FILE, PACKS, load_pack, shipped
from rules.errors import RuleError
from rules.verdict import Severity

Choice = TypeVar("Choice", bound=StrEnum)

STATE_NAMES = {
    SubmissionState.RECEIVED: "待核查",
    SubmissionState.AUDITING: "核查中",
    SubmissionState.AUDITED: "已核查",
    SubmissionState.UNREADABLE: "读不了",
    SubmissionState.FAILED: "核查失败",
    SubmissionState.CANCELLED: "已取消",
}
ORDER_NAMES: Mapping[Order, str] = {
    "worst": "问题重的在前",
    "name": "按单位",
    "newest": "新提交的在前",
    "position": "按文件顺序",
}
MATCH_NAMES = {
    MatchState.MATCHED: "名单对上的",
    MatchState.ASSIGNED: "人工认定的",
    MatchState.OUTSIDE: "认定为名单外的",
}
DECIDED_NAMES = {
    Decided.CONFIRMED: "已确认",
    Decided.DISMISSED: "不成立",
    Decided.WAIVED: "已豁免",
    Decided.REOPENED: "撤销认定",
}
UNPLACED = "unplaced"  # asked of ``match``: neither roster nor person has said whose it is
NONE_SEEN = "none"
LONGEST_SEARCH = 200
MOST_PAGES = 1_000_000
NUMBER = re.compile(r"\d{1,7}", re.ASCII)


def wanted_from(params: QueryParams, batch_id: str | None = None) -> Wanted:
    """What an address asks for. What it says amiss does not matter: a list is shown all the same."""
    order = params.get("order", "worst")
    year = _number(params.get("year"))
    return Wanted(
        batch_id=batch_id or params.get("batch") or None,
        state=_choice(SubmissionState, params.get("state")),
        standing=_choice(Standing, params.get("standing")),
        severity=_choice(Severity, params.get("severity")),
        rule=params.get("rule") or None,
        region=params.get("region") or None,
        agency_code=params.get("agency_code") or None,
        match=_choice(MatchState, params.get("match")),
        year=year if year and 1900 < year < 2200 else None,
        text=" ".join(params.get("text", "").split())[:LONGEST_SEARCH],
        order=order if order in get_args(Order) else "worst",  # type: ignore[arg-type]
        doubtful={"1": True, "0": False}.get(params.get("doubtful", "")),
        open_only=params.get("open") == "1",
        unplaced=params.get("match") == UNPLACED,
    )


def seen_from(given: str | None) -> str | None:
    """The id that a form says its page showed, "" if it showed none; None if the form says nothing. A form cannot say nothing by an
    empty field."""
    return "" if given == NONE_SEEN else given


def page_from(params: QueryParams) -> int:
    """Counts from 1."""
    return min(max(_number(params.get("page")) or 1, 1), MOST_PAGES)


def query_of(wanted: Wanted, *, with_batch: bool = False) -> str:
    """The same as part of an address, with its question mark; "" if nothing in particular is asked for."""
    asked: dict[str, Any] = {
        "batch": wanted.batch_id if with_batch else None,
        "state": wanted.state,
        "standing": wanted.standing,
        "severity": wanted.severity,
        "rule": wanted.rule,
        "region": wanted.region,
        "agency_code": wanted.agency_code,
        "match": UNPLACED if wanted.unplaced else wanted.match,
        "year": wanted.year,
        "text": wanted.text or None,
        "order": None if wanted.order == "worst" else wanted.order,
        "doubtful": None if wanted.doubtful is None else int(wanted.doubtful),
        "open": 1 if wanted.open_only else None,
    }
    found = {name: str(value) for name, value in asked.items() if value is not None}
    return f"?{urlencode(found)}" if found else ""


def words() -> dict[str, Any]:
    """For templates: names of severities, standings, states, orders, matches and rules."""
    return {
        "severity_names": SEVERITIES,
        "standing_names": STANDINGS,
        "state_names": STATE_NAMES,
        "order_names": ORDER_NAMES,
        "decided_names": DECIDED_NAMES,
        "match_names": MATCH_NAMES,
        "rule_titles": rule_titles(),
    }


@cache
def rule_titles() -> Mapping[str, str]:
    """By rule, of all packs that we ship."""
    found: dict[str, str] = {}
    for name in shipped():
        found |= {rule.id: rule.title for rule in load_pack(PACKS / name).rules.values()}
    return found


def packs_of(data: Path) -> dict[str, Path]:
    """The packs that a batch may be held against, by name: ours, and those in the folder ``packs`` of the data."""
    found = {name: PACKS / name for name in sorted(shipped(), key=lambda name: (name != "national", name))}
    for path in sorted((data / "packs").glob(f"*/{PACK_FILE}")):
        found[path.parent.name] = path.parent
    return found


def pack_choices(data: Path) -> list[tuple[str, str]]:
    """Names of packs, and what people call them. One that cannot be loaded is none."""
    found = []
    for name, folder in packs_of(data).items():
        try:
            pack = load_pack(folder)
            found.append((name, f"{pack.title}（{pack.version}）"))
        except RuleError:
            continue
    return found


def pack_words(stored: str) -> str:
    """What the pack of a batch is called, by its folder as the store has it."""
    try:
        pack = load_pack(Path(stored) if stored else NATIONAL)
        return f"{pack.title}（{pack.version}）"
    except RuleError:
        return Path(stored).name


def _choice(kind: type[Choice], given: str | None) -> Choice | None:
    try:
        return kind(given) if given else None
    except ValueError:
        return None


def _number(given: str | None) -> int | None:
    return int(given) if given and NUMBER.fullmatch(given) else None
