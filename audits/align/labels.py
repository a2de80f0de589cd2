"""Match the labels that rows print with the rows of the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from audits.align.chain import Pair, best_chain
from audits.align.folding import fold, split_enumerator
from audits.align.lines import PROSE_LENGTH, Piece, PrintedRow
from audits.align.targets import Target, Targets, is_table_word, targets_of
from reports_in.document import Source
from rules.editions import Edition, editions

Columns = Mapping[object, Sequence[Sequence[int]]]  # block or depth -> what the physical columns of its figures may be
LOWEST_SCORE = 68.0  # below it two labels of the template are as near to each other as to a damaged print of themselves
JOINED_ROWS_SCORE = 88.0
LONGEST_WORD_FOR_FIGURE = 12
LONGEST_JOIN = 6  # a label broken over more lines than this has not been seen
# folded characters of the pieces of a run; joined they have at most eight less: an ordinal of three, and a letter at each seam that
# an accent behind it turns into another
TOO_LONG = PROSE_LENGTH + 8


class Atom(NamedTuple):
    """A label piece of a printed row, addressed by its place in reading order."""

    order: int
    row: int
    position: int
    piece: Piece
    last: bool  # no other words stand between it and the row's figures


class Label(NamedTuple):
    """Printed pieces that together may be a row's label, and the printed row that holds the figures; -1 if none does."""

    pieces: tuple[Piece, ...]
    rows: tuple[int, ...]
    values_row: int


@dataclass(slots=True)
class Matching:
    """Which printed rows stand for which rows of the template, and what the reading of the tables has used so far.

    labels    target -> its printed label; scores likewise, 0..100.
    claimed   printed row -> targets whose label or figures it holds.
    inferred  targets whose label is beyond reading, taken by their place between sure neighbours.
    used      indexes of printed rows that belong to tables, not to prose; filled while tables are read.
    spacing   lines from cell to cell in a one-cell-a-line dump (tables.py); False until it is asked for.
    columns   what label_columns gives, once it has been asked for; places likewise what tables.py finds out of a table's columns.
    """

    rows: Sequence[PrintedRow]
    atoms: Sequence[Atom]
    targets: Targets
    edition: Edition
    labels: dict[int, Label] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    claimed: dict[int, list[int]] = field(default_factory=dict)
    inferred: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    spacing: tuple[int, int] | bool | None = False
    columns: dict[Source, int | None] = field(default_factory=dict)
    places: dict[str, Columns] = field(default_factory=dict)

    def label_columns(self) -> Mapping[Source, int | None]:
        """The physical column of every label piece; None where it stands in no known one."""
        if not self.columns:
            self.columns.update({piece.source: piece.column for row in self.rows for piece in row.labels})
        return self.columns

    def claim(self, target: int, label: Label, score: float) -> None:
        """Record that the label, and the row with its figures, stand for the target."""
        self.labels[target] = label
        self.scores[target] = score
        apart = label.values_row >= 0 and label.values_row not in label.rows
        for row in (*label.rows, label.values_row) if apart else label.rows:
            self.claimed.setdefault(row, []).append(target)

    def before_label(self, row_index: int, table: str | None = None) -> list[Piece]:
        """Pieces of a row before its first label, or that table's first: in a run of one-cell lines the head stands there, behind the
        last label of the table above if nothing but blank cells parts them."""
        labels = self.rows[row_index].labels
        found = [
            (labels.index(piece), table in (None, self.targets.rows[target].table))
            for target in self.claimed.get(row_index, ())
            for piece in self.labels[target].pieces
            if piece in labels
        ]
        first = min((place for place, mine in found if mine), default=0)
        return labels[max((place + 1 for place, mine in found if not mine and place < first), default=0) : first]


def match_labels(rows: Sequence[PrintedRow], edition: Edition) -> Matching:
    """The best reading of the rows' labels: one monotone chain, then rows that moved, then rows beyond reading."""
    targets = targets_of(edition.id)
    atoms = _atoms(rows)
    pairs = _pairs(atoms, rows, targets)
    matched = {pair.target: pair for pair in best_chain(pairs, len(targets.rows))}
    _recover_moved(pairs, matched)
    matching = Matching(rows, atoms, targets, edition)
    taken: set[int] = set()
    for target, pair in sorted(matched.items(), key=lambda item: (targets.rows[item[0]].foreign, -item[1].score)):
        label = _label(pair)
        if _is_parent(targets.rows[target], label, rows) or label.values_row in taken:
            continue  # a printed line of figures is one row
        if label.values_row >= 0:
            taken.add(label.values_row)
        matching.claim(target, label, pair.score)
    _fill_gaps(matching)
    return matching


def _is_parent(target: Target, label: Label, rows: Sequence[PrintedRow]) -> bool:
    """``（六）其他处理`` without figures is the merged cell beside other_1..3, not the row of the other edition."""
    return target.foreign and (label.values_row < 0 or not rows[label.values_row].filled)


def _atoms(rows: Sequence[PrintedRow]) -> list[Atom]:
    atoms: list[Atom] = []
    new = tuple.__new__  # what Atom(...) comes to, in half the time
    for row in rows:
        last = len(row.labels) - 1
        for position, piece in enumerate(row.labels):
            atoms.append(new(Atom, (len(atoms), row.index, position, piece, position == last)))
    return atoms


def _pairs(atoms: Sequence[Atom], rows: Sequence[PrintedRow], targets: Targets) -> list[Pair]:
    """Every plausible (printed label, template row): exact ones from a dictionary, the rest by rapidfuzz."""
    pairs: list[Pair] = []
    loose: list[tuple[int, int, str, str]] = []  # first atom, last atom, enumerator, folded words
    settled: set[int] = set()
    parents: set[int] = set()  # merged cells beside the labels: （三）不予公开
    heads = {row.index for row in rows if len(row.labels) > 1 and not row.stream and _is_head_row(row)}
    usable: list[Atom] = []
    for atom in atoms:
        order, row_index, _, piece, _ = atom
        if len(piece.text) > PROSE_LENGTH or row_index in heads:
            continue
        usable.append(atom)
        enumerator, body = split_enumerator(piece.text)
        exact = targets.exact.get(body)
        if exact is not None:
            settled.add(order)
            if not _is_head_word(atom, atoms, rows):
                label = _label_of(atoms, order, order, rows)
                for target in exact:
                    pairs.append(_pair(order, order, label, target, 100.0, enumerator, rows))
        elif body in targets.furniture:
            settled.add(order)
        if body in targets.parents:
            parents.add(order)
    for first, last in _joins(usable, atoms, rows, settled, parents):
        run = atoms[first : last + 1]
        words = run[0].piece.text
        if last > first:
            pieces = [atom.piece.text for atom in run if atom.order not in parents]
            if sum([len(fold(text)) for text in pieces]) > TOO_LONG:
                continue  # lines of prose; to fold them again joined takes longer than all else here
            words = "".join(pieces)
        enumerator, body = split_enumerator(words)
        if not body or len(body) > PROSE_LENGTH:
            continue
        exact = targets.exact.get(body)
        if exact is not None and (first != last or first not in settled):
            label = _label_of(atoms, first, last, rows, parents)
            pairs.extend([_pair(first, last, label, target, 100.0, enumerator, rows) for target in exact])
        elif rows[run[-1].row].stream or _label_of(atoms, first, last, rows, parents).values_row >= 0:
            loose.append((first, last, enumerator, body))
    for (first, last, enumerator, body), near in zip(loose, targets.near([item[3] for item in loose]), strict=True):
        for wording, target, score in near:
            if _is_near_enough(body, enumerator, wording, target, score):
                label = _label_of(atoms, first, last, rows, parents)
                if len(label.rows) == 1 or score >= JOINED_ROWS_SCORE:
                    pairs.append(_pair(first, last, label, target, score, enumerator, rows))
    return pairs


def _is_near_enough(body: str, enumerator: str, wording: str, target: Target, score: float) -> bool:
    """Whether printed words may be a damaged print of a wording, given the number printed before them."""
    same = bool(enumerator) and enumerator == target.enumerator
    if len(wording) <= 2:
        return same and len(body) <= 3
    if len(wording) <= 4:
        return score >= (60 if same else 75)
    return score >= (LOWEST_SCORE - 8 if same else LOWEST_SCORE)


def _joins(
    usable: Sequence[Atom], atoms: Sequence[Atom], rows: Sequence[PrintedRow], settled: set[int], parents: set[int]
) -> Iterable[tuple[int, int]]:
    """Runs of pieces (first and last) that may be one label broken over cells, lines or rows; single pieces among them."""
    ready = {atom.order for atom in usable}
    unsettled = [atom.order for atom in usable if atom.order not in settled]
    unsettled.append(len(atoms) + LONGEST_JOIN)  # beyond every run
    at = 0
    for atom in usable:
        first = atom.order
        while unsettled[at] < first:
            at += 1
        near = unsettled[at]  # the first unsettled piece of the run
        if near >= first + LONGEST_JOIN:
            continue
        if near == first:
            yield first, first
        figures = atom.last and rows[atom.row].filled > 0  # whether a word of the run stands before figures: one may
        for last in range(first + 1, first + LONGEST_JOIN):
            if last not in ready:
                break
            item = atoms[last]
            if last >= near and item.position == 0 and not _may_cross(atoms[last - 1], item, rows, parents):
                break
            if item.last and rows[item.row].filled:
                if figures:
                    break
                figures = True
            if last >= near and last not in parents:
                yield first, last


def _may_cross(before: Atom, after: Atom, rows: Sequence[PrintedRow], parents: set[int]) -> bool:
    """True if a label may go on in the next printed row: it is the last word there and, but for a merged cell, the only one here."""
    here = rows[after.row]
    alone = len(here.labels) == 1 or here.stream or (len(here.labels) == 2 and after.order in parents)
    return before.last and after.position == 0 and after.row - before.row == 1 and alone


def _label_of(
    atoms: Sequence[Atom], first: int, last: int, rows: Sequence[PrintedRow], parents: set[int] | frozenset[int] = frozenset()
) -> Label:
    if first == last:  # nearly all of them
        atom = atoms[first]
        holds = bool(rows[atom.row].values) if atom.last else _words_for_figures(rows[atom.row], atom.position)
        return tuple.__new__(Label, ((atom.piece,), (atom.row,), atom.row if holds else -1))  # Label(...), in half the time
    run = [atom for atom in atoms[first : last + 1] if atom.order not in parents]
    row_indexes = tuple(dict.fromkeys(atom.row for atom in run))
    ends = [atom.row for atom in run if atom.last]
    if not ends and run and _words_for_figures(rows[run[-1].row], run[-1].position):
        return Label(tuple(atom.piece for atom in run), row_indexes, run[-1].row)
    filled = [row for row in ends if rows[row].filled]
    valued = filled or [row for row in ends if rows[row].values]
    return Label(tuple(atom.piece for atom in run), row_indexes, valued[0] if valued else -1)


def _words_for_figures(row: PrintedRow, position: int) -> bool:
    """True if what stands after that label piece can only be what somebody wrote into the data cells: 若干, 十二, 见附件."""
    rest = row.labels[position + 1 :]
    return not row.stream and all(
        len(piece.text) <= LONGEST_WORD_FOR_FIGURE and not is_table_word(piece.text) for piece in rest
    )


def _is_head_row(row: PrintedRow) -> bool:
    words = _head_words()
    return sum([word in words for word in row.words]) >= 2


def _is_head_word(atom: Atom, atoms: Sequence[Atom], rows: Sequence[PrintedRow]) -> bool:
    """True for 其他 and 总计 among column heads in a run of one-cell lines."""
    if not rows[atom.row].stream or fold(atom.piece.text) not in _head_words():
        return False
    near = [atoms[i] for i in (atom.order - 1, atom.order + 1) if 0 <= i < len(atoms)]
    return any(fold(other.piece.text) in _head_words() for other in near)


@cache
def _head_words() -> frozenset[str]:
    words: set[str] = {"法人或其他组织", "行政诉讼"}
    for edition in editions().values():
        for key in ("applications", "litigation"):
            words |= {fold(column.label) for column in edition.tables[key].columns}
        words |= {fold(row.label) for row in edition.tables["litigation"].rows.values()}
        for block in edition.tables["disclosure"].blocks:
            words |= {fold(block.corner), *(fold(column.label) for column in block.columns)}
    return frozenset(words)


def _pair(
    first: int, last: int, label: Label, target: Target, score: float, enumerator: str, rows: Sequence[PrintedRow]
) -> Pair:
    weight = (score / 100) ** 2
    if len(target.bodies[0]) <= 2:
        weight *= 0.7
    if enumerator and target.enumerator:
        weight += 0.15 if enumerator == target.enumerator else -0.1
    filled = rows[label.values_row].filled if label.values_row >= 0 else 0
    if label.values_row < 0:
        weight *= 0.55  # other words stand between these and the figures, or there are none
    elif filled:
        weight += 0.12 if filled == len(target.row.columns) else 0.06
    if target.foreign:
        weight *= 0.7 if filled else 0.05
    weight -= 0.01 * (last - first)
    # what Pair(...) comes to, in half the time
    return tuple.__new__(Pair, (first, last, target.index, max(weight, 0.001), score, label))


def _recover_moved(pairs: Sequence[Pair], matched: dict[int, Pair]) -> None:
    """Rows that stand out of order are still rows: take a sure match that the chain had to leave."""
    if len(matched) == len(pairs):
        return
    taken = {row for pair in matched.values() for row in _label(pair).rows}
    for pair in sorted(pairs, key=lambda pair: (-pair.weight, pair.item)):
        label = _label(pair)
        if pair.target in matched or taken.intersection(label.rows) or pair.score < 95 or label.values_row < 0:
            continue
        matched[pair.target] = pair
        taken.update(label.rows)


def _label(pair: Pair) -> Label:
    assert isinstance(pair.choice, Label)
    return pair.choice


def _fill_gaps(matching: Matching) -> None:
    """Rows whose label is beyond reading: taken if exactly as many as the template rows that are missing between two sure ones."""
    order = sorted((label.rows[0], label.rows[-1], target) for target, label in matching.labels.items())
    if not order:
        return
    rows = matching.targets.rows
    edges = [(order[0][0] - 4, order[0][0] - 4, -1), *order, (order[-1][1] + 2, order[-1][1] + 2, len(rows))]
    for (_, end_a, target_a), (start_b, _, target_b) in pairwise(edges):
        missing = [
            target for target in rows[target_a + 1 : target_b] if not target.foreign and target.index not in matching.labels
        ]
        if not missing:
            continue
        tables = {rows[i].table for i in (target_a, target_b) if 0 <= i < len(rows)}
        if len(tables) > 1:  # the end of one table and the start of the next: each by its own neighbour
            tail = [target for target in missing if target.table == rows[target_a].table]
            head = [target for target in missing if target.table == rows[target_b].table]
            _infer(matching, tail, _spare(matching, end_a + 1, end_a + 2))
            _infer(matching, head, _spare(matching, start_b - 1, start_b))
        elif target_a < 0 or target_b == len(rows):
            near = [target for target in missing if target.table in tables]
            _infer(matching, near, _spare(matching, *((start_b - 1, start_b) if target_a < 0 else (end_a + 1, end_a + 2))))
        else:
            _infer(matching, missing, _spare(matching, end_a + 1, start_b))


def _spare(matching: Matching, start: int, stop: int) -> list[PrintedRow]:
    return [row for row in matching.rows[max(start, 0) : stop] if row.index not in matching.claimed and row.has_figure]


def _infer(matching: Matching, missing: Sequence[Target], spare: Sequence[PrintedRow]) -> None:
    fits = len(spare) == len(missing) and all(
        row.filled == len(target.row.columns) and (row.stream or len(row.labels) <= 3)
        for row, target in zip(spare, missing, strict=True)
    )
    if fits:
        for row, target in zip(spare, missing, strict=True):
            matching.inferred.add(target.index)
            matching.claim(target.index, Label(tuple(row.labels[-1:]), (row.index,), row.index), 0.0)
