"""balance (勾稽关系): two groups of cells must add up to the same number.

Asked once for every column of a table (cells keyed by row) or every row (cells keyed by column).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rules.errors import FieldError
from rules.filing import Cell, CellState, Filing, FilingTable, Number
from rules.kinds.equality import Equality
from rules.kinds.gaps import has_figures, holds_at, in_words, without_figures
from rules.kinds.keys import check_columns, check_rows, check_table, matching
from rules.labels import column_label, newest_edition, row_label
from rules.verdict import Evidence, Place, State, Verdict

WRITTEN_IN_FULL = 6  # terms of a sum that are all written out, zeros too: the six kinds of applicants


@dataclass(frozen=True, slots=True)
class Balance:
    """over is ``<table>.columns`` or ``<table>.rows``; left and right name keys, ``denied_*`` stands for every such key.

    alternatives  groups of rows of which a report prints one or the other: the group that is there takes part, the others do not.
    Facts: left and right (the sums), gap, label (of the column or row asked about), and every cell by its key.
    """

    over: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()
    total: str | None = field(
        init=False, repr=False
    )  # the one that is contradicted, where there is only one: there the finding stands

    def __post_init__(self) -> None:
        table, _, axis = self.over.partition(".")
        if axis not in ("columns", "rows"):
            raise FieldError("over", f"{self.over!r} 应写成 <表>.columns 或 <表>.rows")
        check_table(("over",), table)
        check = check_rows if axis == "columns" else check_columns
        check(("left",), table, self.left)
        check(("right",), table, self.right)
        for index, group in enumerate(self.alternatives):
            check_rows(("alternatives", index), table, group)
        only = len(self.right) == 1 and "*" not in self.right[0]
        object.__setattr__(self, "total", self.right[0] if only else None)

    @property
    def gives(self) -> frozenset[str]:
        return frozenset({"left", "right", "gap", "label", *(name for name in (*self.left, *self.right) if "*" not in name)})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        table_key = self.over.partition(".")[0]
        nothing = without_figures(filing, table_key)
        if nothing is not None:
            yield nothing
            return
        table = filing.tables[table_key]
        edition = filing.edition or ""
        keys: tuple[str, ...] = ()
        sides = self._sides(keys)
        for row, column, cells in self._instances(table):
            if keys != tuple(cells):  # the same for every column, and for most rows
                keys = tuple(cells)
                sides = self._sides(keys)
            verdict = self._ask(cells, sides, table_key, row, column, edition)
            if verdict is None:
                doubt = _twice(table, row) if row is not None else _unplaced(table)
                verdict = self._broken(cells, table_key, row, column, edition, doubt)
            yield verdict

    def equalities(self, filing: Filing) -> tuple[Equality, ...]:
        """Every equality that is asked, as cells with their factors; of tables laid out alike the same objects."""
        table = filing.tables[self.over.partition(".")[0]]
        if not has_figures(table):
            return ()
        shape = tuple([(key, tuple(row.cells)) for key, row in table.rows.items()])
        return _equalities(self, table.key, shape, self._unused(table))

    def _instances(self, table: FilingTable) -> Iterator[tuple[str | None, str | None, Mapping[str, Cell]]]:
        """What the rule is asked about: row, column (one of them None) and the cells by the key of the other."""
        unused = self._unused(table)
        if self.over.endswith(".rows"):
            yield from ((key, None, row.cells) for key, row in table.rows.items() if key not in unused)
            return
        rows = [table.rows[key] for key in matching((*self.left, *self.right), tuple(table.rows)) if key not in unused]
        for column in next(iter(table.rows.values())).cells:
            yield None, column, {row.key: row.cells[column] for row in rows}

    def check_cells(self, cells: Mapping[str, Cell], of: str | None = None) -> Verdict:
        """The answer for one column or row given by itself, as a rule's examples do; ``of`` is its key."""
        table, _, axis = self.over.partition(".")
        row, column = (of, None) if axis == "rows" else (None, of)
        edition = newest_edition()
        verdict = self._ask(cells, self._sides(tuple(cells)), table, row, column, edition)
        return verdict or self._broken(cells, table, row, column, edition, None)

    def _factors(self, keys: tuple[str, ...]) -> dict[str, int]:
        left, right = self._sides(keys)
        return dict.fromkeys(left, 1) | dict.fromkeys(right, -1)

    def _sides(self, keys: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return matching(self.left, keys), matching(self.right, keys)

    def _ask(
        self,
        cells: Mapping[str, Cell],
        sides: tuple[tuple[str, ...], tuple[str, ...]],
        table: str,
        row: str | None,
        column: str | None,
        edition: str,
    ) -> Verdict | None:
        """Compare exact numbers; None if they differ. A blank cell is not a zero: it leaves the sum undetermined."""
        left = _total(cells, sides[0])
        right = _total(cells, sides[1])
        if left is None or right is None:
            return Verdict(State.UNDETERMINED, self._place(table, row, column), reason=self._gaps(cells, edition))
        return holds_at(table, row or self.total, column or self.total) if left == right else None

    def _broken(
        self, cells: Mapping[str, Cell], table: str, row: str | None, column: str | None, edition: str, doubt: str | None
    ) -> Verdict:
        keys = tuple(cells)
        left, right = (sum(cells[key].value or 0 for key in matching(names, keys)) for names in (self.left, self.right))
        asked = {key: cells[key] for key in matching((*self.left, *self.right), keys)}
        facts: dict[str, object] = {
            "left": left,
            "right": right,
            "gap": abs(left - right),
            "label": self._label(row, column, edition),
        }
        facts |= {key: cell.value for key, cell in asked.items()}
        return Verdict(
            State.BROKEN,
            self._place(table, row, column),
            tuple(Evidence(f"{self._key_label(key, edition)} {cell.raw}", cell.at) for key, cell in asked.items() if cell.at),
            facts,
            doubt=next((cell.doubt for cell in asked.values() if cell.doubt), doubt),
            expected=str(left),
            actual=str(right),
            arithmetic=self._written_out(cells, str(abs(left - right))),
        )

    def _written_out(self, cells: Mapping[str, Cell], gap: str) -> str:
        """Both sums as calculated: "29+0 ≠ 28+0，差1". Of long ones the zeros are only counted."""
        sides, zeros = [], 0
        for names in (self.left, self.right):
            terms = [cells[key].value or 0 for key in matching(names, tuple(cells))]
            if len(terms) > WRITTEN_IN_FULL:
                zeros += terms.count(0)
                terms = [term for term in terms if term] or [0]
            sides.append("+".join(f"({term})" if term < 0 else str(term) for term in terms))
        return f"{sides[0]} ≠ {sides[1]}，差{gap}" + (f"（另有{zeros}项为0）" if zeros else "")

    def _unused(self, table: FilingTable) -> frozenset[str]:
        """The rows of the alternatives that the report does not use, so that nobody misses them."""
        groups = [matching(group, tuple(table.rows)) for group in self.alternatives]
        used = next((group for group in groups if _used(table, group)), None)
        return frozenset() if used is None else frozenset(key for group in groups if group is not used for key in group)

    def _place(self, table: str, row: str | None, column: str | None) -> Place:
        return Place(table, table, row or self.total, column or self.total)

    def _gaps(self, cells: Mapping[str, Cell], edition: str) -> str:
        asked = matching((*self.left, *self.right), tuple(cells))
        return _gaps_in_words(self, edition, tuple((key, cells[key].state) for key in asked if cells[key].value is None))

    def _key_label(self, key: str, edition: str) -> str:
        table, _, axis = self.over.partition(".")
        return row_label(edition, table, key) if axis == "columns" else column_label(edition, table, key)

    def _label(self, row: str | None, column: str | None, edition: str) -> str:
        table = self.over.partition(".")[0]
        if row is not None:
            return row_label(edition, table, row)
        return column_label(edition, table, column) if column is not None else ""


def _total(cells: Mapping[str, Cell], keys: Sequence[str]) -> Number | None:
    """Exact; None if a cell has no number."""
    total: Number = 0
    for key in keys:
        value = cells[key][2]  # its value: by place, for it is asked of some thousand cells
        if value is None:
            return None
        total += value
    return total


@lru_cache(maxsize=256)  # four rules and two editions, each with the rows that a report adds or leaves out
def _equalities(
    rule: Balance, table: str, shape: tuple[tuple[str, tuple[str, ...]], ...], unused: frozenset[str]
) -> tuple[Equality, ...]:
    """shape: the rows of the table, each with its columns."""
    found = []
    rows = [(key, columns) for key, columns in shape if key not in unused]
    if rule.over.endswith(".rows"):
        for row, columns in rows:
            terms = {(table, row, column): factor for column, factor in rule._factors(columns).items()}
            found.append(Equality(rule._place(table, row, None), terms, {}))
    else:
        factors = rule._factors(tuple(key for key, _ in rows))
        for column in shape[0][1]:
            terms = {(table, row, column): factor for row, factor in factors.items()}
            found.append(Equality(rule._place(table, None, column), terms, {}))
    return tuple(found)


@lru_cache(maxsize=1024)
def _gaps_in_words(rule: Balance, edition: str, gaps: tuple[tuple[str, CellState], ...]) -> str:
    """The same blank cells in eighteen rows are put into words once."""
    return in_words((rule._key_label(key, edition), Cell(state)) for key, state in gaps)


def _used(table: FilingTable, group: Sequence[str]) -> bool:
    """Whether the report prints this group with figures: a heading （六）其他处理 over its three rows is no row of its own."""
    return any(cell.value is not None for key in group for cell in table.rows[key].cells.values())


def _unplaced(table: FilingTable) -> str | None:
    """A row with figures that we could not place may belong to the sum."""
    row = next((row for row in table.extra if not row.same and any(cell.value is not None for cell in row.cells)), None)
    return None if row is None else f"表内另有一行“{row.label}”未能归入格式，可能影响合计"


def _twice(table: FilingTable, key: str) -> str | None:
    return "该行重复出现且数字不同" if any(row.repeats == key and not row.same for row in table.extra) else None
