"""The problems of a report as cards: what is wrong, where it stands, what may have caused it, and what was decided on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from audits.decision import Decision
from audits.findings import Finding
from audits.wording import place_in_file, quoted
from rules.verdict import Severity
from web.report_page.recorded import Json, Recorded

MOST_SHOWN = 8  # repairs of one fault; the JSON has them all
COMPARABLE = range(4, 200)  # characters of two texts shown as changes
ALIKE = 0.6  # less similar texts are clearer side by side


class Words(NamedTuple):
    """Part of a text; differs where the other text has something else."""

    text: str
    differs: bool


class Quote(NamedTuple):
    """Words of the report; place is page or line, "" if there is none. in_source: they are marked in the text beside."""

    text: str
    place: str
    in_source: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Finding ``number``. table is the key of the table that it is marked in, "" if none; ``news`` says what a resubmission changed."""

    number: int
    finding: Finding
    decision: Decision | None
    expected: tuple[Words, ...]
    actual: tuple[Words, ...]
    quotes: tuple[Quote, ...]
    causes: tuple[str, ...]
    table: str
    news: str = ""
    is_waivable: bool = True

    @property
    def standing(self) -> str:
        """Of its decision, "open" without one."""
        return self.decision.decided.value if self.decision else "open"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many problems stand where."""

    by_severity: Mapping[Severity, int]
    doubtful: int
    decided: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_severity.values())

    @property
    def open(self) -> int:
        return self.decided.get("open", 0)


def problems(
    recorded: Recorded,
    decisions: Mapping[str, Decision],
    marked: frozenset[int],
    in_tables: Mapping[int, str],
    news: Mapping[str, str],
    unwaivable: frozenset[str],
) -> tuple[Problem, ...]:
    """Every finding in its order.

    marked      numbers of those marked in the source; in_tables: key of the table that shows a number.
    news        by id what became of it since the version before; unwaivable: rules that cannot be waived.
    """
    found = []
    for number, finding in enumerate(recorded.digest.findings, 1):
        expected, actual = compared(finding.expected, finding.actual)
        quotes = tuple(
            Quote(quoted(item.quote.strip()), place_in_file(item.at), item.at is not None and number in marked)
            for item in finding.evidence
        )
        found.append(
            Problem(
                number=number,
                finding=finding,
                decision=decisions.get(finding.id),
                expected=expected,
                actual=actual,
                quotes=quotes,
                causes=tuple(_causes(recorded, finding)),
                table=in_tables.get(number, ""),
                news=news.get(finding.id, ""),
                is_waivable=finding.rule not in unwaivable,
            )
        )
    return tuple(found)


def tally(cards: Sequence[Problem]) -> Tally:
    """Counts of all of them."""
    severities = Counter(card.finding.severity for card in cards)
    return Tally(
        {severity: severities[severity] for severity in Severity},
        sum(card.finding.doubt is not None for card in cards),
        dict(Counter(card.standing for card in cards)),
    )


def compared(expected: str, actual: str) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """Both texts, cut where they differ if they are alike enough for that to help."""
    plain = (_plain(expected), _plain(actual))
    if len(expected) not in COMPARABLE or len(actual) not in COMPARABLE:
        return plain
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    if matcher.ratio() < ALIKE:
        return plain
    codes = matcher.get_opcodes()
    theirs = tuple(Words(expected[a:b], tag != "equal") for tag, a, b, _, _ in codes if b > a)
    ours = tuple(Words(actual[a:b], tag != "equal") for tag, _, _, a, b in codes if b > a)
    return theirs, ours


def _plain(text: str) -> tuple[Words, ...]:
    return (Words(text, False),) if text else ()


def _causes(recorded: Recorded, finding: Finding) -> list[str]:
    """Beside the first finding of a fault every smallest change that mends it; beside the others where they stand."""
    for explanation in recorded.whole["explanations"]:
        if finding.id in explanation["findings"]:
            numbers = sorted(recorded.numbers[other] for other in explanation["findings"] if other in recorded.numbers)
            if numbers and recorded.numbers[finding.id] != numbers[0]:
                return [f"见第 {numbers[0]} 项，系同一处差错"]
            return _repairs(explanation)
    return []


def _repairs(explanation: Json) -> list[str]:
    repairs: list[Any] = explanation["repairs"]
    if not repairs:
        return [explanation["reason"]]
    several = len(repairs) > 1
    lines = []
    for number, repair in enumerate(repairs[:MOST_SHOWN], 1):
        support = f"［{'；'.join(repair['support'])}］" if repair["support"] else ""
        lines.append(f"（{number}）{repair['words']}{support}" if several else f"{repair['words']}{support}")
    lines[0] = f"{explanation['where']}：{lines[0]}"
    if len(repairs) > MOST_SHOWN:
        lines.append(f"另有 {len(repairs) - MOST_SHOWN} 种可能，见数据文件")
    if several:
        lines.append(f"以上 {len(repairs)} 种改动格数相同，由填报单位核对台账后确定")
    return lines
