"""Say a place in plain Chinese: 第三部分申请情况表“（七）总计”行“自然人”列."""

from __future__ import annotations

from rules.editions import Edition
from rules.verdict import Place

TABLES = {"disclosure": "主动公开情况表", "applications": "申请情况表", "litigation": "复议诉讼情况表"}
NUMERALS = "一二三四五六"


def place_in_words(place: Place, edition: Edition) -> str:
    """The place as a supervisor would say it; 全文 for the report as a whole."""
    parts = []
    key = place.section or (edition.tables[place.table].section if place.table else None)
    if key in edition.sections:
        section = edition.sections[key]
        parts.append(f"第{NUMERALS[section.number - 1]}部分")
        if place.table is None:
            parts.append(f"“{section.heading}”")
    elif key == "preamble":
        parts.append("前言")
    elif key == "title":
        parts.append("标题")
    if place.table is not None:
        table = edition.tables[place.table]
        parts.append(TABLES[place.table])
        if place.row is not None:
            row = table.rows.get(place.row) or _anywhere(place.table, place.row)
            parts.append(f"“{row.label if row else place.row}”行")
        if place.column is not None:
            columns = table.rows[place.row].columns if place.row in table.rows else table.columns
            label = next((column.label for column in columns if column.key == place.column), place.column)
            parts.append(f"“{label}”列")
    return "".join(parts) or "全文"


def _anywhere(table: str, row: str):  # type: ignore[no-untyped-def]
    from rules.editions import editions

    return next((e.tables[table].rows[row] for e in editions().values() if row in e.tables[table].rows), None)
