"""The rules, to be read, and what they found."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path as InPath
from fastapi import Query
from pydantic import Field

from rules.compile import Rule, load_pack
from rules.verdict import Severity
from web.api.shared import ID, PLAIN, Asking, Model, asking, pack_named, resource
from web.errors import NotFound

router = resource()

Pack = Annotated[str, Query(max_length=64, pattern=PLAIN, description="规则包")]


class Line(Model):
    id: str
    title: str
    severity: Severity
    basis: str = Field(description="依据")
    editions: list[str] = Field(description="适用的年报格式")
    on: bool = Field(description="默认是否启用")
    waivable: bool = Field(description="能否豁免")


class Whole(Line):
    message: str = Field(description="问题的写法，{…} 处填入数字")
    advice: str = Field(description="整改建议的写法")
    notes: str = Field(description="说明和可能的误报")
    supersedes: list[str] = Field(description="代替哪些规则")
    parameters: dict[str, Any] = Field(description="规则文件里的参数")


class Figures(Model):
    rule: str
    severity: Severity
    reports: int = Field(description="确有问题的报告")
    doubtful_reports: int = Field(description="只有需人工核对的问题的报告")
    problems: int
    doubtful: int
    confirmed: int
    dismissed: int
    waived: int


@router.get("/rules", summary="列出规则")
def list_rules(asked: Annotated[Asking, asking("rule.read")], pack: Pack = "national") -> list[Line]:
    return [Line.model_validate(rule) for rule in _rules(asked, pack).values()]


@router.get("/rules/statistics", summary="各规则查出多少，认定了多少")
def statistics(
    asked: Annotated[Asking, asking("report.read")],
    batch: Annotated[str | None, Query(pattern=ID, description="只看这个批次")] = None,
) -> list[Figures]:
    if batch is not None and asked.here.store.listing.batch(asked.viewer, batch) is None:
        raise NotFound
    return [Figures.model_validate(one) for one in asked.here.store.listing.rule_statistics(asked.viewer, batch)]


@router.get("/rules/{rule_id}", summary="一条规则")
def show_rule(
    rule_id: Annotated[str, InPath(max_length=60, pattern=r"^[A-Za-z0-9-]+$", description="规则编号，如 APP-BALANCE")],
    asked: Annotated[Asking, asking("rule.read")],
    pack: Pack = "national",
) -> Whole:
    found = _rules(asked, pack).get(rule_id)
    if found is None:
        raise NotFound
    return Whole.model_validate(found)


def _rules(asked: Asking, pack: str) -> dict[str, Rule]:
    return dict(load_pack(pack_named(asked, pack)).rules)
