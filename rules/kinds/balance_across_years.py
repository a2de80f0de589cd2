"""balance_across_years (跨年衔接): what last year's report hands on must be what this year's begins with.

``left`` must be the sum of ``before``, cells of last year's report, and ``right``, cells of this one, less ``subtracted``:
carried_in = carried_out before; valid = valid before + made - repealed. Asked once for every column or row. Without last year's report it is one answer:
undetermined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rules.errors import FieldError
from rules.filing import Filing, Number
from rules.kinds.doubts import year_doubt
from rules.kinds.equality import Address, Equality
from rules.kinds.gaps import NO_PREVIOUS, holds_at, in_words, without_figures
from rules.kinds.keys import check_columns, check_rows, check_table
from rules.labels import cell_label, column_label, row_label
from rules.patterns import check_patterns, found_in
from rules.prose import prose_of
from rules.verdict import Evidence, Place, Severity, State, Verdict


@dataclass(frozen=True, slots=True)
class BalanceAcrossYears:
    """over is ``<table>.columns`` (left, right and before name rows) or ``<table>.rows`` (they name columns of each of ``rows``).

    rows        the rows that are asked about, for over ``<table>.rows``.
    milder_if   words of the report's prose that explain a difference: it is a notice then.
    Facts: label (of the column or row), expected (what the first of ``left`` would have to be), actual, gap, previous (the
    year before), every cell by its key, and those of last year's report as ``before_<key>``.
    """

    over: str
    left: str
    before: tuple[str, ...]
    right: tuple[str, ...] = ()
    subtracted: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    milder_if: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        table, _, axis = self.over.partition(".")
        if axis not in ("columns", "rows"):
            raise FieldError("over", f"{self.over!r} 应写成 <表>.columns 或 <表>.rows")
        check_table(("over",), table)
        if axis == "rows" and not self.rows:
            raise FieldError("rows", "请写明核查哪些行")
        check_rows(("rows",), table, self.rows)
        named = {"left": (self.left,), "right": self.right, "subtracted": self.subtracted, "before": self.before}
        for key, names in named.items():
            if axis == "columns":
                check_rows((key,), table, names)
            for row in self.rows:
                check_columns((key,), table, names, row)
        check_patterns("milder_if", self.milder_if)

    @property
    def gives(self) -> frozenset[str]:
        named = (self.left, *self.right, *self.subtracted, *(f"before_{key}" for key in self.before))
        return frozenset({"label", "expected", "actual", "gap", "previous", *named})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        table_key = self.over.partition(".")[0]
        nothing = without_figures(filing, table_key)
        if nothing is not None:
            yield nothing
            return
        earlier = filing.previous
        if earlier is None:
            yield Verdict(State.UNDETERMINED, reason=NO_PREVIOUS)
            return
        if earlier.edition != filing.edition and self.over.endswith(".rows"):
            reason = "上年报告使用的格式不同，没有可衔接的项目"
            yield Verdict(State.NOT_APPLICABLE, Place(table_key, table_key), reason=reason)
            return
        missing = without_figures(earlier, table_key)
        if missing is not None:
            yield Verdict(State.UNDETERMINED, Place(table_key, table_key), reason=f"上年报告{missing.reason}")
            return
        for now, before in self._instances(self._asked(filing)):
            yield self._ask(filing, earlier, now, before)

    def equalities(self, filing: Filing) -> tuple[Equality, ...]:
        """As of kind balance."""
        earlier = filing.previous
        if earlier is None or (earlier.edition != filing.edition and self.over.endswith(".rows")):
            return ()
        return _equalities(self, self._asked(filing))

    def _asked(self, filing: Filing) -> tuple[str, ...]:
        """The columns or rows that the rule is asked about."""
        table, _, axis = self.over.partition(".")
        rows = filing.tables[table].rows
        return tuple(row for row in self.rows if row in rows) if axis == "rows" else tuple(next(iter(rows.values())).cells)

    def _instances(self, asked: Iterable[str]) -> Iterator[tuple[list[Address], list[Address]]]:
        """The cells of this report, the first of ``left`` first, and those of last year's."""
        table, _, axis = self.over.partition(".")
        names = (self.left, *self.right, *self.subtracted)
        for key in asked:
            if axis == "rows":
                yield [(table, key, column) for column in names], [(table, key, column) for column in self.before]
            else:
                yield [(table, row, key) for row in names], [(table, row, key) for row in self.before]

    def _ask(self, filing: Filing, earlier: Filing, now: list[Address], before: list[Address]) -> Verdict:
        place = Place(now[0][0], *now[0])
        edition, edition_before = filing.edition or "", earlier.edition or ""
        cells = {address: filing.tables[address[0]].cell(*address[1:]) for address in now}
        cells_before = {address: earlier.tables[address[0]].cell(*address[1:]) for address in before}
        gaps = [(cell_label(edition, *address), cell) for address, cell in cells.items() if cell.value is None]
        gaps += [
            (f"上年报告{cell_label(edition_before, *address)}", cell)
            for address, cell in cells_before.items()
            if cell.value is None
        ]
        if gaps:
            return Verdict(State.UNDETERMINED, place, reason=in_words(gaps))
        actual = cells[now[0]].value or 0
        expected: Number = sum(cell.value or 0 for cell in cells_before.values())
        for address in now[1:]:
            value = cells[address].value or 0
            expected = expected - value if self._key(address) in self.subtracted else expected + value
        if actual == expected:
            return holds_at(*now[0])
        facts: dict[str, object] = {
            "label": self._label(edition, now[0]),
            "expected": expected,
            "actual": actual,
            "gap": abs(actual - expected),
            "previous": earlier.year.value or "上",
        }
        facts |= {self._key(address): cell.value for address, cell in cells.items()}
        facts |= {f"before_{self._key(address)}": cell.value for address, cell in cells_before.items()}
        evidence = [Evidence(f"{cell_label(edition, *address)} {cell.raw}", cell.at) for address, cell in cells.items()]
        doubt = next((cell.doubt for cell in (*cells.values(), *cells_before.values()) if cell.doubt), None)
        return Verdict(
            State.BROKEN,
            place,
            tuple(evidence),
            facts,
            doubt=doubt or year_doubt(filing) or year_doubt(earlier),
            severity=Severity.NOTICE if found_in(self.milder_if, prose_of(filing).words) else None,
            expected=str(expected),
            actual=str(actual),
        )

    def _key(self, address: Address) -> str:
        return address[1] if self.over.endswith(".columns") else address[2]

    def _label(self, edition: str, address: Address) -> str:
        table, row, column = address
        return column_label(edition, table, column) if self.over.endswith(".columns") else row_label(edition, table, row)


@lru_cache(maxsize=64)
def _equalities(rule: BalanceAcrossYears, asked: tuple[str, ...]) -> tuple[Equality, ...]:
    found = []
    for now, before in rule._instances(asked):
        terms = {address: 1 if rule._key(address) in rule.subtracted else -1 for address in now[1:]} | {now[0]: 1}
        found.append(Equality(Place(now[0][0], *now[0]), terms, dict.fromkeys(before, -1)))
    return tuple(found)
