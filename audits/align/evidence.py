"""Which edition the tables were printed by: labels that only one edition has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz, process

from audits.align.folding import fold, split_enumerator
from audits.align.lines import PROSE_LENGTH, Piece, PrintedRow
from rules.editions import editions
from rules.filing import EditionEvidence

EVIDENCE_SCORE = 90.0


def edition_evidence(rows: Sequence[PrintedRow]) -> tuple[EditionEvidence, ...]:
    """Printed labels that only one edition has. Prose is not evidence."""
    found: list[EditionEvidence] = []
    for row in rows:
        labels = row.labels
        for piece in labels:
            if len(piece.text) <= PROSE_LENGTH and (own := _own_to(piece.text)) is not None:
                _testify(found, row, piece, own)
        if row.stream and len(labels) > 1:
            for piece, after in pairwise([piece for piece in labels if len(piece.text) <= PROSE_LENGTH]):
                if (own := _own_to(piece.text + after.text)) is not None:
                    _testify(found, row, piece, own)
    return tuple(found)


def _testify(found: list[EditionEvidence], row: PrintedRow, piece: Piece, own: _Own) -> None:
    if row.values or not own.only_with_figures:
        found.append(EditionEvidence(own.edition, piece.text.strip(), piece.source, own.table))


class _Own(NamedTuple):
    """Where a label stands that no other edition has."""

    edition: str
    table: str
    only_with_figures: bool


@lru_cache(maxsize=8192)
def _own_to(text: str) -> _Own | None:
    """What the printed words tell of the edition, None if nothing; a slightly damaged label tells it too."""
    own = _own_words()
    folded = fold(text)
    hit = own.get(folded)
    if hit is None and 5 <= len(folded) <= 24:
        near = process.extractOne(folded, own.keys(), scorer=fuzz.ratio, score_cutoff=EVIDENCE_SCORE)
        hit = own[near[0]] if near else None
    return hit


@cache
def _own_words() -> dict[str, _Own]:
    """By the folded label, for labels that no other edition has, and not nearly."""
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
    own: dict[str, _Own] = {}
    for edition_id, mine in words.items():
        theirs = {word for other, found in words.items() if other != edition_id for word in found}
        for word, (table, figures) in mine.items():
            if word not in theirs and len(word) > 4 and word not in ("行政规范性文件", "规范性文件"):
                own[word] = _Own(edition_id, table, figures)
    return own
