"""headers: the headings of columns and blocks, and the note on cross-footing, that a table prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rules.editions import TemplateTable, editions
from rules.filing import Filing, FilingTable, Header, PartState
from rules.kinds.gaps import damage_near, holds_at
from rules.kinds.variants import variant
from rules.labels import TABLES, listed
from rules.verdict import Evidence, Place, State, Verdict

UNIT = re.compile(r"单位\s*[：:]\s*(亿元|万元|千元|元)")


@dataclass(frozen=True, slots=True)
class Headers:
    """asks: missing (one finding a table) or variant (one a heading).

    Facts: table, headers (the missing ones, in words), printed, expected, difference, count.
    """

    asks: Literal["missing", "variant"]

    @property
    def gives(self) -> frozenset[str]:
        return frozenset({"table", "headers", "printed", "expected", "difference", "count"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        """At least one answer for each table."""
        for key, template in editions()[filing.edition or ""].tables.items():
            table = filing.tables[key]
            if table.state is PartState.ABSENT or not table.headers:
                why = "缺失" if table.state is PartState.ABSENT else "未能辨认表头"
                state = State.NOT_APPLICABLE if table.state is PartState.ABSENT else State.UNDETERMINED
                yield Verdict(state, Place(key, key), reason=f"{TABLES[key]}{why}")
                continue
            broken = list(self._missing(table, template, filing) if self.asks == "missing" else self._variants(table))
            yield from broken or (holds_at(key),)

    def _missing(self, table: FilingTable, template: TemplateTable, filing: Filing) -> Iterator[Verdict]:
        gone = {block.key for block in template.blocks if not any(table.rows[row].present for row in block.rows)}
        missing = [header for header in table.headers if not header.present and header.key.partition(".")[0] not in gone]
        if not missing:
            return
        doubt = damage_near(filing, table.key)
        if len(missing) * 2 > len(table.headers):
            doubt = doubt or "表头缺失过半，可能为采集缺失，请核对原件"
        sure = [header for header in missing if not _filled(table, template, header.key) and header.key != "corner"]
        corner = [header for header in missing if header.key == "corner"]
        unseen = [header for header in missing if header not in sure and header not in corner]
        if corner and not unseen and _is_grid(table):
            sure, corner = [*corner, *sure], []
        if sure:
            yield self._left_out(table, sure, None, doubt)
        if corner or unseen:  # the columns are there: a head printed over several cells or lines may have escaped us
            yield self._left_out(table, [*corner, *unseen], "heads", doubt or "列头可能因合并、换行排印而未能辨认，请核对原件")

    def _left_out(self, table: FilingTable, missing: list[Header], topic: str | None, doubt: str | None) -> Verdict:
        facts = {"table": TABLES[table.key], "headers": listed(_names(missing)), "count": len(missing)}
        evidence = (Evidence("", table.at),) if table.at else ()
        return Verdict(State.BROKEN, Place(table.key, table.key, topic=topic), evidence, facts, doubt=doubt)

    def _variants(self, table: FilingTable) -> Iterator[Verdict]:
        for header in table.headers:
            if header.at is None or header.printed == header.expected:
                continue
            other = variant(header.printed, header.expected)
            unit = _other_unit(header)
            if other is None and not unit:
                continue
            difference = "，".join(part for part in (other.difference if other else "", unit) if part)
            facts = {
                "table": TABLES[table.key],
                "printed": header.printed,
                "expected": header.expected,
                "difference": difference,
            }
            yield Verdict(
                State.BROKEN,
                Place(table.key, table.key, topic=header.key),
                (Evidence(header.printed, header.at),),
                facts,
                doubt=other.doubt if other else None,
                expected=header.expected,
                actual=header.printed,
            )


def _is_grid(table: FilingTable) -> bool:
    """Whether the format itself states the cells (docx, html): then a cell that we did not find is not there."""
    return table.at is not None and table.at.line is None and table.at.box is None


def _filled(table: FilingTable, template: TemplateTable, key: str) -> bool:
    """Whether any cell is printed under this head: of a column (natural, item_1.made, review.upheld), a block or a group."""
    first, _, column = key.partition(".")
    block = next((block for block in template.blocks if block.key == first), None)
    if block is not None:
        rows: Iterable[str] = block.rows
    elif first in table.rows:
        rows = (first,)
    else:
        rows, column = table.rows, first
    cells = (cell for row in rows for name, cell in table.rows[row].cells.items() if column in ("", name))
    return any(cell.at is not None for cell in cells)


def _names(headers: list[Header]) -> list[str]:
    return list(dict.fromkeys(header.expected if header.key != "corner" else "勾稽关系说明" for header in headers))


def _other_unit(header: Header) -> str:
    """A unit that is printed and is not the template's; one that is left out or added is layout."""
    due, printed = UNIT.search(header.expected), UNIT.search(header.printed)
    return f"单位“{printed[1]}”应为“{due[1]}”" if due and printed and due[1] != printed[1] else ""
