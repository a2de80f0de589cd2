"""What is not there to judge by: tables without figures, cells without a number, places where the source itself lost something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rules.filing import Cell, CellState, Filing, FilingTable, PartState
from rules.labels import TABLES
from rules.verdict import Place, State, Verdict

NO_PREVIOUS = "未提供上年报告"  # the one reason of every rule that compares years
WHY = {CellState.ABSENT: "未填报", CellState.BLANK: "空白", CellState.UNREADABLE: "无法辨认", CellState.FILLED: "不是数字"}
PRINTED = frozenset((CellState.FILLED, CellState.UNREADABLE))
FIGURES = re.compile(r"[\s|]*[+-]?\d[\d.,，]*(?:[\s|]+[+-]?\d[\d.,，]*)*[\s|]*")
LOOSE_LINES = 3  # fewer lines of one figure each may be page numbers
NEAR = 300  # characters before and after a table that still belong to it: its heading and what follows it


def has_figures(table: FilingTable) -> bool:
    """Whether any cell of the table is printed with something in it."""
    if table.state is not PartState.PRESENT:
        return False
    for row in table.rows.values():
        if row.at is not None:
            for cell in row.cells.values():
                if cell.state in PRINTED:
                    return True
    return False


def without_figures(filing: Filing, key: str) -> Verdict | None:
    """The one answer to every question about the cells of a table that has no figures; None if it has some."""
    table = filing.tables[key]
    if has_figures(table):
        return None
    why = "为图片，未取得数据" if table.is_image else "缺失" if table.state is PartState.ABSENT else "无任何数据"
    return Verdict(State.UNDETERMINED, Place(section=key, table=key), reason=f"{TABLES[key]}{why}")


@lru_cache(maxsize=4096)
def holds_at(table: str, row: str | None = None, column: str | None = None) -> Verdict:
    """The verdict that all is well there: made once, for most answers are this one."""
    return Verdict(State.HOLDS, Place(table, table, row, column))


def in_words(gaps: Iterable[tuple[str, Cell]]) -> str:
    """“（一）予以公开”等18格空白、“（七）总计”未填报: every cell without a number, those of one kind together."""
    groups: dict[str, list[str]] = {}
    for label, cell in gaps:
        groups.setdefault(WHY[cell.state], []).append(label if "“" in label else f"“{label}”")
    return "、".join(
        f"{labels[0]}{why}" if len(labels) == 1 else f"{labels[0]}等{len(labels)}格{why}" for why, labels in groups.items()
    )


def damage_near(filing: Filing, key: str) -> str | None:
    """Why the source seems to have lost content around that table, None if it does not seem so."""
    if filing.suspect:
        start, end = _extent(filing, key)
        for at, reason in filing.suspect:
            if start <= at.chars[1] and at.chars[0] <= end:
                return f"原文此处疑有采集缺失（{reason}）"
    return _torn(filing, key) or _loose_figures(filing, key)


def _torn(filing: Filing, key: str) -> str | None:
    """A stretch of the source is gone where a table lacks its head and first row at once, or its last row and the next heading."""
    keys = list(filing.tables)
    after = keys[keys.index(key) + 1 :][:1]
    if _beheaded(filing.tables[key]):
        return "该表表头与首行同时缺失，疑为采集断裂，请核对原件"
    if after and _beheaded(filing.tables[after[0]]) and not _complete(filing.tables[key]):
        return "该表表尾与下一表表头同时缺失，疑为采集断裂，请核对原件"
    sections = list(filing.sections)
    following = sections[sections.index(key) + 1 :][:1] if key in sections else []
    if following and filing.sections[following[0]].state is PartState.ABSENT and not _complete(filing.tables[key]):
        return "该表表尾与下一部分标题同时缺失，疑为采集断裂，请核对原件"
    return None


def _loose_figures(filing: Filing, key: str) -> str | None:
    """Lines of bare figures left over in the table's section are cells that we could not place."""
    lines = [p.text for p in filing.sections[key].paragraphs if FIGURES.fullmatch(p.text)] if key in filing.sections else []
    if len(lines) < LOOSE_LINES and not any(len(line.split()) > 1 for line in lines):
        return None  # at most a page number
    return f"该部分另有未能归入表格的数字（“{lines[0].strip()[:20]}”等{len(lines)}行），请核对原件"


def _beheaded(table: FilingTable) -> bool:
    if table.state is PartState.ABSENT or next(iter(table.rows.values())).present:
        return False
    return not any(header.present for header in table.headers)


def _complete(table: FilingTable) -> bool:
    """Whether the table goes on to its last row (rows of the other edition stand at the end and do not count)."""
    own = [row for key, row in table.rows.items() if key not in table.foreign]
    return table.state is PartState.PRESENT and own[-1].present


def _extent(filing: Filing, key: str) -> tuple[int, int]:
    table = filing.tables[key]
    if table.at is not None:
        return table.at.chars[0] - NEAR, table.at.chars[1] + NEAR
    section = filing.sections.get(key)
    if section is None or section.at is None:
        return 0, 1 << 62
    after = [heading.at.chars[0] for heading in filing.headings if heading.at.chars[0] > section.at.chars[0]]
    return section.at.chars[0], min(after, default=1 << 62)
