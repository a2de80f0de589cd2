"""The failed queue: what could not be audited, why, and another try."""

from __future__ import annotations

from pathlib import Path

import pytest

from access import Role
from audits.store import SubmissionState
from tests.web.audited import CLEAN, NO_DOCUMENT, NO_REPORT, audited, id_of
from tests.web.people import office
from web.advice import ADVICE


class Filled:
    def __init__(self, folder: Path) -> None:
        self.office = office(folder)
        self.supervisor = self.office.client(Role.SUPERVISOR, "/霁川市/")
        owner = self.office.account(Role.SUPERVISOR, ("/霁川市/",))
        self.batch = audited(self.office, owner, (CLEAN, NO_REPORT, NO_DOCUMENT), region="/霁川市/", title="甲批")
        self.other = audited(self.office, owner, (NO_REPORT,), region="/霁川市/", title="乙批")


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return Filled(tmp_path)


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr("web.pages.failed.wake", lambda ids: found.extend(ids) or True)
    return found


def test_everything_that_failed_is_listed_with_reason_code_and_what_to_do(filled: Filled) -> None:
    shown = filled.supervisor.get("/failed").text

    assert (shown.count(NO_REPORT + "</a>"), shown.count(NO_DOCUMENT + "</a>"), shown.count(CLEAN)) == (2, 1, 0)
    for code in ("NOT_A_REPORT", "UNKNOWN_FORMAT"):
        assert code in shown
        assert ADVICE[code] in shown


def test_the_queue_of_one_batch_is_its_own(filled: Filled) -> None:
    shown = filled.supervisor.get(f"/failed?batch={filled.other}").text

    assert NO_DOCUMENT not in shown
    assert "乙批" in shown


def test_what_is_chosen_is_tried_again(filled: Filled, woken: list[str]) -> None:
    chosen = id_of(filled.office, filled.batch, NO_REPORT)

    answer = filled.supervisor.post("/failed/retry", data={"submission": [chosen]})

    assert (answer.status_code, woken) == (303, [chosen])
    assert filled.office.store.submission(chosen).state is SubmissionState.RECEIVED
    assert filled.office.store.submission(id_of(filled.office, filled.batch, NO_DOCUMENT)).state is SubmissionState.UNREADABLE
    assert filled.office.access.log.entries(limit=1)[0].action == "queue.retry"


def test_to_choose_nothing_changes_nothing(filled: Filled, woken: list[str]) -> None:
    answer = filled.supervisor.post("/failed/retry", data={})

    assert (answer.status_code, woken) == (303, [])


def test_nobody_retries_what_he_does_not_see(filled: Filled, woken: list[str]) -> None:
    stranger = filled.office.client(Role.SUPERVISOR, "/别处省/")

    answer = stranger.post("/failed/retry", data={"submission": [id_of(filled.office, filled.batch, NO_REPORT)]})

    assert (answer.status_code, woken) == (404, [])
    assert NO_REPORT not in stranger.get("/failed").text
    assert stranger.get(f"/failed?batch={filled.batch}").status_code == 404


def test_every_code_of_an_error_has_advice() -> None:
    from reports_in import errors

    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.IntakeError)}
    assert codes - {"INTAKE"} <= set(ADVICE)
