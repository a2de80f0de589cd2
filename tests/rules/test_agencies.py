"""What an agency's name tells, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.agencies import Body, Level, ListedAgency, agency_kind
from rules.examples import filing_of

NAMES = [
    ("辽宁省人民政府", Body.GOVERNMENT, Level.PROVINCE),
    ("广西壮族自治区人民政府", Body.GOVERNMENT, Level.PROVINCE),
    ("上海市人民政府", Body.GOVERNMENT, Level.PROVINCE),
    ("上海市", Body.GOVERNMENT, Level.PROVINCE),
    ("淮安市人民政府", Body.GOVERNMENT, Level.PREFECTURE),
    ("景德镇市人民政府", Body.GOVERNMENT, Level.PREFECTURE),
    ("新乡市人民政府", Body.GOVERNMENT, Level.PREFECTURE),
    ("恩施土家族苗族自治州人民政府", Body.GOVERNMENT, Level.PREFECTURE),
    ("锡林郭勒盟行政公署", Body.GOVERNMENT, Level.PREFECTURE),
    ("大兴安岭地区行政公署", Body.GOVERNMENT, Level.PREFECTURE),
    ("青川市人民政府", Body.GOVERNMENT, None),
    ("岳阳市汨罗市人民政府", Body.GOVERNMENT, Level.COUNTY),
    ("嵩县人民政府", Body.GOVERNMENT, Level.COUNTY),
    ("镇宁布依族苗族自治县政府", Body.GOVERNMENT, Level.COUNTY),
    ("荆州市沙市区人民政府", Body.GOVERNMENT, Level.COUNTY),
    ("乌拉特中旗人民政府", Body.GOVERNMENT, Level.COUNTY),
    ("陆浑镇人民政府", Body.GOVERNMENT, Level.TOWNSHIP),
    ("绥阳县小关乡人民政府", Body.GOVERNMENT, Level.TOWNSHIP),
    ("乌拉特中旗巴音乌兰苏木", Body.GOVERNMENT, Level.TOWNSHIP),
    ("桐梓县人民政府(县人民政府办公室)", Body.GOVERNMENT, Level.COUNTY),
    ("伊川县人民政府办公室", Body.OFFICE, Level.COUNTY),
    ("永州市人民政府办公室（政务公开政务服务办公室）", Body.OFFICE, Level.PREFECTURE),
    ("广东省人民政府办公厅", Body.OFFICE, Level.PROVINCE),
    ("临江县政府办", Body.OFFICE, Level.COUNTY),
    ("漯河市城乡一体化示范区党政综合办公室", Body.OFFICE, None),
    ("底张街道办事处", Body.STREET_OFFICE, Level.TOWNSHIP),
    ("鹤城区东街街道", Body.STREET_OFFICE, Level.TOWNSHIP),
    ("临江区人民政府东街街道办事处", Body.STREET_OFFICE, Level.TOWNSHIP),
    ("曾都经济开发区管委会", Body.ZONE, None),
    ("平潭综合实验区管理委员会", Body.ZONE, None),
    ("平潭综合实验区", Body.ZONE, None),
    ("临江海关关区", Body.DEPARTMENT, None),
    ("市临空经济区", Body.ZONE, None),
    ("某县产业集聚区", Body.ZONE, None),
    ("武汉市城市管理执法委员会", Body.DEPARTMENT, Level.PREFECTURE),
    ("临江县市场监督管理局", Body.DEPARTMENT, Level.COUNTY),
    ("淮安市国有资产监督管理委员会", Body.DEPARTMENT, Level.PREFECTURE),
    ("淮安市信访办公室", Body.DEPARTMENT, Level.PREFECTURE),
    ("上海市浦东新区城市管理综合行政执法局", Body.DEPARTMENT, Level.COUNTY),
    ("教育局", Body.DEPARTMENT, None),
    ("广州海关", Body.DEPARTMENT, None),
    ("青川大学", Body.INSTITUTION, None),
    ("临江县供水有限公司", Body.INSTITUTION, Level.COUNTY),
    ("某某", Body.UNKNOWN, None),
    ("", Body.UNKNOWN, None),
    (None, Body.UNKNOWN, None),
]


@pytest.mark.parametrize(("name", "body", "level"), NAMES)
def test_a_name_tells_the_body_and_its_rank(name, body, level):
    kind = agency_kind(name)
    assert (kind.body, kind.level) == (body, level)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("漯河市临江区市场监督管理局", ("漯河市", "临江区")),
        ("四川省财政厅", ("四川省",)),
        ("武汉市城市管理执法委员会", ("武汉市",)),
        ("景德镇市人民政府", ("景德镇市",)),
        ("教育局", ()),
    ],
)
def test_a_name_tells_its_region(name, region):
    assert agency_kind(name).region == region


@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        (None, (Body.DEPARTMENT, None)),
        (ListedAgency("1", "水运总局"), (Body.DEPARTMENT, None)),
        (ListedAgency("1", "水运总局", Body.GOVERNMENT, Level.COUNTY), (Body.GOVERNMENT, Level.COUNTY)),
        (ListedAgency("1", "临江县水运局", None, Level.PREFECTURE), (Body.DEPARTMENT, Level.PREFECTURE)),
        (ListedAgency("1", "水运", None, None), (Body.DEPARTMENT, None)),
    ],
)
def test_the_roster_says_more_than_the_name_and_is_silent_where_it_says_nothing(
    listed: ListedAgency | None, kind: tuple[Body, Level | None]
) -> None:
    filing = replace(filing_of({"agency": "水运总局"}), listed=listed)
    assert (filing.agency_kind.body, filing.agency_kind.level) == kind


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("霁川市住房和城乡建设局", ("霁川市",)),
        ("青川省住房和城乡建设厅", ("青川省",)),
        ("新乡市住房和城乡建设局", ("新乡市",)),
        ("青川县城乡居民社会保险管理局", ("青川县",)),
        ("青川县城镇化工作办公室", ("青川县",)),
        ("城乡规划局", ()),
        ("青川县东城乡人民政府", ("青川县", "东城乡")),
        ("青川县古城镇人民政府", ("青川县", "古城镇")),
    ],
)
def test_town_and_country_are_no_township(name: str, region: tuple[str, ...]) -> None:
    assert agency_kind(name).region == region
