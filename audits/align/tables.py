"""Read the cells of the tables whose rows have been matched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from audits.align.folding import split_enumerator
from audits.align.heads import block_heads, row_heads
from audits.align.labels import LONGEST_WORD_FOR_FIGURE, Columns, Label, Matching, match_labels
from audits.align.lines import Piece, PrintedRow, is_section_heading
from audits.align.litigation import read_litigation
from audits.align.targets import Target, is_table_word, may_be_table_word
from audits.align.values import cell_of, cells_of, place, row_adds_up, state_of
from reports_in.document import Source, Trust
from rules.editions import Edition
from rules.filing import ABSENT_CELL, Cell, CellState, ExtraRow, FilingTable, Header, Row

SURE_SCORE = 82.0
FEWEST_EVEN_ROWS = 3
FEWEST_SIBLINGS = 3  # rows printed in full that must agree before a row with blank cells is read by their columns
SURE_SIBLINGS = 10  # and this many leave no doubt
SURE = "sure"  # a key of Columns that says so
PROVEN = "proven"  # likewise, that the dump has kept the columns of the page
CLOSE = "close"  # with a depth a key of Columns that says that figures begin right behind labels there
PAGE_MARK = re.compile(r"页|^[-—\s\d]+$|^\d+\s*/\s*\d+$")


@dataclass(slots=True)
class Reading:
    """What was read of the three tables. ``used`` holds the indexes of the printed rows that belong to them, not to prose."""

    tables: dict[str, FilingTable]
    used: set[int]


def read_tables(rows: Sequence[PrintedRow], edition: Edition) -> Reading:
    """The three tables of the edition as the rows print them."""
    matching = match_labels(rows, edition)
    tables = {key: _table(matching, key) for key in ("disclosure", "applications")}
    tables["litigation"] = read_litigation(matching)
    return Reading(tables, matching.used)


def _table(matching: Matching, key: str) -> FilingTable:
    template = matching.edition.tables[key]
    mine = {target: label for target, label in matching.labels.items() if matching.targets.rows[target].table == key}
    spans = {target: (label.rows[0], label.rows[-1]) for target, label in mine.items()}
    first = min((start for start, _ in spans.values()), default=0)
    last = max((end for _, end in spans.values()), default=-1)
    headers, head_at = (
        block_heads(matching, template, {target: start for target, (start, _) in spans.items()})
        if template.blocks
        else row_heads(matching, template, first if mine else None)
    )

    def columns() -> Columns:
        """Asked for once if at all: most reports print every row in full."""
        if key not in matching.places:
            matching.places[key] = _columns(matching, key, mine, headers)
        return matching.places[key]

    filled_up = _rows_are_filled_up(matching, mine)
    found: dict[str, Row] = {}
    for target_index, label in mine.items():
        target = matching.targets.rows[target_index]
        found[target.key] = _row(matching, target, label, columns, filled_up)
        matching.used.update(label.rows)
    extra = _extra(matching, key, found, first, last) if mine else ()
    rows = {
        row: found.get(row) or Row(row, {column.key: ABSENT_CELL for column in spec.columns})
        for row, spec in template.rows.items()
    }
    foreign = tuple(row for row in found if row not in template.rows)
    rows |= {row: found[row] for row in foreign}
    order = tuple(matching.targets.rows[target].key for target, _ in sorted(spans.items(), key=lambda item: item[1]))
    at = head_at or (matching.rows[first].at if mine else None)
    return FilingTable(key, state_of(rows.values(), at), rows, headers, extra, order, foreign, at)


def _rows_are_filled_up(matching: Matching, mine: Mapping[int, Label]) -> bool:
    """True if a blank cell behind the figures of rows with two labels is none of theirs: rows with one label have exactly their cells."""
    exact = 0
    for target, label in mine.items():
        row = matching.rows[label.values_row]
        if label.values_row < 0 or row.trust is not Trust.RAGGED:
            return False
        values = _after(matching, label)
        more = len(values) - len(matching.targets.rows[target].row.columns)
        if more != len(row.labels) - 1 or (more and values[-1].text):
            return False
        exact += not more
    return exact >= FEWEST_SIBLINGS


def _row(matching: Matching, target: Target, label: Label, columns: Callable[[], Columns], filled_up: bool) -> Row:
    inferred = target.index in matching.inferred
    score = 0.0 if inferred else matching.scores[target.index]
    words = "".join([piece.text for piece in label.pieces]).replace("\n", "")
    count = len(target.columns)
    row = matching.rows[label.values_row if label.values_row >= 0 else label.rows[-1]]
    values = _after(matching, label)
    if row.filled == len(values) == count and values is row.values:  # as nearly every row
        cells = cells_of(values, score)
        at = (label.pieces or values)[0].source
    else:
        values = _further(matching, label, values, count)
        if row.stream and len(values) != count:
            absorbed = _absorbed(matching, label, count)
            values = absorbed or values
            for other in takewhile(
                lambda other: other.labels[:1] and other.labels[0] in (absorbed or ()), matching.rows[row.index + 1 :]
            ):
                matching.used.add(other.index)  # words that stand in a cell begin no row of their own
        at = (label.pieces or values)[0].source
        cells = _placed(values[:count] if filled_up else values, target, row, at, score, columns)
    if row.stream and any(cell.state is CellState.UNREADABLE for cell in cells):
        cells = _by_spacing(matching, row, count, score) or cells
    if row.stream and (words_instead := _words_instead(matching, label, cells)):
        doubt = f"行名后印有“{words_instead[:LONGEST_WORD_FOR_FIGURE]}”等文字，无法判断各格填的是什么"
        cells = [Cell(CellState.UNREADABLE, at=at, score=score, doubt=doubt)] * count
    if inferred:
        cells = [cell._replace(doubt=cell.doubt or "行名无法辨认，按前后行的位置推定") for cell in cells]
    elif score < SURE_SCORE:
        cells = [cell._replace(doubt=cell.doubt or f"行名“{words}”与格式文本相差较大（相似度{score:.0f}）") for cell in cells]
    return Row(target.key, dict(zip(target.columns, cells, strict=True)), words, at, score)


def _placed(
    values: Sequence[Piece], target: Target, row: PrintedRow, at: Source, score: float, columns_of: Callable[[], Columns]
) -> list[Cell]:
    """The cells of a row that is perhaps not printed in full."""
    count = len(target.columns)
    filled = [piece for piece in values if piece.text]
    if len(filled) == count and (count == 1 or len(values) == count):
        return cells_of(filled, score)  # the blanks beside an only figure are layout, wherever its column is
    columns = columns_of()
    witness = row_adds_up if target.table == "applications" else None
    known = columns.get(target.row.block or _depth(row), ())
    hint = target.row.block is None and columns.get(SURE) is None
    close = row.trust is not Trust.RAGGED or row.stream or target.table != "applications" or (CLOSE, _depth(row)) in columns
    trusted = row.trust is Trust.GRID or PROVEN in columns
    return place(values, count, at, score, witness, known, trusted, hint, close)


def _further(matching: Matching, label: Label, values: list[Piece], most: int) -> list[Piece]:
    """The pieces after the label; if they are all blank and the figures, ``most`` at most, are on a line of their own, that line's."""
    after = label.rows[-1] + 1
    if any(piece.text for piece in values) or after >= len(matching.rows) or after in matching.claimed:
        return values
    row, next_row = matching.rows[label.rows[-1]], matching.rows[after]
    if row.stream and label.values_row < 0 and not (label.pieces[-1:] == tuple(row.labels[-1:]) and next_row.filled <= most):
        return values
    if not next_row.labels and next_row.has_figure and not next_row.stream:
        matching.used.add(after)
        return next_row.values
    return values


def _after(matching: Matching, label: Label) -> list[Piece]:
    """What is printed after the label's last piece in the row that holds the figures."""
    if label.values_row < 0:
        return []
    row = matching.rows[label.values_row]
    if row.stream or (row.labels and label.pieces[-1:] == (row.labels[-1],)):
        return row.values
    last = next((piece for piece in reversed(label.pieces) if piece in row.labels), None)
    if last is None or last is row.labels[-1]:
        return row.values
    return row.pieces[row.pieces.index(last) + 1 :]


def _absorbed(matching: Matching, label: Label, count: int) -> list[Piece] | None:
    """Cells of a one-cell-a-line dump among which words stand for a figure, if with them there are exactly as many as columns."""
    row = matching.rows[label.rows[-1]]
    position = row.labels.index(label.pieces[-1]) if label.pieces and label.pieces[-1] in row.labels else len(row.labels)
    pieces: list[Piece] = []
    for other in matching.rows[row.index :]:
        words = other.labels[position + 1 :] if other is row else other.labels
        if other is not row and other.index in matching.claimed and len(pieces) < count:
            words = words[: count - len(pieces)]
        for piece in words:
            if may_be_table_word(piece.text) or len(piece.text) > LONGEST_WORD_FOR_FIGURE or PAGE_MARK.search(piece.text):
                return pieces if len(pieces) == count else None
            pieces.append(piece)
        if len(pieces) == count and other is not row:
            break
        pieces.extend(other.values)
        if len(pieces) >= count or not other.stream:
            break
    return pieces if len(pieces) == count else None


def _words_instead(matching: Matching, label: Label, cells: Sequence[Cell]) -> str:
    """The words right after a label whose cells would be blank, in a one-cell-a-line dump; "" if there are none or they are a label."""
    row = matching.rows[label.rows[-1]]
    if not row.stream or label.values_row >= 0 or any(cell.state is not CellState.BLANK for cell in cells):
        return ""
    if not label.pieces or label.pieces[-1] not in row.labels:
        return ""
    rest = row.labels[row.labels.index(label.pieces[-1]) + 1 :]
    if (
        not rest
        or is_table_word(rest[0].text)
        or is_section_heading(rest[0].text)
        or any(rest[0] in other.pieces for other in matching.labels.values())
    ):
        return ""
    return rest[0].text


def _by_spacing(matching: Matching, row: PrintedRow, count: int, score: float) -> list[Cell] | None:
    """Cells of a one-cell-a-line dump whose blank cells are empty lines: the even spacing of full rows tells where they were."""
    if matching.spacing is False:
        matching.spacing = _spacing(matching)
    spacing = matching.spacing
    after = _line_after(matching, row)
    filled = [piece for piece in row.values if piece.text]
    lines = [row.labels[-1].source.line, *(piece.source.line for piece in filled)]
    numbers = [line for line in lines if line is not None]
    if not isinstance(spacing, tuple) or after is None or len(numbers) < len(lines):
        return None
    step, rest = spacing
    if after - numbers[0] != step * (count + 1) + rest:
        return None
    slots = [Cell(CellState.BLANK, at=row.at, score=score)] * count
    for line, piece in zip(numbers[1:], filled, strict=True):
        slot, rest = divmod(line - numbers[0], step)
        if rest or not 1 <= slot <= count:
            return None
        slots[slot - 1] = cell_of(piece, score)
    return slots


def _line_after(matching: Matching, row: PrintedRow) -> int | None:
    """The line of the next row if it belongs to the same block; between tables there are empty lines of no meaning."""
    mine, others = matching.claimed.get(row.index, []), matching.claimed.get(row.index + 1, [])
    if not mine or not others:
        return None
    here, there = matching.targets.rows[mine[-1]], matching.targets.rows[others[0]]
    same = here.table == there.table and here.row.block == there.row.block
    first = matching.rows[row.index + 1].at.line
    return first if same else None


def _spacing(matching: Matching) -> tuple[int, int] | None:
    """Lines from one cell to the next, and what a row adds at its end, by the rows printed in full; None if they disagree or are few."""
    seen: Counter[tuple[int, int]] = Counter()
    for target, label in matching.labels.items():
        row = matching.rows[label.values_row]
        count = len(matching.targets.rows[target].row.columns)
        if label.values_row < 0 or not row.stream or not row.labels or len(row.values) != count or count == 1:
            continue
        lines = [piece.source.line for piece in [row.labels[-1], *row.values]]
        after = _line_after(matching, row)
        numbers = [line for line in lines if line is not None]
        steps = {b - a for a, b in pairwise(numbers)}
        if after is None or len(numbers) < len(lines):
            continue
        if len(steps) == 1:
            step = steps.pop()
            seen[step, after - numbers[0] - step * (count + 1)] += 1
    (best, times), *_ = seen.most_common(1) or [((0, 0), 0)]
    return best if times >= FEWEST_EVEN_ROWS and times * 10 >= seen.total() * 9 else None


def _columns(matching: Matching, key: str, mine: Mapping[int, Label], headers: Sequence[Header]) -> Columns:
    """Physical columns of the figures: by block from its heads; else by depth of the label, from rows printed in full.

    Rows of a dump may be shifted against each other. Rows printed in full tell, if there are enough and they agree, where the figures
    stand: in the same columns at each depth, or always as far from the label. Otherwise columns tell nothing.
    """
    if key == "disclosure":
        return _block_column_places(matching, headers)
    full: list[tuple[object, tuple[int, ...]]] = []
    for target_index, label in mine.items():
        row = matching.rows[label.values_row]
        filled = [piece for piece in row.values if piece.text]
        at = tuple(piece.column for piece in filled if piece.column is not None)
        if label.values_row >= 0 and len(at) == len(filled) == len(matching.targets.rows[target_index].row.columns):
            full.append((_depth(row), at))
    if any(matching.rows[label.rows[0]].trust is Trust.GRID for label in mine.values()):
        where = matching.label_columns()
        heads = [where.get(header.at) for header in headers if header.key != "corner" and header.at is not None]
        columns = tuple(column for column in heads if column is not None)
        fits = len(columns) == len(matching.edition.tables[key].columns) and list(columns) == sorted(set(columns))
        return {SURE: [], -1: list(dict.fromkeys([*(places for _, places in full), *([columns] if fits else [])]))}
    depths = sorted({_depth(matching.rows[label.values_row]) for label in mine.values()} - {None}, key=str)
    close: dict[object, Sequence[Sequence[int]]] = {(CLOSE, depth): () for depth in _close_depths(matching, mine)}
    if any(len({at for other, at in full if other == depth}) > 1 for depth in depths):
        return close  # rows are shifted: one that is partly blank may be as well
    by_heads = _columns_of_heads(matching, key, mine, headers)
    if by_heads is not None:
        return {depth: [by_heads] for depth in depths} | {SURE: [], PROVEN: []} | close
    settled = {depth: _settled(depth, full) for depth in depths}
    known: dict[object, list[Sequence[int]]] = {depth: [columns] for depth, columns in settled.items() if columns is not None}
    return known | ({SURE: []} if len(full) >= SURE_SIBLINGS else {}) | close


def _close_depths(matching: Matching, mine: Mapping[int, Label]) -> set[object]:
    """The depths of labels behind which figures begin at once: some row prints one there, or all rows print their cells and no more."""
    found: set[object] = set()
    exact = True
    for target, label in mine.items():
        row = matching.rows[label.values_row]
        if label.values_row >= 0:
            values = _after(matching, label)
            exact = exact and len(values) == len(matching.targets.rows[target].row.columns)
            if values and values[0].text:
                found.add(_depth(row))
    return {_depth(matching.rows[label.values_row]) for label in mine.values()} if exact else found


def _columns_of_heads(
    matching: Matching, key: str, mine: Mapping[int, Label], headers: Sequence[Header]
) -> tuple[int, ...] | None:
    """The columns of a dump's heads if it keeps the places that merged cells cover: every label stands as deep as in the template,
    also behind merged cells, every figure under a head, and every row ends with the heads."""
    where = matching.label_columns()
    heads = [where.get(header.at) for header in headers if header.key != "corner" and header.at is not None]
    columns = tuple(column for column in heads if column is not None)
    if len(columns) != len(matching.edition.tables[key].columns) or list(columns) != list(range(columns[0], columns[-1] + 1)):
        return None
    covered = 0
    for target, label in mine.items():
        row = matching.rows[label.values_row]
        depth = len(matching.targets.rows[target].row.under)
        if label.values_row < 0 or row.trust is not Trust.RAGGED or _depth(row) != depth or depth >= columns[0]:
            return None
        if any(piece.text and piece.column not in columns for piece in row.values) or row.pieces[-1].column != columns[-1]:
            return None
        covered += depth > 0 and len(row.labels) == 1
    return columns if covered >= FEWEST_SIBLINGS else None


def _settled(depth: object, full: Sequence[tuple[object, tuple[int, ...]]]) -> tuple[int, ...] | None:
    """The columns of the figures of rows whose label is in column ``depth``; None where rows printed in full do not settle it."""
    own = Counter(at for other, at in full if other == depth)
    if len(own) == 1 and own.total() >= FEWEST_SIBLINGS:
        return next(iter(own))
    if len(own) > 1 or len(full) < FEWEST_SIBLINGS:
        return None
    same = {at for _, at in full}
    steps = {tuple(column - other for column in at) for other, at in full if isinstance(other, int)}
    if len(same) == 1:
        return next(iter(same))
    if len(steps) == 1 and isinstance(depth, int):
        return tuple(depth + step for step in next(iter(steps)))
    return None


def _block_column_places(matching: Matching, headers: Sequence[Header]) -> Columns:
    where = matching.label_columns()
    places: dict[object, list[Sequence[int]]] = {}
    for block in matching.edition.tables["disclosure"].blocks:
        heads = [header.at for header in headers if header.key.startswith(f"{block.key}.") and header.at is not None]
        columns = [column for source in heads if (column := where.get(source)) is not None]
        if len(columns) == len(block.columns) and columns == sorted(set(columns)):
            places[block.key] = [columns]
    return places


def _extra(matching: Matching, key: str, found: Mapping[str, Row], first: int, last: int) -> tuple[ExtraRow, ...]:
    """Rows with figures between the table's first and last that stand for no template row, or for one again."""
    extra = []
    for row in matching.rows[first : last + 1]:
        if row.index in matching.claimed or row.index in matching.used:
            continue
        matching.used.add(row.index)
        if not row.labels or not row.has_figure:
            continue
        body = split_enumerator(row.labels[-1].text)[1]
        if body in matching.targets.furniture or body.isascii():  # +(0) -(0) is what somebody wrote into a cell
            continue
        repeats = next((t.key for t in matching.targets.exact.get(body, ()) if t.table == key and t.key in found), None)
        # a page break prints a row again as it was printed, also where its label is not quite the template's
        repeats = repeats or next((k for k, other in found.items() if body and split_enumerator(other.label)[1] == body), None)
        cells = tuple(place(row.values, len(row.values), row.at, 0.0))
        same = repeats is not None and [cell.raw for cell in found[repeats].cells.values()] == [
            cell.raw for cell in cells if cell.state is not CellState.BLANK
        ]
        label = "".join(piece.text.strip() for piece in row.labels[-1:])
        extra.append(ExtraRow(label, cells, row.labels[-1].source, repeats, same))
    return tuple(extra)


def _depth(row: PrintedRow) -> object:
    """Rows of one depth print their figures in the same columns: all rows of a grid, rows whose label is in the same column of a dump."""
    return -1 if row.trust is Trust.GRID else (row.labels[-1].column if row.labels else None)
