"""A published page as lines and grids: what of it is the article, and what the page says about it.

Nothing is dropped that could belong to the report: only runs of links, navigation and foot lines that no report contains.
Whatever remains too much, the alignment passes over.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports_in.document import PageMeta, TableCell


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page. linked counts its characters inside links, links the links themselves.

    furniture: the page itself calls the surrounding element navigation, an aside or a footer.
    """

    text: str
    linked: int = 0
    links: int = 0
    level: int | None = None
    furniture: bool = False

    @property
    def extent(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Image:
    source: str
    alt: str
    width: str

    @property
    def may_hold_text(self) -> bool:
        return True

    @property
    def extent(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A data table: cells at their places, their sources not yet set."""

    cells: list[TableCell]
    rows: int
    columns: int

    @property
    def extent(self) -> int:
        return sum(len(cell.text) for cell in self.cells)


Item = Line | Image | Grid


def article(items: list[Item], stated: dict[str, str]) -> tuple[list[Item], PageMeta]:
    """The items that may belong to the report, and what the page states about it."""
    return items, PageMeta(stated.get("articletitle") or stated.get("<title>"))
