"""Coming in and going out: sign-in with a second factor, the first set-up, a link for one's own password, sign-out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from access import CodeWanted, Person, Role, SetUp, SignedIn
from access.actor import Actor
from access.errors import AccessError, LinkInvalid, TooMany, WrongCredentials
from web.cookies import session_cookie, set_cookie, visit_cookie
from web.errors import log_limit
from web.here import Here, Services, address_of
from web.pages.words import password_rules
from web.render import local, page, redirect
from web.security import Guarded, for_everybody, requires

router = APIRouter(route_class=Guarded, tags=["sign_in"])
Anybody = Annotated[None, for_everybody()]
Text = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def login(request: Request, _: Anybody, here: Here, next: str = "") -> Response:
    if getattr(request.state, "actor", None):
        return RedirectResponse(local(next), 303)
    return _login_page(request, here, next)


@router.post("/login")
def sign_in(request: Request, _: Anybody, here: Here, login: Text = "", password: Text = "", next: Text = "") -> Response:
    try:
        found = here.access.entrance.sign_in(login, password, address_of(request), request.headers.get("user-agent", ""))
    except (WrongCredentials, TooMany) as exc:
        return _login_page(request, here, next, login, exc)
    if isinstance(found, CodeWanted):
        return page(request, "sign_in/code.html", secret=found.secret, next=next, fault="")
    return _came_in(request, found, next)


@router.post("/login/code")
def send_code(request: Request, _: Anybody, here: Here, secret: Text = "", code: Text = "", next: Text = "") -> Response:
    try:
        found = here.access.entrance.send_code(secret, code, address_of(request), request.headers.get("user-agent", ""))
    except LinkInvalid:
        return redirect(request, "/login", said="等得太久了，请重新登录", tone="warn")
    except (WrongCredentials, TooMany) as exc:
        return page(
            request,
            "sign_in/code.html",
            status=_status(exc),
            headers=_headers(request, exc),
            secret=secret,
            next=next,
            fault=str(exc),
        )
    return _came_in(request, found, next)


@router.post("/logout")
def sign_out(request: Request, actor: Annotated[Actor, requires("account.self")], here: Here) -> Response:
    cookie = session_cookie(request)
    here.access.sessions.end(request.cookies.get(cookie, ""), actor)
    response = RedirectResponse("/login", 303)
    set_cookie(request, response, cookie, "", 0)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.get("/setup")
def setup(request: Request, _: Anybody, here: Here, key: str = "") -> Response:
    if not here.access.entrance.is_setup_link(key):
        raise LinkInvalid
    return page(request, "sign_in/setup.html", key=key, fault="", given={}, password_rules=password_rules(here.access.settings))


@router.post("/setup")
def set_up(
    request: Request,
    _: Anybody,
    here: Here,
    key: Text = "",
    kind: Text = "three",
    login: Text = "",
    name: Text = "",
    password: Text = "",
    again: Text = "",
    security_login: Text = "",
    security_name: Text = "",
    audit_login: Text = "",
    audit_name: Text = "",
) -> Response:
    given = {"kind": kind, "login": login, "name": name, "security_login": security_login, "security_name": security_name}
    given |= {"audit_login": audit_login, "audit_name": audit_name}
    alone = kind == "one"
    asked = SetUp(
        Person(login, name),
        password,
        None if alone else Person(security_login, security_name),
        None if alone else Person(audit_login, audit_name),
    )
    fault = "" if password == again else "两次输入的口令不一样"
    if not fault:
        try:
            done = here.access.entrance.set_up(key, asked, address_of(request))
        except LinkInvalid:
            raise
        except AccessError as exc:
            fault = str(exc)
        else:
            others = [(Role(role).shown, account, secret) for role, (account, secret) in done.links.items()]
            return page(request, "sign_in/ready.html", account=done.account, others=others, base=_base(request))
    rules = password_rules(here.access.settings)
    return page(request, "sign_in/setup.html", status=422, key=key, fault=fault, given=given, password_rules=rules)


@router.get("/welcome")
def welcome(request: Request, _: Anybody, here: Here, key: str = "") -> Response:
    return _welcome_page(request, here, key)


@router.post("/welcome")
def set_password(request: Request, _: Anybody, here: Here, key: Text = "", password: Text = "", again: Text = "") -> Response:
    fault = "" if password == again else "两次输入的口令不一样"
    if not fault:
        try:
            here.access.entrance.use_link(key, password, address_of(request))
        except LinkInvalid:
            raise
        except AccessError as exc:
            fault = str(exc)
        else:
            return redirect(request, "/login", said="口令已设好，请登录")
    return _welcome_page(request, here, key, fault)


def _welcome_page(request: Request, here: Services, key: str, fault: str = "") -> Response:
    return page(
        request,
        "sign_in/welcome.html",
        status=422 if fault else 200,
        account=here.access.entrance.open_link(key),
        key=key,
        fault=fault,
        password_rules=password_rules(here.access.settings),
    )


def _login_page(request: Request, here: Here, next: str, login: str = "", fault: AccessError | None = None) -> Response:
    return page(
        request,
        "sign_in/login.html",
        status=_status(fault),
        headers=_headers(request, fault),
        next=local(next, ""),
        login=login,
        fault=str(fault or ""),
        office=here.access.settings.text("office_name"),
        is_new=here.access.entrance.is_new(),
        was_signed_in=session_cookie(request) in request.cookies,
    )


def _came_in(request: Request, found: SignedIn, next: str) -> Response:
    response = RedirectResponse(local(next), 303)
    set_cookie(request, response, session_cookie(request), found.secret)
    if visit_cookie(request) in request.cookies:
        set_cookie(request, response, visit_cookie(request), "", 0)
    return response


def _status(fault: AccessError | None) -> int:
    if fault is None:
        return 200
    return 429 if isinstance(fault, TooMany) else 401


def _headers(request: Request, fault: AccessError | None) -> dict[str, str] | None:
    if isinstance(fault, TooMany):
        log_limit(request)
    return {"Retry-After": str(fault.retry_after)} if isinstance(fault, TooMany) else None


def _base(request: Request) -> str:
    """How others reach this server, as far as this browser tells."""
    return str(request.base_url).rstrip("/")
