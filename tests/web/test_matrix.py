"""Who may call which route: the file says it, every route declares it, and every cell is called."""

from __future__ import annotations

import pytest

from access import Role
from tests.web.matrix import EVERYBODY, FILE, NOBODY, matrix_of, recorded, written
from tests.web.people import Browser, Office
from tests.web.routes import declared

ROLES = [*map(str, Role), NOBODY]
OPEN = {  # without signing in; whatever else is added here needs a reason
    "GET /login",
    "POST /login",
    "POST /login/code",
    "GET /setup",
    "POST /setup",
    "GET /welcome",
    "POST /welcome",
    "GET /healthz",
    "GET /readyz",
}


def test_every_route_says_what_it_requires_and_asks_before_it_reads_the_body(shared: Office) -> None:
    silent = [str(route) for route in declared(shared.app) if route.requires is None or not route.is_guarded]

    assert silent == []


def test_the_matrix_is_what_routes_and_roles_say() -> None:
    """If this fails, run ``python -m tests.web.matrix`` and read the diff: is it what you want everybody to be able to do?"""
    import tempfile
    from pathlib import Path

    from audits.store import Store
    from web.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        now = matrix_of(create_app(Store(Path(folder))))

    assert FILE.read_text("utf-8") == written(now)


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_is_let_in_or_refused_as_written(shared: Office, role: str) -> None:
    browser = shared.client(None if role == NOBODY else role)
    matrix = matrix_of(shared.app) | recorded()
    wrong = []
    for route in declared(shared.app):
        allowed = matrix[str(route)]
        who = shared.client(None if role == NOBODY else role) if route.path == "/logout" else browser
        answer = who.request(route.method, route.filled(), headers={"accept": "application/json"})
        code = _code(answer)
        expected = role in allowed or EVERYBODY in allowed
        if expected != (code != "FORBIDDEN") or answer.status_code >= 500 or code in ("NOT_SIGNED_IN", "NOT_FROM_HERE"):
            wrong.append(f"{route}: {answer.status_code} {code}")

    assert wrong == []


def test_who_is_not_signed_in_is_let_in_nowhere(shared: Office) -> None:
    far = Browser(shared.app, address="192.0.2.7")
    let_in = []
    for route in declared(shared.app):
        if str(route) in OPEN:
            continue
        for accept in ("application/json", "text/html"):
            answer = far.request(route.method, route.filled(), headers={"accept": accept})
            to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            if answer.status_code != 401 and not (accept == "text/html" and to_sign_in):
                let_in.append(f"{route} {accept}: {answer.status_code}")

    assert let_in == []


def test_a_route_that_declares_nothing_is_refused_to_everybody(office: Office) -> None:
    from fastapi import APIRouter

    from web.security import Guarded

    careless = APIRouter(route_class=Guarded)
    careless.get("/careless")(lambda: "secret")
    office.app.include_router(careless)
    office.app.router.routes.insert(0, office.app.router.routes.pop())

    assert office.client("owner").get("/careless").status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_leads_only_where_one_may_go(shared: Office, role: str) -> None:
    import re

    browser = shared.client(None if role == NOBODY else role)
    page = browser.get("/account").text
    links = re.findall(r'<a href="([^"]+)"[^>]*data-go=', page)
    refused = [link for link in links if browser.get(link).status_code in (401, 403)]

    assert refused == []


def _code(answer: object) -> str:
    headers, json = answer.headers, answer.json  # type: ignore[attr-defined]
    if "json" not in headers.get("content-type", ""):
        return ""
    body = json()
    return str(body["error"].get("code", "")) if isinstance(body, dict) and isinstance(body.get("error"), dict) else ""
