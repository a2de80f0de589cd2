"""Find the three tables in the printed rows and read their cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process

from audits.align.chain import Pair, best_chain
from audits.align.folding import fold, split_enumerator
from audits.align.lines import PROSE_LENGTH, Piece, PrintedRow
from audits.align.targets import Target, Targets, is_table_word, targets_of
from audits.align.values import cell_of, groups_add_up, place, row_adds_up
from reports_in.document import Source, Trust
from rules.editions import Edition, TemplateBlock, TemplateTable, editions
from rules.filing import (
    ABSENT_CELL,
    Cell,
    CellState,
    EditionEvidence,
    ExtraRow,
    FilingTable,
    Header,
    PartState,
    Row,
)

LOWEST_SCORE = 68.0  # below it two labels of the template are as near to each other as to a damaged print of themselves
SURE_SCORE = 82.0
JOINED_ROWS_SCORE = 88.0
LONGEST_WORD_FOR_FIGURE = 12
LONGEST_JOIN = 6  # a label broken over more lines than this has not been seen
EVIDENCE_SCORE = 90.0
HEADER_SCORE = 62.0
LONGEST_HEAD = 24
FEWEST_EVEN_ROWS = 3
LITIGATION_NAMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


@dataclass(frozen=True, slots=True)
class Atom:
    """A label piece of a printed row, addressed by its place in reading order."""

    index: int
    row: int
    position: int
    piece: Piece
    last: bool  # no other words stand between it and the row's figures


@dataclass(frozen=True, slots=True)
class Label:
    """Printed pieces that together may be a row's label, and the printed row that holds the figures; -1 if none does."""

    pieces: tuple[Piece, ...]
    rows: tuple[int, ...]
    values_row: int


@dataclass(slots=True)
class Reading:
    """What was read of the three tables. ``used`` holds the indexes of the printed rows that belong to them, not to prose."""

    tables: dict[str, FilingTable]
    used: set[int]


def edition_evidence(rows: Sequence[PrintedRow]) -> tuple[EditionEvidence, ...]:
    """Printed labels that only one edition has. Prose is not evidence."""
    own = _own_words()
    found: list[EditionEvidence] = []
    for row in rows:
        texts = [piece for piece in row.labels if len(piece.text) <= PROSE_LENGTH]
        joined = [(piece, fold(piece.text)) for piece in texts]
        joined += [(a, fold(a.text + b.text)) for a, b in pairwise(texts)] if row.stream else []
        for piece, folded in joined:
            hit = own.get(folded)
            if hit is None and 5 <= len(folded) <= 24:
                near = process.extractOne(folded, own.keys(), scorer=fuzz.ratio, score_cutoff=EVIDENCE_SCORE)
                hit = own[near[0]] if near else None
            if hit is not None and not (hit[2] and not row.values):
                found.append(EditionEvidence(hit[0], piece.text.strip(), piece.source, hit[1]))
    return tuple(found)


@cache
def _own_words() -> dict[str, tuple[str, str, bool]]:
    """folded label -> (edition, table, only with figures) for labels that no other edition has, and not nearly."""
    words: dict[str, dict[str, tuple[str, bool]]] = {}
    for edition in editions().values():
        mine = words.setdefault(edition.id, {})
        disclosure = edition.tables["disclosure"]
        for block in disclosure.blocks:
            mine[fold(block.heading)] = ("disclosure", False)
            for column in block.columns:
                mine[fold(column.label)] = ("disclosure", False)
        for row in disclosure.rows.values():
            mine[fold(row.label)] = ("disclosure", True)
        for row in edition.tables["applications"].rows.values():
            mine[split_enumerator(row.label)[1]] = ("applications", True)
    own: dict[str, tuple[str, str, bool]] = {}
    for edition_id, mine in words.items():
        theirs = {word for other, found in words.items() if other != edition_id for word in found}
        for word, (table, figures) in mine.items():
            if word not in theirs and len(word) > 4 and word not in ("行政规范性文件", "规范性文件"):
                own[word] = (edition_id, table, figures)
    return own


def read_tables(rows: Sequence[PrintedRow], edition: Edition) -> Reading:
    """The three tables of the edition as the rows print them."""
    targets = targets_of(edition.id)
    atoms = _atoms(rows)
    pairs = _pairs(atoms, rows, targets)
    chain = best_chain(pairs, len(targets.rows))
    matched = {pair.target: pair for pair in chain}
    _recover_moved(pairs, matched)
    return _Reader(rows, atoms, targets, edition, matched).read()


def _atoms(rows: Sequence[PrintedRow]) -> list[Atom]:
    atoms: list[Atom] = []
    for row in rows:
        for position, piece in enumerate(row.labels):
            atoms.append(Atom(len(atoms), row.index, position, piece, position == len(row.labels) - 1))
    return atoms


def _pairs(atoms: Sequence[Atom], rows: Sequence[PrintedRow], targets: Targets) -> list[Pair]:
    """Every plausible (printed label, template row): exact ones from a dictionary, the rest by rapidfuzz."""
    pairs: list[Pair] = []
    loose: list[tuple[int, int, Label, str, str]] = []  # first atom, last atom, label, enumerator, folded words
    settled: set[int] = set()
    parents: set[int] = set()  # merged cells beside the labels: （三）不予公开
    heads = {atom.row for atom in atoms if not rows[atom.row].stream and _is_head_row(rows[atom.row])}
    usable = [atom for atom in atoms if len(atom.piece.text) <= PROSE_LENGTH and atom.row not in heads]
    for atom in usable:
        enumerator, body = split_enumerator(atom.piece.text)
        exact = targets.exact.get(body)
        if exact is not None and _is_head_word(atom, atoms, rows):
            settled.add(atom.index)
        elif exact is not None:
            settled.add(atom.index)
            label = _label_of(atoms, atom.index, atom.index, rows)
            pairs.extend(_pair(atom.index, atom.index, label, target, 100.0, enumerator, rows) for target in exact)
        elif body in targets.furniture:
            settled.add(atom.index)
        if body in targets.parents:
            parents.add(atom.index)
    for first, last, label in _joins(usable, atoms, rows, settled, parents):
        enumerator, body = split_enumerator("".join(piece.text for piece in label.pieces))
        if not body or len(body) > PROSE_LENGTH:
            continue
        exact = targets.exact.get(body)
        if exact is not None and (first != last or first not in settled):
            pairs.extend(_pair(first, last, label, target, 100.0, enumerator, rows) for target in exact)
        elif label.values_row >= 0 or rows[atoms[last].row].stream:
            loose.append((first, last, label, enumerator, body))
    if loose:
        pairs.extend(_loose_pairs(loose, rows, targets))
    return pairs


def _loose_pairs(
    loose: Sequence[tuple[int, int, Label, str, str]], rows: Sequence[PrintedRow], targets: Targets
) -> Iterable[Pair]:
    scores = process.cdist(
        [item[4] for item in loose], [body for body, _ in targets.bodies], scorer=fuzz.ratio, score_cutoff=50, dtype=np.float32
    )
    for line, column in np.argwhere(scores):
        first, last, label, enumerator, body = loose[line]
        wording, target = targets.bodies[column]
        score = float(scores[line, column])
        same = bool(enumerator) and enumerator == target.enumerator
        if len(wording) <= 2:
            enough = same and len(body) <= 3
        elif len(wording) <= 4:
            enough = score >= (60 if same else 75)
        else:
            enough = score >= (LOWEST_SCORE - 8 if same else LOWEST_SCORE)
        if enough and (len(label.rows) == 1 or score >= JOINED_ROWS_SCORE):
            yield _pair(first, last, label, target, score, enumerator, rows)


def _joins(
    usable: Sequence[Atom], atoms: Sequence[Atom], rows: Sequence[PrintedRow], settled: set[int], parents: set[int]
) -> Iterable[tuple[int, int, Label]]:
    """Runs of pieces that may be one label broken over cells, lines or rows; single pieces among them."""
    ready = {atom.index for atom in usable}
    for atom in usable:
        if atom.index not in settled:
            yield atom.index, atom.index, _label_of(atoms, atom.index, atom.index, rows)
        for length in range(2, LONGEST_JOIN + 1):
            last = atom.index + length - 1
            if last >= len(atoms) or last not in ready:
                break
            run = atoms[atom.index : last + 1]
            if settled.issuperset(item.index for item in run):
                continue
            crossed = atoms[last - 1].row != atoms[last].row
            if crossed and not _may_cross(atoms[last - 1], atoms[last], rows, parents):
                break
            if atoms[last].index in parents:
                continue
            label = _label_of(atoms, atom.index, last, rows, parents)
            if len(label.rows) > 1 and sum(_has_figures(rows[row]) for row in label.rows) > 1:
                break
            yield atom.index, last, label


def _may_cross(before: Atom, after: Atom, rows: Sequence[PrintedRow], parents: set[int]) -> bool:
    """True if a label may go on in the next printed row: it is the last word there and, but for a merged cell, the only one here."""
    here = rows[after.row]
    alone = len(here.labels) == 1 or here.stream or (len(here.labels) == 2 and after.index in parents)
    return before.last and after.position == 0 and after.row - before.row == 1 and alone


def _has_figures(row: PrintedRow) -> bool:
    return any(not piece.blank for piece in row.values)


def _label_of(
    atoms: Sequence[Atom], first: int, last: int, rows: Sequence[PrintedRow], parents: set[int] | frozenset[int] = frozenset()
) -> Label:
    run = [atom for atom in atoms[first : last + 1] if atom.index not in parents]
    row_indexes = tuple(dict.fromkeys(atom.row for atom in run))
    ends = [atom.row for atom in run if atom.last]
    if not ends and run and _words_for_figures(rows[run[-1].row], run[-1].position):
        return Label(tuple(atom.piece for atom in run), row_indexes, run[-1].row)
    filled = [row for row in ends if _has_figures(rows[row])]
    valued = filled or [row for row in ends if rows[row].values]
    return Label(tuple(atom.piece for atom in run), row_indexes, valued[0] if valued else -1)


def _words_for_figures(row: PrintedRow, position: int) -> bool:
    """True if what stands after that label piece can only be what somebody wrote into the data cells: 若干, 十二, 见附件."""
    rest = row.labels[position + 1 :]
    return not row.stream and all(
        len(piece.text) <= LONGEST_WORD_FOR_FIGURE and not is_table_word(piece.text) for piece in rest
    )


def _is_head_row(row: PrintedRow) -> bool:
    return sum(fold(piece.text) in _head_words() for piece in row.labels) >= 2


def _is_head_word(atom: Atom, atoms: Sequence[Atom], rows: Sequence[PrintedRow]) -> bool:
    """True for 其他 and 总计 among column heads in a run of one-cell lines."""
    if not rows[atom.row].stream or fold(atom.piece.text) not in _head_words():
        return False
    near = [atoms[i] for i in (atom.index - 1, atom.index + 1) if 0 <= i < len(atoms)]
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
    values = rows[label.values_row].values if label.values_row >= 0 else []
    filled = sum(not piece.blank for piece in values)
    if label.values_row < 0:
        weight *= 0.55  # other words stand between these and the figures, or there are none
    elif filled:
        weight += 0.12 if filled == len(target.row.columns) else 0.06
    if target.foreign:
        weight *= 0.7 if filled else 0.05
    weight -= 0.01 * (last - first)
    return Pair(first, last, target.index, max(weight, 0.001), score, label)


def _recover_moved(pairs: Iterable[Pair], matched: dict[int, Pair]) -> None:
    """Rows that stand out of order are still rows: take a sure match that the chain had to leave."""
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


class _Reader:
    """One reading of the tables; holds what its steps share."""

    def __init__(
        self,
        rows: Sequence[PrintedRow],
        atoms: Sequence[Atom],
        targets: Targets,
        edition: Edition,
        matched: dict[int, Pair],
    ) -> None:
        self.rows = rows
        self.atoms = atoms
        self.targets = targets
        self.edition = edition
        self.matched = matched
        self.used: set[int] = set()
        self.labels: dict[int, Label] = {}  # target -> its label
        self.claimed: dict[int, list[int]] = {}  # printed row -> targets
        self.inferred: set[int] = set()
        self.spacing: tuple[int, int] | bool | None = False  # not asked for yet

    def read(self) -> Reading:
        self._drop_parents()
        for target, pair in self.matched.items():
            self._claim(target, _label(pair))
        self._fill_gaps()
        tables = {key: self._table(key) for key in ("disclosure", "applications")}
        tables["litigation"] = self._litigation()
        return Reading(tables, self.used)

    def _claim(self, target: int, label: Label) -> None:
        self.labels[target] = label
        for row in {*label.rows, *([label.values_row] if label.values_row >= 0 else [])}:
            self.claimed.setdefault(row, []).append(target)

    # rows

    def _drop_parents(self) -> None:
        """``（六）其他处理`` without figures is the merged cell beside other_1..3, not the row of the other edition."""
        for target in self.targets.rows:
            pair = self.matched.get(target.index)
            if target.foreign and pair is not None:
                label = _label(pair)
                if label.values_row < 0 or not _has_figures(self.rows[label.values_row]):
                    del self.matched[target.index]

    def _fill_gaps(self) -> None:
        """Rows whose label is beyond reading: taken if exactly as many as the template rows that are missing between two sure ones."""
        order = sorted((label.rows[0], label.rows[-1], target) for target, label in self.labels.items())
        if not order:
            return
        rows = self.targets.rows
        edges = [(order[0][0] - 4, order[0][0] - 4, -1), *order, (order[-1][1] + 2, order[-1][1] + 2, len(rows))]
        for (_, end_a, target_a), (start_b, _, target_b) in pairwise(edges):
            missing = [
                target for target in rows[target_a + 1 : target_b] if not target.foreign and target.index not in self.labels
            ]
            tables = {rows[i].table for i in (target_a, target_b) if 0 <= i < len(rows)}
            if len(tables) > 1:  # the end of one table and the start of the next: each by its own neighbour
                tail = [target for target in missing if target.table == rows[target_a].table]
                head = [target for target in missing if target.table == rows[target_b].table]
                self._infer(tail, self._spare(end_a + 1, end_a + 2))
                self._infer(head, self._spare(start_b - 1, start_b))
            elif target_a < 0 or target_b == len(rows):
                near = [target for target in missing if target.table in tables]
                self._infer(near, self._spare(*((start_b - 1, start_b) if target_a < 0 else (end_a + 1, end_a + 2))))
            else:
                self._infer(missing, self._spare(end_a + 1, start_b))

    def _spare(self, start: int, stop: int) -> list[PrintedRow]:
        return [
            row
            for row in self.rows[max(start, 0) : stop]
            if row.index not in self.claimed and any(piece.is_value for piece in row.values)
        ]

    def _infer(self, missing: Sequence[Target], spare: Sequence[PrintedRow]) -> None:
        fits = len(spare) == len(missing) and all(
            sum(not piece.blank for piece in row.values) == len(target.row.columns) and len(row.labels) <= 3
            for row, target in zip(spare, missing, strict=True)
        )
        if fits:
            for row, target in zip(spare, missing, strict=True):
                self.inferred.add(target.index)
                self._claim(target.index, Label(tuple(row.labels[-1:]), (row.index,), row.index))

    def _table(self, key: str) -> FilingTable:
        template = self.edition.tables[key]
        mine = {target: label for target, label in self.labels.items() if self.targets.rows[target].table == key}
        spans = {target: (min(label.rows), max(label.rows)) for target, label in mine.items()}
        first = min((start for start, _ in spans.values()), default=0)
        last = max((end for _, end in spans.values()), default=-1)
        headers, head_at = self._headers(template, {target: start for target, (start, _) in spans.items()}, first)
        columns = self._columns(key, mine, headers)
        found: dict[str, Row] = {}
        for target_index, label in mine.items():
            target = self.targets.rows[target_index]
            found[target.key] = self._row(target, label, columns)
            self.used.update(label.rows)
        extra = self._extra(key, found, first, last) if mine else ()
        rows = {
            row: found.get(row) or Row(row, {column.key: ABSENT_CELL for column in spec.columns})
            for row, spec in template.rows.items()
        }
        foreign = tuple(row for row in found if row not in template.rows)
        rows |= {row: found[row] for row in foreign}
        order = tuple(self.targets.rows[target].key for target, _ in sorted(spans.items(), key=lambda item: item[1]))
        at = head_at or (self.rows[first].at if mine else None)
        return FilingTable(key, _state(rows.values(), at), rows, headers, extra, order, foreign, at)

    def _row(self, target: Target, label: Label, columns: Mapping[object, Sequence[int]]) -> Row:
        inferred = target.index in self.inferred
        score = 0.0 if inferred else self.matched[target.index].score
        words = "".join(piece.text.strip() for piece in label.pieces).replace("\n", "")
        row = self.rows[label.values_row if label.values_row >= 0 else label.rows[-1]]
        values = self._values(label)
        if row.stream and len(values) != len(target.row.columns):
            values = self._absorbed(label, len(target.row.columns)) or values
        at = (label.pieces or values)[0].source
        count = len(target.row.columns)
        witness = row_adds_up if target.table == "applications" else None
        known = [columns[key] for key in (target.row.block, _depth(row), "head", "most") if key is not None and key in columns]
        cells = place(values, count, at, score, witness, known, row.trust is Trust.GRID)
        if row.stream and any(cell.state is CellState.UNREADABLE for cell in cells):
            cells = self._by_spacing(row, count, score) or cells
        if inferred:
            cells = [replace(cell, doubt=cell.doubt or "行名无法辨认，按前后行的位置推定") for cell in cells]
        elif score < SURE_SCORE:
            cells = [
                replace(cell, doubt=cell.doubt or f"行名“{words}”与格式文本相差较大（相似度{score:.0f}）") for cell in cells
            ]
        keyed = {column.key: cell for column, cell in zip(target.row.columns, cells, strict=True)}
        return Row(target.key, keyed, words, at, score)

    def _values(self, label: Label) -> list[Piece]:
        """The pieces after the label; if they are all blank and a page break moved the figures to a row of their own, that row's."""
        values = self._after(label)
        after = label.rows[-1] + 1
        if any(not piece.blank for piece in values) or after >= len(self.rows) or after in self.claimed:
            return values
        if self.rows[label.rows[-1]].stream and label.values_row < 0:
            return values
        next_row = self.rows[after]
        if not next_row.labels and any(piece.is_value for piece in next_row.values) and not next_row.stream:
            self.used.add(after)
            return next_row.values
        return values

    def _after(self, label: Label) -> list[Piece]:
        """What is printed after the label's last piece in the row that holds the figures."""
        if label.values_row < 0:
            return []
        row = self.rows[label.values_row]
        last = next((piece for piece in reversed(label.pieces) if piece in row.labels), None)
        if last is None or last is row.labels[-1] or row.stream:
            return row.values
        return row.pieces[row.pieces.index(last) + 1 :]

    def _absorbed(self, label: Label, count: int) -> list[Piece] | None:
        """Cells of a one-cell-a-line dump among which words stand for a figure, if with them there are exactly as many as columns."""
        row = self.rows[label.rows[-1]]
        position = row.labels.index(label.pieces[-1]) if label.pieces and label.pieces[-1] in row.labels else len(row.labels)
        pieces: list[Piece] = []
        for other in self.rows[row.index :]:
            words = other.labels[position + 1 :] if other is row else other.labels
            if other is not row and other.index in self.claimed and len(pieces) < count:
                words = words[: count - len(pieces)]
            for piece in words:
                if is_table_word(piece.text) or len(piece.text) > LONGEST_WORD_FOR_FIGURE:
                    return pieces if len(pieces) == count else None
                pieces.append(piece)
            pieces.extend(other.values)
            if len(pieces) >= count or not other.stream:
                break
        return pieces if len(pieces) == count else None

    def _by_spacing(self, row: PrintedRow, count: int, score: float) -> list[Cell] | None:
        """Cells of a one-cell-a-line dump whose blank cells are empty lines: the even spacing of full rows tells where they were."""
        if self.spacing is False:
            self.spacing = self._spacing()
        spacing = self.spacing
        after = self._line_after(row)
        filled = [piece for piece in row.values if not piece.blank]
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

    def _line_after(self, row: PrintedRow) -> int | None:
        """The line of the next row if it belongs to the same block; between tables there are empty lines of no meaning."""
        mine, others = self.claimed.get(row.index, []), self.claimed.get(row.index + 1, [])
        if not mine or not others:
            return None
        here, there = self.targets.rows[mine[-1]], self.targets.rows[others[0]]
        same = here.table == there.table and here.row.block == there.row.block
        first = self.rows[row.index + 1].at.line
        return first if same else None

    def _spacing(self) -> tuple[int, int] | None:
        """Lines from one cell to the next, and what a row adds at its end, by the rows printed in full; None if they disagree or are few."""
        seen: Counter[tuple[int, int]] = Counter()
        for target, label in self.labels.items():
            row = self.rows[label.values_row]
            count = len(self.targets.rows[target].row.columns)
            if label.values_row < 0 or not row.stream or not row.labels or len(row.values) != count or count == 1:
                continue
            lines = [piece.source.line for piece in [row.labels[-1], *row.values]]
            after = self._line_after(row)
            numbers = [line for line in lines if line is not None]
            steps = {b - a for a, b in pairwise(numbers)}
            if after is None or len(numbers) < len(lines):
                continue
            if len(steps) == 1:
                step = steps.pop()
                seen[step, after - numbers[0] - step * (count + 1)] += 1
        (best, times), *_ = seen.most_common(1) or [((0, 0), 0)]
        return best if times >= FEWEST_EVEN_ROWS and times * 10 >= seen.total() * 9 else None

    def _columns(self, key: str, mine: Mapping[int, Label], headers: Sequence[Header]) -> dict[object, Sequence[int]]:
        """Physical columns of the figures: by block from its heads; else by depth of the label from rows printed in full."""
        if key == "disclosure":
            return self._block_column_places(headers)
        seen: dict[object, Counter[tuple[int, ...]]] = {}
        most: Counter[tuple[int, ...]] = Counter()
        for target_index, label in mine.items():
            row = self.rows[label.values_row]
            filled = [piece for piece in row.values if not piece.blank]
            at = tuple(piece.column for piece in filled if piece.column is not None)
            if label.values_row >= 0 and len(at) == len(filled) == len(self.targets.rows[target_index].row.columns):
                seen.setdefault(_depth(row), Counter())[at] += 1
                most[at] += 1
        found: dict[object, Sequence[int]] = {depth: counter.most_common(1)[0][0] for depth, counter in seen.items()}
        if most:
            found["most"] = most.most_common(1)[0][0]
        where = {piece.source: piece.column for row in self.rows for piece in row.labels}
        heads = [where.get(header.at) for header in headers if header.key != "corner" and header.at is not None]
        columns = [column for column in heads if column is not None]
        if len(columns) == len(self.edition.tables[key].columns) and columns == sorted(set(columns)):
            found["head"] = columns
        return found

    def _block_column_places(self, headers: Sequence[Header]) -> dict[object, Sequence[int]]:
        at = {piece.source: piece.column for row in self.rows for piece in row.labels if piece.column is not None}
        places: dict[object, Sequence[int]] = {}
        for block in self.edition.tables["disclosure"].blocks:
            heads = [header.at for header in headers if header.key.startswith(f"{block.key}.") and header.at is not None]
            columns = [at[source] for source in heads if source in at]
            if len(columns) == len(block.columns) and columns == sorted(set(columns)):
                places[block.key] = columns
        return places

    def _extra(self, key: str, found: Mapping[str, Row], first: int, last: int) -> tuple[ExtraRow, ...]:
        """Rows with figures between the table's first and last that stand for no template row, or for one again."""
        extra = []
        for row in self.rows[first : last + 1]:
            if row.index in self.claimed or row.index in self.used:
                continue
            self.used.add(row.index)
            if not row.labels or not any(piece.is_value for piece in row.values):
                continue
            body = split_enumerator(row.labels[-1].text)[1]
            if body in self.targets.furniture:
                continue
            repeats = next((t.key for t in self.targets.exact.get(body, ()) if t.table == key and t.key in found), None)
            cells = tuple(place(row.values, len(row.values), row.at, 0.0))
            same = repeats is not None and [cell.raw for cell in found[repeats].cells.values()] == [
                cell.raw for cell in cells if cell.state is not CellState.BLANK
            ]
            label = "".join(piece.text.strip() for piece in row.labels[-1:])
            extra.append(ExtraRow(label, cells, row.labels[-1].source, repeats, same))
        return tuple(extra)

    # heads

    def _headers(
        self, template: TemplateTable, mine: Mapping[int, int], first: int
    ) -> tuple[tuple[Header, ...], Source | None]:
        if template.blocks:
            return self._block_headers(template, mine)
        if not mine:
            return tuple(Header(key, label) for key, label in _expected(template)), None
        pieces: list[Piece] = []
        start = first
        while start > 0 and first - start < 40 and start - 1 not in self.claimed:
            row = self.rows[start - 1]
            if any(piece.is_value for piece in row.values) or any(len(piece.text) > PROSE_LENGTH for piece in row.labels):
                break
            start -= 1
        for row in self.rows[start:first]:
            pieces.extend(row.labels)
        pieces.extend(self._before_label(first))
        names = [(column.key, column.label) for column in template.columns]
        nested = [name for name in names if _column(template, name[0]).under]
        plain = [name for name in names if not _column(template, name[0]).under]
        corner = ("corner", template.corner or "")
        # by line, by column, and with the total's merged head a line above the others
        orders = ([corner, *plain, *nested], [corner, *names], [corner, *plain[1:], *plain[:1], *nested])
        best = max(
            (match_headers(pieces, order) for order in orders), key=lambda found: sum(header.score for header in found.values())
        )
        headers = tuple(best[key] for key, _ in [corner, *names])
        at = next((header.at for header in headers if header.at), None)
        if at is not None:
            taken = {header.at for header in headers}
            for row in self.rows[start:first]:
                if any(
                    piece.source in taken or split_enumerator(piece.text)[1] in self.targets.furniture for piece in row.labels
                ):
                    self.used.add(row.index)
        return headers, at

    def _before_label(self, row_index: int) -> list[Piece]:
        """In a stream the head stands in the same run of words as the first label."""
        row = self.rows[row_index]
        mine = [piece for target in self.claimed.get(row_index, ()) for piece in self.labels[target].pieces]
        first = min((row.labels.index(piece) for piece in mine if piece in row.labels), default=0)
        return row.labels[:first]

    def _block_headers(self, template: TemplateTable, mine: Mapping[int, int]) -> tuple[tuple[Header, ...], Source | None]:
        rows_by_key = {self.targets.rows[target].key: row for target, row in mine.items()}
        headings = {fold(block.heading): block for block in template.blocks}
        marks: dict[str, tuple[Atom, Piece]] = {}
        for atom in self.atoms:
            block = headings.get(fold(atom.piece.text)) if len(atom.piece.text) <= 24 else None
            if block is not None and block.key not in marks:
                marks[block.key] = (atom, atom.piece)
        headers: list[Header] = []
        at: Source | None = None
        for block in template.blocks:
            mark = marks.get(block.key)
            if mark is None:
                headers.append(Header(block.key, block.heading))
            else:
                piece = mark[1]
                headers.append(Header(block.key, block.heading, piece.text.strip(), piece.source, 100.0))
                at = at or piece.source
                if len(self.rows[mark[0].row].labels) == 1 or not self.rows[mark[0].row].stream:
                    self.used.add(mark[0].row)
            first = min((rows_by_key[key] for key in block.rows if key in rows_by_key), default=None)
            headers.extend(self._block_columns(block, mark[0] if mark else None, first))
        for row in self.rows:
            if (
                row.labels
                and all(fold(piece.text) in self.targets.furniture for piece in row.labels)
                and row.index not in self.claimed
            ):
                self.used.add(row.index)
        return tuple(headers), at

    def _block_columns(self, block: TemplateBlock, mark: Atom | None, first: int | None) -> list[Header]:
        """The column heads of a block: the pieces after 信息内容, before the block's first row."""
        expected = [(f"{block.key}.{column.key}", column.label) for column in block.columns]
        start = mark.row if mark is not None else (first - 1 if first else None)
        if start is None or start < 0:
            return [Header(key, label) for key, label in expected]
        stop = first if first is not None else min(start + 3, len(self.rows) - 1)
        pieces: list[Piece] = []
        for row in self.rows[start : stop + 1]:
            if row.index in self.claimed and row.index != stop:
                continue
            pieces.extend(self._before_label(row.index) if row.index in self.claimed else row.labels)
        corner = next((i for i, piece in enumerate(pieces) if fold(piece.text) == fold(block.corner)), None)
        if corner is not None:
            pieces = pieces[corner + 1 :]
        found = match_headers(pieces, expected)
        if len(pieces) == len(expected) and corner is not None:
            for piece, (key, label) in zip(pieces, expected, strict=True):
                if not found[key].present:
                    found[key] = Header(key, label, piece.text.strip(), piece.source, fuzz.ratio(fold(piece.text), fold(label)))
        return [found[key] for key, _ in expected]

    # litigation

    def _litigation(self) -> FilingTable:
        template = self.edition.tables["litigation"]
        expected = _expected(template)
        nothing = FilingTable(
            "litigation",
            PartState.ABSENT,
            {key: Row(key, {column.key: ABSENT_CELL for column in row.columns}) for key, row in template.rows.items()},
            tuple(Header(key, label) for key, label in expected),
        )
        heads = self._litigation_heads()
        if not heads:
            return nothing
        grouped = self._litigation_by_row(template, heads)
        first, last = heads[0], heads[-1]
        pieces: list[Piece] = []
        for row in self.rows[first : last + 1]:
            pieces.extend(row.labels)
            self.used.add(row.index)
        headers = _litigation_headers(pieces, template)
        at = next((header.at for header in headers if header.at), self.rows[first].at)
        if grouped is None:
            grouped = self._litigation_by_run(template, heads, at)
        return FilingTable("litigation", _state(grouped.values(), at), grouped, headers, (), tuple(template.rows), (), at)

    def _litigation_heads(self) -> list[int]:
        """Indexes of the rows that print column heads of the litigation table, consecutive, the densest such run."""
        names = [fold(name) for name in LITIGATION_NAMES[:4]]
        applications = [target for target in self.labels if self.targets.rows[target].table == "applications"]
        after = max((self.labels[target].rows[-1] for target in applications), default=-1)
        runs: list[tuple[int, list[int]]] = []
        for row in self.rows[after + 1 :]:
            words = "".join(fold(piece.text) for piece in row.labels if len(piece.text) <= LONGEST_HEAD)
            hits = sum(words.count(name) for name in names)
            hits += sum(word in words for word in ("未经复议直接起诉", "复议后起诉"))
            short = row.labels and (row.stream or all(len(piece.text) <= LONGEST_HEAD for piece in row.labels))
            if not short or (hits == 0 and words not in ("行政复议行政诉讼", "行政复议", "行政诉讼")):
                continue
            if runs and row.index - runs[-1][1][-1] <= 3:
                runs[-1] = (runs[-1][0] + hits, [*runs[-1][1], row.index])
            else:
                runs.append((hits, [row.index]))
        best = max(runs, key=lambda run: run[0], default=(0, []))
        return best[1] if best[0] >= 3 else []

    def _litigation_by_row(self, template: TemplateTable, heads: Sequence[int]) -> dict[str, Row] | None:
        """A table turned on its side: a row for each group. None if it is printed the official way."""
        names = {fold(row.label): key for key, row in template.rows.items()}
        found: dict[str, Row] = {}
        for row in self.rows[heads[0] : heads[-1] + 5]:
            key = next((names[fold(piece.text)] for piece in row.labels if fold(piece.text) in names), None)
            filled = [piece for piece in row.values if not piece.blank]
            if key is None or len(filled) != len(template.columns) or row.stream:
                continue
            cells = place(row.values, len(template.columns), row.at, 100.0, trusted=row.trust is Trust.GRID)
            keyed = {column.key: cell for column, cell in zip(template.columns, cells, strict=True)}
            found[key] = Row(key, keyed, row.labels[-1].text.strip(), row.at, 100.0)
            self.used.add(row.index)
        return found if len(found) == len(template.rows) else None

    def _litigation_by_run(self, template: TemplateTable, heads: Sequence[int], at: Source) -> dict[str, Row]:
        """Fifteen figures in one row, or in runs one after the other."""
        keys = [(group, column.key) for group in template.rows for column in template.columns]
        pieces: list[Piece] = []
        column_count = 0
        for row in self.rows[heads[0] : heads[-1] + 6]:
            if row.index > heads[-1] and ((row.lone and pieces) or (row.lone and len(row.labels[0].text) > 24)):
                break
            if row.index in self.claimed:
                continue
            if not row.values or (
                row.labels and not row.stream and row.index in heads and not any(p.is_value for p in row.values)
            ):
                continue
            if row.stream and row.index < heads[-1] and not any(piece.is_value for piece in row.values):
                continue
            if len(pieces) >= len(keys):
                break
            pieces.extend(row.values)
            column_count += 1
            self.used.add(row.index)
        if not pieces:
            blank = Cell(CellState.BLANK, at=at, score=100.0)
            return {
                group: Row(group, {c.key: blank for c in row.columns}, row.label, at, 100.0)
                for group, row in template.rows.items()
            }
        cells = place(pieces, len(keys), pieces[0].source, 100.0, groups_add_up)
        by_key = dict(zip(keys, cells, strict=True))
        return {
            group: Row(group, {c.key: by_key[group, c.key] for c in row.columns}, row.label, pieces[0].source, 100.0)
            for group, row in template.rows.items()
        }


def match_headers(pieces: Sequence[Piece], expected: Sequence[tuple[str, str]]) -> dict[str, Header]:
    """The best monotone match of printed head pieces, neighbours joined where a head is broken, with the expected heads."""
    words = [fold(piece.text) for piece in pieces]
    wanted = [fold(label) for _, label in expected]
    known = set(wanted)
    pairs: list[Pair] = []
    for end in range(len(pieces)):
        for length in range(1, LONGEST_JOIN + 1):
            first = end - length + 1
            if first < 0 or (length > 1 and words[first] in known and words[end] in known):
                break
            joined = "".join(words[first : end + 1])
            if not joined or len(joined) > PROSE_LENGTH:
                continue
            for index, target in enumerate(wanted):
                if joined == target:
                    score = 100.0
                elif joined in known or len(target) <= 2:
                    continue
                else:
                    score = fuzz.ratio(joined, target, score_cutoff=HEADER_SCORE)
                if score:
                    pairs.append(Pair(first, end, index, (score / 100) ** 2 - 0.02 * length, score))
    chain = best_chain(pairs, len(expected))
    found = {key: Header(key, label) for key, label in expected}
    for pair in chain:
        key, label = expected[pair.target]
        parts = pieces[pair.first : pair.item + 1]
        printed = "".join(piece.text.strip() for piece in parts)
        found[key] = Header(key, label, printed, parts[0].source, pair.score)
    return found


def _litigation_headers(pieces: Sequence[Piece], template: TemplateTable) -> tuple[Header, ...]:
    """Heads of the litigation table: each name's first printing belongs to the first group, and so on."""
    groups = [(row.key, row.label) for row in template.rows.values()]
    headers: dict[str, Header] = {key: Header(key, label) for key, label in _expected(template)}
    for key, label in groups:
        # a table for each group may say 行政诉讼：复议后起诉 over its figures
        printed_words = [(piece, fold(piece.text)) for piece in pieces]
        exact = next((piece for piece, words in printed_words if words == fold(label)), None)
        within = next((piece for piece, words in printed_words if fold(label) in words and key != "review"), None)
        piece = exact or within
        if piece is not None:
            headers[key] = Header(key, label, piece.text.strip(), piece.source, 100.0)
    names = [(column.key, column.label) for column in template.columns]
    seen: Counter[str] = Counter()
    index = 0
    while index < len(pieces):
        best: tuple[float, int, str, str] | None = None
        for length in (1, 2):
            if index + length > len(pieces):
                break
            joined = "".join(fold(piece.text) for piece in pieces[index : index + length])
            for key, label in names:
                score = fuzz.ratio(joined, label)
                if score >= 70 and (best is None or score > best[0]) and len(joined) <= 6:
                    best = (score, length, key, label)
        if best is None:
            index += 1
            continue
        score, length, key, label = best
        if seen[key] < len(groups):
            group = groups[seen[key]][0]
            printed = "".join(piece.text.strip() for piece in pieces[index : index + length])
            headers[f"{group}.{key}"] = Header(f"{group}.{key}", label, printed, pieces[index].source, score)
        seen[key] += 1
        index += length
    return tuple(headers.values())


def _expected(template: TemplateTable) -> list[tuple[str, str]]:
    if template.key == "litigation":
        return [
            pair
            for row in template.rows.values()
            for pair in ((row.key, row.label), *((f"{row.key}.{column.key}", column.label) for column in row.columns))
        ]
    return [("corner", template.corner or ""), *((column.key, column.label) for column in template.columns)]


def _column(template: TemplateTable, key: str):  # type: ignore[no-untyped-def]
    return next(column for column in template.columns if column.key == key)


def _depth(row: PrintedRow) -> object:
    """Rows of one depth print their figures in the same columns: all rows of a grid, rows whose label is in the same column of a dump."""
    return -1 if row.trust is Trust.GRID else (row.labels[-1].column if row.labels else None)


def _state(rows: Iterable[Row], at: Source | None) -> PartState:
    cells = [cell for row in rows for cell in row.cells.values()]
    if any(cell.state in (CellState.FILLED, CellState.UNREADABLE) for cell in cells):
        return PartState.PRESENT
    return PartState.EMPTY if at is not None or any(cell.state is CellState.BLANK for cell in cells) else PartState.ABSENT
