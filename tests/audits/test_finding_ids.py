"""What a finding's id is made of: a decision counts wherever the id comes again, so it must not come again by chance."""

from __future__ import annotations

from pathlib import Path

from audits.audit import audit
from reports_in import read
from rules.compile import load_pack


def ids(folder: Path, name: str, text: str) -> set[str]:
    (folder / name).write_text(text, "utf-8")
    return {finding.id for finding in audit(read(folder / name, name), load_pack()).findings}


def report(agency: str, year: int, more: str = "") -> str:
    return f"{agency}{year}年政府信息公开工作年度报告\n一、总体情况\n{more}。\n二、主动公开政府信息情况\n无。\n"


def test_the_same_fault_of_an_agency_and_year_has_the_same_id_in_another_file(tmp_path: Path) -> None:
    first = ids(tmp_path, "a.txt", report("青禾县教育局", 2023))
    assert first & ids(tmp_path, "b.txt", report("青禾县教育局", 2023, "全年工作有序开展"))
    assert not first & ids(tmp_path, "c.txt", report("青禾县民政局", 2023))
    assert not first & ids(tmp_path, "d.txt", report("青禾县教育局", 2022))


def test_two_reports_that_name_no_agency_share_no_id(tmp_path: Path) -> None:
    first = ids(tmp_path, "a.txt", report("", 2023))
    assert first
    assert not first & ids(tmp_path, "b.txt", report("", 2023, "全年工作有序开展"))
