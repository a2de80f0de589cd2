"""Whose report it is by the roster: told where it can be, left to a person where it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audits.matching import Matcher, MatchState, signs_of, signs_of_name
from audits.roster import Agency, Roster
from rules.agencies import Body, Level
from rules.examples import filing_of
from rules.filing import Filing, Stated

COUNTIES = ("青川县", "青山县", "白水县", "云岭区")
OFFICES = ("教育局", "财政局", "水利局", "公安局", "发展和改革委员会", "市场监督管理局")


def roster() -> Roster:
    """A city with four counties, each with the same offices, and a few with names of their own."""
    agencies = [
        Agency("100", "霁川市人民政府", ("霁川市",)),
        Agency("101", "霁川市城市管理执法委员会", ("市城管委",), parent="100"),
    ]
    for index, county in enumerate(COUNTIES, 2):
        above = f"{index}00"
        agencies.append(Agency(above, f"{county}人民政府", parent="100"))
        agencies.append(Agency(f"{index}01", f"{county}人民政府办公室", parent=above))
        agencies += [Agency(f"{index}1{place}", county + office, parent=above) for place, office in enumerate(OFFICES)]
    agencies += [
        Agency("290", "统计局", parent="200"),  # as an office writes them that lists its own county only
        Agency("390", "统计局", parent="300"),
        Agency("291", "青川县麦垄镇人民政府", parent="200"),
        Agency("292", "青川县城东街道办事处", parent="200"),
        Agency("293", "青川经济开发区管理委员会", ("青川经开区",), parent="200", body=Body.ZONE),
        Agency("294", "青川县公安局交通警察大队", parent="213"),
        Agency("QC-2950", "青川县自然资源和规划局", ("国土局",), parent="200"),
        Agency("296", "青川县第一人民医院", parent="200"),
    ]
    return Roster({agency.code: agency for agency in agencies})


MATCHER = Matcher(roster())


def filing(title: str | None, agency: str | None = None, rests_on: str = "title") -> Filing:
    made = filing_of({})
    stated = Stated(agency, rests_on) if agency else Stated(None)
    printed = Stated(f"{title}2023年政府信息公开工作年度报告", "body", "", made.title.at) if title is not None else Stated(None)
    return replace(made, agency=stated, title=printed)


@pytest.mark.parametrize(
    ("title", "publisher", "name", "code"),
    [
        ("青川县教育局", None, "1.docx", "210"),
        ("青川县 教育局", None, "1.docx", "210"),
        ("霁川市青川县教育局", None, "1.docx", "210"),
        ("青川县人民政府", None, "1.docx", "200"),
        ("青川县", None, "1.docx", "200"),
        ("青川县政府", None, "1.docx", "200"),
        ("青川县人民政府办公室", None, "1.docx", "201"),
        ("青川县政府办公室", None, "1.docx", "201"),
        ("青川县政府办", None, "1.docx", "201"),
        ("青川县府办", None, "1.docx", "201"),
        ("青川县发展改革委", None, "1.docx", "214"),
        ("青川县发改委", None, "1.docx", "214"),
        ("青川县市场监管局", None, "1.docx", "215"),
        ("麦垄镇人民政府", None, "1.docx", "291"),
        ("麦垄镇", None, "1.docx", "291"),
        ("青川县麦垄镇", None, "1.docx", "291"),
        ("城东街道", None, "1.docx", "292"),
        ("城东街道办", None, "1.docx", "292"),
        ("青川经济开发区管委会", None, "1.docx", "293"),
        ("青川经开区", None, "1.docx", "293"),
        ("国土局", None, "1.docx", "QC-2950"),
        ("青川县自然资源规划局", None, "1.docx", "QC-2950"),
        ("市城管执法委", None, "1.docx", "101"),
        ("市城管委", None, "1.docx", "101"),
        ("霁川市人民政府（市人民政府办公室）", None, "1.docx", "100"),
        ("青川县公安局交通警察大队", None, "1.docx", "294"),
        ("青川县统计局", None, "1.docx", "290"),
        ("教育局", "青川县教育局", "1.docx", "210"),
        ("教育局", "青川县人民政府", "1.docx", "210"),
        ("教育局", None, "青山县/教育局.docx", "310"),
        ("教育局", None, "2023/白水/报告.docx", "410"),
        ("区教育局", None, "1.docx", "510"),
        ("教育局", None, "青川县教育局.docx", "210"),
        ("统计局", None, "青山县/统计局.docx", "390"),
        ("统计局", None, "300/a.docx", "390"),
        (None, None, "附件1：青川县教育局2023年年报.docx", "210"),
        (None, None, "青川县/教育局.docx", "210"),
        (None, None, "青川县教育局/2023年.docx", "210"),
        (None, "青川县教育局", "1.docx", "210"),
        (None, "青川县人民政府", "青川县教育局.docx", "210"),
        (None, None, "报送/QC-2950.docx", None),
        ("青川县人民政府办公室", None, "青川县2023年报.docx", "201"),
    ],
)
def test_a_report_is_told_to_be_an_agencys(title: str | None, publisher: str | None, name: str, code: str | None) -> None:
    found = MATCHER.match(signs_of(filing(title, title), publisher, name))
    assert (found.agency.code if found.agency else None) == code, found


@pytest.mark.parametrize(
    ("title", "publisher", "name", "codes"),
    [
        ("教育局", None, "1.docx", {"210", "310", "410", "510"}),
        ("县教育局", None, "1.docx", {"210", "310", "410"}),
        ("统计局", None, "1.docx", {"290", "390"}),
        ("教育局", None, "青川县和青山县/a.docx", {"210", "310"}),
        ("青川县教青局", None, "1.docx", {"210"}),  # another character: perhaps a misreading, perhaps another agency
        ("川县自然资源和规划局", None, "1.docx", {"QC-2950"}),  # 青 lost, or a county of that name
        ("青川县第二人民医院", None, "1.docx", {"296"}),
        ("青川县教育局", None, "青川县财政局.docx", {"210", "211"}),
        ("青川县教育局", None, "220_211.docx", None),  # short numbers are no codes
        ("国土局", None, "青山县/国土局.docx", {"QC-2950"}),
        (None, "青川县人民政府", "1.docx", {"200"}),
        (None, None, "青川县/1.docx", {"200"}),
        ("青川县文旅局", None, "青川县财政局.docx", {"211"}),
    ],
)
def test_what_is_not_certain_is_for_a_person(
    title: str | None, publisher: str | None, name: str, codes: set[str] | None
) -> None:
    found = MATCHER.match(signs_of(filing(title, title), publisher, name))
    if codes is None:
        assert found.state is MatchState.MATCHED
    else:
        assert (found.state, bool(found.reason)) == (MatchState.AMBIGUOUS, True)
        assert codes <= {candidate.code for candidate in found.candidates}


@pytest.mark.parametrize("title", ["青海湾海事处", "远山市教育局", "远山县教育局", None])
def test_an_agency_that_is_not_listed_is_not_matched(title: str | None) -> None:
    found = MATCHER.match(signs_of(filing(title, title), None, "1.docx"))
    assert found.state in (MatchState.UNKNOWN, MatchState.AMBIGUOUS)
    assert found.agency is None
    assert found.reason


def test_part_of_an_agency_is_not_the_agency() -> None:
    listed = Roster({agency.code: agency for agency in (Agency("1", "青川县公安局"), Agency("2", "青川县城东区公安分局"))})
    found = Matcher(listed).match(signs_of(filing("青川县公安局城东分局", "青川县公安局城东分局"), None, "1.docx"))
    assert found.state is not MatchState.MATCHED


def test_a_code_in_the_path_tells_and_contradicts() -> None:
    listed = Matcher(Roster({a.code: a for a in (Agency("QC2950", "青川县林业局"), Agency("QC2951", "青川县水利局"))}))
    told = listed.match(signs_of(filing(None), None, "报送/QC2950.docx"))
    contradicted = listed.match(signs_of(filing("青川县水利局", "青川县水利局"), None, "报送/QC2950.docx"))
    assert (told.agency and told.agency.code, contradicted.state) == ("QC2950", MatchState.AMBIGUOUS)
    assert {candidate.code for candidate in contradicted.candidates} == {"QC2950", "QC2951"}


def test_the_full_name_of_the_body_goes_before_the_titles_short_one() -> None:
    stated = replace(filing("示范区党政办"), agency=Stated("青川县教育局", "body", "", None, (("title", "示范区党政办"),)))
    found = MATCHER.match(signs_of(stated, None, "1.docx"))
    assert (found.agency and found.agency.code, found.rests_on) == ("210", (("body", "青川县教育局"),))


def test_a_match_says_what_it_rests_on() -> None:
    found = MATCHER.match(signs_of(filing("教育局", "教育局"), None, "青山县/a.docx"))
    assert found.rests_on == (("title", "教育局"), ("folder", "青山县"))


def test_a_file_that_cannot_be_read_is_told_by_its_path() -> None:
    found = MATCHER.match(signs_of_name("2023/青川县教育局.pdf"))
    assert (found.state, found.agency and found.agency.code) == (MatchState.MATCHED, "210")


def test_groups_are_never_matched() -> None:
    listed = Matcher(Roster({"1": Agency("1", "青川县教育系统", reports=False), "2": Agency("2", "青川县教育局", parent="1")}))
    assert listed.match(signs_of_name("青川县教育系统.docx")).agency is None


def test_every_agency_of_a_roster_is_matched_by_its_own_name() -> None:
    for agency in MATCHER.roster.agencies.values():
        if agency.name != "统计局":
            found = MATCHER.match(signs_of(filing(agency.name, agency.name), None, "1.docx"))
            assert found.agency
            assert (found.agency.code, found.score) == (agency.code, 100.0)


def test_a_municipality_level_is_kept() -> None:
    assert Agency("1", "上海市教育委员会", level=Level.PREFECTURE).listed.level is Level.PROVINCE


@pytest.mark.parametrize(
    ("title", "publisher", "name", "listed", "code"),
    [
        ("青川县教育局", None, "t2024_1.html", "青川县教育局", "210"),
        ("青川县教育局", None, "t2024_1.html", "210", "210"),
        ("教育局", None, "t2024_1.html", "青川县教育局", "210"),  # four have this name: the list says which
        ("教育局", None, "t2024_1.html", "210", "210"),
        (None, None, "t2024_1.html", "青川县教育局", "210"),
        (None, "青川县人民政府", "t2024_1.html", "青川县教育局", "210"),  # the portal on which it is published
        ("青川县人民政府办公室", None, "t2024_1.html", "青川县人民政府", "201"),  # who writes for the government
        ("青川县教育局", None, "t2024_1.html", "教育局", "210"),
        ("青川县教育局", None, "t2024_1.html", "县教育事业单位", "210"),  # the roster knows nothing of it
    ],
)
def test_the_list_of_addresses_tells_whose_report_it_is_where_the_report_does_not_say_otherwise(
    title: str | None, publisher: str | None, name: str, listed: str, code: str
) -> None:
    found = MATCHER.match(signs_of(filing(title, title), publisher, name, listed))
    assert (found.agency.code if found.agency else None) == code, found


@pytest.mark.parametrize(
    ("title", "publisher", "listed", "codes"),
    [
        ("青川县教育局", None, "青川县财政局", {"210", "211"}),
        ("青川县教育局", None, "211", {"210", "211"}),
        ("青川县教育局", None, "松塘县教育局", {"210"}),  # of a county that the roster does not know
        ("青川县文物局", None, "青川县教育局", {"210"}),
        (None, "青山县人民政府", "青川县教育局", {"210"}),
        ("教育局", None, "财政局", {"210", "310", "410", "510"}),
    ],
)
def test_a_report_that_is_not_its_whose_address_was_listed_is_for_a_person(
    title: str | None, publisher: str | None, listed: str, codes: set[str]
) -> None:
    found = MATCHER.match(signs_of(filing(title, title), publisher, "t2024_1.html", listed))
    assert (found.state, {one.code for one in found.candidates}, bool(found.reason)) == (MatchState.AMBIGUOUS, codes, True)


def test_a_file_that_cannot_be_read_is_its_whose_address_was_listed() -> None:
    found = MATCHER.match(signs_of_name("t2024_1.html", "青川县教育局"))
    assert (found.agency and found.agency.code, found.rests_on) == ("210", (("address_list", "青川县教育局"),))


@pytest.mark.parametrize("title", ["青川县教育局", "霁川市青川县教育局", "青川县人民政府办公室", "青川县府办", "麦垄镇财政所"])
def test_an_agency_of_a_county_is_not_the_citys_of_the_same_name(title: str) -> None:
    city = [
        Agency("100", "霁川市人民政府"),
        Agency("101", "霁川市人民政府办公室", ("市政府办",), parent="100"),
        Agency("102", "霁川市教育局", parent="100"),
        Agency("103", "财政所", parent="100"),
    ]
    matcher = Matcher(Roster({agency.code: agency for agency in city}))

    found = matcher.match(signs_of(filing(title), None, "1.docx"))

    assert found.agency is None
