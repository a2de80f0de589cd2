"""Put the printed pieces of a row into the template's columns.

Columns of a dump shift, go missing or trail off. A place is taken only if it is the only one that fits: exactly as many
figures as columns, or as many cells as columns, or the one arrangement that the known columns and the row's own sum leave. Where
several remain, a cell on which they all agree is read; the others are unreadable. A sum may witness a reading, it never changes a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from audits.align.lines import Piece
from reports_in.document import Source
from rules.filing import Cell, CellState, Number, PartState, Row
from rules.numbers import parse_figure

Witness = Callable[[Sequence[Number]], bool]
MOST_ARRANGEMENTS = 500
UNSURE_CONFIDENCE = 0.9
LOST = "原文件的字体或编码有缺失，字符无法辨认"
ILLEGIBLE = "扫描件此格的字迹无法识别，须对照原件"
OCR_DOUBT = "扫描识别"  # how the doubts begin that sums may lift
PLAIN = {str(number): number for number in range(1000)}  # what nearly every cell holds: nothing to look for in it
FILLED = CellState.FILLED  # a member of an enumeration is looked up anew each time, slowly
LOST_CHARACTER = re.compile("[\ufffd\ue000-\uf8ff]")


def place(
    pieces: Sequence[Piece],
    count: int,
    at: Source,
    score: float,
    witness: Witness | None = None,
    columns: Sequence[Sequence[int]] = (),
    trusted: bool = False,
    hint: bool = False,
    close: bool = True,
) -> list[Cell]:
    """``count`` cells for the pieces printed after a label.

    witness  tells whether a full row of numbers (blanks as 0) adds up; None if nothing is known.
    columns  what the template's columns may be in physical columns, by sibling rows or the head; all that fit must agree.
    trusted  True if physical columns are real (a grid); in a dump a row may be shifted against its siblings.
    close    False if blank cells of layout may stand between the label and its figures.
    hint     True if the known columns rest on few rows: cells placed by them stay in doubt unless the row's sum bears them out.
    """
    filled = [piece for piece in pieces if piece.text]
    if not filled and not (len(pieces) == count and _smudged(pieces)):
        return [Cell(CellState.BLANK, at=_at(pieces, i, at), score=score) for i in range(count)]
    if len(pieces) == count and (close or pieces[0].text):
        return cells_of(pieces, score)
    if len(filled) == count and not _repeated(pieces, columns):
        return cells_of(filled, score)
    tokens = filled[0].text.split() if len(filled) == 1 else []
    if len(tokens) == count and all(parse_figure(token).value is not None for token in tokens):
        return [cell_of(filled[0]._replace(text=token), score) for token in tokens]  # a line of figures parted by single blanks
    by_column = _agreed(pieces, filled, columns, None if trusted else witness)
    if by_column is not None:
        hint = hint or len(filled) == count
        doubt = "列位置按其他行推定" if hint and not _borne_out(by_column, witness) else None
        blank = Cell(CellState.BLANK, at=at, score=score, doubt=doubt or _smudged(pieces))
        return [cell_of(piece, score, doubt) if piece else blank for piece in by_column]
    glued = _unglued(filled, count, witness)
    if glued is not None:
        return [
            Cell(
                CellState.FILLED, text, parse_figure(text).value, filled[0].source, score, "多个数字连排，按各位及合计关系拆分"
            )
            for text in glued
        ]
    return _arranged(pieces, filled, count, at, score, witness)


def cells_of(pieces: Iterable[Piece], score: float) -> list[Cell]:
    """The cells that printed pieces are, each as ``cell_of`` gives it; nearly all hold plain numbers, and those are made here."""
    cells: list[Cell] = []
    new = tuple.__new__  # what Cell(...) comes to, in half the time
    for piece in pieces:
        text, source, _, confidence = piece
        number = PLAIN.get(text)
        if number is None or confidence is not None:
            cells.append(cell_of(piece, score))
        else:
            cells.append(new(Cell, (FILLED, text, number, source, score, None)))
    return cells


def cell_of(piece: Piece, score: float, doubt: str | None = None) -> Cell:
    """The cell that one printed piece is. A figure broken over lines by a narrow column is one figure."""
    raw = piece.text
    if not raw:
        return Cell(CellState.BLANK, "", None, piece.source, score, doubt or _smudge(piece))
    if LOST_CHARACTER.search(raw):
        return Cell(CellState.UNREADABLE, raw, None, piece.source, score, LOST if piece.confidence is None else ILLEGIBLE)
    value = parse_figure(raw.replace("\n", "") if "\n" in raw else raw).value
    if piece.confidence is not None and piece.confidence < UNSURE_CONFIDENCE and doubt is None:
        doubt = f"{OCR_DOUBT}置信度{piece.confidence:.0%}"
    return Cell(CellState.FILLED, raw, value, piece.source, score, doubt)


def _smudge(piece: Piece) -> str | None:
    """For a cell of a scan that holds no text and yet is not clean."""
    if piece.confidence is not None and piece.confidence < UNSURE_CONFIDENCE:
        return "扫描件此格空白但有墨迹，须对照原件"
    return None


def _smudged(pieces: Sequence[Piece]) -> str | None:
    """What is to be said of the first of the blank cells that is not clean, None if all are."""
    return next((said for piece in pieces if not piece.text and (said := _smudge(piece))), None)


def _at(pieces: Sequence[Piece], index: int, otherwise: Source) -> Source:
    return pieces[index].source if index < len(pieces) else otherwise


def _agreed(
    pieces: Sequence[Piece], filled: Sequence[Piece], columns: Sequence[Sequence[int]], witness: Witness | None
) -> list[Piece | None] | None:
    """The pieces by physical column; None if no known columns fit, or some that fit disagree."""
    found: list[list[Piece | None]] = []
    for known in columns:
        row = _by_column(pieces, filled, known)
        if row is not None and row not in found and (witness is None or _may_add_up(row, witness)):
            found.append(row)
    return found[0] if len(found) == 1 else None


def _by_column(pieces: Sequence[Piece], filled: Sequence[Piece], columns: Sequence[int]) -> list[Piece | None] | None:
    """The pieces at known physical columns; None unless every filled piece stands in one of them."""
    at = {piece.column: piece for piece in pieces if piece.column is not None}
    surplus = len(filled) > len(columns) or _repeated(pieces, (columns,))
    if any(piece.column not in columns and not (surplus and _repeats(piece, at)) for piece in filled):
        return None
    return [at[column] if column in at and not at[column].blank else None for column in columns]


def _borne_out(row: Sequence[Piece | None], witness: Witness | None) -> bool:
    """True if the printed total is the sum of what is printed beside it, and not merely 0."""
    values = [0 if piece is None else parse_figure(piece.text.replace("\n", "")).value for piece in row]
    numbers = [value for value in values if value is not None]
    return witness is not None and len(numbers) == len(values) and any(numbers[:-1]) and witness(numbers)


def _repeated(pieces: Sequence[Piece], columns: Sequence[Sequence[int]]) -> bool:
    """True if a piece outside the one set of columns that is known repeats its neighbour, as under a head that is printed twice."""
    if len(columns) != 1:
        return False
    at = {piece.column: piece for piece in pieces if piece.column is not None}
    return any(piece.text and piece.column not in columns[0] and _repeats(piece, at) for piece in pieces)


def _repeats(piece: Piece, at: dict[int, Piece]) -> bool:
    """A converter that knows no merged cells prints their text once for every column they cover."""
    before = at.get(piece.column - 1) if piece.column is not None else None
    return before is not None and before.text.strip() == piece.text.strip()


def _may_add_up(row: Sequence[Piece | None], witness: Witness) -> bool:
    """False only if the total is printed and is not the sum of what is printed beside it."""
    if row[-1] is None:
        return True
    values = [0 if piece is None else parse_figure(piece.text.replace("\n", "")).value for piece in row]
    numbers = [value for value in values if value is not None]
    return len(numbers) < len(values) or witness(numbers)


def _unglued(filled: Sequence[Piece], count: int, witness: Witness | None) -> list[str] | None:
    """One digit a cell, where a dump has dropped everything between them and the sums bear it out."""
    if len(filled) != 1 or witness is None or count < 5:
        return None
    digits = filled[0].text.strip()
    if len(digits) != count or not digits.isascii() or not digits.isdigit():
        return None
    return list(digits) if witness([int(digit) for digit in digits]) else None


def _arranged(
    pieces: Sequence[Piece], filled: Sequence[Piece], count: int, at: Source, score: float, witness: Witness | None
) -> list[Cell]:
    """Try every arrangement that keeps the order, and read the cells on which all that fit agree."""
    if len(filled) > count:
        wanted = [tuple(range(start, start + count)) for start in range(len(filled) - count + 1)]
        options = [{slot: filled[index] for slot, index in enumerate(chosen)} for chosen in wanted]
    elif len(pieces) == count:  # blanks of layout before the figures may have taken the places of blank cells at their end
        lead = next(index for index, piece in enumerate(pieces) if piece.text)
        options = [{index - shift: piece for index, piece in enumerate(pieces) if piece.text} for shift in range(lead + 1)]
    elif len(pieces) > count:  # blanks are printed, and some of them are layout
        spots = range(len(pieces))
        must = {index for index in spots if not pieces[index].blank}
        options = []
        for number, chosen in enumerate(combinations(spots, count)):
            if number >= MOST_ARRANGEMENTS:
                options = []
                break
            if must.issubset(chosen):
                options.append({slot: pieces[index] for slot, index in enumerate(chosen) if index in must})
    else:
        options = []
        for number, slots in enumerate(combinations(range(count), len(filled))):
            if number >= MOST_ARRANGEMENTS:
                options = []
                break
            options.append(dict(zip(slots, filled, strict=True)))
    note = None if len(options) == 1 else "列位置据合计关系推定"  # a sum may hold by chance
    if witness is not None and len(options) > 1:
        options = [option for option in options if _adds_up(option, count, witness)] or options
    doubt = f"本行印有{len(filled)}个数，应为{count}个，无法判断各数属于哪一列"
    cells = []
    for slot in range(count):
        seen = {option[slot].text.strip() if slot in option else "" for option in options}
        if len(seen) == 1 and options:
            text = seen.pop()
            piece = next((option[slot] for option in options if slot in option), None)
            cells.append(
                cell_of(piece, score, note) if piece and text else Cell(CellState.BLANK, at=at, score=score, doubt=note)
            )
        else:
            cells.append(Cell(CellState.UNREADABLE, at=at, score=score, doubt=doubt))
    return cells


def _adds_up(option: dict[int, Piece], count: int, witness: Witness) -> bool:
    numbers: list[Number] = []
    for slot in range(count):
        value = parse_figure(option[slot].text.replace("\n", "")).value if slot in option else 0
        if value is None:
            return False
        numbers.append(value)
    return witness(numbers)


def row_adds_up(numbers: Sequence[Number]) -> bool:
    """A row of the applications table: six kinds of applicant, then their total."""
    return sum(numbers[:-1]) == numbers[-1]


def groups_add_up(numbers: Sequence[Number]) -> bool:
    """The fifteen figures of the litigation table: three groups of four and their total."""
    return all(sum(numbers[start : start + 4]) == numbers[start + 4] for start in range(0, len(numbers), 5))


def state_of(rows: Iterable[Row], at: Source | None) -> PartState:
    """Present if any cell was filled in; empty if there are only heads, labels or blanks; else absent."""
    blank = False
    for row in rows:
        for cell in row.cells.values():
            if cell.state in (CellState.FILLED, CellState.UNREADABLE):
                return PartState.PRESENT
            blank = blank or cell.state is CellState.BLANK
    return PartState.EMPTY if at is not None or blank else PartState.ABSENT
