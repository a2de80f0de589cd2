"""My account: password, second factor, where I am signed in, and the tokens that programs of mine sign in with."""

from __future__ import annotations

from time import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actor import Actor
from access.errors import AccessError, TooMany
from access.permissions import Permission
from access.tokens import NEVER
from web.errors import NotFound
from web.here import Here, Services
from web.pages.words import PERMISSIONS, password_rules
from web.render import page, redirect
from web.security import Guarded, requires

router = APIRouter(route_class=Guarded, prefix="/account", tags=["account"])
Self = Annotated[Actor, requires(Permission.ACCOUNT_SELF)]
Text = Annotated[str, Form(max_length=1000)]
TOKEN_DAYS = (7, 30, 90, 180, 365)


@router.get("")
def account(request: Request, actor: Self, here: Here) -> Response:
    access = here.access
    return page(
        request,
        "account/account.html",
        account=access.accounts.get(actor.account_id),
        sessions=access.sessions.of(actor.account_id),
        tokens=access.tokens.of(actor.account_id),
        permissions=[(item, PERMISSIONS[item]) for item in Permission if item in actor.permissions - NEVER],
        days=[days for days in TOKEN_DAYS if days <= access.settings.number("token_days")],
        words=PERMISSIONS,
        now=time(),
    )


@router.get("/password")
def password_form(request: Request, _: Self, here: Here) -> Response:
    return _password_page(request, here)


@router.post("/password")
def change_password(request: Request, actor: Self, here: Here, old: Text = "", new: Text = "", again: Text = "") -> Response:
    if new != again:
        return _password_page(request, here, "两次输入的新口令不一样")
    try:
        here.access.accounts.change_password(actor, old, new)
    except TooMany:
        raise
    except AccessError as exc:
        return _password_page(request, here, str(exc))
    return redirect(request, "/account", said="口令已修改，其他地方的登录已结束")


def _password_page(request: Request, here: Services, fault: str = "") -> Response:
    rules = password_rules(here.access.settings)
    return page(request, "account/password.html", status=422 if fault else 200, fault=fault, password_rules=rules)


@router.get("/second-factor")
def second_factor(request: Request, actor: Self, here: Here) -> Response:
    return _second_factor_page(request, actor, here)


@router.post("/second-factor/new")
def new_second_factor(request: Request, actor: Self, here: Here, password: Text = "") -> Response:
    """A secret that counts when a code of it was seen. Who has one already proves that it is he."""
    try:
        here.access.accounts.new_second_factor(actor, password)
    except TooMany:
        raise
    except AccessError as exc:
        return _second_factor_page(request, actor, here, str(exc))
    return redirect(request, "/account/second-factor")


@router.post("/second-factor")
def confirm_second_factor(request: Request, actor: Self, here: Here, code: Text = "") -> Response:
    try:
        here.access.accounts.confirm_second_factor(actor, code)
    except TooMany:
        raise
    except AccessError as exc:
        return _second_factor_page(request, actor, here, str(exc))
    return redirect(request, "/account", said="动态口令已启用，下次登录时要输入")


@router.post("/second-factor/remove")
def remove_second_factor(request: Request, actor: Self, here: Here, password: Text = "") -> Response:
    try:
        here.access.accounts.remove_second_factor(actor, password)
    except TooMany:
        raise
    except AccessError as exc:
        return _second_factor_page(request, actor, here, str(exc))
    return redirect(request, "/account", said="动态口令已停用", tone="warn")


@router.post("/sessions/{public_id}/end")
def end_session(request: Request, public_id: str, actor: Self, here: Here) -> Response:
    if public_id not in {session.public_id for session in here.access.sessions.of(actor.account_id)}:
        raise NotFound
    here.access.sessions.end_by(actor, public_id)
    return redirect(request, "/account", said="那处登录已结束")


@router.post("/tokens")
def create_token(
    request: Request,
    actor: Self,
    here: Here,
    title: Text = "",
    permissions: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = 30,
) -> Response:
    try:
        token, secret = here.access.tokens.create(actor, title, permissions or [], days)
    except AccessError as exc:
        return redirect(request, "/account", said=str(exc), tone="bad")
    return page(request, "account/token.html", token=token, secret=secret, words=PERMISSIONS)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(request: Request, token_id: str, actor: Self, here: Here) -> Response:
    if token_id not in {token.id for token in here.access.tokens.of(actor.account_id)}:
        raise NotFound
    here.access.tokens.revoke(actor, token_id)
    return redirect(request, "/account", said="令牌已吊销，用它的程序不能再登录")


def _second_factor_page(request: Request, actor: Actor, here: Here, fault: str = "") -> Response:
    return page(
        request,
        "account/second_factor.html",
        status=422 if fault else 200,
        account=here.access.accounts.get(actor.account_id),
        offered=here.access.accounts.pending_second_factor(actor),
        fault=fault,
    )
