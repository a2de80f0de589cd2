"""What of a published report counts when two captures of it are compared: its figures and its sentences, not its page.

A page's furniture (counters, links to other news, dates of the day) changes at every visit, and what another reading of a page makes of
it may differ too. So figures in doubt are left out, prose counts by whole sentences, and a sentence that has only moved is the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.filing import Cell, CellState, Filing, PartState
from rules.prose import ENDS, Sentence, fold, prose_of
from rules.verdict import Evidence

LEAST_SENTENCE = 8  # characters; what is shorter may be a button
FURNITURE = re.compile(
    r"(?:浏览|点击|阅读|访问|查看)(?:次数|人次|量|数|率)|上一[篇条则]|下一[篇条则]|扫一扫|二维码|分享到|打印|关闭窗口|责任编辑|字号|"
    r"今天是|当前时间|在线人数|无障碍|版权所有|备案号|发布(?:时间|日期)：|来源："
)
MARKS = re.compile(r"[，。；：！？、,.;:!?\s]+")

Address = tuple[str, str, str]  # table, row, column


@dataclass(frozen=True, slots=True)
class Content:
    """cells: what is printed in every cell that we read without doubt, folded. tables: whether each is there.

    sentences: section and sentence by the sentence's words without marks.
    """

    cells: Mapping[Address, tuple[CellState, str]]
    tables: Mapping[str, PartState]
    sentences: Mapping[str, Sentence] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """The same for two captures between which nothing of the report has changed."""
        digest = hashlib.sha256()
        for address, (state, printed) in sorted(self.cells.items()):
            digest.update("\x1f".join((*address, state, printed, "\n")).encode("utf-8", "surrogatepass"))
        for words in sorted(self.sentences):
            digest.update(f"{words}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class CellChange:
    """before and after: as printed, "" for blank."""

    address: Address
    before: str
    after: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Differences:
    """What one capture has otherwise than an earlier one. added and removed are sentences by section.

    tables  those of which only one capture has figures: they may have been read in one and missed in the other.
    """

    cells: tuple[CellChange, ...]
    added: Mapping[str, tuple[Sentence, ...]]
    removed: Mapping[str, tuple[Sentence, ...]]
    tables: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.cells or self.added or self.removed or self.tables)


def content(filing: Filing) -> Content:
    """What counts of the report."""
    cells = {
        (table.key, row.key, column): (cell.state, _printed(cell))
        for table in filing.tables.values()
        for row in table.rows.values()
        for column, cell in row.cells.items()
        if cell.doubt is None and cell.state in (CellState.FILLED, CellState.BLANK)
    }
    sentences: dict[str, Sentence] = {}
    for sentence in prose_of(filing).sentences:
        if sentence.words[-1] in ENDS and len(sentence.words) >= LEAST_SENTENCE and not FURNITURE.search(sentence.words):
            sentences.setdefault(MARKS.sub("", sentence.words), sentence)
    return Content(cells, {key: table.state for key, table in filing.tables.items()}, sentences)


def differences(before: Filing, after: Filing) -> Differences:
    """What ``after`` has otherwise than ``before``."""
    then, now = content(before), content(after)
    lone = tuple(
        key for key, state in now.tables.items() if (state is PartState.PRESENT) != (then.tables.get(key) is PartState.PRESENT)
    )
    cells = []
    for address, (state, printed) in now.cells.items():
        if address[0] not in lone and address in then.cells and then.cells[address] != (state, printed):
            cell = after.tables[address[0]].cell(*address[1:])
            cells.append(CellChange(address, then.cells[address][1], printed, Evidence(cell.raw, cell.at)))
    added = [sentence for words, sentence in now.sentences.items() if words not in then.sentences]
    removed = [sentence for words, sentence in then.sentences.items() if words not in now.sentences]
    return Differences(tuple(cells), _by_section(added), _by_section(removed), lone)


def _printed(cell: Cell) -> str:
    """A number by its value: 1,200 and 1200 are no change."""
    return str(cell.value) if cell.value is not None else "".join(fold(cell.raw).split())


def _by_section(sentences: list[Sentence]) -> Mapping[str, tuple[Sentence, ...]]:
    found: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        found.setdefault(sentence.section, []).append(sentence)
    return {section: tuple(listed) for section, listed in found.items()}
