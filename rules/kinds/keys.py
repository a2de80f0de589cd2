"""The keys that a rule may name: tables, rows, columns and cells of the official editions. Others are refused when a rule is read."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from rules.editions import editions
from rules.errors import FieldError

Path = tuple[str | int, ...]


@cache
def table_keys() -> tuple[str, ...]:
    """The tables of any edition."""
    return tuple(dict.fromkeys(key for edition in editions().values() for key in edition.tables))


@cache
def row_keys(table: str) -> tuple[str, ...]:
    """The rows of a table in any edition."""
    return tuple(dict.fromkeys(key for edition in editions().values() for key in edition.tables[table].rows))


@cache
def column_keys(table: str, row: str | None = None) -> tuple[str, ...]:
    """The columns of a row, or of any row of the table, in any edition."""
    rows = [known for edition in editions().values() for key, known in edition.tables[table].rows.items() if row in (None, key)]
    return tuple(dict.fromkeys(column.key for known in rows for column in known.columns))


def check_table(path: Path, table: str) -> None:
    """Raises FieldError for a table that no edition has."""
    if table not in table_keys():
        raise FieldError(path, f"不认识的表 {table!r}；可用：{', '.join(table_keys())}")


def check_rows(path: Path, table: str, names: tuple[str, ...]) -> None:
    """Every name or pattern (``denied_*``) stands for at least one row."""
    _check(path, "行", names, row_keys(table))


def check_columns(path: Path, table: str, names: tuple[str, ...], row: str | None = None) -> None:
    _check(path, "列", names, column_keys(table, row))


def split_cell(path: Path, address: str) -> tuple[str, str, str]:
    """``applications.new.total`` as table, row and column."""
    parts = address.split(".")
    if len(parts) != 3:
        raise FieldError(path, f"单元格写作 表.行.列，例如 applications.new.total，不是 {address!r}")
    table, row, column = parts
    check_table(path, table)
    _check(path, "行", (row,), row_keys(table), single=True)
    _check(path, "列", (column,), column_keys(table, row), single=True)
    return table, row, column


@cache
def matching(names: tuple[str, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that the names and patterns stand for, in the order of the names, each once."""
    return tuple(dict.fromkeys(key for name in names for key in keys if fnmatchcase(key, name)))


def _check(path: Path, what: str, names: tuple[str, ...], known: tuple[str, ...], *, single: bool = False) -> None:
    for index, name in enumerate(names):
        if name not in known and not any(fnmatchcase(key, name) for key in known):
            where = path if single else (*path, index)
            raise FieldError(where, f"不认识的{what} {name!r}；可用：{', '.join(known)}")
