"""Read the litigation table: fifteen figures in one row, or in a row or a table for each group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from audits.align.folding import fold
from audits.align.heads import LONGEST_HEAD, expected_heads, litigation_heads
from audits.align.labels import Matching
from audits.align.lines import Piece, PrintedRow
from audits.align.values import cells_of, groups_add_up, place, state_of
from reports_in.document import Source, Trust
from rules.editions import TemplateTable
from rules.filing import ABSENT_CELL, Cell, CellState, FilingTable, Header, PartState, Row

NAMES = ("结果维持", "结果纠正", "其他结果", "尚未审结")
GROUPS = frozenset(("行政复议", "行政诉讼"))
GROUP_NAMES = ("未经复议直接起诉", "复议后起诉")


def read_litigation(matching: Matching) -> FilingTable:
    """The litigation table, absent if no run of its column heads is printed."""
    template = matching.edition.tables["litigation"]
    heads = _head_rows(matching)
    if not heads:
        return FilingTable(
            "litigation",
            PartState.ABSENT,
            {key: Row(key, {column.key: ABSENT_CELL for column in row.columns}) for key, row in template.rows.items()},
            tuple(Header(key, label) for key, label in expected_heads(template)),
        )
    grouped = _by_row(matching, template, heads)
    first, last = heads[0], heads[-1]
    pieces: list[Piece] = []
    for row in matching.rows[first : last + 1]:
        pieces.extend(row.labels)
        matching.used.add(row.index)
    headers = litigation_heads(pieces, template)
    at = next((header.at for header in headers if header.at), matching.rows[first].at)
    if grouped is None:
        grouped = _by_run(matching, template, heads, at, lambda: _columns(pieces, headers, template))
    return FilingTable("litigation", state_of(grouped.values(), at), grouped, headers, (), tuple(template.rows), (), at)


def _head_rows(matching: Matching) -> list[int]:
    """Indexes of the rows that print column heads of the litigation table, consecutive, the densest such run."""
    runs: list[tuple[int, list[int]]] = []
    claimed = matching.claimed
    for row in matching.rows:
        labels = _unclaimed(matching, row) if row.index in claimed else row.labels
        if not labels:
            continue
        printed = [fold(piece.text) for piece in labels if len(piece.text) <= LONGEST_HEAD]
        if len(printed) < len(labels) and not row.stream:
            continue
        hits = _names_in("".join(printed))
        if hits == 0 and not GROUPS.issuperset(printed):
            continue
        if runs and row.index - runs[-1][1][-1] <= 3:
            runs[-1] = (runs[-1][0] + hits, [*runs[-1][1], row.index])
        else:
            runs.append((hits, [row.index]))
    best = max(runs, key=lambda run: run[0], default=(0, []))
    return best[1] if best[0] >= 3 else []


@lru_cache(maxsize=8192)
def _names_in(words: str) -> int:
    """How many heads of the litigation table the words hold."""
    return sum(words.count(fold(name)) for name in NAMES) + sum(name in words for name in GROUP_NAMES)


def _unclaimed(matching: Matching, row: PrintedRow) -> list[Piece]:
    """The label pieces of a row that are no label of another table: in a run of one-cell lines the heads may follow one without figures."""
    targets = matching.claimed.get(row.index, ())
    if not targets:
        return row.labels
    if not row.stream:
        return []
    mine = [row.labels.index(piece) for target in targets for piece in matching.labels[target].pieces if piece in row.labels]
    return row.labels[max(mine, default=-1) + 1 :]


def _by_row(matching: Matching, template: TemplateTable, heads: Sequence[int]) -> dict[str, Row] | None:
    """A table turned on its side: a row for each group. None if it is printed the official way."""
    names = {fold(row.label): key for key, row in template.rows.items()}
    found: dict[str, Row] = {}
    for row in matching.rows[heads[0] : heads[-1] + 5]:
        key = next((names[word] for word in row.words if word in names), None)
        if key is None or row.filled != len(template.columns) or row.stream:
            continue
        cells = place(row.values, len(template.columns), row.at, 100.0, trusted=row.trust is Trust.GRID)
        keyed = {column.key: cell for column, cell in zip(template.columns, cells, strict=True)}
        found[key] = Row(key, keyed, row.labels[-1].text.strip(), row.at, 100.0)
        matching.used.add(row.index)
    return found if len(found) == len(template.rows) else None


def _columns(pieces: Sequence[Piece], headers: Sequence[Header], template: TemplateTable) -> list[list[int]]:
    """The physical columns of the fifteen heads, if every one is printed in a column of its own."""
    where = {piece.source: piece.column for piece in pieces}
    keys = [f"{group}.{column.key}" for group in template.rows for column in template.columns]
    found = {header.key: where.get(header.at) for header in headers if header.at is not None}
    columns = [column for key in keys if (column := found.get(key)) is not None]
    return [columns] if len(columns) == len(keys) and columns == sorted(set(columns)) else []


def _by_run(
    matching: Matching,
    template: TemplateTable,
    heads: Sequence[int],
    at: Source,
    columns: Callable[[], Sequence[Sequence[int]]],
) -> dict[str, Row]:
    """Fifteen figures in one row, or in runs one after the other."""
    keys = [(group, column.key) for group in template.rows for column in template.columns]
    pieces: list[Piece] = []
    trusts: set[Trust | None] = set()
    last = heads[-1]
    for row in matching.rows[heads[0] : heads[-1] + 6]:
        if row.index > heads[-1] and row.stream and row.labels and (pieces or len(row.labels[0].text) > LONGEST_HEAD):
            break  # words on lines of their own: the table is over
        if any(matching.labels[target].values_row == row.index for target in matching.claimed.get(row.index, ())):
            continue
        if not row.values or (row.labels and not row.stream and row.index in heads and not row.has_figure):
            continue
        if row.stream and row.index < heads[-1] and not row.has_figure:
            continue
        if len(pieces) >= len(keys) or (pieces and row.index > max(last, heads[-1]) + 1):
            break
        pieces.extend(row.values)
        trusts.add(row.trust)
        last = row.index
        matching.used.add(row.index)
    if not pieces:
        blank = Cell(CellState.BLANK, at=at, score=100.0)
        return {
            group: Row(group, {c.key: blank for c in row.columns}, row.label, at, 100.0) for group, row in template.rows.items()
        }
    if len(pieces) == len(keys):
        cells = cells_of(pieces, 100.0)
    else:
        grid = trusts == {Trust.GRID}
        cells = place(pieces, len(keys), pieces[0].source, 100.0, groups_add_up, columns() if grid else (), trusted=grid)
    by_key = dict(zip(keys, cells, strict=True))
    return {
        group: Row(group, {c.key: by_key[group, c.key] for c in row.columns}, row.label, pieces[0].source, 100.0)
        for group, row in template.rows.items()
    }
