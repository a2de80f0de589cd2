"""What is not there to judge by: tables without figures, cells without a number, places where the source itself lost something."""

from __future__ import annotations

from collections.abc import Iterable

from reports_in.document import Source
from rules.filing import Cell, CellState, Filing, FilingTable, PartState
from rules.labels import TABLES
from rules.verdict import Place, State, Verdict

WHY = {CellState.ABSENT: "未填报", CellState.BLANK: "空白", CellState.UNREADABLE: "无法辨认", CellState.FILLED: "不是数字"}
NEAR = 300  # characters before and after a table that still belong to it: its heading and what follows it


def has_figures(table: FilingTable) -> bool:
    """Whether any cell of the table is printed with something in it."""
    if table.state is not PartState.PRESENT:
        return False
    known = (CellState.FILLED, CellState.UNREADABLE)
    return any(cell.state in known for row in table.rows.values() for cell in row.cells.values())


def without_figures(filing: Filing, key: str) -> Verdict | None:
    """The one answer to every question about the cells of a table that has no figures; None if it has some."""
    table = filing.tables[key]
    if has_figures(table):
        return None
    why = "为图片，未取得数据" if table.is_image else "缺失" if table.state is PartState.ABSENT else "无任何数据"
    return Verdict(State.UNDETERMINED, Place(section=key, table=key), reason=f"{TABLES[key]}{why}")


def in_words(gaps: Iterable[tuple[str, Cell]]) -> str:
    """“（一）予以公开”等18格空白、“（七）总计”未填报: every cell without a number, those of one kind together."""
    groups: dict[str, list[str]] = {}
    for label, cell in gaps:
        groups.setdefault(WHY[cell.state], []).append(label)
    return "、".join(
        f"“{labels[0]}”{why}" if len(labels) == 1 else f"“{labels[0]}”等{len(labels)}格{why}" for why, labels in groups.items()
    )


def damage_near(filing: Filing, key: str) -> str | None:
    """Why the source seems to have lost content around that table, None if it does not."""
    if not filing.suspect:
        return None
    start, end = _extent(filing, key)
    for at, reason in filing.suspect:
        if start <= at.chars[1] and at.chars[0] <= end:
            return f"原文此处疑有采集缺失（{reason}）"
    return None


def _extent(filing: Filing, key: str) -> tuple[int, int]:
    table = filing.tables[key]
    if table.at is not None:
        return table.at.chars[0] - NEAR, table.at.chars[1] + NEAR
    section = filing.sections.get(key)
    if section is None or section.at is None:
        return 0, 1 << 62
    after = [heading.at.chars[0] for heading in filing.headings if heading.at.chars[0] > section.at.chars[0]]
    return section.at.chars[0], min(after, default=1 << 62)


def follows(first: Source, second: Source) -> bool:
    return second.chars[0] >= first.chars[0]
