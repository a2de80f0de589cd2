"""edition_used: labels that only one edition has, for and against."""

from __future__ import annotations

from rules.examples import filing_of
from rules.kinds.edition_used import EditionUsed
from rules.verdict import Severity, State, Verdict


def answer(*labels: tuple[str, str, str], **spec: object) -> Verdict:
    evidence = [{"edition": edition, "printed": printed, "table": table} for edition, printed, table in labels]
    (verdict,) = EditionUsed().check(filing_of({"evidence": evidence} | spec))
    return verdict


OLD_HEAD = ("E2019", "本年新制作数量", "disclosure")
OLD_ROW = ("E2019", "（六）其他处理", "applications")
NEW_HEAD = ("E2021", "本年制发件数", "disclosure")


def test_all_labels_against_the_year_are_an_error():
    verdict = answer(OLD_HEAD, OLD_ROW)
    assert (verdict.state, verdict.severity, verdict.doubt) == (State.BROKEN, None, None)


def test_a_single_row_of_the_old_form_is_a_warning_in_doubt():
    verdict = answer(NEW_HEAD, OLD_ROW)
    assert (verdict.state, verdict.severity, verdict.doubt is not None) == (State.BROKEN, Severity.WARNING, True)


def test_one_old_label_in_a_new_table_is_left_to_the_leftovers():
    assert answer(NEW_HEAD, ("E2021", "本年废止件数", "disclosure"), OLD_HEAD).state is State.HOLDS


def test_a_new_form_before_its_time_is_wrong_too():
    assert answer(NEW_HEAD, year=2020, edition="E2021").state is State.BROKEN


def test_without_a_year_nothing_can_be_said():
    assert answer(OLD_HEAD, year=None, edition="E2019").state is State.UNDETERMINED
