"""edition_used (格式版本): the labels that only one edition has are those of the edition that the report's year calls for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.editions import editions
from rules.filing import EditionEvidence, Filing
from rules.kinds.doubts import year_doubt
from rules.verdict import Evidence, Place, Severity, State, Verdict

MOST_QUOTES = 6
NAMES = {"E2019": "2019年试行版", "E2021": "2021年修订版"}


@dataclass(frozen=True, slots=True)
class EditionUsed:
    """Asked once. Graver if all labels found agree on the wrong edition, milder if they contradict each other.

    Facts: year, used and due (names of the editions with their document), labels (some of the printed ones).
    """

    gives: ClassVar[frozenset[str]] = frozenset({"year", "used", "due", "labels"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        yield self._answer(filing)

    def _answer(self, filing: Filing) -> Verdict:
        due = filing.edition_due
        if due is None:
            return Verdict(State.UNDETERMINED, reason="未能判定报告年度应适用的格式版本")
        wrong = [label for label in filing.evidence if label.edition != due]
        right = [label for label in filing.evidence if label.edition == due]
        if not wrong:
            if right:
                return Verdict(State.HOLDS)
            return Verdict(State.UNDETERMINED, reason="表格中没有可区分版本的列头或行名")
        if right and not _whole_table(wrong, right):
            return Verdict(State.HOLDS, reason="个别旧版项目由“残留旧版项目”规则处理")
        used = wrong[0].edition
        only_applications = all(label.table != "disclosure" for label in wrong)
        doubt = year_doubt(filing)
        if only_applications and len(wrong) < 2:
            doubt = doubt or "仅一处行名可区分版本，请核对原表"
        facts = {
            "year": filing.year.value,
            "used": _name(used),
            "due": _name(due),
            "labels": "、".join(dict.fromkeys(f"“{label.printed.strip()}”" for label in wrong[:MOST_QUOTES])),
        }
        return Verdict(
            State.BROKEN,
            Place(table=wrong[0].table),
            tuple(Evidence(label.printed, label.at) for label in wrong[:MOST_QUOTES]),
            facts,
            doubt=doubt,
            severity=Severity.WARNING if right or only_applications else None,
            expected=_name(due),
            actual=_name(used),
        )


def _whole_table(wrong: list[EditionEvidence], right: list[EditionEvidence]) -> bool:
    """Whether a table as a whole follows the wrong edition, not only a label or two of it."""
    return any(
        sum(label.table == table for label in wrong) > sum(label.table == table for label in right)
        for table in {label.table for label in wrong}
    )


def _name(edition: str) -> str:
    return f"{NAMES.get(edition, edition)}（{editions()[edition].document}）"
