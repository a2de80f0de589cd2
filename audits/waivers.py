"""Waivers (豁免): findings that an office has decided to let pass, for a time, with a reason and somebody who answers for it.

``waivers.yaml`` holds a list under ``waivers``: rule, agency, reason, owner, expires (the last day it holds, YYYY-MM-DD), and where wanted year and
place (section, table, row, column). What is waived is counted apart, never dropped. Rules that say ``waivable: false`` cannot be waived.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audits.findings import Finding, Waived
from rules.compile import Pack
from rules.errors import FieldError
from rules.filing import Filing
from rules.strict_yaml import read_yaml
from rules.typed_yaml import mapping_of, read_as
from rules.verdict import Place


@dataclass(frozen=True, slots=True)
class Where:
    """Part of a place; what is not named is any."""

    section: str | None = None
    table: str | None = None
    row: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """As written. year None stands for every year of report."""

    rule: str
    agency: str
    reason: str
    owner: str
    expires: str
    year: int | None = None
    place: Where = Where()

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.expires)
        except ValueError as exc:
            raise FieldError("expires", f"{self.expires!r} 不是日期；请写作 2027-01-31") from exc
        for name in ("rule", "agency", "reason", "owner"):
            if not getattr(self, name).strip():
                raise FieldError(name, "不能为空：豁免要写明豁免什么、为谁、为什么、由谁负责")

    def holds_on(self, day: date) -> bool:
        """On its last day it still does."""
        return day <= date.fromisoformat(self.expires)

    def covers(self, finding: Finding, filing: Filing) -> bool:
        if finding.rule != self.rule or same_name(filing.agency.value or "") != same_name(self.agency):
            return False
        return self.year in (None, filing.year.value) and _inside(finding.place, self.place)


def load_waivers(path: Path, pack: Pack, name: str = "") -> tuple[Waiver, ...]:
    """Every waiver in the file, expired ones too. Raises PackError for what is wrong in it and for a rule that cannot be waived.

    name  by which whoever gave the file knows it.
    """
    file = read_yaml(path, name) if name else read_yaml(path)
    found: tuple[Waiver, ...] = ()
    for key, value in mapping_of(file, ("waivers",)).items():
        found = read_as(file, (key,), value, tuple[Waiver, ...])
    for index, waiver in enumerate(found):
        rule = pack.rules.get(waiver.rule)
        if rule is None:
            raise file.error(f"没有规则 {waiver.rule!r}，规则包：{pack.id}", "waivers", index, "rule")
        if not rule.waivable:
            raise file.error(f"规则 {waiver.rule} 不能豁免", "waivers", index, "rule")
    return found


def waive(
    findings: Sequence[Finding], filing: Filing, waivers: Iterable[Waiver]
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """The findings that stay, and those that are waived. The caller has left out waivers that have expired: no clock is read here."""
    asked = tuple(waivers)
    stay, waived = [], []
    for finding in findings:
        waiver = next((waiver for waiver in asked if waiver.covers(finding, filing)), None)
        if waiver is None:
            stay.append(finding)
        else:
            waived.append(Waived(finding, waiver.reason, waiver.owner, waiver.expires))
    return tuple(stay), tuple(waived)


def same_name(agency: str) -> str:
    """The name as it is compared: without blanks, wide letters and brackets made narrow. Nothing else counts as the same."""
    return "".join(unicodedata.normalize("NFKC", agency).split())


def _inside(place: Place, where: Where) -> bool:
    pairs = ((place.section, where.section), (place.table, where.table), (place.row, where.row), (place.column, where.column))
    return all(asked is None or found == asked for found, asked in pairs)
