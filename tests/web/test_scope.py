"""Who sees what: everything of another region, or of another person where it is personal, is as if it did not exist."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.audited import FAULTY, audit_all, submitted
from tests.web.people import Browser
from tests.web.routes import Declared, declared
from tests.web.world import AGENCY, FILE, TITLE, World
from tests.web.world import world as new_world

HERE, ELSEWHERE = "/霁川市/青禾县/", "/霁川市/云渡县/"
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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    found = new_world(tmp_path_factory.mktemp("world"), ELSEWHERE)
    submitted(found.office, found.office.account("supervisor", [HERE]), [FAULTY], HERE, "本区批次")
    audit_all(found.office)
    return found


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
    before = world.state()
    told = []
    for route in declared(world.office.app):
        if not set(re.findall(r"{(\w+)", route.path)) - OPEN_TO_ALL:
            continue
        real, ghost = (answered(browser, route, ids) for ids in (world.ids, ghosts(world)))
        if real != ghost or (route.method == "GET" and real[0] not in (403, 404)) or real[0] < 400 or real[0] >= 500:
            told.append(f"{route}: {real} / {ghost}")

    assert told == []
    assert world.state() == before


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
