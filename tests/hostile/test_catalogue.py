"""Every input of the catalogue ends in its class, with its reason, in time, through the same steps as `hecha audit`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import audits.single
from audits.intake import Collected, collect
from audits.outcome import Outcome, Settled
from audits.single import audit_in_jail, warm_up
from reports_in import office, read_bytes
from reports_in.limits import LIMITS
from tests.hostile import files
from tests.hostile.cases import ANY, CASES, FIGURES, Case
from tests.servers import alive, spent_seconds, until

SECONDS = 30.0  # of CPU
PATIENT = (
    4.0  # times as long as in service: what takes seconds on an idle machine takes longer on a busy one, and ends the same
)
STATES = {"R": Settled.UNREADABLE, "F": Settled.UNREADABLE, "W": Settled.AUDITED, "N": Settled.AUDITED}


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """No process, no connection, no file outside: looked at when all cases have run."""
    with tempfile.TemporaryDirectory(prefix="h") as ours, pytest.MonkeyPatch.context() as patched:
        patched.setenv("TMPDIR", ours)  # by which LibreOffice, wherever it was started, is known to be ours
        patched.setattr(tempfile, "tempdir", None)
        patched.setattr(office, "LIMITS", replace(LIMITS, office_seconds=PATIENT * LIMITS.office_seconds))
        patched.setattr(audits.single, "REPORT_SECONDS", PATIENT * audits.single.REPORT_SECONDS)
        audits.single._JAIL.stop()
        warm_up()
        before = psutil.Process().children()
        yield
        audits.single._JAIL.stop()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        left = family(child for child in psutil.Process().children() if child not in before)
        until(lambda: not alive(left), f"all that was started has ended: {left}")  # what is just ending is not left behind
        until(lambda: not named(ours), "LibreOffice has ended")
    assert peak < LIMITS.read_memory_bytes + (512 << 20)


def family(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """These and all that they started. A server of other tests, which starts what it likes meanwhile, is none of ours."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found += [process, *process.children(recursive=True)]
    return found


def named(folder: str) -> list[psutil.Process]:
    """Processes whose command names the folder."""
    found = (process for process in psutil.process_iter(["cmdline"]) if folder in " ".join(process.info["cmdline"] or ()))
    return alive(process for process in found if process.pid != os.getpid())


def ended(folder: Path, sent: dict[str, bytes]) -> tuple[Collected, dict[str, Outcome]]:
    """What becomes of files that somebody sends."""
    (folder / "in").mkdir()
    for name, data in sent.items():
        (folder / "in" / name).write_bytes(data)
    collected = collect([folder / "in"], folder / "unpacked")
    outcomes = {}
    for submitted in collected.files:
        if submitted.refusal is not None:
            outcomes[submitted.name] = Outcome(Settled.UNREADABLE, *submitted.refusal)
        else:
            outcomes[submitted.name] = audit_in_jail(submitted.path, submitted.name, ("json",))
    return collected, outcomes


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row} {case.what}")
def test_every_input_ends_in_its_class(case: Case, tmp_path: Path) -> None:
    data = case.make()
    began = spent_seconds()

    _, outcomes = ended(tmp_path, {case.sent: data})

    assert spent_seconds() - began < SECONDS
    assert {name: masked(outcome.code, case.ends.get(name)) for name, outcome in outcomes.items()} == dict(case.ends), outcomes
    reasons = " ".join(outcome.reason for outcome in outcomes.values())
    notes = [note["code"] for outcome in outcomes.values() for note in report_of(outcome).get("notes", [])]
    assert (case.says in reasons, case.note in [*notes, ""]) == (True, True), (reasons, notes)
    assert all(outcome.reason.startswith(name) for name, outcome in outcomes.items() if outcome.code)
    assert not case.holds or case.holds in read_bytes(data, case.sent).text
    if case.outcome in STATES:
        assert {outcome.state for outcome in outcomes.values()} == {STATES[case.outcome]}


def masked(code: str, expected: str | None) -> str:
    return ANY if code and expected == ANY else code


def report_of(outcome: Outcome) -> dict[str, Any]:
    """Its JSON form; strict: NaN is no JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(outcome.outputs["json"], parse_constant=refuse) if outcome.outputs else {}


def test_the_catalogue_has_every_row_of_intake() -> None:
    elsewhere = {28, 29, 30, 46}  # the tests below

    assert {case.row for case in CASES} | elsewhere == {*range(1, 31), 44, 46}


@pytest.mark.parametrize(("spelled", "expected"), FIGURES.items(), ids=lambda value: repr(value)[:20])
def test_a_figure_is_a_number_or_unreadable_or_blank_and_never_zero_by_accident(
    spelled: str, expected: tuple[str, float | None], tmp_path: Path
) -> None:
    _, outcomes = ended(tmp_path, {"年报.txt": files.spelled_figures(spelled)})

    cell = report_of(outcomes["年报.txt"])["tables"]["applications"]["new"]["natural"]
    assert (cell["state"], cell["value"]) == expected


def test_outputs_stay_in_their_folder_whatever_the_agency_is_called(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number, agency in enumerate(files.AGENCIES):
        (folder / f"{number}.txt").write_bytes(files.of_agency(agency))
    before = {path for path in tmp_path.rglob("*") if out not in path.parents}

    ran = hecha("audit", folder, "--out", out, "--format", "json")

    index = json.loads((out / "index.json").read_text())["reports"]
    written = {name for line in index for name in line["files"].values()}
    assert {path.name for path in out.iterdir()} == written | {"index.json"}, ran.stderr
    assert (len(written), {path for path in tmp_path.rglob("*") if out not in path.parents and path != out}) == (
        len(files.AGENCIES),
        before - {out},
    )
    assert [name for name in written if len(name.encode()) > 255 or name.split(".")[0].upper() in ("CON", "NUL")] == []


def test_the_same_report_twice_is_audited_once_and_a_newer_version_is_not_taken_for_it(tmp_path: Path) -> None:
    first, newer = files.as_text().encode(), files.as_text().replace("一", "１", 1).encode()

    collected, outcomes = ended(tmp_path, {"a.txt": first, "b.txt": first, "c.txt": newer})

    assert list(outcomes) == ["a.txt", "c.txt"]
    assert [(item.name, item.same_as) for item in collected.duplicates] == [("b.txt", "a.txt")]


def test_two_agencies_in_one_file_are_told_and_not_held_against_each_other(tmp_path: Path) -> None:
    _, outcomes = ended(tmp_path, {"汇编.txt": (files.as_text(3) + "\n" + files.as_text(4)).encode()})

    assert (outcomes["汇编.txt"].code, "2 份年报" in outcomes["汇编.txt"].reason) == ("SEVERAL_REPORTS", True)


def hecha(*args: str | Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "hecha"
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=600, check=False)


def test_a_batch_of_all_sorts_ends_whole_through_the_command(tmp_path: Path) -> None:
    """One of every kind at once, as a supervisor would drop them."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    chosen = [case for case in CASES if case.row in (1, 3, 4, 9, 11, 14, 19, 20, 27)]
    expected = {}
    for number, case in enumerate(chosen):
        (folder / str(number)).mkdir()
        (folder / str(number) / case.sent).write_bytes(case.make())
        expected |= {f"{number}/{name}": code for name, code in case.ends.items()}

    ran = hecha("audit", folder, "--out", out)

    index = json.loads((out / "index.json").read_text())
    ended = {line["source"]: line["code"] for line in index["reports"]}
    found = ended | {item["source"]: ended[item["same_as"]] for item in index["duplicates"]}
    assert (ran.returncode, found) == (2, expected), ran.stderr
    assert "Traceback" not in ran.stderr
