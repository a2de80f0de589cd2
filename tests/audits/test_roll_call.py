"""Who has handed in what: nobody is said to have handed in nothing who did, and what is not certain is for a person."""

from __future__ import annotations

from audits.matching import Candidate, Match, Matcher, MatchState
from audits.outcome import Outcome, Settled, Summary
from audits.roll_call import Handed, call_roll, handed_in
from audits.roster import Agency, Roster

ROSTER = Roster(
    {
        agency.code: agency
        for agency in (
            Agency("00", "青川县人民政府"),
            Agency("G", "县直部门", parent="00", reports=False),
            Agency("01", "青川县教育局", parent="G"),
            Agency("02", "青川县财政局", parent="G"),
            Agency("03", "青川县水利局", parent="G"),
            Agency("10", "白水县人民政府"),
            Agency("11", "统计局", parent="10"),
            Agency("04", "统计局", parent="00"),
        )
    }
)


def handed(code: str | None, year: int | None = 2023, name: str = "", *, was_read: bool = True) -> Handed:
    if code is None:
        return Handed(name, year, Match(MatchState.UNKNOWN, reason="没有写明单位"), was_read)
    candidate = Candidate(code, ROSTER.shown(ROSTER.agencies[code]), 100.0)
    return Handed(name or f"{code}.txt", year, Match(MatchState.MATCHED, (candidate,)), was_read)


def ambiguous(*codes: str) -> Handed:
    candidates = tuple(Candidate(code, ROSTER.agencies[code].name, 90.0) for code in codes)
    return Handed("a.txt", 2023, Match(MatchState.AMBIGUOUS, candidates, reason="分不清"))


def test_those_without_a_report_of_the_batchs_year_are_listed_under_their_parents() -> None:
    roll = call_roll(ROSTER, [handed("00"), handed("01"), handed("02", 2022)])
    missing = {above: [item.words for item in items] for above, items in roll.missing_by_parent().items()}
    assert (roll.year, roll.expected, roll.handed_in) == (2023, 7, 2)
    assert missing == {
        "县直部门": ["青川县财政局（只有2022年度的）", "青川县水利局"],
        "青川县人民政府": ["统计局（青川县人民政府）"],
        "": ["白水县人民政府"],
        "白水县人民政府": ["统计局（白水县人民政府）"],
    }


def test_a_file_that_cannot_be_read_is_handed_in_all_the_same() -> None:
    roll = call_roll(ROSTER, [handed("01"), handed("02", None, was_read=False)])
    assert "02" not in {item.agency.code for item in roll.missing}
    assert (roll.handed_in, roll.unread, roll.unplaced) == (2, 1, ())


def test_a_report_that_may_be_an_agencys_is_said_beside_its_name() -> None:
    roll = call_roll(ROSTER, [handed("01"), ambiguous("02", "03")])
    assert {item.agency.code: item.remark for item in roll.missing if item.remark} == {
        "02": "“a.txt”可能是它的，待认定",
        "03": "“a.txt”可能是它的，待认定",
    }
    assert [item.name for item in roll.unplaced] == ["a.txt"]


def test_a_report_of_unknown_year_is_said_and_settles_nothing() -> None:
    roll = call_roll(ROSTER, [handed("01"), handed("02", None)])
    assert {item.agency.code: item.remark for item in roll.missing if item.remark} == {"02": "“02.txt”年度不明"}


def test_two_reports_of_one_agency_and_year_are_said() -> None:
    roll = call_roll(ROSTER, [handed("01", name="a.txt"), handed("01", name="b.txt"), handed("01", 2022), handed("02")])
    assert [(item.agency.code, item.year, item.names) for item in roll.repeated] == [("01", 2023, ("a.txt", "b.txt"))]
    assert roll.handed_in == 2


def test_of_years_equally_common_the_later_one_counts() -> None:
    assert call_roll(ROSTER, [handed("01", 2022), handed("02", 2023)]).year == 2023


def test_a_batch_in_which_nothing_was_placed_has_no_year_and_everybody_is_missing() -> None:
    roll = call_roll(ROSTER, [handed(None, name="x.txt")])
    assert (roll.year, roll.handed_in, len(roll.missing), [item.name for item in roll.unplaced]) == (None, 0, 7, ["x.txt"])


def test_an_agency_that_is_not_in_the_roster_any_more_is_nobodys() -> None:
    stray = Handed("a.txt", 2023, Match(MatchState.MATCHED, (Candidate("99", "某局", 100.0),)))
    assert call_roll(ROSTER, [stray]).handed_in == 0


def test_files_that_were_not_audited_are_told_by_their_names() -> None:
    summary = Summary("青川县教育局", 2023, True, "", 0, 0, 0, 0, 0, None)
    match = Match(MatchState.MATCHED, (Candidate("01", "青川县教育局", 100.0),))
    found = handed_in(
        Matcher(ROSTER),
        [
            ("a.txt", Outcome(Settled.AUDITED, summary=summary, match=match)),
            ("2023/青川县财政局.pdf", Outcome(Settled.UNREADABLE, "ENCRYPTED", "设有密码")),
        ],
    )
    assert [(item.match.agency and item.match.agency.code, item.year, item.was_read) for item in found] == [
        ("01", 2023, True),
        ("02", None, False),
    ]


def test_the_roll_as_json_names_everybody_by_code() -> None:
    told = call_roll(ROSTER, [handed("01", name="a.txt"), handed("01", name="b.txt"), ambiguous("02")]).in_json()
    assert told["missing"][0] == {"code": "00", "name": "青川县人民政府", "parent": None, "remark": ""}
    assert told["repeated"] == [{"code": "01", "name": "青川县教育局", "year": 2023, "sources": ["a.txt", "b.txt"]}]
    assert (told["unplaced"][0]["source"], told["unplaced"][0]["candidates"][0]["code"]) == ("a.txt", "02")
