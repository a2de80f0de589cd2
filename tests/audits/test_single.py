"""Auditing one file never raises for what the file holds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import audits.single
from audits.outcome import Settled
from audits.single import audit_file, audit_in_jail
from bench.scans import scan_case
from reports_in import ocr
from tests.servers import PATIENCE, spent_seconds

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"


def test_a_report_is_audited_and_rendered() -> None:
    outcome = audit_file(SAMPLES / "青禾县教育局2023年报.txt", "年报.txt")

    assert (outcome.state, outcome.outputs["pdf"][:5], outcome.outputs["json"][:1]) == (Settled.AUDITED, b"%PDF-", b"{")
    assert outcome.summary is not None
    assert (outcome.summary.agency, outcome.summary.year) == ("青禾县教育局", 2023)


def test_the_same_file_gives_the_same_bytes() -> None:
    path = SAMPLES / "青禾县民政局2023年报.txt"

    assert audit_file(path, "年报.txt").outputs == audit_file(path, "年报.txt").outputs


def test_a_year_given_overrides_the_report() -> None:
    outcome = audit_file(SAMPLES / "青禾县教育局2023年报.txt", "年报.txt", ["json"], 2016)

    assert outcome.summary is not None
    assert outcome.summary.year == 2016


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_opened_is_unreadable(tmp_path: Path, name: str) -> None:
    outcome = audit_file(tmp_path / name, name)

    assert (outcome.state, outcome.code) == (Settled.UNREADABLE, "FILE_UNAVAILABLE")


def test_a_page_that_is_no_report_is_not_audited_as_one_with_everything_missing() -> None:
    outcome = audit_file(SAMPLES / "霁川市商务局年报（链接失效）.html", "年报.html")

    assert (outcome.state, outcome.code) == (Settled.UNREADABLE, "NOT_A_REPORT")


@pytest.mark.parametrize(("fault", "code"), [(ZeroDivisionError(), "INTERNAL"), (RecursionError(), "INTERNAL")])
def test_a_defect_of_ours_fails_the_report_and_is_said(monkeypatch: pytest.MonkeyPatch, fault: Exception, code: str) -> None:
    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr(audits.single, "audit", broken)

    outcome = audit_file(SAMPLES / "青禾县教育局2023年报.txt", "年报.txt")

    assert (outcome.state, outcome.code, outcome.reason.startswith("年报.txt：")) == (Settled.FAILED, code, True)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def take_memory(*_: object) -> None:
    bytearray(8 << 30)


def never_end(*_: object) -> None:
    while True:
        pass


def speak_nonsense(*_: object) -> bytes:
    return b"nonsense"


@pytest.mark.parametrize(
    ("where", "fault", "code", "reason"),
    [
        ("audit", die, "READER_CRASHED", "年报.txt：解析进程崩溃（信号11 SIGSEGV）；"),
        ("audit", take_memory, "LIMIT_EXCEEDED", "年报.txt：解析所需内存超过1 GB，已停止；"),
        ("audit", never_end, "LIMIT_EXCEEDED", "年报.txt：解析超过1秒仍未完成，已停止；"),
        ("handover.pack", speak_nonsense, "READER_CRASHED", "年报.txt：解析进程给出的结果无效；"),
    ],
)
def test_a_report_that_takes_its_process_down_is_told_and_the_next_is_audited(
    monkeypatch: pytest.MonkeyPatch, where: str, fault: Callable[..., None], code: str, reason: str
) -> None:
    path = SAMPLES / "青禾县教育局2023年报.txt"
    audits.single._JAIL.stop()
    with monkeypatch.context() as patched:
        patched.setattr(f"audits.single.{where}", fault)
        patched.setattr(audits.single, "REPORT_SECONDS", 1.0 if fault is never_end else PATIENCE)
        outcome = audit_in_jail(path, "年报.txt")
        audits.single._JAIL.stop()

    assert (outcome.state, outcome.code, outcome.reason.startswith(reason)) == (Settled.UNREADABLE, code, True)
    assert audit_in_jail(path, "年报.txt") == audit_file(path, "年报.txt")


@pytest.mark.parametrize("form", ["skew", "shadow"])  # a PDF of pictures and a PNG
def test_a_scan_is_told_at_once_where_scans_are_left_for_later(tmp_path: Path, form: str) -> None:
    if not ocr.is_ready():
        pytest.skip("OCR is not installed here: pip install 'hecha[ocr]'")
    printed = scan_case(form, 3).printed
    path = tmp_path / printed.name
    path.write_bytes(printed.data)
    begun = spent_seconds()

    outcome = audit_in_jail(path, path.name, scans_later=True)

    assert (outcome.state, outcome.code) == (Settled.UNREADABLE, "NEEDS_OCR")
    assert spent_seconds() - begun < 10
