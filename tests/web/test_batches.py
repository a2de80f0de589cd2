"""Batches: the list, one batch with its progress and reports, and what may be done with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from access import Role
from audits.service import audit_next
from audits.store import Queue, SubmissionState
from tests.web.audited import CLEAN, DOUBTFUL, FAULTY, NO_REPORT, audit_all, audited, submitted
from tests.web.people import Browser, office

COUNTY = "/霁川市/青禾县/"


class Filled:
    def __init__(self, folder: Path) -> None:
        self.office = office(folder)
        self.supervisor = self.office.client(Role.SUPERVISOR)
        self.batch = audited(self.office, self.office.account(Role.SUPERVISOR), region=COUNTY, title="青禾县 2023")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture(autouse=True)
def nobody_wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which submissions workers would have been told of."""
    woken: list[str] = []
    for module in ("batches", "failed"):
        monkeypatch.setattr(f"web.pages.{module}.wake", lambda ids: woken.extend(ids) or True)
    return woken


def listed(browser: Browser, address: str) -> list[str]:
    """Agencies, or files without one, in the order of the list."""
    answer = browser.get(address)
    assert answer.status_code == 200
    return re.findall(r'<th scope="row"><a href="/reports/[^"]+">([^<]+)</a>', answer.text)


def test_the_worst_reports_come_first_and_no_problem_is_overlooked(filled: Filled) -> None:
    shown = filled.supervisor.get(f"/batches/{filled.batch}").text

    assert listed(filled.supervisor, f"/batches/{filled.batch}")[0] == "青禾县民政局"
    tiles = dict(re.findall(r'class="tile [^"]*"><span>([^<]+)</span><b>(\d+)</b>', shown))
    assert (tiles["错误"], tiles["没能核查（份）"], tiles["未发现问题（份）"]) == ("6", "1", "1")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("severity=error", ["青禾县民政局", "青禾县农业农村局"]),
        ("standing=clean", ["青禾县教育局"]),
        ("state=unreadable", [NO_REPORT]),
        ("year=2022", ["青禾县农业农村局"]),
        ("text=民政", ["青禾县民政局"]),
        ("text=青禾 教育", ["青禾县教育局"]),
        ("doubtful=1", ["青禾县农业农村局"]),
        ("region=/霁川市/青禾县/", ["青禾县民政局", "青禾县农业农村局", NO_REPORT, "霁川市档案局", "青禾县教育局"]),
        ("rule=APP-BALANCE", ["青禾县民政局"]),
        ("text=没有这个", []),
    ],
)
def test_reports_are_filtered(filled: Filled, query: str, found: list[str]) -> None:
    assert listed(filled.supervisor, f"/batches/{filled.batch}?{query}") == found


def test_pages_of_a_long_list_follow_each_other(filled: Filled) -> None:
    names = [f"甲{number:03}.txt" for number in range(60)]
    batch = submitted(filled.office, filled.office.account(Role.SUPERVISOR), [], title="很多", files=dict.fromkeys(names, "x"))

    first, second = (listed(filled.supervisor, f"/batches/{batch}?order=position&page={page}") for page in (1, 2))

    assert [*first, *second] == names


def test_progress_is_told_in_figures_while_reports_are_audited(tmp_path: Path) -> None:
    made = office(tmp_path)
    browser = made.client(Role.SUPERVISOR)
    batch = submitted(made, made.account(Role.SUPERVISOR), (FAULTY, CLEAN))

    before = browser.get(f"/batches/{batch}/progress").json()
    audit_next(made.store, Queue.AUDIT, 300.0)
    half = browser.get(f"/batches/{batch}/progress").json()
    audit_all(made)
    after = browser.get(f"/batches/{batch}/progress").json()

    assert [(one["settled"], one["total"], one["done"]) for one in (before, half, after)] == [
        (0, 2, False),
        (1, 2, False),
        (2, 2, True),
    ]
    assert "1 / 2" in half["html"]


def test_a_batch_of_another_region_is_nowhere(filled: Filled) -> None:
    stranger = filled.office.client(Role.SUPERVISOR, "/别处省/")
    addresses = ["", "/progress", "/rules"]

    assert [stranger.get(f"/batches/{filled.batch}{end}").status_code for end in addresses] == [404] * 3
    assert [
        stranger.post(f"/batches/{filled.batch}/{end}", data={"title": "青禾县 2023", "pack": "national"}).status_code
        for end in ("cancel", "retry", "reaudit", "delete")
    ] == [404] * 4
    assert "青禾县" not in stranger.get("/batches").text


def test_batches_are_searched(filled: Filled) -> None:
    assert "青禾县 2023" in filled.supervisor.get("/batches?text=青禾").text
    assert "没有符合的批次" in filled.supervisor.get("/batches?text=云渡").text


def test_rules_tell_how_many_reports_they_found_wanting(filled: Filled) -> None:
    shown = filled.supervisor.get(f"/batches/{filled.batch}/rules").text

    assert "收办不平衡" in shown
    assert f'href="/batches/{filled.batch}?rule=APP-BALANCE"' in shown


def test_a_batch_is_cancelled_and_what_was_cancelled_is_tried_again(tmp_path: Path, nobody_wakes: list[str]) -> None:
    made = office(tmp_path)
    browser = made.client(Role.SUPERVISOR)
    batch = submitted(made, made.account(Role.SUPERVISOR), (FAULTY, CLEAN))

    browser.post(f"/batches/{batch}/cancel")
    cancelled = made.store.batch_status(batch).counts[SubmissionState.CANCELLED]
    browser.post(f"/batches/{batch}/retry")

    assert (cancelled, len(nobody_wakes)) == (2, 2)
    assert made.store.batch_status(batch).counts[SubmissionState.RECEIVED] == 2
    assert [entry.action for entry in made.access.log.entries(limit=2)] == ["batch.retry", "batch.cancel"]


def test_a_batch_is_held_against_another_pack_as_a_new_one(tmp_path: Path, nobody_wakes: list[str]) -> None:
    made = office(tmp_path)
    browser = made.client(Role.SUPERVISOR)
    batch = audited(made, made.account(Role.SUPERVISOR), (FAULTY,), region=COUNTY)

    to = browser.post(f"/batches/{batch}/reaudit", data={"pack": "suqian"}).headers["location"]

    assert "宿迁式" in browser.get(to).text
    assert "宿迁式" in browser.get("/batches").text
    assert len(nobody_wakes) == 1
    assert browser.post(f"/batches/{batch}/reaudit", data={"pack": "../x"}).status_code == 404


def test_a_batch_is_deleted_with_its_name_by_who_handed_it_in_and_nothing_of_it_stays(tmp_path: Path) -> None:
    made = office(tmp_path)
    browser, other = made.client(Role.SUPERVISOR), made.client(Role.SUPERVISOR, login="another")
    batch = audited(made, made.account(Role.SUPERVISOR), (FAULTY,), title="要删的")
    kept = made.store.results(batch)[0]
    report = f"/reports/{kept.submission.id}"
    files = [made.store.file(one) for one in (kept.submission.sha256, *kept.outputs.values())]
    assert all(path.exists() for path in files)

    other.post(f"/batches/{batch}/delete", data={"title": "要删的"})
    browser.post(f"/batches/{batch}/delete", data={"title": "别的"})
    assert browser.get(f"/batches/{batch}").status_code == 200
    browser.post(f"/batches/{batch}/delete", data={"title": "要删的"})
    made.store.removal.finish(grace=0.0)

    assert [browser.get(address).status_code for address in (f"/batches/{batch}", report)] == [404, 404]
    assert [path for path in files if path.exists()] == []
    assert made.access.log.entries(limit=1)[0].action == "batch.delete"


def test_who_may_only_read_manages_nothing(filled: Filled) -> None:
    viewer = filled.office.client(Role.VIEWER)

    shown = viewer.get(f"/batches/{filled.batch}").text

    assert viewer.post(f"/batches/{filled.batch}/cancel").status_code == 403
    assert all(words not in shown for words in ("删除", "再核查", "重试"))


def test_files_left_out_are_named(filled: Filled, tmp_path: Path) -> None:
    from audits.intake import Duplicate, Submitted
    from audits.service import submit_batch

    (tmp_path / "甲.txt").write_text("x")
    owner = filled.office.account(Role.SUPERVISOR).id
    given = [Submitted(tmp_path / "甲.txt", "甲.txt")]
    batch = submit_batch(
        filled.office.store, "有落下的", given, None, ("~$乙.docx",), (Duplicate("丙.txt", "甲.txt"),), owner=owner
    )

    shown = filled.supervisor.get(f"/batches/{batch}").text

    assert "与 甲.txt 内容相同" in shown
    assert "~$乙.docx" in shown


def test_a_report_with_doubts_says_how_many(filled: Filled) -> None:
    shown = filled.supervisor.get(f"/batches/{filled.batch}").text

    row = shown.split(DOUBTFUL)[1].split("</tr>")[0]
    assert re.search(r"核对 <b>1</b>", row)
