"""The report page: problems and their places, decisions, documents, versions."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from random import Random

import pytest

from access import Role
from audits.digest import digest_from
from audits.findings import Finding
from audits.intake import Submitted
from audits.service import submit_batch
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as
from tests.web.audited import CLEAN, DOUBTFUL, FAULTY, NO_REPORT, OLD, REPORTS, audit_all, audited, id_of, result_of, submitted
from tests.web.people import Browser, Office, office

COUNTY = "/霁川市/青禾县/"
SCRIPT = "<script>alert(1)</script>"


class Filled:
    """An office with a batch of samples, audited, of a county."""

    def __init__(self, folder: Path) -> None:
        self.office = office(folder)
        self.supervisor = self.office.client(Role.SUPERVISOR)
        self.batch = audited(self.office, self.office.account(Role.SUPERVISOR), region=COUNTY)

    def address(self, name: str) -> str:
        return f"/reports/{id_of(self.office, self.batch, name)}"

    def findings(self, name: str) -> tuple[Finding, ...]:
        return digest_from(
            self.office.store.file(result_of(self.office, self.batch, name).outputs["json"]).read_bytes()
        ).findings


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def fresh(tmp_path: Path) -> Filled:
    """For tests that decide."""
    return Filled(tmp_path)


def text_of(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text[:500]
    return str(answer.text)


def test_every_problem_stands_on_the_page_with_place_message_and_basis(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(FAULTY))

    findings = filled.findings(FAULTY)
    assert len(findings) == 6
    for finding in findings:
        for words in (finding.title, finding.where, finding.message, finding.basis, finding.advice):
            assert html.escape(words, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in shown


def test_every_problem_with_evidence_is_marked_in_the_source_and_the_marks_lead_back(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(FAULTY))

    marked = {int(number) for number in re.findall(r'<span id="s(\d+)"', shown)}
    assert marked == {
        number for number, finding in enumerate(filled.findings(FAULTY), 1) if any(e.at for e in finding.evidence)
    }
    assert set(re.findall(r'class="spot[^"]*" href="#(f\d+)"', shown)) <= set(re.findall(r'id="(f\d+)"', shown))


def test_broken_cells_of_the_tables_carry_the_numbers_of_their_problems(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(FAULTY))

    in_tables = {number for number, finding in enumerate(filled.findings(FAULTY), 1) if finding.place.table}
    assert {int(number) for number in re.findall(r'id="c(\d+)"', shown)} == in_tables
    assert re.search(r'<td class="\s?cell-filled broken error">12<sup class="numbers">', shown)


def test_a_problem_that_may_be_our_misreading_says_so(filled: Filled) -> None:
    assert "需人工核对：" in text_of(filled.supervisor, filled.address(DOUBTFUL))


def test_a_clean_report_says_that_nothing_was_found_and_what_could_not_be_checked(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(CLEAN))

    assert "未发现问题" in shown
    assert "无法核验" in shown


def test_a_report_of_the_years_before_is_not_applicable_and_accused_of_nothing(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(OLD))

    assert "不适用" in shown
    assert 'class="problem' not in shown


def test_what_could_not_be_read_says_why_and_what_to_do(filled: Filled) -> None:
    shown = text_of(filled.supervisor, filled.address(NO_REPORT))

    assert "NOT_A_REPORT" in shown
    assert "怎么办" in shown


@pytest.mark.parametrize("form", ["", "/preview", "/files/pdf", "/files/original", "/findings/x", "/resubmit"])
def test_a_report_of_another_region_cannot_be_told_from_none(filled: Filled, form: str) -> None:
    stranger = filled.office.client(Role.SUPERVISOR, "/别处省/")

    there, nowhere = stranger.get(filled.address(FAULTY) + form), stranger.get(f"/reports/{'0' * 32}{form}")

    assert (there.status_code, nowhere.status_code) == (404, 404)
    same = [re.sub(r"[0-9a-f]{12,}", "", answer.text) for answer in (there, nowhere)]
    assert same[0] == same[1]


def test_a_clerk_sees_only_what_he_handed_in_himself(filled: Filled) -> None:
    clerk = filled.office.client(Role.CLERK)

    assert clerk.get(filled.address(FAULTY)).status_code == 404
    assert FAULTY not in text_of(clerk, "/reports")


# decisions


def decide(fresh: Filled, finding: Finding, decided: str, browser: Browser | None = None, **more: str) -> tuple[int, str]:
    form = {"finding": finding.id, "decided": decided, **more}
    answer = (browser or fresh.supervisor).post(f"{fresh.address(FAULTY)}/decide", data=form)
    return answer.status_code, answer.headers.get("location", "")


def test_a_confirmed_problem_is_shown_with_who_and_when(fresh: Filled) -> None:
    finding = fresh.findings(FAULTY)[0]

    status, to = decide(fresh, finding, "confirmed")

    shown = text_of(fresh.supervisor, fresh.address(FAULTY))
    assert (status, to.endswith("#f1")) == (303, True)
    assert "已确认" in shown
    assert "测试supervisor" in shown.split('id="f1"')[1].split('id="f2"')[0]


def test_a_program_gets_the_card_and_the_figures_back(fresh: Filled) -> None:
    finding = fresh.findings(FAULTY)[1]

    answer = fresh.supervisor.post(
        f"{fresh.address(FAULTY)}/decide",
        data={"finding": finding.id, "decided": "dismissed", "reason": "台账无误"},
        headers={"accept": "application/json"},
    )

    said = answer.json()
    assert (said["decided"], said["open"]) == (1, 5)
    assert 'id="f2"' in said["card"]
    assert "台账无误" in said["card"]


@pytest.mark.parametrize("decided", ["dismissed", "waived"])
def test_to_dismiss_or_waive_takes_a_reason(fresh: Filled, decided: str) -> None:
    decide(fresh, fresh.findings(FAULTY)[0], decided, reason="  ")

    assert "要写明理由" in text_of(fresh.supervisor, fresh.address(FAULTY))
    assert "认定记录" not in text_of(fresh.supervisor, fresh.address(FAULTY)).split('id="f1"')[1].split('id="f2"')[0]


def test_a_decision_can_be_taken_back_and_its_history_stays(fresh: Filled) -> None:
    finding = fresh.findings(FAULTY)[0]
    decide(fresh, finding, "dismissed", reason="看错了一行")
    decide(fresh, finding, "reopened")

    shown = text_of(fresh.supervisor, fresh.address(FAULTY))
    history = text_of(fresh.supervisor, f"{fresh.address(FAULTY)}/findings/{finding.id}")

    assert 'class="problem error stands-open" id="f1"' in shown
    assert "看错了一行" in history
    assert history.index("撤销认定") < history.index("不成立")


def test_a_waiver_may_end_on_a_day_that_is_said(fresh: Filled) -> None:
    waivable = next(
        f for f in fresh.findings(FAULTY) if decide(fresh, f, "waived", reason="试点", expires="2099-12-31")[0] == 303
    )

    assert "2099-12-31" in text_of(fresh.supervisor, f"{fresh.address(FAULTY)}/findings/{waivable.id}")


def test_all_that_is_certain_can_be_confirmed_at_once(fresh: Filled) -> None:
    address = fresh.address(DOUBTFUL)

    fresh.supervisor.post(f"{address}/decide", data={"rest": "sure", "decided": "confirmed"})

    findings = fresh.findings(DOUBTFUL)
    certain = sum(finding.doubt is None for finding in findings)
    shown = text_of(fresh.supervisor, address)
    assert 0 < certain < len(findings)
    assert shown.count('stands-confirmed"') == certain
    assert shown.count('stands-open"') == len(findings) - certain


def test_of_decisions_nothing_is_said_to_who_looks_at_a_draft_of_his_own(fresh: Filled) -> None:
    clerk = fresh.office.client(Role.CLERK, COUNTY)
    batch = audited(fresh.office, fresh.office.account(Role.CLERK, (COUNTY,)), region=COUNTY)

    shown = text_of(clerk, f"/reports/{id_of(fresh.office, batch, FAULTY)}")
    assert "全部 6" in shown
    assert "认定" not in shown
    assert "未认定" not in text_of(clerk, "/")


def test_who_may_only_read_cannot_decide(fresh: Filled) -> None:
    viewer = fresh.office.client(Role.VIEWER)

    status, _ = decide(fresh, fresh.findings(FAULTY)[0], "confirmed", viewer)

    assert status == 403
    assert 'class="decide"' not in text_of(viewer, fresh.address(FAULTY))


def test_nobody_decides_for_another_region(fresh: Filled) -> None:
    stranger = fresh.office.client(Role.SUPERVISOR, "/别处省/")

    assert decide(fresh, fresh.findings(FAULTY)[0], "confirmed", stranger)[0] == 404


@pytest.mark.parametrize("form", [{"decided": "guilty"}, {"decided": "confirmed", "finding": "no-such"}, {}])
def test_a_decision_that_makes_no_sense_is_refused(fresh: Filled, form: dict[str, str]) -> None:
    answer = fresh.supervisor.post(f"{fresh.address(FAULTY)}/decide", data=form, headers={"accept": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["message"]


def test_decisions_are_in_the_log_of_actions(fresh: Filled) -> None:
    decide(fresh, fresh.findings(FAULTY)[0], "confirmed")

    entry = fresh.office.access.log.entries(limit=1)[0]
    assert (entry.action, entry.object) == ("finding.decide", id_of(fresh.office, fresh.batch, FAULTY))


# resubmission


def test_a_corrected_report_shows_what_is_mended_and_keeps_what_was_decided(fresh: Filled) -> None:
    findings = fresh.findings(FAULTY)
    balance, aspects = findings[0], findings[-1]
    decide(fresh, aspects, "confirmed")
    text = (REPORTS / FAULTY).read_text("utf-8")
    mended = re.sub(r"(一、本年新收政府信息公开申请数量\s+)12(\s.*?\s)13(?=\s)", r"\g<1>13\g<2>14", text, count=1)
    assert mended != text

    answer = fresh.supervisor.post(
        f"{fresh.address(FAULTY)}/resubmit", files={"file": ("青禾县民政局2023年报（改）.txt", mended.encode(), "text/plain")}
    )
    audit_all(fresh.office)

    shown = text_of(fresh.supervisor, answer.headers["location"])
    assert "第 2 版" in shown
    assert html.escape(balance.message) in shown.split("已改好</h4>")[1].split("</details>")[0]
    assert "已确认" in shown.split('class="problem notice')[1]


def test_an_archive_or_an_empty_file_is_no_corrected_report(fresh: Filled) -> None:
    for name, data in (("空.txt", b""), ("包.zip", b"PK\x05\x06" + b"\0" * 18)):
        answer = fresh.supervisor.post(f"{fresh.address(FAULTY)}/resubmit", files={"file": (name, data, "")})
        assert answer.headers["location"].endswith("/resubmit")
    assert len(fresh.office.store.versions(id_of(fresh.office, fresh.batch, FAULTY))) == 1


# documents


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF"), ("json", b"{"), ("docx", b"PK"), ("original", "青禾县民政局".encode())]
)
def test_documents_are_handed_out_as_attachments_with_their_names(filled: Filled, form: str, begins: bytes) -> None:
    answer = filled.supervisor.get(f"{filled.address(FAULTY)}/files/{form}")

    assert answer.status_code == 200
    assert begins in answer.content[:200]
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E9%9D%92%E7%A6%BE" in answer.headers["content-disposition"]
    assert filled.office.access.log.entries(limit=1)[0].action == "report.download"


def test_a_notice_has_the_deadline_that_was_asked_for(filled: Filled) -> None:
    answer = filled.supervisor.get(f"{filled.address(FAULTY)}/files/docx?deadline=2027-02-28")

    assert answer.status_code == 200
    assert filled.supervisor.get(f"{filled.address(FAULTY)}/files/docx?deadline=soon").status_code == 400


def test_the_pdf_can_be_framed_by_pages_of_ours_alone(filled: Filled) -> None:
    preview = filled.supervisor.get(f"{filled.address(FAULTY)}/preview")
    page = filled.supervisor.get(filled.address(FAULTY))

    assert "frame-ancestors 'self'" in preview.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert preview.content.startswith(b"%PDF")


def test_an_unknown_form_is_not_found(filled: Filled) -> None:
    assert filled.supervisor.get(f"{filled.address(FAULTY)}/files/exe").status_code == 404


def test_what_stands_nowhere_is_not_found(filled: Filled) -> None:
    assert filled.supervisor.get("/reports/..%2f..%2fetc").status_code == 404


# names of strangers


def test_names_and_texts_are_shown_and_never_run(fresh: Filled) -> None:
    text = (REPORTS / FAULTY).read_text("utf-8").replace("青禾县民政局", f"青禾县{SCRIPT}民政局")
    name = f"{SCRIPT}\"><img src=x onerror=alert(1)>'.txt"
    batch = submitted(
        fresh.office, fresh.office.account(Role.SUPERVISOR), [], COUNTY, f"{SCRIPT}批", {name: text, f"空{SCRIPT}.txt": ""}
    )
    audit_all(fresh.office)
    results = fresh.office.store.results(batch)
    pages = ["/", "/batches", f"/batches/{batch}", f"/batches/{batch}/rules", "/reports", "/failed", "/submit"]
    pages += [f"/reports/{result.submission.id}" for result in results]
    pages.append(f"/batches/{batch}/progress")

    shown = [text_of(fresh.supervisor, address) for address in pages]

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in "".join(shown)
    for one in shown:
        plain = json.loads(one)["html"] if one.startswith("{") else one
        assert SCRIPT not in plain
        assert "<img src=x" not in plain


def test_reports_audited_before_texts_were_kept_say_so(fresh: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.reports.FORM", "none")

    shown = text_of(fresh.supervisor, fresh.address(FAULTY))

    assert "没有留存读出的文字" in shown
    assert 'id="f1"' in shown


def test_pages_of_a_pdf_are_shown_with_the_places_of_the_problems_boxed(tmp_path: Path) -> None:
    made = office(tmp_path)
    browser = made.client(Role.SUPERVISOR)
    invented = invent(1, 2023)
    planted = DEFECTS["result-sum"].plant(invented, invented.page(), Random(1))
    assert planted is not None
    (tmp_path / "年报.pdf").write_bytes(print_as("pdf-split-rows", invented, planted.page).printed.data)
    given = [Submitted(tmp_path / "年报.pdf", "年报.pdf")]
    batch = submit_batch(made.store, "一批", given, owner=made.account(Role.SUPERVISOR).id)
    audit_all(made)
    address = f"/reports/{id_of(made, batch, '年报.pdf')}"

    shown = text_of(browser, f"{address}/pages")

    places = re.findall(r'<a href="(/reports/\w+#f\d+)" data-numbers="\d+" class="place error"', shown)
    picture = browser.get(re.findall(r'<image href="([^"]+)"', shown)[0])
    assert places
    assert all(place.startswith(f"{address}#f") for place in places)
    assert picture.content.startswith(b"\x89PNG")
    assert 'data-pages="' in text_of(browser, address)
    assert browser.get(f"{address}/pages/99").status_code == 404
    assert made.client(Role.SUPERVISOR, "/别处省/").get(f"{address}/pages/1").status_code == 404


# lists


def test_reports_are_found_by_agency_and_region_and_the_worst_comes_first(filled: Filled) -> None:
    shown = text_of(filled.supervisor, "/reports")
    found = text_of(filled.supervisor, "/reports?text=民政")

    assert shown.index("青禾县民政局") < shown.index("青禾县教育局")
    assert "青禾县民政局" in found
    assert "青禾县教育局" not in found


def test_the_next_report_is_the_next_of_the_list_that_one_came_from(filled: Filled) -> None:
    shown = text_of(filled.supervisor, f"{filled.address(FAULTY)}?batch={filled.batch}&text=青禾")

    found = re.search(r'rel="next" href="(/reports/\w+)\?', shown)
    assert found is not None
    assert found[1] == filled.address(DOUBTFUL)


@pytest.mark.parametrize(
    "query", ["severity=grave&standing=&state=x&page=-3&year=abc&order=random&doubtful=7", "page=999999999999"]
)
def test_an_address_with_nonsense_shows_the_list_all_the_same(filled: Filled, query: str) -> None:
    assert filled.supervisor.get(f"/reports?{query}").status_code == 200


def test_an_empty_office_shows_empty_pages(office: Office) -> None:
    supervisor = office.client(Role.SUPERVISOR)

    assert [supervisor.get(address).status_code for address in ("/", "/reports", "/batches", "/failed", "/submit")] == [200] * 5
    assert "提交第一批年报" in supervisor.get("/").text


# two people at once


def test_who_decides_second_is_shown_the_first_and_may_decide_all_the_same(fresh: Filled) -> None:
    finding = fresh.findings(FAULTY)[0]
    other = fresh.office.client(Role.SUPERVISOR, COUNTY)
    decide(fresh, finding, "confirmed", other)
    form = {"finding": finding.id, "decided": "dismissed", "reason": "原件如此", "seen": "none"}
    refused = fresh.supervisor.post(f"{fresh.address(FAULTY)}/decide", data=form)
    told = fresh.supervisor.post(f"{fresh.address(FAULTY)}/decide", data=form, headers={"accept": "application/json"})

    assert (refused.status_code, told.status_code, told.json()["error"]["code"]) == (409, 409, "DECIDED_MEANWHILE")
    name = fresh.office.account(Role.SUPERVISOR, (COUNTY,)).name
    assert all(words in refused.text for words in ("没有记下", "已确认", name, "原件如此", "仍按我的认定"))
    held = re.search(r'name="seen" value="(\w+)"', refused.text)
    assert held is not None
    again = fresh.supervisor.post(f"{fresh.address(FAULTY)}/decide", data=form | {"seen": held[1]})
    assert (again.status_code, "不成立" in text_of(fresh.supervisor, again.headers["location"])) == (303, True)


def rest_seen(page: str) -> str:
    found = re.search(r'name="rest" value="sure"><input type="hidden" name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_all_the_rest_can_be_confirmed_after_decisions_of_his_own_on_the_same_page(fresh: Filled) -> None:
    first, second, third, *_ = fresh.findings(FAULTY)
    address = fresh.address(FAULTY)
    seen = rest_seen(text_of(fresh.supervisor, address))
    for finding, decided in ((first, "dismissed"), (second, "confirmed"), (third, "confirmed")):
        form = {"finding": finding.id, "decided": decided, "reason": "原件如此", "seen": "none", "rest_seen": seen}
        answer = fresh.supervisor.post(f"{address}/decide", data=form, headers={"accept": "application/json"})
        seen = answer.json()["rest_seen"]
    fresh.supervisor.post(f"{address}/decide", data={"decided": "confirmed", "rest": "sure", "seen": seen})

    shown = text_of(fresh.supervisor, address)
    assert (shown.count('stands-dismissed"'), shown.count('stands-open"')) == (1, 0)


def test_a_decision_of_his_own_does_not_hide_that_another_decided_on_another_problem(fresh: Filled) -> None:
    mine, others, *_ = fresh.findings(FAULTY)
    address = fresh.address(FAULTY)
    seen = rest_seen(text_of(fresh.supervisor, address))
    decide(fresh, others, "confirmed", fresh.office.client(Role.SUPERVISOR, COUNTY))
    form = {"finding": mine.id, "decided": "confirmed", "seen": "none", "rest_seen": seen}
    answer = fresh.supervisor.post(f"{address}/decide", data=form, headers={"accept": "application/json"})

    assert answer.json()["rest_seen"] == seen


def test_all_the_rest_is_not_confirmed_when_somebody_decided_on_some_of_it_meanwhile(fresh: Filled) -> None:
    seen = rest_seen(text_of(fresh.supervisor, fresh.address(FAULTY)))
    decide(fresh, fresh.findings(FAULTY)[0], "confirmed", fresh.office.client(Role.SUPERVISOR, COUNTY))
    answer = fresh.supervisor.post(
        f"{fresh.address(FAULTY)}/decide", data={"decided": "confirmed", "rest": "sure", "seen": seen}
    )

    assert (answer.status_code, "没有全部确认" in text_of(fresh.supervisor, answer.headers["location"])) == (303, True)
    assert len(fresh.office.store.decisions.of_submission(id_of(fresh.office, fresh.batch, FAULTY))) == 1
