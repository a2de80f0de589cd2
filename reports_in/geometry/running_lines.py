"""Running heads, running feet and page numbers, which are no text of the document."""

from __future__ import annotations

import re
from collections import defaultdict

from reports_in.builder import Builder
from reports_in.geometry.lines import fields_of
from reports_in.geometry.page import Line, Sheet
from reports_in.geometry.words import is_figure

PAGE_NUMBER = re.compile(
    r"(?:[-—–－―~·•]+\s*\d{1,4}\s*[-—–－―~·•]+|第\s*[\d一二三四五六七八九十]{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}|(?:[Pp]age\s*)?\d{1,4}(?:\s*of\s*\d{1,4})?)"
)


def drop_running_lines(sheets: list[Sheet], builder: Builder) -> None:
    """Take page numbers and running heads and feet away: at the page's edge, in the same place over the pages."""
    dropped: dict[int, set[int]] = defaultdict(set)
    quoted: list[str] = []
    for end in (0, -1):
        numbered: list[tuple[Sheet, Line, int | None]] = []
        for sheet in sheets:
            line = _outermost(sheet, end, dropped[id(sheet)])
            if line is not None and _at_edge(sheet, line) and PAGE_NUMBER.fullmatch(line.text):
                numbered.append((sheet, line, _bare_number(line.text)))
        offsets: dict[int, int] = defaultdict(int)
        for sheet, _, number in numbered:
            if number is not None:
                offsets[number - sheet.number] += 1
        for sheet, line, number in numbered:
            # a lone figure is a page number only if it counts with the pages
            if number is None or offsets[number - sheet.number] >= 2 or (number == sheet.number and len(sheets) == 1):
                dropped[id(sheet)].add(id(line))
                quoted.append(line.text)
    for end in (0, -1):
        for _ in range(3):  # up to three lines of head, three of foot
            seen: dict[tuple[str, int], list[tuple[Sheet, Line]]] = defaultdict(list)
            for sheet in sheets:
                line = _outermost(sheet, end, dropped[id(sheet)])
                if line is not None and not is_figure(line.text) and _in_margin(sheet, line, end, dropped[id(sheet)]):
                    seen[re.sub(r"\d+", "0", line.text), round(line.top / 4)].append((sheet, line))
            repeated = [
                found
                for found in seen.values()
                if len(found) >= max(2, (len(sheets) + 2) // 3) and len({s.number for s, _ in found}) >= 2
            ]
            if not repeated:
                break
            for found in repeated:
                quoted.append(found[0][1].text)
                for sheet, line in found:
                    dropped[id(sheet)].add(id(line))
    for sheet in sheets:
        gone = dropped[id(sheet)]
        if gone:
            sheet.items = [item for item in sheet.items if id(item) not in gone]
    if quoted:
        shown = "、".join(f"“{text[:30]}”" for text in dict.fromkeys(quoted[:6]))
        builder.note("PAGE_FURNITURE", f"略去页眉、页脚和页码{sum(map(len, dropped.values()))}行，如{shown}")


def _outermost(sheet: Sheet, end: int, gone: set[int]) -> Line | None:
    """The first (end 0) or last (end -1) thing on the page, if it is a line."""
    for item in sheet.items if end == 0 else reversed(sheet.items):
        if id(item) not in gone:
            return item if isinstance(item, Line) else None
    return None


def _at_edge(sheet: Sheet, line: Line) -> bool:
    return line.bottom < 0.15 * sheet.height or line.top > 0.85 * sheet.height


def _bare_number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _in_margin(sheet: Sheet, line: Line, end: int, gone: set[int]) -> bool:
    """The line stands in the outer margin, apart from what follows, and is no row of a table."""
    if (line.bottom > 0.12 * sheet.height) if end == 0 else (line.top < 0.88 * sheet.height):
        return False
    if len(fields_of(line)) > 2:
        return False
    rest = [item for item in sheet.items if id(item) not in gone and item is not line]
    if not rest:
        return True
    neighbour = rest[0] if end == 0 else rest[-1]
    gap = neighbour.top - line.bottom if end == 0 else line.top - neighbour.bottom
    return gap > 0.9 * line.size
