"""cells: what is printed in the data cells themselves, one by one: nothing, a dash, words, a negative number, a fraction.

Only cells of the template are asked about; columns of the layout are none. Neighbouring blank rows are one finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Literal

from rules.editions import editions
from rules.errors import FieldError
from rules.filing import Cell, CellState, Filing, FilingTable, PartState, Row
from rules.headings import bare
from rules.kinds.gaps import damage_near, has_figures, holds_at
from rules.kinds.keys import check_columns, check_rows, check_table, matching, table_keys
from rules.labels import TABLES, cell_label, row_label, template_column
from rules.numbers import is_placeholder, parse_figure
from rules.verdict import Evidence, Place, Severity, State, Verdict

Asked = Literal["blank", "placeholder", "not_a_number", "negative", "not_an_integer", "number_format"]
IN_ROWS = ("blank", "placeholder")  # told for a run of rows together; the others cell by cell
MANY = 5  # more cells of a table than this with one fault are one habit and one finding
LONG = 12  # characters; more in one cell is rather a neighbour's text than an entry
TEN_THOUSANDS = ("万元", "亿元")
USUAL = frozenset(map(str, range(100)))  # what most cells print

Hit = tuple[Row, str, Cell]  # a cell with its row and its column's key


@dataclass(frozen=True, slots=True)
class Sum:
    """An equality whose failure shows that a blank cell hides a number: parts and total are keys along ``over``."""

    over: str
    parts: tuple[str, ...]
    total: str

    def __post_init__(self) -> None:
        table, _, axis = self.over.partition(".")
        check_table(("over",), table)
        if axis not in ("columns", "rows"):
            raise FieldError("over", f"{self.over!r} 应写成 <表>.columns 或 <表>.rows")
        check = check_rows if axis == "columns" else check_columns
        check(("parts",), table, self.parts)
        check((), table, (self.total,))

    def hides(self, table: FilingTable, rows: set[str]) -> bool:
        """Whether the printed total exceeds the printed parts while a part in these rows is blank."""
        key, _, axis = self.over.partition(".")
        if key != table.key:
            return False
        if axis == "rows":
            return any(self._short(table.rows[row].cells) for row in rows)
        present = tuple(table.rows)
        wanted = {*matching(self.parts, present), self.total}
        if not wanted & rows:
            return False
        columns = next(iter(table.rows.values())).cells
        return any(
            self._short({row: table.rows[row].cells[column] for row in wanted if row in table.rows}) for column in columns
        )

    def _short(self, cells: Mapping[str, Cell]) -> bool:
        total = cells[self.total].value if self.total in cells else None
        parts = [cells[key] for key in matching(self.parts, tuple(cells)) if key != self.total]
        blank = any(cell.state is CellState.BLANK for cell in parts)
        return total is not None and blank and sum(cell.value for cell in parts if cell.value is not None) < total


@dataclass(frozen=True, slots=True)
class Cells:
    """asks says what is looked for; except_ (written ``except``) rows of a table where it is no fault.

    sums  equalities that make a blank an error, because the figures printed around it show that it is not zero.
    Facts: cells (which cells, in words), raw, value, rows and count (how many).
    """

    asks: Asked
    except_: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()

    def __post_init__(self) -> None:
        for table, rows in self.except_.items():
            check_table(("except", table), table)
            check_rows(("except", table), table, rows)

    @property
    def gives(self) -> frozenset[str]:
        return frozenset({"cells", "raw", "value", "rows", "count"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        """At least one answer for each table."""
        for key in table_keys():
            table = filing.tables[key]
            if not has_figures(table):
                why = "缺失" if table.state is PartState.ABSENT else "无任何数据"
                yield Verdict(State.NOT_APPLICABLE, Place(key, key), reason=f"{TABLES[key]}{why}")
                continue
            hits = self._hits(table, filing.edition or "")
            if hits:
                yield from self._told(hits, table, filing)
            else:
                yield self._clear(table)

    def _hits(self, table: FilingTable, edition: str) -> list[Hit]:
        """Every cell that has what is looked for."""
        exempt = self.except_.get(table.key, ())
        seen = _seen(table)
        if self.asks == "blank":
            return [
                hit for hit in seen.blank if hit[0].key not in exempt and (hit[0].key not in table.foreign or _filled(hit[0]))
            ]
        found = []
        for row, column, cell in seen.odd:
            template = template_column(edition, table.key, row.key, column)
            if row.key not in exempt and template is not None and _has(self.asks, cell, template.kind):
                found.append((row, column, cell))
        return found

    def _clear(self, table: FilingTable) -> Verdict:
        lost = _seen(table).unreadable
        if not lost:
            return holds_at(table.key)
        place = Place(table.key, table.key, lost[0][0].key, lost[0][1])
        return Verdict(State.UNDETERMINED, place, reason=f"{len(lost)}格无法辨认")

    def _told(self, hits: list[Hit], table: FilingTable, filing: Filing) -> Iterator[Verdict]:
        edition = filing.edition or ""
        if self.asks in IN_ROWS:
            for run in _runs(hits, table):
                yield self._run(run, table, filing)
            return
        groups: dict[tuple[str | None, Severity | None], list[Hit]] = {}
        for hit in hits:
            cell = hit[2]
            milder = Severity.NOTICE if self.asks == "not_a_number" and cell.value is not None else None
            groups.setdefault((cell.doubt or _misread(self.asks, cell), milder), []).append(hit)
        for (doubt, severity), group in groups.items():
            for told in [group] if len(group) > MANY else [[hit] for hit in group]:
                yield self._finding(told, table, edition, doubt, severity)

    def _run(self, run: list[Hit], table: FilingTable, filing: Filing) -> Verdict:
        doubt = next((cell.doubt for _, _, cell in run if cell.doubt), damage_near(filing, table.key))
        hiding = any(known.hides(table, {row.key for row, _, _ in run}) for known in self.sums)
        return self._finding(run, table, filing.edition or "", doubt, Severity.ERROR if hiding else None)

    def _finding(
        self, hits: list[Hit], table: FilingTable, edition: str, doubt: str | None, severity: Severity | None
    ) -> Verdict:
        """One finding over these cells: a single one by row and column, several of a row by the row, others by their extent."""
        rows = list(dict.fromkeys(row.key for row, _, _ in hits))
        row, column, cell = hits[0]
        label = row_label(edition, table.key, row.key)
        quotes = [(f"{label} {cell.raw}" if self.asks not in IN_ROWS else row.label or label, cell.at or row.at)]
        if len(hits) == 1:
            place = Place(table.key, table.key, row.key, column)
            name = cell_label(edition, table.key, row.key, column)
        else:
            quotes = [(table.rows[key].label or row_label(edition, table.key, key), table.rows[key].at) for key in rows]
            if len(rows) == 1:
                place = Place(table.key, table.key, row.key)
                name = f"“{label}”行{len(hits)}格"
            else:
                place = Place(table.key, table.key, topic=f"{rows[0]}..{rows[-1]}")
                name = f"“{label}”等{len(rows)}行{len(hits)}格"
        value = "" if cell.value is None else cell.value
        return Verdict(
            State.BROKEN,
            place,
            tuple(Evidence(quote, at) for quote, at in quotes),
            {"cells": name, "raw": cell.raw, "value": value, "rows": len(rows), "count": len(hits)},
            doubt=doubt,
            severity=severity,
            actual=cell.raw or "空白",
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """The cells of a table that are not simply a row of ASCII digits. odd are filled with something else."""

    blank: tuple[Hit, ...]
    odd: tuple[Hit, ...]
    unreadable: tuple[Hit, ...]


# Six rules ask about the same cells one after another: the pass over the last few tables is kept. The table is kept with it, so
# that its id cannot come to stand for another.
_LAST: dict[int, tuple[FilingTable, Seen]] = {}
_LAST_TABLES = 12


def _seen(table: FilingTable) -> Seen:
    known = _LAST.get(id(table))
    if known is not None and known[0] is table:
        return known[1]
    found: dict[CellState, list[Hit]] = {CellState.BLANK: [], CellState.FILLED: [], CellState.UNREADABLE: []}
    filled, absent = CellState.FILLED, CellState.ABSENT  # to look up a member of an Enum costs as much as the rest of a turn
    for row in table.rows.values():
        if row.at is None:
            continue
        for column, cell in row.cells.items():
            state, raw, _, _, _, _ = cell
            if state is filled:
                if raw in USUAL or (raw.isdigit() and raw.isascii()):
                    continue
            elif state is absent:
                continue
            found[state].append((row, column, cell))
    seen = Seen(*(tuple(hits) for hits in found.values()))
    if len(_LAST) >= _LAST_TABLES:
        _LAST.clear()
    _LAST[id(table)] = table, seen
    return seen


def _filled(row: Row) -> bool:
    return any(cell.state is CellState.FILLED for cell in row.cells.values())


def _has(asks: str, cell: Cell, kind: str) -> bool:
    if asks == "placeholder":
        return cell.value is None and is_placeholder(cell.raw)
    if asks == "negative":
        return cell.value is not None and cell.value < 0 and kind != "signed"
    figure = parse_figure(cell.raw)
    if asks == "not_an_integer":
        fraction = isinstance(cell.value, Decimal) and cell.value % 1 != 0
        return fraction and kind != "amount" and figure.unit not in TEN_THOUSANDS
    if asks == "number_format":
        return figure.odd in ("han", "full_width", "spaced", "stop", "worded")
    if cell.value is None:
        return figure.odd != "spaced" and not is_placeholder(cell.raw)
    return bool(figure.unit) and figure.odd != "han" and kind != "amount"


def _misread(asks: str, cell: Cell) -> str | None:
    """Why what stands in the cell may be our mistake of reading."""
    raw = cell.raw
    if asks == "negative" and not raw.lstrip().startswith(("-", "－", "−", "–", "﹣", "‐", "‑")):
        return "以括号表示的数字是否为负数，请核对原件"
    if asks == "number_format" and cell.value is None:
        return "数字之间的空格可能为采集造成，请核对原件"
    if asks == "not_a_number" and cell.value is None:
        words = bare(raw)
        if len(words) >= 2 and any(words in known for known in _labels()):
            return "格内文字与表头或行名相同，可能为采集错位"
        if len(words) > LONG or (re.search(r"\d", words) and re.search(r"[\u4e00-\u9fff]{3}", words)):
            return "格内文字较长，可能为采集粘连，请核对原件"
    return None


@cache
def _labels() -> frozenset[str]:
    tables = [table for edition in editions().values() for table in edition.tables.values()]
    labels = [
        (row.label, *row.under, *(column.label for column in row.columns)) for table in tables for row in table.rows.values()
    ]
    return frozenset(bare(label) for group in labels for label in group)


def _runs(hits: list[Hit], table: FilingTable) -> list[list[Hit]]:
    """The hits in groups of rows that stand one below the other."""
    index = {key: place for place, key in enumerate(key for key, row in table.rows.items() if row.present)}
    runs: list[list[Hit]] = []
    for hit in hits:
        if runs and index.get(hit[0].key, -9) - index.get(runs[-1][-1][0].key, -9) <= 1:
            runs[-1].append(hit)
        else:
            runs.append([hit])
    return runs
