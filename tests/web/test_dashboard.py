"""The dashboard: what wants attention comes first."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from access import Role
from audits.store.sweeping import RunState, Schedule
from tests.web.audited import CLEAN, FAULTY, NO_REPORT, audited, submitted
from tests.web.people import Office, office


def tiles(text: str) -> dict[str, str]:
    return dict(re.findall(r'class="tile [^"]*"><span>([^<]+)</span><b>(\d+)</b>', text))


def test_open_problems_and_what_failed_come_first(tmp_path: Path) -> None:
    made = office(tmp_path)
    audited(made, made.account(Role.SUPERVISOR), (FAULTY, CLEAN, NO_REPORT))

    shown = made.client(Role.SUPERVISOR).get("/").text

    found = tiles(shown)
    assert (found["有错误的报告"], found["读不了、核查失败"], found["未发现问题"]) == ("1", "1", "1")
    assert "青禾县民政局" in shown.split("最该看的报告")[1].split("</section>")[0]


def test_batches_under_way_show_their_progress(tmp_path: Path) -> None:
    made = office(tmp_path)
    submitted(made, made.account(Role.SUPERVISOR), (FAULTY, CLEAN), title="还在做")

    running = made.client(Role.SUPERVISOR).get("/").text.split("正在核查")[1].split("</section>")[0]

    assert "还在做" in running
    assert "0 / 2" in running


def test_nothing_of_another_region_is_counted(tmp_path: Path) -> None:
    made = office(tmp_path)
    audited(made, made.account(Role.SUPERVISOR), (FAULTY,), region="/霁川市/")

    shown = made.client(Role.SUPERVISOR, "/别处省/").get("/").text

    assert "青禾县" not in shown
    assert "还没有报告" in shown


def test_who_has_no_region_is_told_whom_to_ask(office: Office) -> None:
    account = office.account(Role.SUPERVISOR, (), "nowhere")
    browser = office.client(Role.SUPERVISOR, login="nowhere")

    assert account.regions == ()
    assert "联系安全管理员" in browser.get("/").text


def test_agencies_of_the_roster_that_have_not_reported_are_counted(tmp_path: Path) -> None:
    made = office(tmp_path)
    account = made.account(Role.SUPERVISOR)
    roster = (Path(__file__).parents[2] / "samples/agencies.csv").read_bytes()
    expected = made.store.rosters.import_(roster, "agencies.csv", "/", account.id, account.name).expected
    audited(made, account, (CLEAN,))

    shown = made.client(Role.SUPERVISOR).get("/").text

    year = date.today().year - 1
    assert tiles(shown)[f"{year} 年度未报送"] == str(expected)


def test_the_last_run_of_every_sweep_is_told(tmp_path: Path) -> None:
    made = office(tmp_path)
    audited(made, made.account(Role.SUPERVISOR), (CLEAN,))
    for number, region in enumerate(("/霁川市/", "/别处省/")):
        schedule = Schedule(
            f"{number:032}", f"巡查{number}", "0 2 * * 1", "每周一", {}, "national", None, region, "x", "latest", 0.0, 0.0
        )
        made.store.sweeping.add(schedule)
        made.store.sweeping.open_slots(schedule.id, {1_795_000_000.0: RunState.SKIPPED})

    shown = made.client(Role.SUPERVISOR, "/霁川市/").get("/").text

    assert "巡查1" not in shown
    everything = made.client(Role.SUPERVISOR).get("/").text
    assert "错过，没有补做" in everything.split("最近的巡查")[1].split("</section>")[0]
    assert everything.index("最近的巡查") < everything.index("巡查1")
