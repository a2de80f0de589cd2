"""The official template editions, as data: one YAML file each, read once.

Source: 国办公开办函〔2019〕60号 and 〔2021〕30号. The year of a report names its edition; ``years`` in the files says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rules.strict_yaml import read_yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """One of the six sections. For ``allowed``, ``known`` and ``core`` see the comment in the YAML file."""

    key: str
    number: int
    heading: str
    allowed: tuple[str, ...]
    known: tuple[str, ...]
    core: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """kind is "count" (a whole number, not negative), "signed" or "amount" (decimals allowed, ``unit`` if the template has one)."""

    key: str
    label: str
    kind: str = "count"
    unit: str | None = None
    under: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """``under`` holds the labels of the merged cells to its left, outermost first; ``block`` the key of its 第二十条 block."""

    key: str
    label: str
    columns: tuple[TemplateColumn, ...]
    under: tuple[str, ...] = ()
    block: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """A 第二十条第（n）项 block of the disclosure table: its heading and its own column heads."""

    key: str
    heading: str
    corner: str
    columns: tuple[TemplateColumn, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateTable:
    """A table as the template prints it. corner and head are the words above the labels and above the figures, None if there are none."""

    key: str
    section: str
    rows: Mapping[str, TemplateRow]
    blocks: tuple[TemplateBlock, ...] = ()
    corner: str | None = None
    head: str | None = None

    @property
    def columns(self) -> tuple[TemplateColumn, ...]:
        """The columns of the first row: those of every row in applications and litigation."""
        return next(iter(self.rows.values())).columns


@dataclass(frozen=True, slots=True)
class Edition:
    """One official form: ``document`` is its number, the years are of reports and inclusive; last_year None if it is in force."""

    id: str
    document: str
    first_year: int
    last_year: int | None
    sections: Mapping[str, TemplateSection]
    tables: Mapping[str, TemplateTable]

    def covers(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@cache
def editions() -> Mapping[str, Edition]:
    """Every edition by id, oldest first."""
    found = (_edition(read_yaml(path).data) for path in sorted(FOLDER.glob("E*.yaml")))
    return {edition.id: edition for edition in found}


def edition_for(year: int) -> Edition | None:
    """The edition that a report of that year must use; None before the first one."""
    return next((edition for edition in editions().values() if edition.covers(year)), None)


def _edition(spec: dict[str, Any]) -> Edition:
    sections = [
        TemplateSection(s["key"], s["number"], s["heading"], tuple(s["allowed"]), tuple(s["known"]), tuple(s["core"]))
        for s in spec["sections"]
    ]
    return Edition(
        id=spec["id"],
        document=spec["document"],
        first_year=spec["years"]["from"],
        last_year=spec["years"].get("to"),
        sections={section.key: section for section in sections},
        tables={key: _table(key, table) for key, table in spec["tables"].items()},
    )


def _table(key: str, spec: dict[str, Any]) -> TemplateTable:
    if "blocks" in spec:
        blocks = []
        rows: dict[str, TemplateRow] = {}
        for block in spec["blocks"]:
            columns = tuple(TemplateColumn(**column) for column in block["columns"])
            for row in block["rows"]:
                rows[row["key"]] = TemplateRow(row["key"], row["label"], columns, block=block["key"])
            names = tuple(row["key"] for row in block["rows"])
            blocks.append(TemplateBlock(block["key"], block["heading"], block["corner"], columns, names))
        return TemplateTable(key, spec["section"], rows, tuple(blocks))
    columns = tuple(TemplateColumn(**column) for column in spec["columns"])
    rows = {row["key"]: TemplateRow(row["key"], row["label"], columns, tuple(row.get("under", ()))) for row in spec["rows"]}
    return TemplateTable(key, spec["section"], rows, corner=spec.get("corner"), head=spec.get("head"))
