"""Pages of sweeps, coverage, agencies and rules open in every state that their things can be in, whatever these are called."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from audits.store.sweeping import Run, RunState
from audits.store.tables import RUNS
from rules.compile import PACKS, load_pack
from tests.web.people import Browser, office
from tests.web.world import World, schedule
from tests.web.world import world as new_world

REGION = "/霁川市/云渡县/"
EVIL = "<script>alert(1)</script>"
LONG = "很" * 300 + EVIL
MANY = 5_000
BASE: dict[str, Any] = {
    **{name: [] for name in ("new", "changed", "restyled", "returned", "gone", "withdrawn", "left", "failed", "places")},
    "unchanged": 0,
    "before": {},
    "complete": True,
    "missing": [],
    "missing_total": 0,
    "missing_year": 2025,
}
QUERIES = [
    "?page=0",
    "?page=-1",
    "?page=999999999999",
    "?page=x",
    "?year=0",
    "?year=99999",
    "?year=²",
    "?region=//",
    "?region=%00",
    f"?region={quote(EVIL)}",
    "?region=/不存在的省/",
    f"?text={quote(EVIL)}",
    "?text=%25%5F%22%27;--",
    f"?text={'长' * 900}",
    "?text=%00",
    "?text=%ED%A0%80",
    "?text=a&text=b&page=2&page=3",
]


def report(world: World, number: int = 0, **told: Any) -> dict[str, Any]:
    return {
        "address": f"http://a/{number}/{EVIL}",
        "submission": world.ids["submission_id"],
        "name": f"{EVIL}{number}.html",
        "state": "audited",
        "code": "",
        "reason": "",
        "agency": EVIL,
        "year": 2025,
        **{name: [] for name in ("problems", "fixed", "open", "unsure")},
        **told,
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return new_world(tmp_path_factory.mktemp("world"), REGION)


@pytest.fixture(scope="module")
def browser(world: World) -> Browser:
    return world.office.client("supervisor", REGION)


def digests(world: World) -> dict[str, dict[str, Any] | None]:
    named = [EVIL, LONG, "甲.html"]
    many = [f"http://a/{number}" for number in range(MANY)]
    return {
        "none": None,
        "empty": {},
        "nothing new": BASE,
        "every kind": BASE
        | dict.fromkeys(("new", "changed", "restyled", "returned", "gone", "withdrawn", "left"), named)
        | {"failed": [{"address": LONG, "code": "NO_ANSWER", "reason": EVIL}], "missing": named, "missing_total": 3}
        | {"reports": [report(world), report(world, 1, state="unreadable", code="EMPTY", reason=EVIL, agency=None)]},
        "deleted batch": BASE | {"fault": EVIL},
        "report that is gone": BASE | {"reports": [report(world, submission="0" * 32)]},
        "many": BASE
        | {"new": many, "gone": many, "missing": named, "missing_total": 140_000}
        | {"failed": [{"address": one, "code": "NO_ANSWER", "reason": "没有回应"} for one in many]}
        | {"reports": [report(world, number) for number in range(MANY)]},
    }


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_shown_in_every_state_with_every_kind_of_digest(world: World, browser: Browser, state: RunState) -> None:
    sweep = schedule(world.office, world.theirs, REGION, f"{EVIL}{state}")
    slow = {}
    for number, (kind, digest) in enumerate(digests(world).items()):
        slot = 1_700_000_000.0 + number
        row = Run(sweep, slot, state, 1, world.ids["batch_id"] if number % 2 else None, digest, LONG, 1.0, None)
        values = {name: getattr(row, name) for name in ("schedule_id", "slot", "state", "attempt", "batch_id", "digest")}
        with world.office.store.transactions.write() as db:
            db.execute(RUNS.insert().values(**values, reason=LONG, started_at=1.0))
        begun = time.process_time()
        answers = [browser.get(f"/sweeps/{sweep}/runs/{slot:.3f}"), browser.get(f"/sweeps/{sweep}"), browser.get("/sweeps")]
        slow[kind] = time.process_time() - begun
        assert [answer.status_code for answer in answers] == [200, 200, 200], kind
        assert not any(EVIL in answer.text for answer in answers)
        assert browser.get(f"/api/v1/sweeps/{sweep}/runs").status_code == 200
    assert max(slow.values()) < 10.0, slow
    with world.office.store.transactions.write() as db:
        db.execute(sa.delete(RUNS).where(RUNS.c.schedule_id == sweep))
    world.office.store.sweeping.delete(sweep)


def test_a_moment_that_is_none_is_not_found(world: World, browser: Browser) -> None:
    sweep = world.ids["sweep_id"]

    assert {browser.get(f"/sweeps/{sweep}/runs/{slot}").status_code for slot in ("x", "nan", "1e999", "-0", EVIL)} == {404}


@pytest.mark.parametrize("path", ["/coverage", "/coverage/missing", "/coverage/missing.csv", "/agencies", "/sweeps", "/rules"])
def test_pages_take_any_question(world: World, browser: Browser, path: str) -> None:
    answers = {query: browser.get(f"{path}{query}") for query in QUERIES}

    assert {query: answer.status_code for query, answer in answers.items() if answer.status_code >= 500} == {}
    assert not any(EVIL in answer.text for answer in answers.values())


@pytest.mark.parametrize("path", ["/", "/batches", "/reports", "/failed", f"/batches/{'0' * 32}"])
def test_lists_take_any_question(world: World, browser: Browser, path: str) -> None:
    assert {query: code for query in QUERIES if (code := browser.get(f"{path}{query}").status_code) >= 500} == {}


def test_every_rule_has_its_page(browser: Browser) -> None:
    rules = list(load_pack(PACKS / "national").rules)

    assert {rule: code for rule in rules if (code := browser.get(f"/rules/{rule}").status_code) != 200} == {}
    assert browser.get(f"/rules/{quote(EVIL)}").status_code == 404


def test_an_agency_may_be_called_anything(world: World, browser: Browser) -> None:
    roster = f"编码,全称\nX1,{EVIL}县教育局\nX2,=1+1县财政局\nX3,{'长' * 40}县民政局\n"
    world.office.store.rosters.import_(roster.encode(), f"{EVIL}.csv", REGION, world.theirs.id, EVIL)
    answers = [browser.get(path) for path in ("/agencies", "/coverage", "/coverage/missing", "/coverage/missing.csv")]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert not any(EVIL in answer.text for answer in answers[:3])
    assert "\n=1+1" not in answers[3].text
    assert ",=1+1" not in answers[3].text


def test_where_there_is_nothing_at_all_the_pages_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = office(tmp_path_factory.mktemp("empty")).client("supervisor", REGION)
    paths = ("/coverage", "/coverage/missing", "/coverage/missing.csv", "/agencies", "/rules", "/sweeps", "/sweeps/new", "/")

    assert {path: empty.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


@pytest.mark.parametrize(
    "path",
    [
        "/batches?text=%00",
        "/batches/%00",
        "/reports?rule=%00",
        "/coverage?region=/%00/",
        "/login?next=%00",
        "/api/v1/batches/%00",
    ],
)
def test_an_address_with_a_nul_is_refused_before_any_database_is_asked(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 400


def test_a_form_with_a_nul_is_refused_and_one_that_is_forged_is_still_forged(world: World, browser: Browser) -> None:
    path = f"/reports/{world.ids['submission_id']}/decide"
    form = {"decided": "dismissed", "finding": world.ids["finding_id"], "reason": "a\0b"}

    assert browser.post(path, data=form).status_code == 400
    assert browser.post(path, data=form | {"reason": "a"}, headers={"x-csrf-token": "x"}).status_code == 403
    assert (
        browser.post(path, data=form | {"reason": "a"}, headers={"x-csrf-token": "x"} | {"origin": "http://x"}).status_code
        == 403
    )
    assert world.office.store.decisions.of_submission(world.ids["submission_id"]) == {}


def test_a_sweep_is_changed_by_the_form_that_made_it(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_SWEEP_HTTP", "1")
    given = {
        "title": "网址",
        "when": "每周一 02:00",
        "kind": "addresses",
        "lines": "单位,网址\n甲县教育局,http://www.example.com/1.html\nhttp://www.example.com/2.html",
        "region": REGION,
        "year": "2025",
        "missed": "12",
    }
    answer = browser.post("/sweeps", data=given, follow_redirects=False)
    assert answer.status_code == 303, re.findall(r'role="alert">[^<]*', answer.text)
    made = answer.headers["location"]
    form = browser.get(f"{made}/edit")
    filled = dict(re.findall(r'name="(title|when|region|year)" (?:type="text" )?value="([^"]*)"', form.text))
    shown = [form.status_code, "甲县教育局,http://www.example.com/1.html\nhttp://www.example.com/2.html" in form.text]
    shown += ['value="12" selected' in form.text, filled.get("title")]
    looked = browser.post(f"{made}/edit", data=given | {"when": "每天 3 点", "look": "1"})
    wrong = browser.post(f"{made}/edit", data=given | {"when": "有空的时候"})
    between = world.office.store.sweeping.schedule(made.rpartition("/")[2])
    browser.post(f"{made}/edit", data=given | {"when": "每天 3 点", "lines": "http://www.example.com/2.html", "year": ""})
    changed = world.office.store.sweeping.schedule(made.rpartition("/")[2])
    browser.post(f"{made}/delete")

    assert shown == [200, True, True, "网址"]
    assert (looked.status_code, "可以这样改" in looked.text, wrong.status_code, between.words) == (
        200,
        True,
        400,
        "每周一 02:00",
    )
    assert (changed.words, changed.year, changed.missed, changed.source["lines"]) == (
        "每天 3 点",
        None,
        "12",
        [{"address": "http://www.example.com/2.html", "agency": None}],
    )


def test_what_a_run_could_not_see_is_shown_with_its_agency_its_code_and_its_words(world: World, browser: Browser) -> None:
    sweep = schedule(world.office, world.theirs, REGION, "看得见")
    fault = {"address": "http://a.example.cn/1", "agency": "甲县教育局", "code": "SWEEP_DNS", "reason": "域名解析不到地址"}
    absent = fault | {"address": "http://a.example.cn/2", "code": "SWEEP_NOT_FOUND", "reason": "网站应答 404"}
    told = BASE | {
        "failed": [fault],
        "absent": [absent],
        "missing_by": "last_year",
        "missing_total": 1,
        "missing": ["甲县财政局"],
    }
    other = report(world, listed="乙局", is_listed_otherwise=True, agency="甲局", address="http://a.example.cn/3")
    told |= {"reports": [other], "years": {"http://a.example.cn/3": [2023, 2024]}, "new_year": ["http://a.example.cn/3"]}
    told |= {
        "open_total": 7,
        "open_in": 1,
        "open_reports": [{"submission": "0" * 32, "name": "别人的", "agency": "丙局", "open": 7}],
    }
    with world.office.store.transactions.write() as db:
        values = {"schedule_id": sweep, "attempt": 1, "reason": ""}
        db.execute(RUNS.insert().values(**values, slot=1_700_000_000.0, state="done", digest=told))
        failed = values | {"reason": "文件夹打不开", "code": "SWEEP_SOURCE_UNAVAILABLE", "not_before": 1_700_000_200.0}
        db.execute(RUNS.insert().values(**failed, slot=1_700_000_100.0, state="due"))
    page = browser.get(f"/sweeps/{sweep}/runs/1700000000.000").text
    waiting = browser.get(f"/sweeps/{sweep}/runs/1700000100.000").text
    world.office.store.sweeping.delete(sweep)

    words = ["甲县教育局", "SWEEP_DNS", "域名解析不到地址", "SWEEP_NOT_FOUND", "网站应答 404", "按上一年度（2025年度）列出"]
    words += ["网址清单上是“乙局”，报告写的是“甲局”", "原为2023年度，现为2024年度", "新年度", 'href="http://a.example.cn/1"']
    assert [word for word in words if word not in page] == []
    assert "别人的" not in page  # of a report that this person may not see
    assert [
        word for word in ("文件夹打不开", "SWEEP_SOURCE_UNAVAILABLE", "第 1 次没有看成", "再试") if word not in waiting
    ] == []
