"""Who sees what: everything of another region, or of another person where it is personal, is as if it did not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from access import Account
from audits.store.tables import FINDINGS
from tests.web.audited import FAULTY, audit_all, id_of, result_of, submitted
from tests.web.people import Browser, Office, office
from tests.web.routes import Declared, declared
from web.exports.folder import Asked, open_export
from web.uploads.staging import Details, Uploads

HERE, ELSEWHERE = "/霁川市/青禾县/", "/霁川市/云渡县/"
AGENCY, TITLE, FILE = "云渡县市场监督管理局", "外区批次甲乙丙", "云渡县市场监管局2022年报.txt"
OPEN_TO_ALL = {"name", "rule_id", "form", "number"}  # parameters that are no id of somebody's
FORM = {  # what any of the forms could ask for, so that it is the id that is refused
    "decided": "confirmed",
    "reason": "试一试",
    "pack": "national",
    "role": "viewer",
    "regions": "/",
    "finding": "x",
    "when": "每周一 02:00",
    "title": "改名",
}


@dataclass
class World:
    """Something of every kind that belongs to somebody of another region."""

    office: Office
    theirs: Account
    ids: dict[str, str]
    unchanged: Any

    def state(self) -> Any:
        """What no stranger may change."""
        store, access = self.office.store, self.office.access
        batch = self.ids["batch_id"]
        return (
            store.batch_status(batch),
            [result.submission for result in store.results(batch)],
            store.decisions.of_batch(batch),
            store.rosters.in_force(ELSEWHERE),
            access.accounts.get(self.theirs.id),
            access.tokens.of(self.theirs.id),
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    found = office(tmp_path_factory.mktemp("world"))
    theirs = found.account("supervisor", [ELSEWHERE])
    batch = submitted(found, theirs, [FILE], ELSEWHERE, TITLE)
    submitted(found, found.account("supervisor", [HERE]), [FAULTY], HERE, "本区批次")
    audit_all(found)
    roster = found.store.rosters.import_(
        "编码,全称\nYD01,云渡县市场监督管理局\n".encode(), "名单.csv", ELSEWHERE, theirs.id, "甲"
    )
    session = found.access.sessions.actor(found.secret(theirs), "")
    assert session is not None
    token, _ = found.access.tokens.create(session, "他人的令牌", ["report.read"], 30)
    upload = Uploads(found.store.folder).open(Details(theirs.id, "甲", TITLE, ELSEWHERE))
    export = open_export(found.store.folder, Asked(theirs.id, batch, "csv"))
    report = id_of(found, batch, FILE)
    key = result_of(found, batch, FILE).submission.audit
    with found.store.transactions.read() as db:
        finding = db.scalars(
            sa.select(FINDINGS.c.finding_id).where(FINDINGS.c.audit_key == key).order_by(FINDINGS.c.number)
        ).first()
    ids = {
        "batch_id": batch,
        "submission_id": report,
        "report_id": report,
        "finding_id": str(finding),
        "roster_id": roster.id,
        "upload_id": upload.id,
        "export_id": export.id,
        "public_id": session.session_id,
        "session_id": session.session_id,
        "token_id": token.id,
        "account_id": theirs.id,
    }
    assert result_of(found, batch, FILE).summary is not None
    made = World(found, theirs, ids, None)
    made.unchanged = made.state()
    return made


def strangers(world: World) -> dict[str, Browser]:
    """Of another region; of the same one, who may see only what is his own; of the region above, but for nothing; of no role."""
    return {
        "supervisor of another region": world.office.client("supervisor", HERE),
        "viewer of another region": world.office.client("viewer", HERE),
        "clerk of the same region": world.office.client("clerk", ELSEWHERE),
        "supervisor of no region": world.office.client("supervisor", "/无此地/"),
    }


def test_every_id_of_the_service_is_known_to_this_test(world: World) -> None:
    """Whoever adds a kind of thing adds one of another region to ``world``."""
    known = {*world.ids, *OPEN_TO_ALL}
    named = {name for route in declared(world.office.app) for name in re.findall(r"{(\w+)", route.path)}

    assert named - known == set()


@pytest.mark.parametrize("who", ["supervisor of another region", "viewer of another region", "clerk of the same region"])
def test_what_is_out_of_sight_answers_like_what_does_not_exist(world: World, who: str) -> None:
    browser = strangers(world)[who]
    told = []
    for route in declared(world.office.app):
        if not set(re.findall(r"{(\w+)", route.path)) - OPEN_TO_ALL:
            continue
        real, ghost = (answered(browser, route, ids) for ids in (world.ids, ghosts(world)))
        if real != ghost or (route.method == "GET" and real[0] not in (403, 404)) or real[0] < 400 or real[0] >= 500:
            told.append(f"{route}: {real} / {ghost}")

    assert told == []
    assert world.state() == world.unchanged


@pytest.mark.parametrize(
    "who", ["supervisor of another region", "viewer of another region", "clerk of the same region", "supervisor of no region"]
)
def test_no_list_count_search_or_page_tells_of_it(world: World, who: str) -> None:
    browser = strangers(world)[who]
    told = []
    secrets = [TITLE, AGENCY, FILE, world.theirs.name, *world.ids.values()]
    for route in declared(world.office.app):
        if route.method != "GET" or "{" in route.path:
            continue
        for query in ("", "?text=市场监督", "?order=newest", "?region=/霁川市/云渡县/", f"?batch_id={world.ids['batch_id']}"):
            text = (
                browser.get(route.path + query)
                .text.replace("?batch_id=" + world.ids["batch_id"], "")
                .replace(f'value="{world.ids["batch_id"]}"', "")
            )
            told += [f"{route}{query}: {secret}" for secret in secrets if secret in text]

    assert told == []


def test_their_owner_sees_them(world: World) -> None:
    """Or the tests above would prove nothing."""
    browser = world.office.client("supervisor", ELSEWHERE)

    assert TITLE in browser.get("/batches").text
    assert browser.get(f"/reports/{world.ids['submission_id']}").status_code == 200
    assert browser.get(f"/downloads/{world.ids['export_id']}").status_code == 200


def test_a_region_granted_or_taken_counts_at_the_next_request(world: World) -> None:
    from access import LOCAL, Role

    account = world.office.account("viewer", [HERE], login="moving")
    browser = world.office.client("viewer", HERE, login="moving")
    path = f"/reports/{world.ids['submission_id']}"
    seen = [browser.get(path).status_code]
    for regions in ([ELSEWHERE], [HERE]):
        world.office.access.accounts.grant(LOCAL, account.id, Role.VIEWER, regions)
        seen.append(browser.get(path).status_code)

    assert seen == [404, 200, 404]


def ghosts(world: World) -> dict[str, str]:
    """Ids of nothing, of the same shape."""
    return {
        name: "0" * len(value) if re.fullmatch("[0-9a-f]+", value) else "x" * len(value) for name, value in world.ids.items()
    }


def answered(browser: Browser, route: Declared, ids: dict[str, str]) -> tuple[int, str]:
    """Status and words, without what differs from request to request."""
    options: dict[str, Any] = {"params": {"finding": ids["finding_id"]}}
    if route.method in ("POST", "PUT", "PATCH"):
        options |= {"json": FORM} if route.path.startswith("/api/") else {"data": FORM}
    answer = browser.request(
        route.method, route.filled(**ids, form="pdf", number="0"), headers={"accept": "application/json"}, **options
    )
    text = answer.text.replace(answer.headers["x-request-id"], "") + str(answer.headers.get("location", ""))
    for value in ids.values():
        text = text.replace(value, "")
    return answer.status_code, text
