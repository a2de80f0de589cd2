"""Markdown with pipe tables, as converters write it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from random import Random

from bench.corpus.formats import Printed
from bench.corpus.formats.text import heading_marks
from bench.corpus.page import Grid, Page, Slot, Words, covering, expanded


@dataclass(frozen=True, slots=True)
class Pipes:
    """covered: places under merged cells "blank" or "repeat" the text; padded: cells padded to a width; outer: bars at both ends;
    bold: heads and labels between asterisks; closed: a bar after every cell and none before the first, no rule, nothing under
    merged cells but bars at the row's end."""

    covered: str = "blank"
    padded: bool = False
    outer: bool = True
    bold: bool = False
    closed: bool = False

    def rows(self, grid: Grid) -> list[str]:
        if self.closed:
            return [self._closed([slot.text for slot in line.slots], grid.columns) for line in grid.lines]
        places = covering(grid) if self.covered == "repeat" else expanded(grid)
        lines = []
        for at, line in enumerate(places):
            cells = [self._text(slot).replace("\n", "<br>").replace("|", "\\|") for slot in line]
            width = 6 if self.padded else 0
            row = " | ".join(cell.ljust(width) for cell in cells)
            lines.append(f"| {row} |" if self.outer else row)
            if at == 0:
                rule = "|".join([" --- "] * grid.columns)
                lines.append(f"|{rule}|" if self.outer else rule)
        return lines

    @staticmethod
    def _closed(cells: list[str], columns: int) -> str:
        return " | ".join(cell.replace("\n", " ") for cell in cells) + " | " + "|" * (columns - len(cells))

    def _text(self, slot: Slot | None) -> str:
        if slot is None:
            return ""
        return f"**{slot.text}**" if self.bold and slot.spot is None and slot.text else slot.text


@dataclass(frozen=True, slots=True)
class Embedded:
    """Tables as HTML inside the Markdown, as converters that keep merged cells write them."""

    def rows(self, grid: Grid) -> list[str]:
        rows = (
            "<tr>"
            + "".join(f'<td rowspan="{s.height}" colspan="{s.width}">{escape(s.text)}</td>' for s in line.slots)
            + "</tr>"
            for line in grid.lines
        )
        return [f"<table>{''.join(rows)}</table>"]


def write(page: Page, random: Random, style: Pipes | Embedded, encoding: str = "utf-8", marks: str = "right") -> Printed:
    lines: list[str] = []
    for block in page:
        if isinstance(block, Words):
            lines.extend((heading_marks(block, marks, random) + block.text, ""))
        else:
            lines.extend((*style.rows(block), ""))
    return Printed("\n".join(lines).encode(encoding), "report.md")
