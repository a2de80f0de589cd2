"""rows: which rows of the template a table prints, under which names, in which order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from rules.editions import TemplateTable, editions
from rules.filing import CellState, ExtraRow, Filing, FilingTable, PartState
from rules.headings import bare
from rules.kinds.gaps import damage_near, has_figures, holds_at
from rules.kinds.keys import check_rows
from rules.kinds.variants import variant
from rules.labels import TABLES, listed, row_label
from rules.verdict import Evidence, Place, State, Verdict

NOTE = re.compile(r"\s*[（(【*]?(注|说明|备注|填表|填报|单位[：:]|审核|联系)")
SCATTERED = 3  # more rows than this out of order are a page read in columns, not an agency's doing
LONGEST_LABEL = 40  # characters of a row's label in a message; what agencies put behind it in brackets goes on for lines


@dataclass(frozen=True, slots=True)
class Rows:
    """asks: missing, extra, label or order.

    alternatives  groups of rows of which a report prints one or the other, the single row first: {other: [other_1, ...]}.
    Facts: table, row (the template's label), printed, expected, difference, after (the row before it), count.
    """

    asks: Literal["missing", "extra", "label", "order"]
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for single, several in self.alternatives.items():
            check_rows(("alternatives",), "applications", (single, *several))

    @property
    def gives(self) -> frozenset[str]:
        return frozenset({"table", "row", "printed", "expected", "difference", "after", "count"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        """At least one answer for each table."""
        edition = editions()[filing.edition or ""]
        ask = {"missing": self._missing, "extra": self._extra, "label": self._labels, "order": self._order}[self.asks]
        for key, template in edition.tables.items():
            table = filing.tables[key]
            if table.state is not PartState.PRESENT or not (has_figures(table) or self.asks == "label"):
                why = "缺失" if table.state is PartState.ABSENT else "无任何数据"
                yield Verdict(State.NOT_APPLICABLE, Place(key, key), reason=f"{TABLES[key]}{why}")
                continue
            broken = list(ask(table, template, filing))
            yield from broken or (holds_at(key),)

    def _missing(self, table: FilingTable, template: TemplateTable, filing: Filing) -> Iterator[Verdict]:
        absent = [key for key in template.rows if not table.rows[key].present]
        if not absent:
            return
        gone = {key for block in template.blocks if all(row in absent for row in block.rows) for key in block.rows}
        absent = [key for key in absent if key not in gone]  # a block that is not there at all is another rule's matter
        doubt = damage_near(filing, table.key)
        if len(absent) > len(template.rows) // 2:
            doubt = doubt or "缺行过半，可能为采集缺失，请核对原件"
        for single, several in self.alternatives.items():
            if single in table.foreign and all(key in absent for key in several):
                absent = [key for key in absent if key not in several]
                if not _due(filing, table.key, (single,)):
                    yield self._merged(table, single, several, filing, doubt)
            if single in absent and any(key in table.foreign for key in several):
                absent.remove(single)
        for key in absent:
            label = row_label(filing.edition or "", table.key, key)
            near = doubt or self._unread_near(table, template, key)
            facts = self._facts(table, label, expected=template.rows[key].label)
            yield Verdict(
                State.BROKEN, Place(table.key, table.key, key), self._neighbours(table, template, key), facts, doubt=near
            )

    def _merged(self, table: FilingTable, single: str, several: tuple[str, ...], filing: Filing, doubt: str | None) -> Verdict:
        row = table.rows[single]
        labels = listed(row_label(filing.edition or "", table.key, key) for key in several)
        facts = self._facts(table, labels.strip("“”"), printed=row.label, expected=labels)
        return Verdict(State.BROKEN, Place(table.key, table.key, single), (Evidence(row.label, row.at),), facts, doubt=doubt)

    def _neighbours(self, table: FilingTable, template: TemplateTable, key: str) -> tuple[Evidence, ...]:
        """The rows printed before and after the gap, so that a reader finds it."""
        before, after = _around(table, template, key)
        rows = [table.rows[name] for name in (before, after) if name is not None]
        return tuple(Evidence(row.label, row.at) for row in rows)

    def _unread_near(self, table: FilingTable, template: TemplateTable, key: str) -> str | None:
        """A row in the gap that we could not place may be the missing one."""
        before, after = _around(table, template, key)
        low = table.rows[before].at if before else None
        high = table.rows[after].at if after else None
        for extra in table.extra:
            start = extra.at.chars[0]
            if extra.repeats is None and (low is None or start >= low.chars[0]) and (high is None or start <= high.chars[0]):
                return f"此处有一行“{extra.label}”未能归入格式，可能就是该行"
        return None

    def _extra(self, table: FilingTable, template: TemplateTable, filing: Filing) -> Iterator[Verdict]:
        for single, several in self.alternatives.items():
            surplus = [key for key in several if key in table.foreign and table.rows[key].present]
            if surplus and single in template.rows and not _due(filing, table.key, surplus):
                rows = [table.rows[key] for key in surplus]
                facts = self._facts(
                    table, row_label(filing.edition or "", table.key, single), printed="、".join(row.label for row in rows)
                )
                yield Verdict(
                    State.BROKEN,
                    Place(table.key, table.key, topic=surplus[0]),
                    tuple(Evidence(row.label, row.at) for row in rows),
                    facts,
                    doubt=damage_near(filing, table.key),
                )
        if not table.extra:
            return
        frame = _frame(template)
        for row in table.extra:
            if row.same or not bare(row.label) or bare(row.label) in frame or NOTE.match(row.label):
                continue
            figures = any(cell.value is not None for cell in row.cells)
            if row.repeats is not None and not any(cell.state is CellState.FILLED for cell in row.cells):
                continue  # the label alone again, where a page breaks
            doubt = next((cell.doubt for cell in row.cells if cell.doubt), damage_near(filing, table.key))
            if row.repeats is not None and any(cell.state is not CellState.FILLED for cell in row.cells):
                doubt = doubt or "可能为断页把一行拆成两处，请核对原件"
            if row.repeats is None:
                doubt = (
                    doubt
                    or self._may_be_missing(row, table, template)
                    or (None if figures else "该行没有数字，可能不是表格的行")
                )
            label = row_label(filing.edition or "", table.key, row.repeats) if row.repeats else row.label
            facts = self._facts(
                table, label, printed=row.label if len(row.label) <= LONGEST_LABEL else f"{row.label[:LONGEST_LABEL]}……"
            )
            place = Place(table.key, table.key, row.repeats, topic=None if row.repeats else bare(row.label)[:40])
            yield Verdict(State.BROKEN, place, (Evidence(row.label, row.at),), facts, doubt=doubt)

    def _may_be_missing(self, row: ExtraRow, table: FilingTable, template: TemplateTable) -> str | None:
        for key in template.rows:
            if not table.rows[key].present:
                before, after = _around(table, template, key)
                low = table.rows[before].at if before else None
                high = table.rows[after].at if after else None
                if (low is None or row.at.chars[0] >= low.chars[0]) and (high is None or row.at.chars[0] <= high.chars[0]):
                    return f"可能是“{template.rows[key].label}”一行，未能确认"
        return None

    def _labels(self, table: FilingTable, template: TemplateTable, filing: Filing) -> Iterator[Verdict]:
        for key, row in template.rows.items():
            found = table.rows[key]
            if found.at is None or found.label == row.label:
                continue
            other = variant(found.label, row.label, row.under)
            due = _due_label(filing, table.key, key)
            if other is not None and (due is None or variant(found.label, due, row.under) is not None):
                facts = self._facts(table, row.label, printed=found.label, expected=row.label, difference=other.difference)
                yield Verdict(
                    State.BROKEN,
                    Place(table.key, table.key, key),
                    (Evidence(found.label, found.at),),
                    facts,
                    doubt=other.doubt or next((cell.doubt for cell in found.cells.values() if cell.doubt), None),
                    expected=row.label,
                    actual=found.label,
                )

    def _order(self, table: FilingTable, template: TemplateTable, filing: Filing) -> Iterator[Verdict]:
        if table.order == tuple(template.rows):
            return
        rank = {key: place for place, key in enumerate(template.rows)}
        printed = [key for key in table.order if key in rank]
        if all(rank[a] < rank[b] for a, b in pairwise(printed)):
            return
        in_order = _longest_rising([rank[key] for key in printed])
        moved = [key for key in printed if rank[key] not in in_order]
        doubt = damage_near(filing, table.key) or ("多行次序错乱，可能为分栏采集所致" if len(moved) > SCATTERED else None)
        for key in dict.fromkeys(moved):
            row = table.rows[key]
            before = [name for name in template.rows if rank[name] < rank[key]]
            after = row_label(filing.edition or "", table.key, before[-1]) if before else "表头"
            facts = self._facts(
                table, row_label(filing.edition or "", table.key, key), printed=row.label, after=after, count=len(moved)
            )
            yield Verdict(State.BROKEN, Place(table.key, table.key, key), (Evidence(row.label, row.at),), facts, doubt=doubt)

    def _facts(self, table: FilingTable, row: str, **more: object) -> dict[str, object]:
        return {"table": TABLES[table.key], "row": row, **more}


def _frame(template: TemplateTable) -> set[str]:
    """The words of the table's frame: heads and merged labels, which a page break may print again."""
    words = [template.corner, template.head, *(label for row in template.rows.values() for label in row.under)]
    words += [text for row in template.rows.values() for column in row.columns for text in (column.label, column.under)]
    words += [text for block in template.blocks for text in (block.heading, block.corner)]
    return {bare(text) for text in words if text}


def _due(filing: Filing, table: str, rows: Sequence[str]) -> bool:
    """Whether the year calls for another edition than the tables were read by, and these are its rows: then they are right."""
    if filing.edition_due in (None, filing.edition):
        return False
    template = editions()[filing.edition_due or ""].tables[table]
    return all(row in template.rows for row in rows)


def _due_label(filing: Filing, table: str, row: str) -> str | None:
    return row_label(filing.edition_due or "", table, row) if _due(filing, table, (row,)) else None


def _around(table: FilingTable, template: TemplateTable, key: str) -> tuple[str | None, str | None]:
    """The nearest rows before and after this one that are printed."""
    keys = list(template.rows)
    place = keys.index(key)
    before = next((name for name in reversed(keys[:place]) if table.rows[name].present), None)
    after = next((name for name in keys[place + 1 :] if table.rows[name].present), None)
    return before, after


def _longest_rising(ranks: list[int]) -> set[int]:
    """A longest rising subsequence: the rows that stand right, so that as few as possible are called moved."""
    tails: list[int] = []
    chains: list[list[int]] = []
    for rank in ranks:
        place = bisect_left(tails, rank)
        chain = [*(chains[place - 1] if place else []), rank]
        tails[place : place + 1] = [rank]
        chains[place : place + 1] = [chain]
    return set(chains[-1]) if chains else set()
