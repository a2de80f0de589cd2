"""待确认归属: reports that are nobody's are found, said to be somebody's by candidates or by searching, and undone; by whom, and who else sees it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from audits.matching import MatchState
from audits.store import EVERYBODY, Coverage
from tests.web.audited import FAULTY, REPORTS, audit_all, id_of, submitted
from tests.web.people import Browser, Office, office

COUNTY = "/霁川市/青禾县/"
ODD = "青禾县民改局"
ROSTER = "编码,全称,别名\nQH01,青禾县民政局,\nQH02,青禾县教育局,县教体局\nQH03,麦垄镇人民政府,\n"
NAME = "来件.txt"


class Filled:
    """A county's office with one report that no roster knows."""

    def __init__(self, folder: Path) -> None:
        self.office: Office = office(folder)
        self.owner = self.office.account("supervisor", [COUNTY])
        self.roster = self.office.store.rosters.import_(ROSTER.encode(), "名单.csv", COUNTY, self.owner.id, "甲").id
        text = (REPORTS / FAULTY).read_text("utf-8").replace("青禾县民政局", ODD)
        self.batch = submitted(self.office, self.owner, [], COUNTY, "来件", {NAME: text})
        audit_all(self.office)
        self.report = id_of(self.office, self.batch, NAME)
        self.browser = self.office.client("supervisor", COUNTY)

    def say(self, choice: str, browser: Browser | None = None, **form: str) -> tuple[int, str]:
        """Status, and what the next page says."""
        who = browser or self.browser
        answer = who.post(f"/reports/{self.report}/agency", data={"choice": choice, **form})
        return answer.status_code, html.unescape(
            who.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text
        )

    def match(self) -> tuple[MatchState | None, str | None]:
        row = self.office.store.listing.row(EVERYBODY, self.report)
        assert row is not None
        return row.match, row.agency_code


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return Filled(tmp_path)


def test_it_is_found_from_dashboard_batch_coverage_and_list(filled: Filled) -> None:
    text = {path: filled.browser.get(path).text for path in ("/", f"/batches/{filled.batch}", "/coverage", "/reports")}

    assert "href=/reports?match=unplaced" in text["/"]
    assert f'href="/batches/{filled.batch}?match=unplaced">1 份报告待确认归属' in text[f"/batches/{filled.batch}"]
    assert "/reports?match=unplaced" in text["/coverage"]
    assert NAME in filled.browser.get("/reports?match=unplaced").text
    assert NAME in filled.browser.get(f"/batches/{filled.batch}?match=unplaced").text
    filled.say(f"{filled.roster} QH01")
    assert NAME not in filled.browser.get("/reports?match=unplaced").text
    assert NAME in filled.browser.get("/reports?match=assigned").text
    assert "match=unplaced" not in filled.browser.get("/").text


def test_the_candidates_stand_on_the_reports_own_page_with_their_scores(filled: Filled) -> None:
    text = filled.browser.get(f"/reports/{filled.report}").text

    assert f'value="{filled.roster} QH01"' in text
    assert re.search(r"<code>QH01</code> <span class=\"score\"[^>]*>\d+(\.\d)? 分", text)
    assert ODD in text


def test_one_is_chosen_and_the_report_is_audited_by_it(filled: Filled) -> None:
    status, page = filled.say(f"{filled.roster} QH01", seen="none")
    audit_all(filled.office)

    assert (status, filled.match()) == (303, (MatchState.ASSIGNED, "QH01"))
    assert "已归到 青禾县民政局；正在按它重新核查" in page
    shown = filled.browser.get(f"/reports/{filled.report}").text
    assert "归属经人工认定" in shown
    assert f"归属由 {filled.owner.name} 认定" in shown
    assert filled.office.store.listing.coverage_totals(EVERYBODY, 2023).states[Coverage.AUDITED] == 1


def test_another_agency_is_searched_by_any_name_or_code_and_wants_a_reason(filled: Filled) -> None:
    found = {
        word: filled.browser.get(f"/reports/{filled.report}/agency", params={"text": word}).text
        for word in ("教体", "qh03", "没有的")
    }
    unreasoned = filled.say(f"{filled.roster} QH03")
    reasoned = filled.say(f"{filled.roster} QH03", reason="镇里代报")

    assert f'value="{filled.roster} QH02"' in found["教体"]
    assert f'value="{filled.roster} QH03"' in found["qh03"]
    assert "没有找到" in found["没有的"]
    assert (unreasoned[0], "要写明理由" in unreasoned[1]) == (303, True)
    assert (reasoned[0], filled.match()) == (303, (MatchState.ASSIGNED, "QH03"))


def test_it_is_undone_and_the_record_keeps_who_said_what(filled: Filled) -> None:
    filled.say("outside", reason="不在本县")
    audit_all(filled.office)
    before = filled.match()
    answer = filled.browser.post(f"/reports/{filled.report}/agency/undo", data={"reason": "看错了"})
    audit_all(filled.office)

    assert (before, answer.status_code, filled.match()) == ((MatchState.OUTSIDE, None), 303, (MatchState.AMBIGUOUS, None))
    text = filled.browser.get(f"/reports/{filled.report}/agency").text
    assert text.count(filled.owner.name) >= 2
    assert all(words in text for words in ("不在本县", "看错了", "撤销认定的归属", "认定为名单以外单位的报告"))


def test_who_comes_second_is_told(filled: Filled) -> None:
    filled.say(f"{filled.roster} QH01", seen="none")
    status, page = filled.say("outside", reason="不在本县", seen="none")

    assert (status, filled.match()[1]) == (409, "QH01")
    assert "已把这份报告归到“青禾县民政局”" in page


@pytest.mark.parametrize("choice", ["", "x", "nothing QH01"])
def test_what_is_no_choice_changes_nothing(filled: Filled, choice: str) -> None:
    status, _ = filled.say(choice, reason="试试")

    assert status in (303, 400)
    assert filled.match() == (MatchState.AMBIGUOUS, None)


def test_a_viewer_sees_whose_it_may_be_and_cannot_say_it_and_a_stranger_sees_nothing(filled: Filled) -> None:
    viewer, stranger = filled.office.client("viewer", COUNTY), filled.office.client("supervisor", "/别处省/")
    text = viewer.get(f"/reports/{filled.report}").text

    assert ("可能是：青禾县民政局" in text, 'name="choice"' in text) == (True, False)
    assert 'name="choice"' not in viewer.get(f"/reports/{filled.report}/agency").text
    assert filled.say(f"{filled.roster} QH01", viewer)[0] == 403
    assert filled.say(f"{filled.roster} QH01", stranger)[0] == 404
    assert stranger.get(f"/reports/{filled.report}/agency").status_code == 404


def test_nobody_assigns_to_an_agency_of_another_region(filled: Filled) -> None:
    other = filled.office.store.rosters.import_(
        "编码,全称\nYD01,云渡县民政局\n".encode(), "云.csv", "/霁川市/云渡县/", "x", "乙"
    ).id
    status, page = filled.say(f"{other} YD01", reason="试试")

    assert (status, filled.match()) == (303, (MatchState.AMBIGUOUS, None))
    assert "不在您负责的地区之内" in page
    assert "云渡县民政局" not in filled.browser.get(f"/reports/{filled.report}/agency?text=民政").text


def test_coverage_shows_received_late_apart_and_unknown_years_once(filled: Filled) -> None:
    filled.say(f"{filled.roster} QH01")
    submitted(filled.office, filled.owner, [], COUNTY, "坏的", {"青禾县教育局年报.pdf": "%PDF-1.4 broken"})
    audit_all(filled.office)
    text = html.unescape(filled.browser.get("/coverage?year=2023").text)

    assert "逾期</span><b>" not in text.replace("公布逾期</span><b>", "")
    assert "收到时已过期限</span><b>1</b><small>没写公布日期，是否逾期不明" in text
    assert text.count("读不了") == 1
    assert "<th>年度不明</th>" in text
    assert "缺报</span><b>1</b>" in text


def test_coverage_says_that_reports_are_still_being_audited(filled: Filled) -> None:
    submitted(filled.office, filled.owner, [], COUNTY, "等", {"等待.txt": "……"})
    text = {
        path: html.unescape(filled.browser.get(path).text) for path in ("/coverage?year=2023", "/coverage/missing?year=2023")
    }
    table = filled.browser.get("/coverage/missing.csv?year=2023").text

    assert "缺报</span><b>0</b>" in text["/coverage?year=2023"]
    assert "1 份报告还不知是谁的" in text["/coverage?year=2023"]
    assert "没有列入的：3 个单位" in text["/coverage/missing?year=2023"]
    assert len(table.splitlines()) == 1
