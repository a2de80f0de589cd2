"""What holds for every answer: cookies, where a request comes from, headers, limits, errors, the access log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse

import web.app
from access import LOCAL, Action
from access.log import LogWanted
from access.second_factor import STEP_SECONDS, code_at
from tests.web.people import PASSWORD, Browser, Office
from tests.web.people import office as new_office
from tests.web.routes import declared
from web.here import Options
from web.security import SMALL_BODY, Guarded, for_everybody

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def signed_in(office: Office, base: str = "http://127.0.0.1") -> tuple[Browser, str]:
    """A browser that has gone through the form, and the cookie that it was given."""
    account = office.account("supervisor")
    browser = Browser(office.app, base)
    answer = browser.post("/login", data={"login": account.login, "password": PASSWORD})
    return browser, next(line for line in answer.headers.get_list("set-cookie") if "hecha=" in line)


def posted(browser: Browser, path: str) -> dict[str, Any]:
    """The scope of a form that its browser has begun to send."""
    headers = {"host": "127.0.0.1", "cookie": f"hecha={browser.cookies['hecha']}", "x-csrf-token": browser.token}
    headers |= {"content-type": "application/x-www-form-urlencoded", "content-length": "14"}
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http", "root_path": ""}
    scope |= {"headers": [(key.encode(), value.encode()) for key, value in headers.items()], "client": ("127.0.0.1", 1)}
    return scope | {"server": ("127.0.0.1", 80), "http_version": "1.1", "raw_path": path.encode()}


# cookies


def test_over_tls_the_session_is_bound_to_host_and_tls_and_hidden_from_scripts(office: Office) -> None:
    browser, cookie = signed_in(office, "https://hecha.example")

    assert re.fullmatch(r"__Host-hecha=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    assert browser.get("/account").status_code == 200


def test_on_the_machine_itself_the_session_needs_no_tls(office: Office) -> None:
    browser, cookie = signed_in(office)

    assert re.fullmatch(r"hecha=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)
    assert browser.get("/account").status_code == 200


def test_every_sign_in_is_a_session_of_its_own(office: Office) -> None:
    assert signed_in(office)[1] != signed_in(office)[1]


def test_a_planted_session_is_not_taken_over(office: Office) -> None:
    account = office.account("supervisor")
    browser = office.anonymous()
    browser.cookies.set("hecha", "planted-by-somebody-else")
    browser.post("/login", data={"login": account.login, "password": PASSWORD})

    browser.cookies.clear()
    browser.cookies.set("hecha", "planted-by-somebody-else")

    assert browser.get("/account").status_code == 303


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    browser, cookie = signed_in(office)
    browser.post("/logout")
    browser.cookies.set("hecha", cookie.split("=", 1)[1].split(";")[0])

    assert browser.get("/account").headers["location"].startswith("/login")


# where a request comes from


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example", "sec-fetch-site": None},
        {"origin": "null", "sec-fetch-site": None},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-csrf-token": "wrong"},
        {"x-csrf-token": ""},
    ],
    ids=str,
)
def test_what_was_not_sent_from_a_page_of_ours_changes_nothing(office: Office, headers: dict[str, str | None]) -> None:
    browser = office.client("system_admin")
    answer = browser.post(
        "/users", data={"login": "intruder", "name": "入侵"}, headers={"accept": "application/json", **headers}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NOT_FROM_HERE")
    assert [account.login for account in office.access.accounts.all("intruder")] == []


def test_a_form_carries_its_token_in_a_field(office: Office) -> None:
    browser = office.client("system_admin")
    form = {"login": "zhangwei", "name": "张伟", "csrf": browser.token}

    assert browser.post("/users", data=form, headers={"x-csrf-token": ""}).status_code == 200


def test_behind_a_proxy_that_renames_us_forms_are_still_ours(office: Office) -> None:
    """The browser says that it is at the same origin; the name it knows is not ours."""
    browser = office.client("system_admin")
    headers = {"origin": "https://hecha.office.example", "sec-fetch-site": "same-origin"}

    assert browser.post("/users", data={"login": "zhangwei", "name": "张伟"}, headers=headers).status_code == 200


def test_away_from_the_machine_only_tls_is_answered(tmp_path: Path) -> None:
    app = new_office(tmp_path, Options(is_local=False)).app

    assert [Browser(app, base).get("/login").status_code for base in ("http://hecha.example", "https://hecha.example")] == [
        403,
        200,
    ]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.5"])
def test_a_name_that_somebody_made_point_to_this_machine_opens_nothing(office: Office, host: str) -> None:
    """DNS rebinding: to the browser, a page of that name and the service here would be one."""
    answer = Browser(office.app, f"http://{host}").get("/login", headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "WRONG_HOST")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_this_machine_is_known_by_its_own_names(office: Office, host: str) -> None:
    assert Browser(office.app, f"http://{host}").get("/login").status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_what_an_unnamed_proxy_hands_on_does_not_come_from_this_machine(office: Office, header: str) -> None:
    """Or every administrator would come in without a second factor, and everybody read the metrics."""
    browser = office.client("security_admin")
    near = browser.get("/users")
    far = browser.get("/users", headers={header: "127.0.0.1"})

    assert (near.status_code, far.headers["location"]) == (200, "/account/second-factor")
    assert office.anonymous().get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


def test_the_token_of_another_session_is_no_good(office: Office) -> None:
    stranger = office.client("viewer").token
    browser = office.client("system_admin")

    assert browser.post("/users", data={"login": "x2", "name": "甲"}, headers={"x-csrf-token": stranger}).status_code == 403


def test_signing_in_needs_the_token_of_the_form_too(office: Office) -> None:
    account = office.account("supervisor")
    data = {"login": account.login, "password": PASSWORD}

    assert office.anonymous().post("/login", data=data, headers={"x-csrf-token": "wrong"}).status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_token(office: Office, method: str) -> None:
    assert office.client("supervisor").request(method, "/account").status_code in (200, 405)


def test_nothing_that_is_only_read_changes_a_state(office: Office) -> None:
    """Paths that say they do something are none of GET."""
    doing = re.compile(
        r"/(cancel|retry|reaudit|delete|disable|enable|grant|unlock|reset|end|revoke|decide|rename|remove|run|pause)$"
    )

    assert [str(route) for route in declared(office.app) if route.method == "GET" and doing.search(route.path)] == []


def test_a_program_with_a_token_needs_no_form_and_is_known_only_under_api(office: Office) -> None:
    owner = office.client("supervisor")
    shown = owner.post("/account/tokens", data={"title": "脚本", "permissions": ["report.read"], "days": "7"}).text
    found = re.search(r"hecha_[\w-]+", shown)
    assert found is not None
    program = {"authorization": f"Bearer {found[0]}"}

    assert office.anonymous().get("/api/v1/me", headers=program).status_code == 200
    assert office.anonymous().get("/account", headers=program).status_code == 303
    assert found[0] not in owner.get("/account").text


# headers


@pytest.mark.parametrize("path", ["/login", "/account", "/nothing", "/api/v1/nothing", "/static/hecha.css", "/healthz"])
def test_every_answer_binds_the_browser(shared: Office, path: str) -> None:
    headers = shared.client("supervisor").get(path).headers

    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{12}", headers["x-request-id"])
    assert "strict-transport-security" not in headers


def test_tls_is_asked_for_ever_after(shared: Office) -> None:
    assert Browser(shared.app, "https://hecha.example").get("/login").headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/account", "no-store"),
        ("/static/hecha.css", "no-cache"),
        ("/static/hecha.css?v=1", "public, max-age=31536000, immutable"),
    ],
)
def test_only_what_never_changes_is_kept_by_browsers(shared: Office, path: str, kept: str) -> None:
    assert shared.client("supervisor").get(path).headers["cache-control"] == kept


# limits


def test_a_body_that_says_it_is_too_long_is_not_read(office: Office) -> None:
    answer = office.client("system_admin").post("/users", content=b"x", headers={"content-length": str(SMALL_BODY + 1)})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "kind"), [("/account/tokens", "application/x-www-form-urlencoded"), ("/api/v1/failed/retry", "application/json")]
)
def test_a_body_that_does_not_say_how_long_it_is_is_read_no_further_than_allowed(office: Office, path: str, kind: str) -> None:
    pieces = (b"a" * 65536 for _ in range(2 * SMALL_BODY // 65536))
    answer = office.client("supervisor").post(path, content=pieces, headers={"content-type": kind})

    assert answer.status_code == 413


def test_who_may_not_is_refused_before_his_body_is_read(office: Office) -> None:
    browser = office.client("viewer")
    read = []
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        read.append(1)
        return {"type": "http.request", "body": b"login=x&name=y", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(office.app(posted(browser, "/users"), receive, send))  # type: ignore[arg-type]

    assert (sent[0]["status"], read) == (403, [])


def test_a_body_that_does_not_come_is_not_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.app, "STALL_SECONDS", 0.2)
    browser = office.client("supervisor")
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        if not sent:
            sent.append("a piece")
            return {"type": "http.request", "body": b"title=x", "more_body": True}
        await asyncio.sleep(60)
        raise AssertionError("waited for")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(office.app(posted(browser, "/account/tokens"), receive, send))  # type: ignore[arg-type]

    assert sent[1]["status"] == 408


def test_an_answer_that_takes_long_to_send_is_not_cut_off(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.app, "STALL_SECONDS", 0.1)
    slow = APIRouter(route_class=Guarded)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            await asyncio.sleep(0.1)
            yield b"x"

    @slow.get("/slow", dependencies=[for_everybody()])
    def answer() -> StreamingResponse:
        return StreamingResponse(pieces())

    office.app.include_router(slow)
    office.app.router.routes.insert(0, office.app.router.routes.pop())

    assert office.anonymous().get("/slow").text == "xxxx"


def test_too_many_sign_ins_from_one_address_have_to_wait(office: Office) -> None:
    office.access.settings.change(LOCAL, "login_per_minute", 3)
    browser = office.anonymous()
    answers = [browser.post("/login", data={"login": "somebody", "password": "wrong"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 120


def test_too_many_exports_have_to_wait(office: Office) -> None:
    office.access.settings.change(LOCAL, "export_per_minute", 2)
    browser = office.client("audit_admin")
    answers = [browser.get("/log/export") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_who_reaches_a_limit_is_in_the_log_of_actions_once_a_minute(office: Office) -> None:
    office.access.settings.change(LOCAL, "login_per_minute", 3)
    for _ in range(6):
        office.anonymous().post("/login", data={"login": "somebody", "password": "wrong"})
    entries = office.access.log.entries(LogWanted(action=Action.LIMIT_REACHED))

    assert [(entry.address, entry.object, entry.result) for entry in entries] == [("127.0.0.1", "POST /login", "denied")]


# errors


def test_what_is_not_there_is_said_in_chinese_with_code_and_id(shared: Office) -> None:
    answer = shared.client("supervisor").get("/nothing")

    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "NOT_FOUND" in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_programs_are_told_in_json(shared: Office) -> None:
    answer = shared.client("supervisor").get("/api/v1/nothing")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["request_id"]) == (404, "NOT_FOUND", answer.headers["x-request-id"])


def test_what_nobody_foresaw_tells_nothing_of_the_inside(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    broken = APIRouter(route_class=Guarded)

    @broken.get("/broken", dependencies=[for_everybody()])
    def fail(request: Request) -> None:
        raise RuntimeError("inside at /srv/secret.py")

    office.app.include_router(broken)
    office.app.router.routes.insert(0, office.app.router.routes.pop())
    answer = office.anonymous().get("/broken")

    assert answer.status_code == 500
    assert "inside" not in answer.text
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-request-id"] in answer.text
    assert "inside at /srv/secret.py" in caplog.text


def test_a_form_with_faults_is_told_of_fields_and_never_of_what_was_typed(office: Office) -> None:
    answer = office.client("supervisor").post("/account/tokens", data={"title": "x", "days": "secret-typed-here"})

    assert answer.status_code == 422
    assert "days" in answer.text
    assert "secret-typed-here" not in answer.text


def test_refused_access_is_in_the_log_of_actions(office: Office) -> None:
    viewer = office.account("viewer")
    office.client("viewer").post("/users", data={"login": "x3", "name": "甲"})
    entries = office.access.log.entries(LogWanted(action=Action.ACCESS_DENIED))

    assert [(entry.account_id, entry.object, entry.result) for entry in entries] == [(viewer.id, "POST /users", "denied")]


def test_who_opens_the_front_page_and_is_sent_to_his_own_is_not_written_down_as_refused(office: Office) -> None:
    before = office.access.log.entries(LogWanted(action=Action.ACCESS_DENIED))
    answer = office.client("audit_admin").get("/", headers={"accept": "text/html"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/log")
    assert office.access.log.entries(LogWanted(action=Action.ACCESS_DENIED)) == before


# the access log


def test_the_access_log_has_no_query_no_token_and_one_line_a_request(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="web.access")
    office.anonymous().get("/welcome?key=very-secret-key")
    office.anonymous().get("/a%0d%0aINFO forged line")
    lines = [record.getMessage() for record in caplog.records if record.name == "web.access"]

    assert "very-secret-key" not in caplog.text
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert any(line.startswith("GET /welcome 404 ") for line in lines)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(office: Office, target: str) -> None:
    account = office.account("supervisor")
    data = {"login": account.login, "password": PASSWORD, "next": target}

    assert office.anonymous().post("/login", data=data).headers["location"] == "/"


def test_a_session_found_open_is_not_given_another_phone_without_the_password(office: Office) -> None:
    account, browser = office.account("viewer"), office.client("viewer")
    session = office.access.sessions.actor(browser.cookies["hecha"])
    assert session is not None
    offered = office.access.accounts.new_second_factor(session)
    office.access.accounts.confirm_second_factor(session, code_at(offered.secret, int(time.time() // STEP_SECONDS)))
    refused = browser.post("/account/second-factor/new", data={"password": "wrong"})
    let = browser.post("/account/second-factor/new", data={"password": PASSWORD})

    assert (refused.status_code, let.status_code) == (422, 303)
    assert 'class="secret"' not in refused.text
    assert office.access.accounts.get(account.id).has_second_factor
