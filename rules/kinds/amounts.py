"""amounts: sums of money against the unit and the decimals that the head of their own column asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from rules.agencies import Body, Level
from rules.editions import TemplateColumn, editions
from rules.filing import Cell, CellState, Filing, Header, Number
from rules.kinds.gaps import WHY, without_figures
from rules.labels import cell_label
from rules.numbers import parse_figure, parse_han
from rules.verdict import Evidence, Place, State, Verdict

KEEP = re.compile(r"保留(?:到|至)?(?:小数点后)?([0-9一二两三四五六])位")
UNIT = re.compile(r"单位[:：]?(亿元|万元|千元|元)")


@dataclass(frozen=True, slots=True)
class Amounts:
    """asks: decimals (only where the printed head says 保留k位小数) or unit (only where it is 万元).

    suspect_from     an amount in 万元 from which on it needs a witness: last year's report, or a government of a city or province.
    impossible_from  an amount in 万元 that no agency can have.
    growth           how many times last year's amount is too much.
    Facts: cells (the cell in words), value, raw, decimals, should, why.
    """

    asks: Literal["decimals", "unit"]
    suspect_from: int = 10_000
    impossible_from: int = 10_000_000
    growth: int = 100
    gives: ClassVar[frozenset[str]] = frozenset({"cells", "value", "raw", "decimals", "should", "why"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        """One answer for each amount that has such a head; one for all if none has."""
        nothing = without_figures(filing, "disclosure")
        if nothing is not None:
            yield nothing
            return
        table = filing.tables["disclosure"]
        heads = {header.key: header for header in table.headers}
        asked = False
        for key, row in editions()[filing.edition or ""].tables["disclosure"].rows.items():
            for column in row.columns:
                if column.kind != "amount":
                    continue
                head = heads.get(f"{row.block}.{column.key}")
                place = Place("disclosure", "disclosure", key, column.key)
                ask = self._decimals if self.asks == "decimals" else self._unit
                verdict = ask(filing, place, table.cell(key, column.key), head, column)
                if verdict is not None:
                    asked = True
                    yield verdict
        if not asked:
            yield Verdict(State.NOT_APPLICABLE, Place("disclosure", "disclosure"), reason="列头没有相应要求")

    def _decimals(
        self, filing: Filing, place: Place, cell: Cell, head: Header | None, column: TemplateColumn
    ) -> Verdict | None:
        rule = KEEP.search(_folded(head.printed)) if head is not None else None
        if rule is None or head is None:
            return None
        keep = int(rule[1]) if rule[1].isascii() else parse_han(rule[1]) or 0
        if cell.value is None:
            return _unknown(place, cell)
        raw = parse_figure(cell.raw)
        digits = -int(Decimal(cell.value).as_tuple().exponent)
        if cell.value == 0 or digits == keep or raw.unit not in ("", "万元"):
            return Verdict(State.HOLDS, place)
        should = f"{Decimal(cell.value):.{keep}f}" if digits < keep else f"{keep}位小数"
        facts = self._facts(filing, place, cell, decimals=keep, should=should)
        evidence = (Evidence(head.printed, head.at), Evidence(cell.raw, cell.at))
        return Verdict(State.BROKEN, place, evidence, facts, doubt=cell.doubt, expected=should, actual=cell.raw)

    def _unit(self, filing: Filing, place: Place, cell: Cell, head: Header | None, column: TemplateColumn) -> Verdict | None:
        printed = UNIT.search(_folded(head.printed)) if head is not None and head.present else None
        if (printed[1] if printed else column.unit) != "万元":
            return None
        if cell.value is None:
            return _unknown(place, cell)
        why, doubt = self._why_suspect(filing, place, cell.value, parse_figure(cell.raw).unit)
        if why is None:
            return Verdict(State.UNDETERMINED, place, reason=doubt or "")
        if not why:
            return Verdict(State.HOLDS, place)
        evidence = tuple(
            Evidence(quote, at) for quote, at in ((head.printed if head else "", head and head.at), (cell.raw, cell.at)) if at
        )
        return Verdict(
            State.BROKEN, place, evidence, self._facts(filing, place, cell, why=why), doubt=cell.doubt or doubt, actual=cell.raw
        )

    def _why_suspect(self, filing: Filing, place: Place, value: Number, unit: str) -> tuple[str | None, str | None]:
        """Why the amount looks like 元 ("" if it does not, None if it cannot be told), and why that may be wrong."""
        if unit == "元":
            return "格内单位为元，列头单位为万元", None
        if value >= self.impossible_from:
            return f"折合{_round(value)}亿元", None
        before = None
        if filing.previous is not None and filing.previous.edition == filing.edition:
            before = filing.previous.tables["disclosure"].cell(place.row or "", place.column or "").value
        if before is not None and before > 0:
            return (f"为上年{before}万元的{self.growth}倍以上", None) if value > before * self.growth else ("", None)
        if value < self.suspect_from:
            return "", None
        kind = filing.agency_kind
        if kind.body in (Body.GOVERNMENT, Body.OFFICE) and kind.level in (Level.PROVINCE, Level.PREFECTURE):
            return "", None  # a city's or province's report sums up a whole region
        if kind.level is None:
            return None, "未能判定机关层级，不能判断金额是否过大"
        return f"折合{_round(value)}亿元", "没有上年或同级数据佐证，金额也可能属实"

    def _facts(self, filing: Filing, place: Place, cell: Cell, **more: object) -> dict[str, object]:
        name = cell_label(filing.edition or "", "disclosure", place.row or "", place.column or "")
        return {"cells": name, "value": cell.value, "raw": cell.raw, "decimals": "", "should": "", "why": "", **more}


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _unknown(place: Place, cell: Cell) -> Verdict:
    state = State.NOT_APPLICABLE if cell.state is CellState.ABSENT else State.UNDETERMINED
    return Verdict(state, place, reason=f"金额{WHY[cell.state]}")


def _round(value: Number) -> str:
    """万元 as 亿元, two decimals at most."""
    return f"{Decimal(value) / 10_000:.2f}".rstrip("0").rstrip(".")
