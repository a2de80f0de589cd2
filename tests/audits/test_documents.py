"""What is handed out: as it was recorded while nobody has decided, printed anew with the decisions once somebody has."""

from __future__ import annotations

import json
import threading
import zipfile
from datetime import date
from pathlib import Path
from random import Random

import openpyxl
import pypdfium2
import pytest

from audits.decision import Decided
from audits.decisions import decide, of_report
from audits.documents import Document, export_batch, render_report
from audits.errors import NothingToWrite, StoreError
from audits.intake import Submitted
from audits.renderers.terms import Terms
from audits.service import audit_next, submit_batch
from audits.single import leave_jail
from audits.store import Queue, Store
from bench.corpus.defects import DEFECTS
from bench.corpus.invent import invent
from bench.corpus.layouts import print_as

REPORTS = Path(__file__).parents[2] / "samples" / "reports"
FAULTY = "青禾县民政局2023年报.txt"
TODAY = date(2026, 11, 21)
ROSTER = """编码,全称,别名,级别,类别,上级编码
Q1,青禾县民政局,,县级,部门,
Q2,青禾县教育局,,县级,部门,
Q3,青禾县审计局,,县级,部门,
J1,霁川市住房和城乡建设局,市住建局,市级,部门,
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def audited(store: Store, *names: str) -> str:
    batch = submit_batch(store, "一批", [Submitted(REPORTS / name, name) for name in names])
    while audit_next(store, Queue.AUDIT, 60.0):
        pass
    leave_jail()
    return batch


@pytest.fixture
def faulty(store: Store) -> str:
    """The id of a report with problems."""
    return store.results(audited(store, FAULTY))[0].submission.id


def findings_of(store: Store, report: str) -> list[str]:
    whole = json.loads(store.file(store.result(report).outputs["json"]).read_bytes())
    return [finding["id"] for finding in whole["findings"]]


def say(store: Store, report: str, decided: Decided, *ids: str, expires: date | None = None) -> None:
    decide(store, report, ids, decided, "原件如此", account_id="a1", author="王监督", expires=expires, today=TODAY)


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path.read_bytes())
    return "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_without_decisions_it_is_what_was_recorded(store: Store, faulty: str) -> None:
    outputs = store.result(faulty).outputs

    for form in ("pdf", "json"):
        assert render_report(store, faulty, form).path == store.file(outputs[form])


def test_a_decision_is_in_the_next_document_and_gone_when_it_is_taken_back(store: Store, faulty: str) -> None:
    before = render_report(store, faulty, "pdf").path.read_bytes()
    first = findings_of(store, faulty)[0]
    say(store, faulty, Decided.DISMISSED, first)
    decided = render_report(store, faulty, "pdf")

    assert "不成立；原因：原件如此（王监督" in text_of(decided.path)
    assert [item["decided"] for item in json.loads(render_report(store, faulty, "json").path.read_bytes())["decisions"]] == [
        "dismissed"
    ]

    say(store, faulty, Decided.REOPENED, first)
    assert render_report(store, faulty, "pdf").path.read_bytes() == before


def test_the_same_decisions_give_the_same_bytes_and_are_printed_once(store: Store, faulty: str) -> None:
    say(store, faulty, Decided.CONFIRMED, *findings_of(store, faulty)[:2])
    first = render_report(store, faulty, "pdf").path
    written = first.read_bytes()
    again = render_report(store, faulty, "pdf").path
    first.unlink()

    assert again == first
    assert render_report(store, faulty, "pdf").path.read_bytes() == written


def test_a_waiver_that_has_ended_is_in_no_document_any_more(store: Store, faulty: str) -> None:
    ids = findings_of(store, faulty)
    say(store, faulty, Decided.WAIVED, ids[-1], expires=date(2026, 12, 31))

    assert "豁免1处" in text_of(render_report(store, faulty, "pdf", today=date(2026, 12, 31)).path)
    after = render_report(store, faulty, "pdf", today=date(2027, 1, 1))
    assert after.path == store.file(store.result(faulty).outputs["pdf"])


def test_where_every_problem_is_set_aside_there_is_no_notice(store: Store, faulty: str) -> None:
    assert render_report(store, faulty, "docx").name == "青禾县民政局-2023-整改通知.docx"
    say(store, faulty, Decided.DISMISSED, *findings_of(store, faulty))

    with pytest.raises(NothingToWrite, match="不出整改通知"):
        render_report(store, faulty, "docx")


@pytest.mark.parametrize("form", ["xlsx", "source", "nonsense", "annotated"])
def test_a_form_that_there_is_not_is_refused(store: Store, faulty: str, form: str) -> None:
    with pytest.raises(NothingToWrite):
        render_report(store, faulty, form)


def test_an_unknown_report_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        render_report(store, "0" * 32, "pdf")


def test_a_date_is_printed_where_one_is_given(store: Store, faulty: str) -> None:
    dated = render_report(store, faulty, "pdf", Terms(issued=date(2027, 2, 1)))

    assert "2027年2月1日" in text_of(dated.path)


def test_threads_that_ask_at_once_get_the_same_document(store: Store, faulty: str) -> None:
    say(store, faulty, Decided.CONFIRMED, *findings_of(store, faulty))
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(render_report(store, faulty, "pdf").path.read_bytes())) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(found), len(set(found))) == (6, 1)


def test_a_batch_is_exported_with_its_decisions(store: Store, tmp_path: Path) -> None:
    batch = audited(store, FAULTY, "青禾县教育局2023年报.txt", "霁川市档案局2016年度报告.txt")
    report = next(result.submission.id for result in store.results(batch) if result.submission.name == FAULTY)
    ids = findings_of(store, report)
    say(store, report, Decided.DISMISSED, *ids)

    lines = export_batch(store, batch, tmp_path / "out", ["zip"], today=TODAY)

    decided = next(line for line in lines if line.name == FAULTY)
    assert decided.outcome.summary is not None
    assert (decided.outcome.summary.errors, decided.outcome.summary.warnings) == (0, 0)
    with zipfile.ZipFile(tmp_path / "out" / "全部结果.zip") as archive:
        table = archive.read("全批/问题清单.csv").decode("utf-8-sig")
        assert table.count("不成立,原件如此,王监督,") == len(ids)
        assert "各单位/青禾县民政局-2023-整改通知.docx" not in archive.namelist()


def test_who_is_missing_is_told_of_a_whole_batch_and_by_the_reports_of_all_batches(store: Store, tmp_path: Path) -> None:
    store.rosters.import_(ROSTER.encode(), "名单.csv", "/", "a", "甲")
    batch = audited(store, FAULTY, "青禾县教育局2023年报.txt")
    audited(store, "霁川市住建局2023年度.txt")

    export_batch(store, batch, tmp_path / "out", ["xlsx"], today=TODAY)
    export_batch(store, batch, tmp_path / "some", ["xlsx"], only={store.results(batch)[0].submission.id}, today=TODAY)

    sheet = openpyxl.load_workbook(tmp_path / "out" / "批次汇总.xlsx")["未报送"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["青禾县审计局"]
    assert "未报送" not in openpyxl.load_workbook(tmp_path / "some" / "批次汇总.xlsx").sheetnames


def test_only_the_reports_asked_for_are_exported(store: Store, tmp_path: Path) -> None:
    batch = audited(store, FAULTY, "青禾县教育局2023年报.txt")
    report = store.results(batch)[1].submission.id

    lines = export_batch(store, batch, tmp_path / "out", ["pdf", "csv"], only={report})

    assert [line.name for line in lines] == ["青禾县教育局2023年报.txt"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"青禾县教育局-2023.pdf", "问题清单.csv", "index.json"}


@pytest.fixture
def with_pages(store: Store, tmp_path: Path) -> str:
    """A report with problems whose source is a PDF, in a batch whose reports show pieces of their pages."""
    invented = invent(1, 2023)
    page = invented.page()
    for defect in ("result-sum", "label"):
        planted = DEFECTS[defect].plant(invented, page, Random(1))
        page = planted.page if planted else page
    (tmp_path / "年报.pdf").write_bytes(print_as("pdf-split-rows", invented, page).printed.data)
    batch = submit_batch(store, "一批", [Submitted(tmp_path / "年报.pdf", "年报.pdf")], evidence=True)
    assert audit_next(store, Queue.AUDIT, 60.0)
    leave_jail()
    return store.results(batch)[0].submission.id


def pictures(document: Document) -> int:
    return document.path.read_bytes().count(b"/Subtype /Image")


def test_a_report_keeps_the_pieces_of_its_pages_when_it_is_decided_on(store: Store, with_pages: str) -> None:
    before = pictures(render_report(store, with_pages, "pdf"))
    say(store, with_pages, Decided.CONFIRMED, *findings_of(store, with_pages))

    assert pictures(render_report(store, with_pages, "pdf")) == before > 0
    assert pictures(render_report(store, with_pages, "pdf", Terms(issued=TODAY))) == before


def test_the_source_is_annotated_when_it_is_asked_for_without_what_was_set_aside(store: Store, with_pages: str) -> None:
    def notes() -> int:
        return render_report(store, with_pages, "annotated").path.read_bytes().count(b"/Square")

    before = notes()
    say(store, with_pages, Decided.DISMISSED, findings_of(store, with_pages)[0])

    assert 0 < notes() < before
    assert render_report(store, with_pages, "annotated").name.endswith("-原文批注.pdf")


def test_once_the_original_was_deleted_its_pages_are_shown_no_more(store: Store, with_pages: str) -> None:
    store.removal.originals(store.submission(with_pages).batch_id)
    say(store, with_pages, Decided.CONFIRMED, *findings_of(store, with_pages))

    assert pictures(render_report(store, with_pages, "pdf")) == 0
    with pytest.raises(NothingToWrite):
        render_report(store, with_pages, "annotated")


def test_an_edition_of_the_documents_of_a_batch_is_the_same_twice(store: Store, tmp_path: Path) -> None:
    batch = audited(store, FAULTY)
    report = store.results(batch)[0].submission.id
    say(store, report, Decided.CONFIRMED, findings_of(store, report)[0])
    export_batch(store, batch, tmp_path / "one", ["zip"], today=TODAY)
    export_batch(store, batch, tmp_path / "two", ["zip"], today=TODAY)

    assert (tmp_path / "one" / "全部结果.zip").read_bytes() == (tmp_path / "two" / "全部结果.zip").read_bytes()
    assert set(of_report(store, report, TODAY)) == {findings_of(store, report)[0]}
