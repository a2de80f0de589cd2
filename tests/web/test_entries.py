"""Every action through pages or API leaves exactly one entry in the log of actions, and so does every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from access import LOCAL, Action
from tests.web.audited import NO_REPORT, REPORTS, audit_all, id_of, submitted
from tests.web.people import PASSWORD, Browser, Office
from tests.web.routes import declared
from tests.web.world import FILE, ROSTER, TITLE, World, schedule
from tests.web.world import world as new_world

REGION = "/霁川市/云渡县/"
NEW_PASSWORD = "Lantern-8-brook-quartz"
NO_ENTRY = {  # what changes nothing that outlives the form
    "POST /account/second-factor/new": "counts only when its first code was right, which is an entry",
    "POST /submit": "enters as the route that takes the same files in pieces, or is refused as it is",
    "POST /submit/uploads": "an upload becomes a batch by its commit, which is an entry",
    "POST /submit/uploads/{upload_id}/abandon": "nothing was submitted",
    "POST /submit/uploads/{upload_id}/files": "a piece of an upload",
    "PUT /submit/uploads/{upload_id}/files/{number}": "a piece of an upload",
    "DELETE /submit/uploads/{upload_id}/files/{number}": "a piece of an upload",
    "POST /login/code": "tests/access/test_entrance.py",
    "POST /setup": "tests/access/test_entrance.py",
    "POST /account/second-factor": "tests/access/test_accounts.py",
    "POST /account/second-factor/remove": "tests/access/test_accounts.py",
}


@dataclass
class Step:
    """A request that is to succeed, by whom, and the entry it is to leave."""

    route: str
    action: Action
    who: Browser
    ids: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = new_world(tmp_path_factory.mktemp("world"), REGION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HECHA_SWEEP_FOLDERS", str(made.office.store.folder))
        yield made


def steps(world: World) -> Iterator[Step]:
    office, ids = world.office, world.ids
    owner, supervisor = office.client("owner"), office.client("supervisor", REGION)
    yield from of_accounts(office, owner)
    yield from of_reports(world, supervisor)
    for path in ("/api/v1/settings/{name}", "/settings/{name}"):
        yield Step(f"{_verb(path)} {path}", Action.SETTING_CHANGE, owner, {"name": "session_hours"}, _sent(path, {"value": 8}))
    yield Step("POST /log/verify", Action.LOG_VERIFY, owner)
    yield Step("POST /api/v1/log/verify", Action.LOG_VERIFY, owner, options={"json": {}})
    yield Step("GET /log/export", Action.LOG_EXPORT, owner)
    yield Step("GET /api/v1/log/export", Action.LOG_EXPORT, owner)
    roster = {"files": {"file": ("名单.csv", ROSTER.encode())}, "data": {"region": REGION}}
    yield Step("POST /api/v1/rosters", Action.ROSTER_IMPORT, supervisor, options=roster)
    found = office.store.rosters.in_force(REGION)
    assert found is not None
    yield Step("DELETE /api/v1/rosters/{roster_id}", Action.ROSTER_DELETE, supervisor, {"roster_id": found.id})
    page = {"files": {"file": ("名单.csv", ROSTER.encode())}, "data": {"region": REGION}}
    yield Step("POST /agencies/import", Action.ROSTER_IMPORT, supervisor, options=page)
    found = office.store.rosters.in_force(REGION)
    assert found is not None
    yield Step("POST /agencies/{roster_id}/remove", Action.ROSTER_DELETE, supervisor, {"roster_id": found.id})
    yield from of_sweeps(world, supervisor)
    yield Step("POST /batches/{batch_id}/delete", Action.BATCH_DELETE, supervisor, ids, {"data": {"title": TITLE}})
    again = submitted(office, world.theirs, [FILE], REGION, TITLE)
    yield Step("DELETE /api/v1/batches/{batch_id}", Action.BATCH_DELETE, supervisor, {"batch_id": again})


def of_sweeps(world: World, who: Browser) -> Iterator[Step]:
    folder = str(world.office.store.folder / "swept")
    wanted = {"title": "看一遍", "when": "每天", "region": REGION}
    yield Step(
        "POST /api/v1/sweeps",
        Action.SWEEP_CREATE,
        who,
        options={"json": wanted | {"source": {"kind": "folder", "path": folder}}},
    )
    yield Step("POST /sweeps", Action.SWEEP_CREATE, who, options={"data": wanted | {"kind": "folder", "path": folder}})
    api = {"sweep_id": schedule(world.office, world.theirs, REGION, "甲")}
    changed = {"json": wanted | {"source": {"kind": "folder", "path": folder}}}
    yield Step("PUT /api/v1/sweeps/{sweep_id}", Action.SWEEP_CHANGE, who, api, changed)
    page = {"sweep_id": schedule(world.office, world.theirs, REGION, "乙")}
    yield Step(
        "POST /sweeps/{sweep_id}/edit", Action.SWEEP_CHANGE, who, page, {"data": wanted | {"kind": "folder", "path": folder}}
    )
    for name, action in (("pause", Action.SWEEP_CHANGE), ("resume", Action.SWEEP_CHANGE), ("run", Action.SWEEP_RUN)):
        yield Step(f"POST /api/v1/sweeps/{{sweep_id}}/{name}", action, who, api)
        yield Step(f"POST /sweeps/{{sweep_id}}/{name}", action, who, page)
    yield Step("DELETE /api/v1/sweeps/{sweep_id}", Action.SWEEP_DELETE, who, api)
    yield Step("POST /sweeps/{sweep_id}/delete", Action.SWEEP_DELETE, who, page)


def of_accounts(office: Office, owner: Browser) -> Iterator[Step]:
    account = office.account("viewer", login="changed")
    api, page = "/api/v1/accounts/{account_id}", "/users/{account_id}"
    ids = {"account_id": account.id}
    yield Step("POST /api/v1/accounts", Action.ACCOUNT_CREATE, owner, options={"json": {"login": "made", "name": "某"}})
    yield Step("POST /users", Action.ACCOUNT_CREATE, owner, options={"data": {"login": "made2", "name": "某"}})
    yield Step(f"PATCH {api}", Action.ACCOUNT_RENAME, owner, ids, {"json": {"name": "甲"}})
    yield Step(f"POST {page}/rename", Action.ACCOUNT_RENAME, owner, ids, {"data": {"name": "乙"}})
    yield Step(f"PUT {api}/grant", Action.ACCOUNT_GRANT, owner, ids, {"json": {"role": "viewer", "regions": ["/"]}})
    yield Step(f"POST {page}/grant", Action.ACCOUNT_GRANT, owner, ids, {"data": {"role": "viewer", "regions": "/"}})
    for name in ("disable", "enable", "unlock", "reset"):
        action = Action(f"account.{name}")
        yield Step(f"POST {api}/{name}", action, owner, ids)
        yield Step(f"POST {page}/{name}", action, owner, ids)
    yield Step(f"POST {page}/reset-second-factor", Action.SECOND_FACTOR_REMOVE, owner, ids)
    link = office.access.accounts.reset(LOCAL, account.id)
    given = {"key": link, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    yield Step("POST /welcome", Action.PASSWORD_SET, office.anonymous(), options={"data": given})
    given = {"login": "changed", "password": NEW_PASSWORD}
    yield Step("POST /login", Action.SESSION_OPEN, office.anonymous(), options={"data": given})
    yield from of_oneself(office, owner)


def of_oneself(office: Office, owner: Browser) -> Iterator[Step]:
    """Sessions and tokens are ended by their owner, by an administrator, and over the API."""
    person = office.account("supervisor", login="person")
    browser = office.client("supervisor", login="person")
    for path, who, name in (
        ("POST /account/sessions/{public_id}/end", browser, "public_id"),
        ("POST /users/sessions/{public_id}/end", owner, "public_id"),
        ("DELETE /api/v1/sessions/{session_id}", owner, "session_id"),
    ):
        actor = office.access.sessions.actor(office.secret(person))
        assert actor is not None
        yield Step(path, Action.SESSION_END, who, {name: actor.session_id})
    for path, who in (
        ("POST /account/tokens/{token_id}/revoke", browser),
        ("POST /users/tokens/{token_id}/revoke", owner),
        ("DELETE /api/v1/tokens/{token_id}", owner),
    ):
        given = {"title": "脚本", "permissions": ["report.read"], "days": "10"}
        yield Step("POST /account/tokens", Action.TOKEN_CREATE, browser, options={"data": given})
        yield Step(path, Action.TOKEN_REVOKE, who, {"token_id": office.access.tokens.of(person.id)[0].id})
    given = {"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    yield Step("POST /account/password", Action.PASSWORD_CHANGE, browser, options={"data": given})
    yield Step("POST /logout", Action.SESSION_CLOSE, browser)


def of_reports(world: World, who: Browser) -> Iterator[Step]:
    ids = world.ids
    decided = {"decided": "confirmed", "reason": "属实"}
    report = "/api/v1/reports/{report_id}"
    yield Step(
        f"POST {report}/decisions", Action.FINDING_DECIDE, who, ids, {"json": decided | {"findings": [ids["finding_id"]]}}
    )
    form = {"data": decided | {"finding": ids["finding_id"]}}
    yield Step("POST /reports/{submission_id}/decide", Action.FINDING_DECIDE, who, ids, form)
    yield from of_belonging(world, who)
    yield Step(f"GET {report}/document", Action.REPORT_DOWNLOAD, who, ids)
    yield Step("GET /api/v1/batches/{batch_id}/export", Action.REPORT_EXPORT, who, ids)
    yield Step("POST /downloads", Action.REPORT_EXPORT, who, options={"data": {"batch": ids["batch_id"], "form": "csv"}})
    for name, action in (("cancel", Action.BATCH_CANCEL), ("retry", Action.BATCH_RETRY), ("reaudit", Action.BATCH_REAUDIT)):
        for path in (f"/api/v1/batches/{{batch_id}}/{name}", f"/batches/{{batch_id}}/{name}"):
            given = {"pack": "national"} if name == "reaudit" else {}
            yield Step(f"POST {path}", action, who, ids, _sent(path, given) if given or "/api/" not in path else {})
    files = {"file": ("新.txt", (REPORTS / FILE).read_bytes() + b"\n")}
    yield Step(f"POST {report}/versions", Action.REPORT_RESUBMIT, who, ids, {"files": files})
    audit_all(world.office)
    newest = {"submission_id": id_of(world.office, ids["batch_id"], "新.txt")}
    files = {"file": ("再新.txt", (REPORTS / FILE).read_bytes() + b"\n\n")}
    yield Step("POST /reports/{submission_id}/resubmit", Action.REPORT_RESUBMIT, who, newest, {"files": files})
    failed = submitted(world.office, world.theirs, [NO_REPORT], REGION)
    for path in ("/api/v1/failed/retry", "/failed/retry"):
        audit_all(world.office)
        one = id_of(world.office, failed, NO_REPORT)
        options = {"json": {"reports": [one]}} if "/api/" in path else {"data": {"submission": one}}
        yield Step(f"POST {path}", Action.QUEUE_RETRY, who, options=options)
    file = {"files": {"files": ("一份.txt", (REPORTS / FILE).read_bytes())}, "data": {"region": REGION}}
    yield Step("POST /api/v1/batches", Action.BATCH_SUBMIT, who, options=file)
    upload = who.post("/submit/uploads").json()["id"]
    who.put(f"/submit/uploads/{upload}/files/0?name=a.txt&offset=0&total=3", content=b"abc")
    commit = {"title": "一批", "region": REGION.strip("/"), "pack": "national"}
    yield Step("POST /submit/uploads/{upload_id}/commit", Action.BATCH_SUBMIT, who, {"upload_id": upload}, {"data": commit})


def of_belonging(world: World, who: Browser) -> Iterator[Step]:
    """A report of YD01 is said to be of YD02, and back, on the pages and over the API."""
    ids, report = world.ids, "/api/v1/reports/{report_id}"
    choice = {"data": {"choice": f"{ids['roster_id']} YD02", "reason": "看过原件"}}
    yield Step("POST /reports/{submission_id}/agency", Action.REPORT_ASSIGN, who, ids, choice)
    yield Step("POST /reports/{submission_id}/agency/undo", Action.REPORT_ASSIGN, who, ids, {"data": {"reason": ""}})
    yield Step(f"PUT {report}/agency", Action.REPORT_ASSIGN, who, ids, {"json": {"code": "YD02", "reason": "看过原件"}})
    yield Step(f"DELETE {report}/agency", Action.REPORT_ASSIGN, who, ids)
    audit_all(world.office)


def test_every_action_leaves_exactly_one_entry(world: World) -> None:
    log = world.office.access.log
    routes = {str(route): route for route in declared(world.office.app)}
    wrong, done = [], set()
    for step in steps(world):
        before = log.count()
        route = routes[step.route]
        answer = step.who.request(route.method, route.filled(**step.ids), **step.options)
        entered = [(entry.action, entry.result) for entry in log.entries(limit=max(1, log.count() - before))]
        if answer.status_code >= 400 or log.count() - before != 1 or entered != [(step.action, "ok")]:
            wrong.append(f"{step.route}: {answer.status_code} {log.count() - before} {entered} {answer.text[:200]}")
        done.add(step.route)

    changing = {name for name, route in routes.items() if route.method != "GET"}
    assert wrong == []
    assert sorted(changing - done - set(NO_ENTRY)) == []
    assert log.verify().is_whole


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin", "viewer", "clerk"])
def test_every_refusal_leaves_exactly_one_entry(shared: Office, role: str) -> None:
    browser = shared.client(role)
    wrong = []
    for route in declared(shared.app):
        if route.path == "/logout":
            continue
        before = shared.access.log.count()
        answer = browser.request(route.method, route.filled(), headers={"accept": "application/json"})
        if answer.status_code == 403:
            entry = shared.access.log.entries(limit=1)[0]
            if shared.access.log.count() - before != 1 or (entry.action, entry.result) != (Action.ACCESS_DENIED, "denied"):
                wrong.append(f"{route}: {shared.access.log.count() - before}")

    assert wrong == []


def _verb(path: str) -> str:
    return "PUT" if "/api/" in path else "POST"


def _sent(path: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"json": given} if "/api/" in path else {"data": given}
