"""An entry of the log of actions: who did what, when, from where, to what, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from access.actions import Action

Result = Literal["ok", "denied", "failed"]
RESULTS: Mapping[Result, str] = {"ok": "成功", "denied": "被拒", "failed": "失败"}


@dataclass(frozen=True, slots=True)
class Entry:
    """number counts from 1 without gaps; at is ISO 8601 with offset; details is JSON, "" for none."""

    number: int
    at: str
    account_id: str | None
    who: str
    address: str
    action: str
    object: str
    region: str
    result: Result
    details: str
    hash: str

    @property
    def action_shown(self) -> str:
        return Action(self.action).shown if self.action in list(Action) else self.action

    @property
    def result_shown(self) -> str:
        return RESULTS[self.result]
