"""What the alignment looks for: every row of the template with the wordings by which it can be printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from audits.align.folding import fold, split_enumerator
from rules.editions import Edition, TemplateRow, editions

NEAR_SCORE = 60.0
LOWEST_NEAR = 50.0
SHORT = {  # what agencies call the rows with the longest labels
    "other_1": ("逾期不补正", "逾期未补正", "申请人逾期不补正"),
    "other_2": ("逾期不缴费", "逾期未缴费", "申请人逾期不缴费"),
}
DEFINITION = re.compile("(.{2,20}?)[:：](?:是?指|[^，。；\\d]{2,10}是?指)")
MOST_REMEMBERED = 8192  # words whose likeness is kept; a report asks about some thirty


@dataclass(frozen=True, slots=True)
class Target:
    """A template row, and the keys of its columns. ``bodies`` are folded wordings, the full one first; foreign if only the other
    edition has it."""

    index: int
    table: str
    key: str
    row: TemplateRow
    enumerator: str
    bodies: tuple[str, ...]
    foreign: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Targets:
    """Rows of disclosure and applications in printed order.

    exact      folded body -> targets that print it.
    furniture  folded words of the tables that are no row: parents, corners, heads, column and block headings.
    parents    folded words of the merged cells left of the rows: 不予公开, 其他处理.
    """

    rows: tuple[Target, ...]
    exact: dict[str, tuple[Target, ...]]
    bodies: tuple[tuple[str, Target], ...]
    furniture: frozenset[str]
    parents: frozenset[str]
    _near: dict[str, tuple[Near, ...]] = field(default_factory=dict)

    def near(self, printed: Sequence[str]) -> list[tuple[Near, ...]]:
        """For each of these folded words the wordings that are at all like them, in the template's order.

        Headings are the same in many reports: those asked about lately are remembered.
        """
        if len(self._near) > MOST_REMEMBERED:
            self._near.clear()
        new = list(dict.fromkeys(words for words in printed if words not in self._near))
        if new:
            wordings = [wording for wording, _ in self.bodies]
            scores = process.cdist(new, wordings, scorer=fuzz.ratio, score_cutoff=LOWEST_NEAR, dtype=np.float32)
            found: dict[int, list[Near]] = {}
            for line, column in zip(*(places.tolist() for places in scores.nonzero()), strict=True):
                wording, target = self.bodies[column]
                found.setdefault(line, []).append(Near(wording, target, float(scores[line, column])))
            self._near.update((words, tuple(found.get(line, ()))) for line, words in enumerate(new))
        return [self._near[words] for words in printed]


class Near(NamedTuple):
    """A wording of a target, and how much some printed words are like it: ``score`` is LOWEST_NEAR to 100."""

    wording: str
    target: Target
    score: float


@cache
def targets_of(edition_id: str) -> Targets:
    """The targets of an edition, the other edition's rows among them as foreign ones."""
    edition = editions()[edition_id]
    others = [other for other in editions().values() if other.id != edition_id]
    rows: list[Target] = []
    for table in ("disclosure", "applications"):
        merged = _merged(edition, others, table)
        for row, foreign in merged:
            enumerator, body = split_enumerator(row.label)
            bodies_of = _bodies(row, body, others, table)
            columns = tuple(column.key for column in row.columns)
            rows.append(Target(len(rows), table, row.key, row, enumerator, bodies_of, foreign, columns))
    exact: dict[str, list[Target]] = {}
    for target in rows:
        for body in target.bodies:
            exact.setdefault(body, []).append(target)
    bodies = tuple((body, target) for target in rows for body in target.bodies)
    furniture = frozenset(_furniture()) - exact.keys()
    parents = frozenset(
        split_enumerator(parent)[1] for row in edition.tables["applications"].rows.values() for parent in row.under
    )
    return Targets(tuple(rows), {body: tuple(found) for body, found in exact.items()}, bodies, furniture, parents)


def _merged(edition: Edition, others: list[Edition], table: str) -> list[tuple[TemplateRow, bool]]:
    """The edition's rows in order, rows that only others have put after their own predecessor."""
    merged = [(row, False) for row in edition.tables[table].rows.values()]
    for other in others:
        keys = list(other.tables[table].rows)
        for position, key in enumerate(keys):
            if any(row.key == key for row, _ in merged):
                continue
            before = keys[position - 1] if position else None
            at = next((i for i, (row, _) in enumerate(merged) if row.key == before), -1) + 1
            merged.insert(at, (other.tables[table].rows[key], True))
    return merged


def _bodies(row: TemplateRow, body: str, others: list[Edition], table: str) -> tuple[str, ...]:
    found = [body]
    for other in others:
        if row.key in other.tables[table].rows:
            found.append(split_enumerator(other.tables[table].rows[row.key].label)[1])
    bracket = row.label.find("（", 1)
    if bracket > 0:
        found.append(split_enumerator(row.label[:bracket])[1])  # 部分公开 without its explanation
    clause = row.label.find("、", 2)
    if clause > 0 and row.key in SHORT:
        found += [split_enumerator(row.label[:clause])[1], *SHORT[row.key]]
    if row.under:
        parent = split_enumerator(row.under[-1])[1]
        found.append(parent + split_enumerator(row.label)[0] + body)
        found.append(parent + body)
    return tuple(dict.fromkeys(found))


def _furniture() -> list[str]:
    words: list[str] = ["行政诉讼"]
    for edition in editions().values():
        for table in edition.tables.values():
            words += [table.corner or "", table.head or ""]
            for block in table.blocks:
                words += [block.heading, block.corner, *(column.label for column in block.columns)]
            for row in table.rows.values():
                words += row.under
                for parent in row.under:
                    words.append(split_enumerator(parent)[1])
                if table.key == "litigation":
                    words.append(row.label)
                for column in row.columns:
                    words += [column.label, column.under or ""]
    return [fold(word) for word in words if fold(word)]


@cache
def table_words() -> frozenset[str]:
    """Folded words of all tables of all editions: heads, corners, parents and labels."""
    labels = {body for edition in editions() for body in targets_of(edition).exact}
    return frozenset(_furniture()) | labels


@lru_cache(maxsize=4096)
def without_note(text: str) -> str:
    """A row's label without what an agency has put behind it in brackets or to define it: 规章（设区的市人民政府应提供相关数据）,
    规范性文件：是指……."""
    starts = [start for start in (text.find("（", 2), text.find("(", 2)) if start >= 0 and text[-1] in ")）"]
    if definition := DEFINITION.match(text):
        starts.append(definition.end(1))
    if not starts or is_table_word(text):
        return text
    label = text[: min(starts)].rstrip()
    words = split_enumerator(label)[1]
    return label if any(words in targets_of(edition).exact for edition in editions()) else text


def is_table_word(text: str) -> bool:
    """True for words that only stand in tables."""
    return fold(text) in table_words() or split_enumerator(text)[1] in table_words()


def may_be_table_word(text: str) -> bool:
    """True for words that only stand in tables, and for words so near to one that they may be a damaged print of it."""
    words = split_enumerator(text)[1]
    return (
        is_table_word(text) or process.extractOne(words, table_words(), scorer=fuzz.ratio, score_cutoff=NEAR_SCORE) is not None
    )
