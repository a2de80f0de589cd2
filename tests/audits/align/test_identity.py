"""Who and when, in the forms in which real titles are printed; nothing is invented where nothing is stated."""

import pytest

from audits.align import align
from reports_in import read_bytes
from rules.filing import Filing

BODY = """
一、总体情况
{year}年，我单位认真落实政府信息公开工作。
（一）主动公开。公开信息12条。
二、主动公开政府信息情况
第二十条第（一）项
信息内容\t本年制发件数\t本年废止件数\t现行有效件数
规章\t0\t0\t0
行政规范性文件\t0\t0\t0
六、其他需要报告的事项
无。
"""
TITLES = [
    ("青川县人民政府2025年政府信息公开工作年度报告", "青川县人民政府", 2025),
    ("2022年青川市政府信息公开工作年度报告", "青川市", 2022),
    ("东岭街道2023年度政府信息公开工作年度报告", "东岭街道", 2023),
    ("青川县小关乡人民政府2022年信息公开工作年度报告", "青川县小关乡人民政府", 2022),
    ("青川市教育局2021年度政府信息公开工作报告", "青川市教育局", 2021),
    ("公安局2021年政府信息公开年度工作报告", "公安局", 2021),
    ("礼河县2021年政府信息公开年度工作的报告", "礼河县", 2021),
    ("西岭自治区审计厅2025年政务信息公开工作开展年度报告", "西岭自治区审计厅", 2025),
    ("宁河县自然资源局关于2021年度政府信息公开情况的报告", "宁河县自然资源局", 2021),
    ("2023年政府信息公开工作年度报告", None, 2023),
    ("松塘镇\n2023年政府信息公开工作年度报告", "松塘镇", 2023),
    ("2023年政府信息公开工作年度报告\n（松塘镇人民政府）", "松塘镇人民政府", 2023),
    ("驼山路街道办事处政府信息公开工作年度报告", "驼山路街道办事处", None),
    ("经开区2023年政府信息公开工作年度报告", "经开区", 2023),
    ("市城管执法委2024年政府信息公开工作年度报告", "市城管执法委", 2024),
    ("桐河县人民政府(县人民政府办公室)2022年政府信息公开工作年度报告", "桐河县人民政府(县人民政府办公室)", 2022),
    ("广陵海关关区2021年政府信息公开工作年度报告", "广陵海关关区", 2021),
    ("底山街道办事处2023年度政府\n信息公开工作年度报告", "底山街道办事处", 2023),
    ("曾河经济开发区管委会2023年政府信息公开 工作年度报告", "曾河经济开发区管委会", 2023),
    ("乌拉旗巴音苏木2021年政府信息公开工作年度报告.docx", "乌拉旗巴音苏木", 2021),
    ("川省财政厅2022年政府信息公开工年度报告", "川省财政厅", 2022),
    ("青川市人民政府办公厅2022\n政府信息公开工作年度报告", "青川市人民政府办公厅", 2022),
    ("青川市统计局二〇二三年政府信息公开工作年度报告", "青川市统计局", 2023),
    ("青川市统计局\n2023年政府信息公开工作年度报告\n", "青川市统计局", 2023),
    ("中国人民银行青川分行2024年政府信息公开工作年度报告", "中国人民银行青川分行", 2024),
    ("青川市审计局2024年政府信息公开年报", "青川市审计局", 2024),
    ("青川市审计局2024年政府信息公开工作年度报告（公开版）", "青川市审计局", 2024),
    ("附件：\n青川市审计局2024年政府信息公开工作年度报告", "青川市审计局", 2024),
    (
        "首页 > 政务公开 > 政府信息公开年报\n青川市审计局2024年政府信息公开工作年度报告\n发布时间：2025-01-12 来源：办公室",
        "青川市审计局",
        2024,
    ),
    (
        "关于印发青川市审计局2024年政府信息公开工作年度报告的通知\n青川市审计局2024年政府信息公开工作年度报告",
        "青川市审计局",
        2024,
    ),
    ("青川市审计局 政府信息公开工作年度报告（2024年度）", "青川市审计局", 2024),
    ("青川市审计局政府信息公开工作年度报告(2024年)", "青川市审计局", 2024),
    ("青川市人民政府办公室2024年度政府信息公开工作情况报告", "青川市人民政府办公室", 2024),
    ("2024年度青川市发展和改革委员会政府信息公开工作年度报告", "青川市发展和改革委员会", 2024),
    ("《青川市审计局2024年政府信息公开工作年度报告》", "青川市审计局", 2024),
    ("# **青川市审计局2024年政府信息公开工作年度报告**", "青川市审计局", 2024),
]


def filing(title: str, body: str = BODY, name: str = "x.txt", year: int | None = 2022) -> Filing:
    return align(read_bytes((title + body.format(year=year)).encode(), name))


@pytest.mark.parametrize(("title", "agency", "year"), TITLES)
def test_a_title_gives_agency_and_year(title: str, agency: str | None, year: int | None) -> None:
    found = filing(title, year=year or 2022)
    assert (found.agency.value, found.year.value, found.title.value is not None) == (agency, year or found.year.value, True)


def test_blanks_of_the_layout_are_not_part_of_the_title() -> None:
    assert filing("青川县 水利局 2023 年政府信息公开 工作年度报告").title.value == "青川县水利局2023年政府信息公开工作年度报告"


def test_the_full_name_in_the_body_stands_for_a_short_one_in_the_title() -> None:
    body = BODY.replace("我单位", "青川市高新技术示范区党政综合办公室")
    found = filing("示范区党政办2022年政府信息公开工作年度报告", body)
    assert (found.agency.value, found.agency.others) == ("青川市高新技术示范区党政综合办公室", (("title", "示范区党政办"),))


@pytest.mark.parametrize(
    ("words", "agency"),
    [
        ("本报告由麦垄镇人民政府", "麦垄镇人民政府"),
        ("根据上级要求，青禾县麦垄镇人民政府", "青禾县麦垄镇人民政府"),
        ("在霁川市青禾县麦垄镇人民政府", "霁川市青禾县麦垄镇人民政府"),
        ("县政府和麦垄镇人民政府", "麦垄镇人民政府"),
    ],
)
def test_only_regions_are_put_before_a_complete_name(words: str, agency: str) -> None:
    found = filing("麦垄镇人民政府2022年政府信息公开工作年度报告", BODY.replace("我单位", words))
    assert found.agency.value == agency


def test_the_year_of_the_file_name_counts_only_where_the_text_states_none() -> None:
    body = BODY.replace("{year}年，", "")
    found = filing("青川县水利局政府信息公开工作年度报告", body, "2021年报.txt")
    assert (found.year.value, found.year.rests_on) == (2021, "file_name")


def test_a_file_name_of_another_year_is_shown_and_settles_nothing() -> None:
    found = filing("青川县水利局2022年政府信息公开工作年度报告", name="青川县水利局2021.txt")
    assert (found.year.value, found.year.others) == (2022, (("file_name", 2021),))


def test_a_report_that_states_no_year_has_none() -> None:
    found = filing("青川县水利局政府信息公开工作年度报告", BODY.replace("{year}年，", ""))
    assert (found.year.value, found.edition) == (None, "E2021")


def test_a_given_year_overrides_what_is_printed() -> None:
    document = read_bytes(("青川县水利局2022年政府信息公开工作年度报告" + BODY.format(year=2022)).encode(), "x.txt")
    assert align(document, 2023).year.value == 2023
