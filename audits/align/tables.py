"""Find the three tables in the printed rows and read their cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process

from audits.align.chain import Pair, best_chain
from audits.align.folding import fold, split_enumerator
from audits.align.lines import PROSE_LENGTH, Piece, PrintedRow, is_table
from audits.align.targets import Target, Targets, targets_of
from audits.align.values import groups_add_up, place, row_adds_up
from reports_in.document import Document, Source, Trust
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
LONGEST_JOIN = 4  # a label broken over more lines than this has not been seen
EVIDENCE_SCORE = 90.0
HEADER_SCORE = 62.0
LITIGATION_NAMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")


@dataclass(frozen=True, slots=True)
class Atom:
    """A label piece of a printed row, addressed by its place in reading order."""

    index: int
    row: int
    position: int
    piece: Piece


@dataclass(slots=True)
class Reading:
    """What was read of the three tables. ``used`` holds the character ranges and blocks that belong to tables, not to prose."""

    tables: dict[str, FilingTable]
    evidence: tuple[EditionEvidence, ...]
    used: set[int] = field(default_factory=set)  # indexes of printed rows
    spans: list[tuple[int, int]] = field(default_factory=list)


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


def read_tables(document: Document, rows: Sequence[PrintedRow], edition: Edition) -> Reading:
    """The three tables of the edition as the rows print them."""
    targets = targets_of(edition.id)
    atoms = _atoms(rows)
    pairs = _pairs(atoms, rows, targets)
    chain = best_chain(pairs, len(targets.rows))
    matched = {pair.target: pair for pair in chain}
    taken = {atoms[pair.item].row for pair in chain}
    _recover_moved(pairs, atoms, rows, matched, taken)
    reader = _Reader(document, rows, atoms, targets, edition, matched)
    return reader.read()


def _atoms(rows: Sequence[PrintedRow]) -> list[Atom]:
    atoms: list[Atom] = []
    for row in rows:
        for position, piece in enumerate(row.labels):
            atoms.append(Atom(len(atoms), row.index, position, piece))
    return atoms


def _pairs(atoms: Sequence[Atom], rows: Sequence[PrintedRow], targets: Targets) -> list[Pair]:
    """Every plausible (label piece, template row), exact ones from a dictionary, the rest by rapidfuzz."""
    pairs: list[Pair] = []
    loose: list[tuple[int, int, str, str]] = []  # atom, pieces joined, enumerator, folded words
    settled: set[int] = set()
    for atom in atoms:
        if len(atom.piece.text) > PROSE_LENGTH:
            continue
        enumerator, body = split_enumerator(atom.piece.text)
        exact = targets.exact.get(body)
        if exact is not None:
            settled.add(atom.index)
            pairs.extend(_pair(atom, 1, target, 100.0, enumerator, rows) for target in exact)
        elif body in targets.furniture:
            settled.add(atom.index)
    for atom in atoms:
        if len(atom.piece.text) > PROSE_LENGTH:
            continue
        parts = [atom.piece.text]
        for length in range(1, LONGEST_JOIN + 1):
            before = atom.index - length + 1
            if length > 1:
                if before < 0 or atoms[before].row != atom.row or len(atoms[before].piece.text) > PROSE_LENGTH:
                    break
                if {before, atom.index} <= settled:
                    break
                parts.insert(0, atoms[before].piece.text)
            elif atom.index in settled:
                continue
            enumerator, body = split_enumerator("".join(parts))
            if not body or len(body) > PROSE_LENGTH:
                continue
            exact = targets.exact.get(body) if length > 1 else None
            if exact is not None:
                pairs.extend(_pair(atom, length, target, 100.0, enumerator, rows) for target in exact)
            elif (rows[atom.row].values or rows[atom.row].stream) and (length == 1 or atom.index not in settled):
                loose.append((atom.index, length, enumerator, body))
    if loose:
        scores = process.cdist(
            [body for _, _, _, body in loose],
            [body for body, _ in targets.bodies],
            scorer=fuzz.ratio,
            score_cutoff=50,
            dtype=np.float32,
        )
        for line, column in np.argwhere(scores):
            index, length, enumerator, body = loose[line]
            wording, target = targets.bodies[column]
            score = float(scores[line, column])
            same = bool(enumerator) and enumerator == target.enumerator
            if len(wording) <= 2:
                enough = score >= 50 and same and len(body) <= 3
            elif len(wording) <= 4:
                enough = score >= (60 if same else 75)
            else:
                enough = score >= (LOWEST_SCORE - 8 if same else LOWEST_SCORE)
            if enough:
                pairs.append(_pair(atoms[index], length, target, score, enumerator, rows))
    return pairs


def _pair(atom: Atom, length: int, target: Target, score: float, enumerator: str, rows: Sequence[PrintedRow]) -> Pair:
    row = rows[atom.row]
    weight = (score / 100) ** 2
    if len(target.bodies[0]) <= 2:
        weight *= 0.7
    if enumerator and target.enumerator:
        weight += 0.15 if enumerator == target.enumerator else -0.1
    last = atom.position == len(row.labels) - 1
    filled = sum(not piece.blank for piece in row.values) if last else 0
    if not last:
        weight *= 0.55  # other words stand between these and the figures
    elif not row.values:
        weight *= 0.6
    elif filled:
        expected = len(target.row.columns)
        weight += 0.12 if filled == expected else 0.06
    if target.foreign:
        weight *= 0.7 if filled else 0.05
    if length > 1:
        weight -= 0.01 * length
    return Pair(atom.index, target.index, max(weight, 0.001), score, length)


def _recover_moved(
    pairs: Iterable[Pair],
    atoms: Sequence[Atom],
    rows: Sequence[PrintedRow],
    matched: dict[int, Pair],
    taken: set[int],
) -> None:
    """Rows that stand out of order are still rows: take a sure match that the chain had to leave."""
    for pair in sorted(pairs, key=lambda pair: (-pair.weight, pair.item)):
        atom = atoms[pair.item]
        row = rows[atom.row]
        if pair.target in matched or atom.row in taken or pair.score < 95 or not row.values:
            continue
        if atom.position != len(row.labels) - 1:
            continue
        matched[pair.target] = pair
        taken.add(atom.row)


class _Reader:
    """One reading of the tables; holds what its steps share."""

    def __init__(
        self,
        document: Document,
        rows: Sequence[PrintedRow],
        atoms: Sequence[Atom],
        targets: Targets,
        edition: Edition,
        matched: dict[int, Pair],
    ) -> None:
        self.document = document
        self.rows = rows
        self.atoms = atoms
        self.targets = targets
        self.edition = edition
        self.matched = matched
        self.used: set[int] = set()
        self.found: dict[str, dict[str, Row]] = {"disclosure": {}, "applications": {}}
        self.rows_of: dict[int, int] = {}  # printed row -> target
        self.inferred: set[int] = set()

    def read(self) -> Reading:
        for target, pair in self.matched.items():
            atom = self.atoms[pair.item]
            if atom.position == len(self.rows[atom.row].labels) - 1 or atom.row not in self.rows_of:
                self.rows_of[atom.row] = target
        self._fill_gaps()
        self._drop_parents()
        tables = {key: self._table(key) for key in ("disclosure", "applications")}
        tables["litigation"] = self._litigation()
        return Reading(tables, (), self.used)

    # rows

    def _fill_gaps(self) -> None:
        """Rows whose label is beyond reading: if exactly as many rows as template rows are missing between two sure ones."""
        order = sorted((self.atoms[pair.item].row, target) for target, pair in self.matched.items())
        claimed = {row for row, _ in order}
        for (row_a, target_a), (row_b, target_b) in pairwise(order):
            missing = [
                target
                for target in self.targets.rows[target_a + 1 : target_b]
                if not target.foreign and target.index not in self.matched
            ]
            if not missing or self.targets.rows[target_a].table != self.targets.rows[target_b].table:
                continue
            spare = [
                row
                for row in self.rows[row_a + 1 : row_b]
                if row.index not in claimed and any(piece.is_value for piece in row.values)
            ]
            fits = len(spare) == len(missing) and all(
                sum(not piece.blank for piece in row.values) == len(target.row.columns)
                for row, target in zip(spare, missing, strict=True)
            )
            if fits:
                for row, target in zip(spare, missing, strict=True):
                    self.rows_of[row.index] = target.index
                    self.inferred.add(target.index)

    def _drop_parents(self) -> None:
        """``（六）其他处理`` without figures is the merged cell beside other_1..3, not the row of the other edition."""
        for target in self.targets.rows:
            if target.foreign and target.index in self.matched:
                atom = self.atoms[self.matched[target.index].item]
                row = self.rows[atom.row]
                last = atom.position == len(row.labels) - 1
                if not last or not any(not piece.blank for piece in row.values):
                    del self.matched[target.index]
                    if self.rows_of.get(atom.row) == target.index:
                        del self.rows_of[atom.row]

    def _table(self, key: str) -> FilingTable:
        template = self.edition.tables[key]
        mine = {target: row for row, target in self.rows_of.items() if self.targets.rows[target].table == key}
        columns = self._columns(key, mine)
        found: dict[str, Row] = {}
        for target_index, row_index in mine.items():
            target = self.targets.rows[target_index]
            found[target.key] = self._row(target, self.rows[row_index], columns)
            self.used.add(row_index)
        first, last = (min(mine.values()), max(mine.values())) if mine else (0, -1)
        extra = self._extra(key, found, first, last) if mine else ()
        headers, head_at = self._headers(template, mine, first)
        rows = {
            row: found.get(row) or Row(row, {column.key: ABSENT_CELL for column in spec.columns})
            for row, spec in template.rows.items()
        }
        foreign = tuple(row for row in found if row not in template.rows)
        rows |= {row: found[row] for row in foreign}
        order = tuple(self.targets.rows[target].key for target, _ in sorted(mine.items(), key=lambda pair: pair[1]))
        at = head_at or (self.rows[first].at if mine else None)
        return FilingTable(key, _state(rows.values(), at), rows, headers, extra, order, foreign, at)

    def _row(self, target: Target, row: PrintedRow, columns: Mapping[int, list[int]]) -> Row:
        pair = self.matched.get(target.index)
        inferred = target.index in self.inferred or pair is None
        label_pieces = self._label(target, row, pair)
        pair = self.matched.get(target.index)
        score = 0.0 if pair is None or inferred else pair.score
        label = "".join(piece.text.strip() for piece in label_pieces).replace("\n", "")
        at = (label_pieces or row.values)[0].source
        values = self._values(target, row)
        count = len(target.row.columns)
        witness = row_adds_up if target.table == "applications" else None
        known = columns.get(-1 if row.trust is Trust.GRID else len(row.labels))
        cells = place(
            values, count, at, score, witness, known if known and len(known) == count else None, row.trust is Trust.GRID
        )
        if row.stream and any(cell.state is CellState.UNREADABLE for cell in cells):
            cells = self._by_spacing(row, count, score) or cells
        if inferred:
            cells = [replace(cell, doubt=cell.doubt or "行名无法辨认，按前后行的位置推定") for cell in cells]
        elif score < SURE_SCORE:
            cells = [
                replace(cell, doubt=cell.doubt or f"行名“{label}”与格式文本相差较大（相似度{score:.0f}）") for cell in cells
            ]
        keyed = {column.key: cell for column, cell in zip(target.row.columns, cells, strict=True)}
        return Row(target.key, keyed, label, at, score)

    def _label(self, target: Target, row: PrintedRow, pair: Pair | None) -> list[Piece]:
        """The pieces of the row's own label, with what a page break moved to the next row."""
        if pair is None:
            return row.labels[-1:]
        atom = self.atoms[pair.item]
        length = pair.choice if isinstance(pair.choice, int) else 1
        pieces = row.labels[atom.position - length + 1 : atom.position + 1]
        if pair.score < 100:
            rest = self._rest_of_label(row)
            if rest is not None:
                whole = split_enumerator("".join(piece.text for piece in [*pieces, *rest]))[1]
                better = max(fuzz.ratio(whole, body) for body in target.bodies)
                if better > pair.score + 1:
                    self.matched[target.index] = replace(pair, score=better)
                    return [*pieces, *rest]
        return pieces

    def _rest_of_label(self, row: PrintedRow) -> list[Piece] | None:
        """Words at the start of the next row that no row of the template claims."""
        if row.index + 1 >= len(self.rows):
            return None
        after = self.rows[row.index + 1]
        if after.index not in self.rows_of:
            if after.labels and not after.lone and len(after.labels) <= 2 and all(piece.blank for piece in after.values):
                return after.labels
            if after.labels and len(after.labels) == 1 and any(piece.is_value for piece in after.values):
                return after.labels if all(piece.blank for piece in row.values) else None
            return None
        target = self.rows_of[after.index]
        pair = self.matched.get(target)
        if pair is None or not after.stream:
            return None
        length = pair.choice if isinstance(pair.choice, int) else 1
        before = after.labels[: self.atoms[pair.item].position - length + 1]
        spare = [piece for piece in before if split_enumerator(piece.text)[1] not in self.targets.furniture]
        return spare[:1] if spare and spare[0] is before[0] else None

    def _values(self, target: Target, row: PrintedRow) -> list[Piece]:
        """The pieces after the label; if they are all blank and a page break moved them to the next row, that row's."""
        pair = self.matched.get(target.index)
        values = row.values
        if pair is not None and self.rows_of.get(row.index) == target.index:
            atom = self.atoms[pair.item]
            between = row.labels[atom.position + 1 :]
            if between:
                values = [*between, *values] if not row.stream else []
        if any(not piece.blank for piece in values) or row.index + 1 >= len(self.rows):
            return values
        after = self.rows[row.index + 1]
        if after.index in self.rows_of or not any(piece.is_value for piece in after.values):
            return values
        whole = split_enumerator("".join(piece.text for piece in [*row.labels[-1:], *after.labels]))[1]
        continues = not after.labels or max(fuzz.ratio(whole, body) for body in target.bodies) > (pair.score if pair else 0)
        if continues:
            self.used.add(after.index)
            return after.values
        return values

    def _by_spacing(self, row: PrintedRow, count: int, score: float) -> list[Cell] | None:
        """Cells of a one-cell-a-line dump whose blank cells are blank lines: even spacing tells where they were."""
        lines = [row.labels[-1].source.line, *(piece.source.line for piece in row.values if not piece.blank)]
        after = next((other.at.line for other in self.rows[row.index + 1 : row.index + 2]), None)
        if after is None or any(line is None for line in lines):
            return None
        numbers = [line for line in lines if line is not None]
        span = after - numbers[0]
        if span % (count + 1):
            return None
        step = span // (count + 1)
        if any((line - numbers[0]) % step for line in numbers) or step == 0:
            return None
        slots: list[Cell] = [Cell(CellState.BLANK, at=row.at, score=score)] * count
        filled = [piece for piece in row.values if not piece.blank]
        cells = place(filled, len(filled), row.at, score)
        for line, cell in zip(numbers[1:], cells, strict=True):
            slot = (line - numbers[0]) // step - 1
            if not 0 <= slot < count:
                return None
            slots[slot] = cell
        return slots

    def _columns(self, key: str, mine: Mapping[int, int]) -> dict[int, list[int]]:
        """Physical columns of the figures, from rows printed in full: by count of label pieces, and -1 for a grid."""
        seen: dict[int, Counter[tuple[int, ...]]] = {}
        for target_index, row_index in mine.items():
            row = self.rows[row_index]
            count = len(self.targets.rows[target_index].row.columns)
            filled = [piece for piece in row.values if not piece.blank]
            if len(filled) != count or any(piece.column is None for piece in filled) or key != "applications":
                continue
            at = tuple(piece.column for piece in filled if piece.column is not None)
            seen.setdefault(-1 if row.trust is Trust.GRID else len(row.labels), Counter())[at] += 1
        return {depth: list(counter.most_common(1)[0][0]) for depth, counter in seen.items()}

    def _extra(self, key: str, found: Mapping[str, Row], first: int, last: int) -> tuple[ExtraRow, ...]:
        """Rows with figures between the table's first and last that stand for no template row, or for one again."""
        extra = []
        for row in self.rows[first : last + 1]:
            if row.index in self.rows_of or row.index in self.used:
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
        while start > 0 and first - start < 40 and start - 1 not in self.rows_of:
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
        pair = self.matched.get(self.rows_of.get(row_index, -1))
        if pair is None:
            return []
        length = pair.choice if isinstance(pair.choice, int) else 1
        return row.labels[: self.atoms[pair.item].position - length + 1]

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
                and row.index not in self.rows_of
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
            if row.index in self.rows_of and row.index != stop:
                continue
            pieces.extend(self._before_label(row.index) if row.index in self.rows_of else row.labels)
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
        after = max(
            (row for row, target in self.rows_of.items() if self.targets.rows[target].table == "applications"), default=-1
        )
        runs: list[tuple[int, list[int]]] = []
        for row in self.rows[after + 1 :]:
            words = "".join(fold(piece.text) for piece in row.labels if len(piece.text) <= 24)
            hits = sum(words.count(name) for name in names)
            hits += sum(word in words for word in ("未经复议直接起诉", "复议后起诉"))
            short = row.labels and all(len(piece.text) <= 24 for piece in row.labels)
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
            cells = place(row.values, len(template.columns), row.at, 100.0)
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
            if row.index in self.rows_of:
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
    pairs: list[Pair] = []
    for end in range(len(pieces)):
        for length in range(1, LONGEST_JOIN + 1):
            if end - length + 1 < 0:
                break
            joined = "".join(words[end - length + 1 : end + 1])
            if not joined or len(joined) > PROSE_LENGTH:
                continue
            for index, target in enumerate(wanted):
                if not target:
                    continue
                score = fuzz.ratio(joined, target) if joined != target else 100.0
                if score >= HEADER_SCORE and (len(target) > 2 or score >= 99):
                    pairs.append(Pair(end, index, (score / 100) ** 2 - 0.02 * length, score, length))
    chain = best_chain(pairs, len(expected))
    found = {key: Header(key, label) for key, label in expected}
    for pair in chain:
        key, label = expected[pair.target]
        length = pair.choice if isinstance(pair.choice, int) else 1
        parts = pieces[pair.item - length + 1 : pair.item + 1]
        printed = "".join(piece.text.strip() for piece in parts)
        found[key] = Header(key, label, printed, parts[0].source, pair.score)
    return found


def _litigation_headers(pieces: Sequence[Piece], template: TemplateTable) -> tuple[Header, ...]:
    """Heads of the litigation table: each name's first printing belongs to the first group, and so on."""
    groups = [(row.key, row.label) for row in template.rows.values()]
    headers: dict[str, Header] = {key: Header(key, label) for key, label in _expected(template)}
    for key, label in groups:
        piece = next((piece for piece in pieces if fold(piece.text) == fold(label)), None)
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


def _state(rows: Iterable[Row], at: Source | None) -> PartState:
    cells = [cell for row in rows for cell in row.cells.values()]
    if any(cell.state in (CellState.FILLED, CellState.UNREADABLE) for cell in cells):
        return PartState.PRESENT
    return PartState.EMPTY if at is not None or any(cell.state is CellState.BLANK for cell in cells) else PartState.ABSENT


__all__ = ["Reading", "edition_evidence", "is_table", "read_tables"]
