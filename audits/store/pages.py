"""Pages of lists: which part of a list a page is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from audits.store.lines import Page

Item = TypeVar("Item")
PAGE = 50
LARGEST_PAGE = 200


def window(page: int, size: int) -> tuple[int, int]:
    """The index of the first item, and how many there are at most."""
    size = max(1, min(size, LARGEST_PAGE))
    return (max(page, 1) - 1) * size, size


def page_of(items: Sequence[Item], total: int, page: int, size: int, *, is_more: bool = False) -> Page[Item]:
    return Page(tuple(items), total, max(page, 1), max(1, -(-total // size)), is_more)
