"""Accounts, sessions and tokens of people, for the administrators: each part needs its own permission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import Field

from access import Permission, Role
from access.errors import AccountFault, TokenFault
from access.people import Account as Found
from web.api.shared import PLAIN, Asked, Asking, Model, Region, Text, an_id, asking, resource
from web.errors import NotFound

router = resource()

AccountId = Annotated[str, an_id("账号")]
Login = Annotated[str, Field(min_length=2, max_length=64, pattern=PLAIN, description="登录名")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN, description="姓名")]


class Account(Model):
    id: str
    login: str
    name: str
    role: Role | None
    regions: list[str]
    has_password: bool = Field(description="是否已用链接设好口令")
    has_second_factor: bool
    locked_until: datetime | None
    is_disabled: bool
    created_at: datetime
    seen_at: datetime | None


class Invited(Model):
    account: Account
    key: str = Field(description="一次性链接 /welcome?key=… 里的 key，只在这里出现一次")


class NewAccount(Asked):
    login: Login
    name: Name


class Renamed(Asked):
    name: Name


class Granted(Asked):
    role: Role | None = Field(description="角色；null 为收回")
    regions: list[Region] = Field(default_factory=list, max_length=100, description="地区")


class Session(Model):
    id: str = Field(validation_alias="public_id")
    account_id: str
    login: str
    name: str
    address: str
    browser: str
    opened_at: datetime
    seen_at: datetime


class Token(Model):
    id: str
    account_id: str
    login: str
    title: str
    permissions: list[Permission]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


@router.get("/accounts", summary="账号")
def list_accounts(asked: Annotated[Asking, asking("account.read")], text: Text = "") -> list[Account]:
    return [Account.model_validate(one) for one in asked.here.access.accounts.all(text.strip())]


@router.post("/accounts", status_code=201, summary="创建账号；本人用一次性链接设口令")
def create(wanted: NewAccount, asked: Annotated[Asking, asking("account.create")]) -> Invited:
    account, secret = asked.here.access.accounts.create(asked.actor, wanted.login, wanted.name)
    return Invited(account=Account.model_validate(account), key=secret)


@router.get("/accounts/{account_id}", summary="一个账号")
def show_account(account_id: AccountId, asked: Annotated[Asking, asking("account.read")]) -> Account:
    return _shown(asked, account_id)


@router.patch("/accounts/{account_id}", summary="修改姓名")
def rename(account_id: AccountId, wanted: Renamed, asked: Annotated[Asking, asking("account.create")]) -> Account:
    return _changed(asked, account_id, asked.here.access.accounts.rename, wanted.name)


@router.post("/accounts/{account_id}/disable", summary="停用账号，它的会话随即结束")
def disable(account_id: AccountId, asked: Annotated[Asking, asking("account.create")]) -> Account:
    return _changed(asked, account_id, asked.here.access.accounts.disable)


@router.post("/accounts/{account_id}/enable", summary="启用账号")
def enable(account_id: AccountId, asked: Annotated[Asking, asking("account.create")]) -> Account:
    return _changed(asked, account_id, asked.here.access.accounts.enable)


@router.put("/accounts/{account_id}/grant", summary="授予角色和地区，从下一次操作起生效")
def grant(account_id: AccountId, wanted: Granted, asked: Annotated[Asking, asking("account.grant")]) -> Account:
    return _changed(asked, account_id, asked.here.access.accounts.grant, wanted.role, wanted.regions)


@router.post("/accounts/{account_id}/unlock", summary="解锁账号")
def unlock(account_id: AccountId, asked: Annotated[Asking, asking("account.grant")]) -> Account:
    return _changed(asked, account_id, asked.here.access.accounts.unlock)


@router.post("/accounts/{account_id}/reset", summary="重置口令，它的会话、令牌、动态口令随即失效")
def reset(account_id: AccountId, asked: Annotated[Asking, asking("account.grant")]) -> Invited:
    _account(asked, account_id)
    secret = asked.here.access.accounts.reset(asked.actor, account_id)
    return Invited(account=_shown(asked, account_id), key=secret)


@router.get("/sessions", summary="正在登录的会话")
def list_sessions(
    asked: Annotated[Asking, asking("session.end")],
    account: Annotated[str | None, Query(max_length=32, pattern=PLAIN, description="只看这个账号的")] = None,
) -> list[Session]:
    return [Session.model_validate(one) for one in asked.here.access.sessions.of(account)]


@router.delete("/sessions/{session_id}", status_code=204, summary="结束会话")
def end_session(session_id: Annotated[str, an_id("会话")], asked: Annotated[Asking, asking("session.end")]) -> None:
    try:
        asked.here.access.sessions.end_by(asked.actor, session_id)
    except AccountFault as exc:
        raise NotFound(str(exc)) from exc


@router.get("/tokens", summary="接口令牌")
def list_tokens(
    asked: Annotated[Asking, asking("session.end")],
    account: Annotated[str | None, Query(max_length=32, pattern=PLAIN, description="只看这个账号的")] = None,
) -> list[Token]:
    """令牌本身只在创建时显示一次；创建在网页“我的账号”里。"""
    return [Token.model_validate(one) for one in asked.here.access.tokens.of(account)]


@router.delete("/tokens/{token_id}", status_code=204, summary="吊销令牌")
def revoke_token(token_id: Annotated[str, an_id("令牌")], asked: Annotated[Asking, asking("session.end")]) -> None:
    try:
        asked.here.access.tokens.revoke(asked.actor, token_id)
    except TokenFault as exc:
        raise NotFound(str(exc)) from exc


def _changed(asked: Asking, account_id: str, change: Callable[..., object], *to: object) -> Account:
    """The account after the change. Raises NotFound if there is none."""
    _account(asked, account_id)
    change(asked.actor, account_id, *to)
    return _shown(asked, account_id)


def _account(asked: Asking, account_id: str) -> Found:
    try:
        return asked.here.access.accounts.get(account_id)
    except AccountFault as exc:
        raise NotFound(str(exc)) from exc


def _shown(asked: Asking, account_id: str) -> Account:
    return Account.model_validate(_account(asked, account_id))
