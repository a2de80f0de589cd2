"""What stands in the navigation on the left: each person sees what he may use, and nothing else."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from access.actor import Actor
from access.permissions import Permission


@dataclass(frozen=True, slots=True)
class Item:
    """path: also of the pages below it, but for "/"."""

    path: str
    name: str
    icon: str  # of static/icons.svg
    permission: Permission
    key: str  # after g, as in "g b"

    def is_current(self, path: str) -> bool:
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


GROUPS: dict[str, tuple[Item, ...]] = {
    "核查": (
        Item("/", "工作台", "home", Permission.REPORT_READ, "h"),
        Item("/submit", "提交年报", "upload", Permission.REPORT_SUBMIT, "s"),
        Item("/batches", "批次", "layers", Permission.REPORT_READ, "b"),
        Item("/reports", "报告", "file", Permission.REPORT_READ, "r"),
        Item("/failed", "失败队列", "alert", Permission.QUEUE_READ, "f"),
    ),
    "监督": (
        Item("/coverage", "报送情况", "grid", Permission.ROSTER_READ, "c"),
        Item("/agencies", "单位名单", "building", Permission.ROSTER_READ, "a"),
        Item("/sweeps", "巡查", "clock", Permission.SWEEP_READ, "w"),
        Item("/rules", "规则", "book", Permission.RULE_READ, "u"),
    ),
    "管理": (
        Item("/users", "用户", "users", Permission.ACCOUNT_READ, "p"),
        Item("/log", "操作日志", "list", Permission.LOG_READ, "l"),
        Item("/settings", "系统设置", "sliders", Permission.SETTING_READ, "t"),
    ),
}


def navigation_of(actor: Actor, pages: Container[str]) -> dict[str, Sequence[Item]]:
    """Groups with what this person may use, of the pages that there are; none that is empty."""
    allowed = {
        group: [item for item in items if item.path in pages and actor.may(item.permission)] for group, items in GROUPS.items()
    }
    return {group: items for group, items in allowed.items() if items}


def home_of(actor: Actor, pages: Container[str]) -> str:
    """His first page; an administrator's is the first of what he administers."""
    groups = list(navigation_of(actor, pages).values())
    if not groups:
        return "/account"
    return (groups[0] if actor.may(Permission.REPORT_READ) else groups[-1])[0].path
