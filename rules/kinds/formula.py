"""formula: a condition over the cells of a row, or over cells named one by one, last year's among them.

The condition is an expression of rules/expressions.py. A cell that has no number leaves it undetermined, unless the others settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from rules.errors import ExpressionError, FieldError
from rules.expressions import Expression, Missing, Value, compile_expression
from rules.filing import ABSENT_CELL, Cell, Filing, Number
from rules.kinds.gaps import NO_PREVIOUS, in_words, without_figures
from rules.kinds.keys import check_columns, check_rows, check_table, column_keys, split_cell
from rules.labels import cell_label, column_label, newest_edition, row_label
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class Formula:
    """Either ``over`` and ``rows`` (asked once for each row, names are its column keys) or ``cells`` (asked once).

    cells     names for cells: {after: litigation.after_review.total}; the first one is where the finding stands.
    previous  likewise, in last year's report.
    holds     the condition; asked where ``when``, if given, is true.
    shows     more facts for the message, each an expression.
    Facts: every name, those of shows, and label (of the row).
    """

    holds: str
    over: str = ""
    rows: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    shows: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = field(init=False, repr=False)
    condition: Expression = field(init=False, repr=False)
    premise: Expression | None = field(init=False, repr=False)
    shown: Mapping[str, Expression] = field(init=False, repr=False)
    addresses: Mapping[str, tuple[str, str, str]] = field(init=False, repr=False)
    earlier: Mapping[str, tuple[str, str, str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if bool(self.over) == bool(self.cells):
            raise FieldError("holds", "over 与 rows 一起写，或只写 cells")
        if self.over:
            check_table(("over",), self.over)
            check_rows(("rows",), self.over, self.rows)
            for row in self.rows:
                check_columns(("rows",), self.over, column_keys(self.over, row), row)
        self._set("addresses", {name: split_cell(("cells", name), cell) for name, cell in self.cells.items()})
        self._set("earlier", {name: split_cell(("previous", name), cell) for name, cell in self.previous.items()})
        names = self._names()
        self._set("names", names)
        self._set("condition", _compiled(("holds",), self.holds, names))
        self._set("premise", _compiled(("when",), self.when, names) if self.when else None)
        self._set("shown", {name: _compiled(("shows", name), text, names) for name, text in self.shows.items()})

    @property
    def gives(self) -> frozenset[str]:
        return self.names | self.shows.keys() | {"label"}

    def check(self, filing: Filing) -> Iterator[Verdict]:
        edition = filing.edition or ""
        if self.cells:
            yield self._named(filing, edition)
            return
        nothing = without_figures(filing, self.over)
        if nothing is not None:
            yield nothing
            return
        for key in self.rows:
            row = filing.tables[self.over].rows.get(key)
            if row is None:
                continue
            label = partial(_column_label, edition, self.over, key)
            yield self._ask(row.cells, Place(self.over, self.over, row=key), label, row_label(edition, self.over, key))

    def check_cells(self, cells: Mapping[str, Cell], of: str | None = None) -> Verdict:
        """The answer for cells given by name, as a rule's examples do; ``of`` is the key of their row, if they have one."""
        newest = newest_edition()
        labels = {name: cell_label(newest, *cell) for name, cell in (*self.addresses.items(), *self.earlier.items())}
        label = row_label(newest, self.over, of) if self.over and of else ""
        return self._ask(cells, Place(row=of), lambda name: labels.get(name, name), label)

    def _named(self, filing: Filing, edition: str) -> Verdict:
        cells: dict[str, Cell | None] = {}
        for name, (table, row, column) in self.addresses.items():
            cells[name] = filing.tables[table].cell(row, column)
        for name, (table, row, column) in self.earlier.items():
            cells[name] = filing.previous.tables[table].cell(row, column) if filing.previous else None
        table, row, column = next(iter(self.addresses.values()))
        label = partial(self._address_label, edition)
        return self._ask(cells, Place(table, table, row, column), label, row_label(edition, table, row))

    def _address_label(self, edition: str, name: str) -> str:
        if name in self.earlier:
            return f"上年报告{cell_label(edition, *self.earlier[name])}"
        return cell_label(edition, *self.addresses[name]) if name in self.addresses else name

    def _ask(self, cells: Mapping[str, Cell | None], place: Place, label_of: Callable[[str], str], label: str) -> Verdict:
        """``label_of`` says a name in words; ``label`` is that of the row asked about."""
        values = dict.fromkeys(self.names) | {name: cell.value for name, cell in cells.items() if cell is not None}
        try:
            if self.premise is not None and not self.premise(values):
                return Verdict(State.NOT_APPLICABLE, place, reason="前提不成立")
            if self.condition(values):
                return Verdict(State.HOLDS, place)
            shown = {name: _printed(expression(values)) for name, expression in self.shown.items()}
        except Missing as exc:
            name = exc.args[0]
            cell = cells.get(name)
            unknown = name in self.earlier and cell is None
            return Verdict(
                State.UNDETERMINED,
                place,
                reason=NO_PREVIOUS if unknown else in_words([(label_of(name), cell or ABSENT_CELL)]),
            )
        except ZeroDivisionError:
            return Verdict(State.UNDETERMINED, place, reason="除数为0，无法计算")
        used = {name: cell for name, cell in cells.items() if name in self.condition.names and cell is not None}
        return Verdict(
            State.BROKEN,
            place,
            tuple(
                Evidence(f"{label_of(name)} {cell.raw}", cell.at)
                for name, cell in used.items()
                if cell.at and name not in self.earlier
            ),
            {**{name: _printed(value) for name, value in values.items() if value is not None}, **shown, "label": label},
            doubt=next((cell.doubt for cell in used.values() if cell.doubt), None),
        )

    def _names(self) -> frozenset[str]:
        if self.cells:
            return frozenset(self.cells) | frozenset(self.previous)
        return frozenset(column for row in self.rows for column in column_keys(self.over, row))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _column_label(edition: str, table: str, row: str, column: str) -> str:
    return column_label(edition, table, column, row)


def _compiled(path: tuple[str, ...], text: str, names: frozenset[str]) -> Expression:
    try:
        return compile_expression(text, names)
    except ExpressionError as exc:
        raise FieldError(path, f"{text!r}: {exc}") from exc


def _printed(value: Value) -> Number | str:
    """As a reader writes it: 75.9, not Decimal('75.90')."""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else int(value)
    return value
