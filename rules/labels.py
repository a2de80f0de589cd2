"""What the keys of tables, rows and columns are called in plain Chinese, for messages and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from rules.editions import TemplateColumn, editions

TABLES = {"disclosure": "主动公开情况表", "applications": "申请情况表", "litigation": "复议诉讼情况表"}
EXPLANATION = re.compile(
    r"(?<=.)（[^（）]*，[^（）]*）$"
)  # （二）部分公开（区分处理的，只计……）; not the （一） in front of a label


@cache
def newest_edition() -> str:
    """Its id."""
    return tuple(editions())[-1]


@cache
def row_label(edition: str, table: str, row: str) -> str:
    """The template's label without its bracketed explanation; that of the other edition for a foreign row; the key if unknown."""
    order = [edition, *(other for other in editions() if other != edition)]
    for name in order:
        known = editions()[name].tables[table].rows.get(row) if name in editions() else None
        if known is not None:
            return EXPLANATION.sub("", known.label)
    return row


@cache
def template_column(edition: str, table: str, row: str, column: str) -> TemplateColumn | None:
    """The template's column for a cell, taken from the other edition for a foreign row; None if there is none."""
    order = [edition, *(other for other in editions() if other != edition)]
    for name in order:
        known = editions()[name].tables[table].rows.get(row) if name in editions() else None
        if known is not None:
            return next((found for found in known.columns if found.key == column), None)
    return None


@cache
def column_label(edition: str, table: str, column: str, row: str | None = None) -> str:
    """The template's heading of the column, in that row's block where the blocks differ; the key if unknown."""
    rows = editions()[edition].tables[table].rows
    asked = [rows[row]] if row is not None and row in rows else list(rows.values())
    return next((found.label for known in asked for found in known.columns if found.key == column), column)


@cache
def cell_label(edition: str, table: str, row: str, column: str) -> str:
    """“行政许可”行“处理决定数量”列, without the column where the row has only one."""
    rows = editions()[edition].tables[table].rows
    name = f"“{row_label(edition, table, row)}”行"
    if row in rows and len(rows[row].columns) == 1:
        return name
    return f"{name}“{column_label(edition, table, column, row)}”列"


def listed(names: Iterable[str]) -> str:
    """“自然人”、“商业企业”; from the sixth on only their number: “…”等8项."""
    every = [f"“{name}”" for name in names]
    return "、".join(every) if len(every) <= 5 else f"{'、'.join(every[:5])}等{len(every)}项"
