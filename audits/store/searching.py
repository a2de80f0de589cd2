"""Words searched in names, and regions within regions, in the tongues of both databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from audits.align.folding import fold

SEARCHED_BYTES = 1_500  # of one report's names: an index of PostgreSQL takes rows of 2,700, regions and all


class StartsWith(FunctionElement[bool]):
    """The first begins with the second, character by character."""

    type = sa.Boolean()
    inherit_cache = True


class Unindexed(FunctionElement[Any]):
    """The column, said so that no index serves to look it up or to sort by it."""

    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any]) -> None:
        self.type = column.type
        super().__init__(column)


class Holds(FunctionElement[bool]):
    """The first has the second in it, character by character."""

    type = sa.Boolean()
    inherit_cache = True


class NextPart(FunctionElement[str]):
    """Of a region's path, the name after so many characters, up to the next slash; "" if there is none."""

    type = sa.String()
    inherit_cache = True


@compiles(StartsWith, "sqlite")
def _starts_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, prefix = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr({column}, {prefix}) = 1)"


@compiles(StartsWith, "postgresql")
def _starts_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, prefix = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"starts_with({column}, {prefix})"


@compiles(Unindexed, "sqlite")
def _unindexed_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "".join(f"+{compiler.process(clause, **kw)}" for clause in element.clauses)


@compiles(Unindexed, "postgresql")
def _unindexed_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    (column,) = (compiler.process(clause, **kw) for clause in element.clauses)
    if isinstance(element.type, sa.Boolean):
        return f"({column} is true)"
    return f"({column} || '')" if isinstance(element.type, sa.String) else f"({column} + 0)"


@compiles(Holds, "sqlite")
def _holds_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr({column}, {word}) > 0)"


@compiles(Holds, "postgresql")
def _holds_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(strpos({column}, {word}) > 0)"


@compiles(NextPart, "sqlite")
def _next_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, length = (compiler.process(clause, **kw) for clause in element.clauses)
    rest = f"substr({column}, {length} + 1)"
    return f"substr({rest}, 1, max(instr({rest}, '/') - 1, 0))"


@compiles(NextPart, "postgresql")
def _next_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, length = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"split_part(substr({column}, {length} + 1), '/', 1)"


def searched(*names: str | None) -> str:
    """The names as they are searched: folded, each once, apart from each other; what is beyond measure is cut off."""
    folded = dict.fromkeys(fold(name).casefold() for name in names if name)
    whole = " ".join(filter(None, folded))
    return whole.encode()[:SEARCHED_BYTES].decode(errors="ignore")


def words_of(text: str) -> list[str]:
    """The words to look for in what ``searched`` made."""
    return [word for word in (fold(word).casefold() for word in text.split()) if word]
