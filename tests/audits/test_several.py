"""Several reports in one file are told; one report is never taken for several."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from audits.several import titles_of_several
from bench.corpus.formats import docx, html, text
from bench.corpus.invent import invent
from reports_in import read, read_bytes
from reports_in.errors import IntakeError

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
REPORTS = Path(__file__).parents[3] / "shared" / "reports"


def as_text(seed: int, year: int = 2023) -> str:
    return text.write(invent(seed, year).page(), Random(1), text.Tabs()).data.decode()


def several(*texts: str) -> int:
    return len(titles_of_several(read_bytes("\n".join(texts).encode(), "年报.txt")))


def test_reports_of_two_agencies_or_two_years_are_several() -> None:
    assert [
        several(as_text(3), as_text(4)),
        several(as_text(3, 2022), as_text(3, 2023)),
        several(*(as_text(seed) for seed in range(5))),
    ] == [2, 2, 5]


@pytest.mark.parametrize("seed", range(12))
def test_one_report_is_one_in_every_form(seed: int) -> None:
    page = invent(seed).page()
    forms = [
        text.write(page, Random(1), text.Tabs()).data,
        html.write(page, Random(1), html.Markup(related=True, furniture=True)).data,
        docx.write(page, Random(1), docx.Word()).data,
    ]

    assert [titles_of_several(read_bytes(data, "年报")) for data in forms] == [(), (), ()]


def test_a_report_with_contents_or_printed_twice_is_one() -> None:
    report = as_text(3)
    contents = (
        report.split("\n")[0]
        + "\n目录\n一、总体情况\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n六、其他需要报告的事项\n"
    )

    assert (several(contents, report), several(report, report)) == (0, 0)


def test_the_samples_are_single_reports() -> None:
    found = {}
    for path in [*SAMPLES.iterdir(), *(REPORTS.iterdir() if REPORTS.exists() else ())]:
        try:
            found[path.name] = titles_of_several(read(path)) if path.is_file() else ()
        except IntakeError:
            continue

    assert {name: titles for name, titles in found.items() if titles} == {}
