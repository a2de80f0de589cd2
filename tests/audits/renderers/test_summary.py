"""The summary of a batch as PDF: its text, its pages, its bytes."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from audits.batch import Batch
from audits.findings import Audit
from audits.renderers import pdf_charts, summary
from audits.renderers.pdf_layout import HEIGHT, LEFT, RIGHT
from tests.audits.renderers.batches import UNREADABLE, batch, named, report

REGIONS = ("青禾县", "云渡县", "澜汀区")
Make = Callable[..., Audit]


def written(made: Batch) -> bytes:
    out = io.BytesIO()
    summary.render(made, out)
    return out.getvalue()


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


def outside(data: bytes) -> list[tuple[float, ...]]:
    found = []
    for page in pypdfium2.PdfDocument(data):
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        found += [box for box in boxes if box[0] < LEFT - 3 or box[2] > RIGHT + 3 or box[1] < 30 or box[3] > HEIGHT - 30]
    return found


def office_batch(audit_of: Make, count: int, **more: object) -> Batch:
    reports = [
        report(named(audit_of(index % 8), f"霁川市{REGIONS[index % 3]}教育局", 2021 + index % 3)) for index in range(count)
    ]
    return batch(*reports, UNREADABLE, **more)  # type: ignore[arg-type]


def test_the_totals_come_first(audit_of: Make) -> None:
    made = batch(report(named(audit_of(5), "青禾县教育局")), report(named(audit_of(0), "青禾县民政局")), UNREADABLE)
    text = text_of(written(made))

    assert "共收到3个文件，核查2份报告，1个文件未能核查。发现问题5处，其中1处可能出自识读误差，须人工核对" in text
    assert "另有4项无法核验，既不计为通过，也不认定为问题" in text
    assert text.index("总体情况") < text.index("问题较多的单位") < text.index("未能核查的文件")


def test_where_nothing_is_doubtful_no_doubt_is_spoken_of(audit_of: Make) -> None:
    findings = tuple(finding for finding in audit_of(5).findings if finding.doubt is None)

    assert "发现问题4处；另有2项无法核验" in text_of(
        written(batch(report(named(audit_of(5, findings=findings), "青禾县教育局"))))
    )


def test_who_could_not_be_read_is_named_with_the_reason(audit_of: Make) -> None:
    assert "坏文件.doc读不了有密码；请去掉密码后重新提交（ENCRYPTED）" in text_of(written(office_batch(audit_of, 3)))


def test_who_is_missing_is_told_only_with_a_roster(audit_of: Make) -> None:
    told = [text_of(written(office_batch(audit_of, 3, missing=missing))) for missing in (None, [], ["青禾县司法局"])]

    assert ["未报送的单位" in text for text in told] == [False, True, True]
    assert "名册中的单位均已报送" in told[1]
    assert "下列1个单位没有报告：青禾县司法局" in told[2]


@pytest.mark.parametrize("count", [0, 1, 40, 400])
def test_no_text_leaves_the_type_area(audit_of: Make, count: int) -> None:
    data = written(office_batch(audit_of, count))

    assert outside(data) == []


def test_regions_and_years_are_drawn_where_there_are_several(audit_of: Make) -> None:
    several, single = office_batch(audit_of, 9), batch(report(named(audit_of(5), "青禾县教育局")))

    assert ["各地区" in text_of(written(made)) for made in (several, single)] == [True, False]
    assert ["各年度" in text_of(written(made)) for made in (several, single)] == [True, False]


def test_long_and_hostile_names_are_shown_as_text(audit_of: Make) -> None:
    name = "<b>某</b>局" * 60
    data = written(batch(report(named(audit_of(5), name)), title="<img src=x>" * 20))

    assert outside(data) == []
    assert "<b>某</b>局<b>某</b>局" in text_of(data)


def test_the_same_batch_gives_the_same_bytes(audit_of: Make) -> None:
    assert written(office_batch(audit_of, 9)) == written(office_batch(audit_of, 9))


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound(audit_of: Make, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(written(office_batch(audit_of, 60)))

    assert subprocess.run(["qpdf", "--check", str(tmp_path / "a.pdf")], capture_output=True).returncode == 0


@pytest.mark.parametrize(("longest", "tick"), [(1, 1), (5, 1), (6, 2), (11, 5), (40, 10), (499, 100), (501, 200)])
def test_an_axis_counts_in_round_steps(longest: float, tick: float) -> None:
    assert pdf_charts._tick(longest) == tick
