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
            raise FieldError("points", f"{self.points} 应大于 0，它是扣的分数")
        if self.cap is not None and (not self.each or self.cap < self.points):
            raise FieldError("cap", "cap 是按问题逐个扣分时的上限：要写 each: true，且不小于 points")
        if self.by_itself and not self.rules:
            raise FieldError("by_itself", "没有规则的项目不能自动扣分；请写 by_itself: false")


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
                    allowed = ", ".join(seen) or "无，这是第一项"
                    raise FieldError(("items", name, "unless", index), f"上面没有项目 {other!r}；可用：{allowed}")
            seen.append(name)
