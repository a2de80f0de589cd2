"""People: who there is (system administrator), what they may do, and where they are signed in (security administrator)."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from access.actor import Actor
from access.errors import AccessError, AccountFault, TokenFault
from access.people import Account
from access.permissions import Permission, Role, roles
from audits.regions import parts_of
from web.errors import BadRequest, NotFound
from web.here import Here, Services
from web.pages.words import PERMISSIONS, regions_in
from web.render import page, redirect
from web.security import Guarded, requires

router = APIRouter(route_class=Guarded, prefix="/users", tags=["users"])
Reader = Annotated[Actor, requires(Permission.ACCOUNT_READ)]
Creator = Annotated[Actor, requires(Permission.ACCOUNT_CREATE)]
Granter = Annotated[Actor, requires(Permission.ACCOUNT_GRANT)]
Ender = Annotated[Actor, requires(Permission.SESSION_END)]
Text = Annotated[str, Form(max_length=10_000)]
STATES = {
    "": "全部状态",
    "active": "可用",
    "waiting": "未设口令",
    "unassigned": "未授角色",
    "locked": "已锁定",
    "disabled": "已停用",
}


@router.get("")
def users(request: Request, _: Reader, here: Here, text: str = "", role: str = "", state: str = "") -> Response:
    found = here.access.accounts.all(text.strip())
    shown = [account for account in found if _has_role(account, role) and (state in ("", "all") or state in _states(account))]
    return page(
        request,
        "users/users.html",
        accounts=shown,
        text=text,
        role=role,
        state=state,
        states=STATES,
        roles=_roles(here),
        any_filter=bool(text or role or state),
    )


@router.post("")
def create(request: Request, actor: Creator, here: Here, login: Text = "", name: Text = "") -> Response:
    try:
        account, secret = here.access.accounts.create(actor, login, name)
    except AccessError as exc:
        return redirect(request, "/users", said=str(exc), tone="bad")
    return _link_page(request, account, secret, "账号已创建")


@router.get("/sessions")
def sessions(request: Request, _: Ender, here: Here) -> Response:
    return page(request, "users/sessions.html", sessions=here.access.sessions.of())


@router.post("/sessions/{public_id}/end")
def end_session(request: Request, public_id: str, actor: Ender, here: Here) -> Response:
    try:
        here.access.sessions.end_by(actor, public_id)
    except AccountFault as exc:
        raise NotFound(str(exc)) from exc
    return redirect(request, "/users/sessions", said="会话已结束，对方要重新登录")


@router.get("/tokens")
def tokens(request: Request, _: Ender, here: Here) -> Response:
    return page(request, "users/tokens.html", tokens=here.access.tokens.of(), words=PERMISSIONS, now=time())


@router.post("/tokens/{token_id}/revoke")
def revoke_token(request: Request, token_id: str, actor: Ender, here: Here) -> Response:
    try:
        here.access.tokens.revoke(actor, token_id)
    except TokenFault as exc:
        raise NotFound(str(exc)) from exc
    return redirect(request, "/users/tokens", said="令牌已吊销")


@router.get("/{account_id}")
def user(request: Request, account_id: str, actor: Reader, here: Here) -> Response:
    account = _account(here, account_id)
    may_end = actor.may(Permission.SESSION_END)
    return page(
        request,
        "users/user.html",
        account=account,
        roles=_roles(here),
        may=PERMISSIONS,
        granted=roles(),
        is_self=account.id == actor.account_id and actor.role is not Role.OWNER,
        sees_reports=[role for role, granted in roles().items() if Permission.REPORT_READ in granted.permissions],
        regions="\n".join("/".join(parts_of(region)) or "全部地区" for region in account.regions),
        sessions=here.access.sessions.of(account.id) if may_end else (),
        tokens=here.access.tokens.of(account.id) if may_end else (),
        now=time(),
    )


@router.post("/{account_id}/rename")
def rename(request: Request, account_id: str, actor: Creator, here: Here, name: Text = "") -> Response:
    _account(here, account_id)
    return _done(request, account_id, "姓名已修改", lambda: here.access.accounts.rename(actor, account_id, name))


@router.post("/{account_id}/disable")
def disable(request: Request, account_id: str, actor: Creator, here: Here) -> Response:
    _account(here, account_id)
    return _done(request, account_id, "账号已停用，登录和令牌随即失效", lambda: here.access.accounts.disable(actor, account_id))


@router.post("/{account_id}/enable")
def enable(request: Request, account_id: str, actor: Creator, here: Here) -> Response:
    _account(here, account_id)
    return _done(request, account_id, "账号已启用", lambda: here.access.accounts.enable(actor, account_id))


@router.post("/{account_id}/grant")
def grant(request: Request, account_id: str, actor: Granter, here: Here, role: Text = "", regions: Text = "") -> Response:
    before = _account(here, account_id)
    if role and role not in list(Role):
        raise BadRequest("没有这个角色；请从列表中选")
    granted = Role(role) if role else None
    sees = granted is not None and Permission.REPORT_READ in roles()[granted].permissions
    paths = regions_in(regions) if sees else []
    words = "角色和地区已授予" if granted else "角色和地区已收回"
    words += "，从下一次操作起生效" if granted == before.role else "；此人要重新登录"
    if sees and not paths:
        words = f"角色已授予，但没有写地区：{before.name} 还什么也看不到"
    return _done(
        request,
        account_id,
        words,
        lambda: here.access.accounts.grant(actor, account_id, granted, paths),
        tone="warn" if sees and not paths else "good",
    )


@router.post("/{account_id}/unlock")
def unlock(request: Request, account_id: str, actor: Granter, here: Here) -> Response:
    _account(here, account_id)
    return _done(request, account_id, "账号已解锁", lambda: here.access.accounts.unlock(actor, account_id))


@router.post("/{account_id}/reset")
def reset(request: Request, account_id: str, actor: Granter, here: Here) -> Response:
    account = _account(here, account_id)
    try:
        secret = here.access.accounts.reset(actor, account_id)
    except AccountFault as exc:
        return redirect(request, f"/users/{account_id}", said=str(exc), tone="bad")
    return _link_page(request, account, secret, "口令已重置，登录、令牌和动态口令都已失效")


@router.post("/{account_id}/reset-second-factor")
def reset_second_factor(request: Request, account_id: str, actor: Granter, here: Here) -> Response:
    _account(here, account_id)
    words = "动态口令已清除，下次登录时重新设置"
    return _done(request, account_id, words, lambda: here.access.accounts.reset_second_factor(actor, account_id))


def _account(here: Services, account_id: str) -> Account:
    try:
        return here.access.accounts.get(account_id)
    except AccountFault as exc:
        raise NotFound from exc


def _done(request: Request, account_id: str, words: str, act: Callable[[], None], tone: str = "good") -> Response:
    """Do it and say so, or say why not, on the person's page."""
    try:
        act()
    except AccountFault as exc:
        return redirect(request, f"/users/{account_id}", said=str(exc), tone="bad")
    return redirect(request, f"/users/{account_id}", said=words, tone=tone)


def _link_page(request: Request, account: Account, secret: str, words: str) -> Response:
    """The one time that a link for a password is shown."""
    link = f"{str(request.base_url).rstrip('/')}/welcome?key={secret}"
    return page(request, "users/link.html", account=account, link=link, words=words)


def _has_role(account: Account, role: str) -> bool:
    return not role or account.role == role


def _states(account: Account) -> set[str]:
    found = {"disabled"} if account.is_disabled else {"active"}
    found |= set() if account.has_password else {"waiting"}
    found |= {"locked"} if account.locked_until is not None else set()
    return found | ({"unassigned"} if account.role is None else set())


def _roles(here: Services) -> list[tuple[Role, str, str]]:
    """Those that can be granted here: the owner of everything only in a small office."""
    small = bool(here.access.settings["small_office"])
    return [(role, granted.name, granted.about) for role, granted in roles().items() if role is not Role.OWNER or small]
