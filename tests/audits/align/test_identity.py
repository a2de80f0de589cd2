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
MORE_TITLES = [
    ("白水市人民政府2025年政府信息公开工作年度报告", "白水市人民政府", 2025),
    ("2022年云城市政府信息公开工作年度报告", "云城市", 2022),
    ("2021年迎河路街道政府信息公开工作年度报告", "迎河路街道", 2021),
    ("2024年云城市浦江新区城市管理综合行政执法局政府信息公开工作年度报告", "云城市浦江新区城市管理综合行政执法局", 2024),
    ("辽山省2019年度政府信息公开工作报告", "辽山省", 2019),
    ("镇河自治县政府2019年信息公开工作年度报告", "镇河自治县政府", 2019),
    ("桃林开发区管委会2022年信息公开工作年度报告", "桃林开发区管委会", 2022),
    ("示范区教育局2019年政府信息公开工作年度报告", "示范区教育局", 2019),
    ("全国海关2020年政府信息公开工作年度报告", "全国海关", 2020),
    ("海关总署(本级机关)2020年政府信息公开工作年度报告", "海关总署(本级机关)", 2020),
    ("青川县人民政府2019年 政府信息公开工作年度报告", "青川县人民政府", 2019),
    ("关于2021年度青川县水利局政府信息公开工作情况的报告", "青川县水利局", 2021),
    ("青川县水利局关于报送2021年政府信息公开工作年度报告的报告", "青川县水利局", 2021),
    ("青川县水利局关于2021年政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局2021年政府信息公开工作总结", "青川县水利局", 2021),
    ("青川县水利局2021年度政府信息公开年度报告", "青川县水利局", 2021),
    ("青川县水利局2021年政府信息公开工作年报", "青川县水利局", 2021),
    ("青川县水利局2021年政府信息公开年报", "青川县水利局", 2021),
    ("青川县水利局2021年年报", "青川县水利局", 2021),
    ("青川县水利局\n政府信息公开工作年度报告\n（2021年度）", "青川县水利局", 2021),
    ("青川县水利局\n政府信息公开工作年度报告\n（2021年）", "青川县水利局", 2021),
    ("政府信息公开工作年度报告\n（2021年度）\n青川县水利局", "青川县水利局", 2021),
    ("青川县水利局\n2021年\n政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青 川 县 水 利 局\n2 0 2 1 年政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局２０２１年政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局2021 年政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局2021—年度政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局二〇二一年度政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局二零二一年政府信息公开工作年度报告", "青川县水利局", 2021),
    ("二〇二一年青川县水利局政府信息公开工作年度报告", "青川县水利局", 2021),
    ("青川县水利局 2023 年政府信息公开工作年度报告\n2024-01-15", "青川县水利局", 2023),
    (
        "青川县水利局2023年政府信息公开工作年度报告\n发布日期：2024-01-15 10:20 来源：青川县水利局 浏览次数：120",
        "青川县水利局",
        2023,
    ),
    ("发布日期：2024-01-15\n来源：青川县水利局\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("索引号：QC2024-0012 发文日期：2024年1月15日\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("青川县水利局政府信息公开工作年度报告\n2024-01-15", "青川县水利局", 2023),
    ("青川县水利局政府信息公开工作年度报告\n发布日期：2024年1月15日", "青川县水利局", 2023),
    ("附件1\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("附件1：青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("附件：青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("[青川县水利局]2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("【青川县水利局】2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("标题：青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("标 题：青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("名 称 | 青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告.docx", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告.pdf", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告（含附件）", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告（定稿）", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告_青川县人民政府", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告 - 青川县人民政府", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告-部门年报-青川县人民政府门户网站", "青川县水利局", 2023),
    (
        "当前位置：首页 > 年报 > 青川县水利局2023年政府信息公开工作年度报告\n青川县水利局2023年政府信息公开工作年度报告",
        "青川县水利局",
        2023,
    ),
    ("首页\n政务公开\n政府信息公开年报\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("政府信息公开年报\n2023年\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("青川县人民政府\n政府信息公开年报\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("青川县人民政府门户网站\n政府信息公开工作年度报告\n青川县水利局2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    (
        "青川县人民政府办公室文件\n青政办发〔2024〕3号\n青川县人民政府办公室\n关于印发2023年政府信息公开工作年度报告的通知",
        "青川县人民政府办公室",
        2023,
    ),
    ("青川县水利局文件\n青水发〔2024〕3号\n青川县水利局\n2023年政府信息公开工作年度报告", "青川县水利局", 2023),
    ("中国人民银行青川市分行2023年政府信息公开工作年度报告", "中国人民银行青川市分行", 2023),
    ("国家税务总局青川县税务局2023年政府信息公开工作年度报告", "国家税务总局青川县税务局", 2023),
    ("国家统计局青川调查队2023年政府信息公开工作年度报告", "国家统计局青川调查队", 2023),
    ("中共青川县委办公室2023年党务政务信息公开工作年度报告", "中共青川县委办公室", 2023),
    ("青川县公安局交通警察大队2023年政府信息公开工作年度报告", "青川县公安局交通警察大队", 2023),
    ("青川县第一中学2023年信息公开工作年度报告", "青川县第一中学", 2023),
    ("青川县人民医院2023年信息公开年度报告", "青川县人民医院", 2023),
    ("青川县供电公司2023年信息公开工作年度报告", "青川县供电公司", 2023),
    ("青川经济技术开发区管理委员会2023年政府信息公开工作年度报告", "青川经济技术开发区管理委员会", 2023),
    ("青川市青河区城市管理和综合行政执法局2023年政府信息公开工作年度报告", "青川市青河区城市管理和综合行政执法局", 2023),
    ("青川县人民政府信息公开工作年度报告（2023年）", "青川县人民政府", 2023),
    ("青川县人民政府2023年信息公开工作年度报告", "青川县人民政府", 2023),
    ("青川县政府信息公开2023年度报告", "青川县", 2023),
    ("青川县水利局政府信息公开2023年年度报告", "青川县水利局", 2023),
    ("青川县水利局政府信息公开2023年度工作报告", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息主动公开工作年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作开展情况报告", "青川县水利局", 2023),
    ("青川县水利局2023年度政府信息公开工作情况年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年法治政府建设暨政府信息公开工作年度报告", "青川县水利局", 2023),
    ("2023年度政府信息公开工作年度报告（青川县水利局）", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告(青川县水利局)", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告——青川县水利局", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告\n青川县水利局", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告\n青川县水利局\n2024年1月15日", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告\n单位：青川县水利局", "青川县水利局", 2023),
    ("2023年政府信息公开工作年度报告\n来源：青川县水利局 发布时间：2024-01-15", "青川县水利局", 2023),
    ("青川县水利局年政府信息公开工作年度报告", "青川县水利局", None),
    ("青川县水利局2023年政府信息公\n开工作年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报\n告", "青川县水利局", 2023),
    ("青川县水利局\n\n2023年度\n\n政府信息公开\n\n工作年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作\n年 度 报 告\n（2024年元月）", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开年度工作\n报 告", "青川县水利局", 2023),
    ("青川县水利局2023年度政务公开工作年度报告", "青川县水利局", 2023),
    (
        "青川县发展和改革委员会（青川县粮食和物资储备局）2023年政府信息公开工作年度报告",
        "青川县发展和改革委员会（青川县粮食和物资储备局）",
        2023,
    ),
    ("青川县卫生健康局、青川县疾病预防控制局2023年政府信息公开工作年度报告", "青川县卫生健康局、青川县疾病预防控制局", 2023),
    ("“青川县水利局2023年政府信息公开工作年度报告”", "青川县水利局", 2023),
    ("⻘川县⽔利局2023年政府信息公开⼯作年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年（政府信息公开工作）年度报告", "青川县水利局", 2023),
    ("青川县水利局2023年﻿政府信息公开工作年度报告", "青川县水利局", 2023),
    ("关于公布青川县水利局2023年政府信息公开工作年度报告的公告", "青川县水利局", 2023),
]
FILE_NAMES = [
    ("附件1：青川县水利局2023年年报.txt", "青川县水利局", 2023),
    ("2023/青川县/水利局.txt", "水利局", 2023),
    ("2023年报/青川县水利局.txt", "青川县水利局", 2023),
    ("20240115青川县水利局政府信息公开年报.txt", "青川县水利局", 2023),
    ("青川县水利局_20240115.txt", "青川县水利局", 2023),
    ("2024年1月报送/青川县水利局2023年年报.txt", "青川县水利局", 2023),
    ("001_青川县水利局2023.txt", "青川县水利局", 2023),
    ("青川县水利局2023年政府信息公开工作年度报告(1).txt", "青川县水利局", 2023),
]


def filing(title: str, body: str = BODY, name: str = "x.txt", year: int | None = 2022) -> Filing:
    return align(read_bytes((title + body.format(year=year)).encode(), name))


@pytest.mark.parametrize(("title", "agency", "year"), TITLES + MORE_TITLES)
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


@pytest.mark.parametrize(("name", "agency", "year"), FILE_NAMES)
def test_a_text_that_names_nobody_is_told_by_its_file_name(name: str, agency: str, year: int) -> None:
    found = filing("", BODY.replace("{year}年，", ""), name)
    stated = (found.agency.value, found.agency.rests_on, found.title.value)
    assert stated == (agency, "file_name", None)
    assert found.year.value in (year, None)


@pytest.mark.parametrize(
    "name",
    [
        "年报.docx",
        "新建 Microsoft Word 文档.docx",
        "扫描件_20240112.pdf",
        "第一批/1.txt",
        "乡镇街道/01.txt",
        "2023年县直部门/a.txt",
        "青川县/1.txt",
    ],
)
def test_a_file_name_that_names_no_agency_gives_none(name: str) -> None:
    assert filing("", BODY.replace("{year}年，", ""), name).agency.value is None


@pytest.mark.parametrize(
    ("name", "year", "rests_on"),
    [
        ("青川县水利局20240115.txt", None, None),
        ("青川县水利局 2024-01-12.txt", None, None),
        ("2024年1月报送/青川县水利局.txt", None, None),
        ("2024年1月报送/青川县水利局2023年年报.txt", 2023, "file_name"),
        ("2023/青川县/水利局.txt", 2023, "folder"),
        ("2024/青川县/水利局2023年度报告.txt", 2023, "file_name"),
        ("2022-2023/青川县水利局.txt", None, None),
        ("2024年报送/青川县水利局.txt", None, None),
        ("2024年报送青川县水利局2023年报告.txt", 2023, "file_name"),
    ],
)
def test_dates_in_file_names_are_no_years_of_reports(name: str, year: int | None, rests_on: str | None) -> None:
    found = filing("青川县水利局政府信息公开工作年度报告", BODY.replace("{year}年，", ""), name)
    assert (found.year.value, found.year.rests_on) == (year, rests_on)


@pytest.mark.parametrize(
    ("folder", "others"),
    [("2024", ()), ("2024年收到", ()), ("2022年年报", (("folder", 2022),)), ("2022年度报告", (("folder", 2022),))],
)
def test_only_a_folder_that_says_so_disagrees_about_the_year(folder: str, others: tuple[tuple[str, int], ...]) -> None:
    """Reports for 2023 are collected in 2024: a folder of that name says nothing else than the title."""
    found = filing("青川县水利局2023年政府信息公开工作年度报告", name=f"{folder}/水利局.txt", year=2023)
    assert (found.year.value, found.year.others) == (2023, others)


@pytest.mark.parametrize(
    "before",
    [
        "发布日期：2024-01-15",
        "发布日期：2024年1月15日",
        "索引号：QC2024-001\n发布时间 2024-1-15 09:30",
        "来源：青川县水利局 公开日期：2024.01.15",
    ],
)
def test_the_day_of_publication_is_taken_from_the_line_that_says_it_and_is_no_report_year(before: str) -> None:
    found = filing(f"{before}\n青川县水利局政府信息公开工作年度报告", year=2023)
    assert (found.published.value, found.published.rests_on, found.year.value) == ("2024-01-15", "body", 2023)


def test_a_report_dated_by_its_signature_only_has_no_day_of_publication() -> None:
    found = filing("青川县水利局2023年政府信息公开工作年度报告", BODY + "青川县水利局\n2024年1月15日", year=2023)
    assert (found.published.value, found.year.value) == (None, 2023)


def test_the_signature_names_the_agency_where_the_title_does_not() -> None:
    found = filing("2023年政府信息公开工作年度报告", BODY + "青川县水利局\n2024年1月15日", year=2023)
    assert (found.agency.value, found.agency.rests_on) == ("青川县水利局", "body")


def test_titles_of_earlier_reports_in_a_list_are_not_this_reports() -> None:
    listed = "\n".join(f"青川县水利局{year}年政府信息公开工作年度报告" for year in (2021, 2022, 2023))
    found = filing(listed, year=2023)
    assert (found.title.value, found.year.value) == ("青川县水利局2023年政府信息公开工作年度报告", 2023)


def page(title: str, heading: str = "", source: str = "青川县水利局", name: str = "p.html") -> Filing:
    lines = BODY.format(year=2023).strip().split("\n")
    rows = "".join(f"<tr><td>{line.replace(chr(9), '</td><td>')}</td></tr>" for line in lines if "\t" in line)
    prose = "".join(f"<p>{line}</p>" for line in lines if "\t" not in line)
    top = f"<html><head><title>{title}</title></head><body><div>{heading}<p>来源：{source} 发布时间：2024-01-15</p>"
    return align(read_bytes(f"{top}{prose}<table>{rows}</table></div></body></html>".encode(), name))


@pytest.mark.parametrize(
    "title",
    [
        "青川县水利局2023年政府信息公开工作年度报告",
        "青川县水利局2023年政府信息公开工作年度报告 - 青川县人民政府",
        "青川县水利局2023年政府信息公开工作年度报告-部门年报-青川县人民政府",
        "青川县水利局2023年政府信息公开工作年度报告_青川县人民政府门户网站",
        "青川县水利局2023年政府信息公开工作年度报告|青川县政府网",
    ],
)
def test_the_sites_name_is_no_part_of_a_pages_title(title: str) -> None:
    found = page(title)
    wanted = ("青川县水利局2023年政府信息公开工作年度报告", "page_meta", "青川县水利局", 2023)
    assert (found.title.value, found.title.rests_on, found.agency.value, found.year.value) == wanted


def test_the_heading_of_a_page_goes_before_the_pages_title_and_their_disagreement_is_shown() -> None:
    found = page("青川县水利局2022年政府信息公开工作年度报告", "<h1>青川县水利局2023年政府信息公开工作年度报告</h1>")
    assert (found.year.value, found.year.others, found.title.rests_on) == (2023, (("page_meta", 2022),), "body")


@pytest.mark.parametrize(
    ("heading", "source", "name", "agency"),
    [
        (
            "<h1>水利局2023年政府信息公开工作年度报告</h1>",
            "青川县水利局",
            "p.html",
            ("青川县水利局", "page_meta", (("title", "水利局"),)),
        ),
        ("<h1>水利局2023年政府信息公开工作年度报告</h1>", "青川县人民政府办公室", "p.html", ("水利局", "title", ())),
        (
            "<h1>青川县水利局2023年政府信息公开工作年度报告</h1>",
            "青川县财政局",
            "p.html",
            ("青川县水利局", "title", (("page_meta", "青川县财政局"),)),
        ),
        ("", "青川县人民政府网", "p.html", (None, None, ())),
        ("", "青川县人民政府", "青川县水利局2023年年报.html", ("青川县水利局", "file_name", ())),
        ("", "青川县水利局", "青川县财政局.html", ("青川县水利局", "page_meta", (("file_name", "青川县财政局"),))),
    ],
)
def test_page_and_file_name_speak_where_the_text_is_silent_or_short(
    heading: str, source: str, name: str, agency: tuple[str | None, str | None, tuple[tuple[str, str], ...]]
) -> None:
    """A government's office publishes for its departments: that it is the source of a page says nothing about whose report it is."""
    found = page("年报", heading, source, name).agency
    assert (found.value, found.rests_on, found.others) == agency


@pytest.mark.parametrize(
    "head",
    [
        "| 索引号 | 123 |\n| --- | --- |\n| 标题： | 青川县教育局2023年政府信息公开工作年度报告 |\n| 发布日期 | 2024-01-20 |\n",
        "索引号\t123\n标题\t青川县教育局2023年政府信息公开工作年度报告\n发布日期\t2024-01-20\n",
        "公报标题：青川县教育局2023年政府信息公开工作年度报告\n",
        "标      题 青川县教育局2023年政府信息公开工作年度报告\n索引号 000014349\n",
        "青川县教育局\n- 1 -\n2023年政府信息公开工作年度报告\n",
        "青川县教育局2023年政府信息公开工作年度报告 青川县教育局2023年政府信息公开工作年度报告\n",
    ],
    ids=["in a table", "in tabs", "labelled", "labelled by blanks", "over a page's end", "printed twice"],
)
def test_a_title_among_the_data_of_a_page_is_the_title(head: str) -> None:
    filing = align(read_bytes((head + BODY.format(year=2023)).encode(), "a.txt"))

    assert (filing.title.value, filing.agency.value) == ("青川县教育局2023年政府信息公开工作年度报告", "青川县教育局")


def test_a_table_of_several_reports_gives_this_one_no_title() -> None:
    listed = "| 青川县教育局2021年政府信息公开工作年度报告 | 青川县教育局2022年政府信息公开工作年度报告 |\n| --- | --- |\n"

    assert align(read_bytes((listed + BODY.format(year=2023)).encode(), "a.txt")).title.value is None


@pytest.mark.parametrize(
    ("told", "agency"),
    [
        ("如对本报告有疑问，请与青川县教育局办公室联系（地址：青川县人民路1号）。", "青川县教育局"),
        ("本报告由青川县教育局编制。", "青川县教育局"),
        ("如对本报告有疑问，请与青川县人民政府办公室联系。", None),
        ("如对本报告有疑问，请与我局办公室联系。", None),
        ("如对本报告有疑问，请与青川县麦垄镇人民政府党政办公室联系。", "青川县麦垄镇人民政府"),
        ("如对本报告有疑问，请联系:青川县教育局办公室，地址：青川县人民路1号。", "青川县教育局"),
        ("现公布青川县教育局2023年政府信息公开工作年度报告。", "青川县教育局"),
        ("结合青川县教育局2023年政府信息公开工作情况编制。", "青川县教育局"),
        ("政府信息公开年报 青川县教育局2023年政府信息公开工作情况如下。", "青川县教育局"),
        ("我办公室确保各项工作落到实处，依法按时完成青川县2023年政府信息公开年度报告。", None),
        ("现公布我局2023年政府信息公开工作年度报告。", None),
    ],
)
def test_a_department_that_answers_for_the_report_is_its_agency_and_a_governments_office_tells_nothing(
    told: str, agency: str | None
) -> None:
    text = f"2023年政府信息公开工作年度报告\n根据条例编制本报告。{told}\n" + BODY.format(year=2023)

    assert align(read_bytes(text.encode(), "a.txt")).agency.value == agency


@pytest.mark.parametrize(
    ("title", "words", "agency"),
    [
        ("麦垄镇", "本报告由麦垄镇人民政府编制。", "麦垄镇人民政府"),
        ("麦垄镇", "请与青川县麦垄镇人民政府联系。", "青川县麦垄镇人民政府"),
        ("麦垄镇", "请与麦垄镇人民政府联系（地址：青川县麦垄镇人民政府大楼）。", "麦垄镇人民政府"),
        ("麦垄镇", "请与麦垄镇党政办公室联系。", "麦垄镇"),
        ("麦垄镇人民政府", "请联系（办公地址：青川县麦垄镇人民政府，电话：0000）。", "麦垄镇人民政府"),
        ("石榆街道", "2023年，石榆街道办事处认真落实条例。", "石榆街道办事处"),
        ("县教育局", "现公布青川县教育局年度报告，全县教育局系统各单位参与。", "青川县教育局"),
        ("县税务局", "国家税务总局青川县税务局编制本报告。", "国家税务总局青川县税务局"),
        ("市场监督管理局", "我县市场监督管理局认真落实条例。", "市场监督管理局"),
    ],
)
def test_a_town_a_street_and_an_office_of_some_county_are_called_as_the_body_calls_them(
    title: str, words: str, agency: str
) -> None:
    assert filing(f"{title}2023年政府信息公开工作年度报告", f"\n{words}{BODY}", year=2023).agency.value == agency


def test_a_sentence_names_the_street_that_no_title_names() -> None:
    found = filing("根据条例，编制本报告。", BODY + "（二）依申请公开。2023年，石榆街道在门户网站公开了目录。", year=2023)

    assert found.agency.value == "石榆街道"


def test_the_agency_above_the_title_belongs_to_it_where_the_pages_title_lacks_it() -> None:
    heading = "<p>青川县水利局</p><h1>2023年政府信息公开工作年度报告</h1>"

    found = page("2023年政府信息公开工作年度报告", heading, source="管理员")

    assert (found.title.value, found.agency.value) == ("青川县水利局2023年政府信息公开工作年度报告", "青川县水利局")


@pytest.mark.parametrize(
    "told",
    [
        "本报告中所列数据的统计期限自20231月1日起至12月31日止。",
        "本报告中所列数据的统计期限自202311日至20231231日。",
        "截止2023年12月31日，公开信息34条。",
        "现汇报我镇2023年政府信息公开工作。",
    ],
)
def test_a_period_that_lost_its_characters_and_the_day_up_to_which_is_counted_tell_the_year(told: str) -> None:
    text = "政府信息公开工作年度报告\n" + told + BODY.replace("{year}年，", "")

    assert align(read_bytes(text.encode(), "a.txt")).year.value == 2023


@pytest.mark.parametrize(
    ("words", "agency"),
    [
        ("现公布青川县人民政府办公室政府信息公开工作年度报告。", "青川县人民政府办公室"),
        ("现将桥南街道办事处{year}年度信息公开工作的总体情况报告如下。", "桥南街道办事处"),
        ("{year}年青川市政府信息公开工作年度报告根据《条例》编制并向社会公布。", "青川市"),
        ("桥南街道{year}年政府信息公开工作年度报告是根据《条例》编制的。", "桥南街道"),
    ],
)
def test_a_report_that_the_first_sentence_names_names_the_agency(words: str, agency: str) -> None:
    found = filing("", words + "统计期限为{year}年1月1日至{year}年12月31日。\n一、总体情况\n（一）主动公开。公开信息12条。\n")
    assert (found.agency.value, found.year.value) == (agency, 2022)


def test_the_title_may_follow_the_contents() -> None:
    contents = "目  录\n一、总体情况……1\n二、主动公开政府信息情况……2\n"
    found = filing(contents + "青川县水利局2023年政府信息公开工作年度报告", year=2023)
    assert (found.agency.value, found.year.value) == ("青川县水利局", 2023)
