"""The scoring sheet of a pack (考核评分): what is deducted for which findings. Off unless a pack has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules.errors import FieldError
from rules.verdict import Severity


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the sheet.

    rules       whose findings count; none for an item that only a person can judge.
    points      what is deducted: once, or for each finding if ``each``, up to ``cap``.
    severities  which findings count; all if none is named.
    unless      items that, where they are deducted, leave nothing to deduct here: one fault is not punished twice.
    by_itself   whether its findings deduct by themselves; if not, they are put before a person. A finding that may be our
                misreading never deducts by itself.
    """

    title: str
    points: Decimal
    rules: tuple[str, ...] = ()
    each: bool = False
    cap: Decimal | None = None
    severities: tuple[Severity, ...] = ()
    unless: tuple[str, ...] = ()
    by_itself: bool = True
    basis: str = ""

    def __post_init__(self) -> None:
        if self.points <= 0:
            raise FieldError("points", f"{self.points} must be more than 0; it is what is deducted")
        if self.cap is not None and (not self.each or self.cap < self.points):
            raise FieldError("cap", "a cap bounds what is deducted for each finding: write each: true, and no less than points")
        if self.by_itself and not self.rules:
            raise FieldError("by_itself", "an item without rules cannot deduct by itself; write by_itself: false")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The items by id, in order. full is what a report without a fault gets; None if only deductions are counted."""

    items: Mapping[str, Item]
    full: Decimal | None = None
    basis: str = ""

    def __post_init__(self) -> None:
        seen: list[str] = []
        for name, item in self.items.items():
            for index, other in enumerate(item.unless):
                if other not in seen:
                    allowed = ", ".join(seen) or "none: this is the first"
                    raise FieldError(
                        ("items", name, "unless", index), f"no item {other!r} above this one; use one of {allowed}"
                    )
            seen.append(name)
