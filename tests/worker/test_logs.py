"""Log lines carry the ids of what is being worked on, in text and in JSON; nothing logged can pass for a line of its own."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import datetime
from pathlib import Path

import pytest

from worker import logs
from worker.logs import Gathered, Ids, Json, Text, bound


def ids_now() -> str:
    record = logging.makeLogRecord({})
    Ids().filter(record)
    return str(record.ids)  # type: ignore[attr-defined]  # lent by the filter


def logged(form: logging.Formatter, message: str, *, fault: Exception | None = None) -> str:
    """What the form makes of it, logged while batch and report are bound."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Ids())
    handler.setFormatter(form)
    with bound(batch="b1", report="r1"):
        try:
            if fault:
                raise fault
        except Exception:
            handler.handle(logging.LogRecord("hecha", logging.ERROR, "", 0, "%s", (message,), sys.exc_info()))
        else:
            handler.handle(logging.LogRecord("hecha", logging.INFO, "", 0, "%s", (message,), None))
    return out.getvalue()


def test_ids_are_carried_inside_and_gone_outside() -> None:
    with bound(batch="b1"):
        with bound(job="j1"):
            inner = ids_now()
        outer = ids_now()

    assert (inner, outer, ids_now()) == (" batch=b1 job=j1", " batch=b1", "")


def test_a_json_line_has_its_ids_as_fields_and_its_time_with_offset() -> None:
    line = json.loads(logged(Json(), "收下"))

    assert (line["message"], line["level"], line["logger"], line["batch"], line["report"]) == (
        "收下",
        "INFO",
        "hecha",
        "b1",
        "r1",
    )
    assert datetime.fromisoformat(line["at"]).tzinfo is not None


@pytest.mark.parametrize("form", [Json(), Text()], ids=["json", "text"])
def test_a_name_with_line_ends_stays_one_line(form: logging.Formatter) -> None:
    shown = logged(form, "a.txt\r\n2026-01-01 ERROR forged \x1b[31m")

    assert (shown.count("\n"), "\x1b" in shown) == (1, False)


def test_a_traceback_is_part_of_the_json_line_and_indented_in_text() -> None:
    as_json = logged(Json(), "failed", fault=ValueError("why"))
    as_text = logged(Text(), "failed", fault=ValueError("why"))

    assert json.loads(as_json)["error"].endswith("ValueError: why")
    assert all(line.startswith("    ") for line in as_text.splitlines()[1:])


def test_lines_of_several_programs_are_gathered_in_one_file_that_is_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 1000)
    gathered = Gathered(tmp_path / "logs" / "hecha.log")
    for number in range(100):
        gathered("web", f"line {number:03}")
    gathered.close()

    files = sorted((tmp_path / "logs").iterdir())
    assert 1 < len(files) <= 1 + logs.FILES_KEPT
    assert all(path.stat().st_size <= 1000 for path in files)
    assert files[0].read_text("utf-8").splitlines()[-1] == "web: line 099"


def test_what_a_program_prints_beside_json_becomes_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHA_LOG_FORMAT", "json")
    gathered = Gathered(tmp_path / "hecha.log")
    gathered("redis", "Ready to accept connections")
    gathered("web", '{"message": "its own"}')
    gathered.close()

    first, second = map(json.loads, (tmp_path / "hecha.log").read_text("utf-8").splitlines())
    assert (first["program"], first["message"], second) == ("redis", "Ready to accept connections", {"message": "its own"})


def test_a_full_disk_costs_lines_and_nothing_else(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gathered = Gathered(tmp_path / "hecha.log")
    gathered.stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115  # closed with the handler

    gathered("web", "lost")

    assert capsys.readouterr().err == ""
