"""The roster is read from tables as offices keep them; everything wrong in one is said with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from audits.errors import RosterError
from audits.roster import Agency, Roster, read_roster
from rules.agencies import Body, Level

CHINESE = """编码,全称,别名,级别,类别,上级编码
330000,霁川市人民政府,霁川市；市政府,市级,政府,
330001,霁川市水利局,市水利局、水利局|水务局,市级,部门,330000
330100,青川县人民政府,,县级,政府,330000
330101,青川县麦垄镇人民政府,,乡镇,镇政府,330100
330102,青川县城东街道办事处,,街道,街道,330100
330103,青川县第一医院,,,事业单位,330100
330104,县直部门,,,分组,330100
"""
WANTED = {
    "330000": Agency("330000", "霁川市人民政府", ("霁川市", "市政府"), Level.PREFECTURE, Body.GOVERNMENT),
    "330001": Agency("330001", "霁川市水利局", ("市水利局", "水利局", "水务局"), Level.PREFECTURE, Body.DEPARTMENT, "330000"),
    "330100": Agency("330100", "青川县人民政府", (), Level.COUNTY, Body.GOVERNMENT, "330000"),
    "330101": Agency("330101", "青川县麦垄镇人民政府", (), Level.TOWNSHIP, Body.GOVERNMENT, "330100"),
    "330102": Agency("330102", "青川县城东街道办事处", (), Level.TOWNSHIP, Body.STREET_OFFICE, "330100"),
    "330103": Agency("330103", "青川县第一医院", (), None, Body.INSTITUTION, "330100"),
    "330104": Agency("330104", "县直部门", (), None, None, "330100", reports=False),
}
ENGLISH = "code,full name,other names,level,kind,parent"


def roster(tmp_path: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = tmp_path / "agencies.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("编码,全称,别名,级别,类别,上级编码", ENGLISH),
        lambda text: text.replace(
            "编码,全称,别名,级别,类别,上级编码", "单位代码,单位名称,其他名称,行政级别,单位类别,上级单位编码"
        ),
        lambda text: "\n" + text.replace("330001,", " 330001 ,") + "\n,,,,,\n",
        lambda text: text.replace("330000\n", '"330000"\n'),
        lambda text: text.replace(",330000\n", ",霁川市人民政府\n"),
    ],
)
def test_tables_are_read_in_every_encoding_and_with_either_names_of_columns(
    tmp_path: Path, encoding: str, change: object
) -> None:
    assert callable(change)
    read = roster(tmp_path, change(CHINESE), encoding)
    assert read.agencies == WANTED
    assert list(read.agencies) == list(WANTED)


def test_columns_may_stand_in_any_order_and_others_are_named_as_ignored(tmp_path: Path) -> None:
    read = roster(tmp_path, "联系人,全称,排序,编码\n王某,青川县水利局,3,1\n")
    assert (read.agencies, read.ignored) == ({"1": Agency("1", "青川县水利局")}, ("联系人", "排序"))


def test_the_tree_goes_from_the_top_down(tmp_path: Path) -> None:
    read = roster(tmp_path, CHINESE)
    assert [(depth, agency.code) for depth, agency in read.tree()] == [
        (0, "330000"),
        (1, "330001"),
        (1, "330100"),
        (2, "330101"),
        (2, "330102"),
        (2, "330103"),
        (2, "330104"),
    ]
    assert [agency.code for agency in read.above(read.agencies["330101"])] == ["330100", "330000"]


HEAD = "编码,全称,别名,级别,类别,上级编码\n"
FAULTS = [
    ("", "是空的"),
    ("\n \n", "是空的"),
    ("编码,别名\n1,a\n", "第1行：表头缺少“全称”列"),
    ("序号,备注\n1,a\n", "第1行：表头缺少“编码”“全称”列"),
    ("编码,代码,全称\n1,1,甲局\n", "第1行：“编码”和“代码”是同一列"),
    (HEAD, "没有单位"),
    (HEAD + "1,甲局\n1,乙局\n", "第3行“编码”列：编码“1”与第2行重复"),
    (HEAD + ",甲局\n", "第2行“编码”列：为空"),
    (HEAD + "1,\n", "第2行“全称”列：为空"),
    (HEAD + "1,——\n", "第2行“全称”列：“——”不是单位名称"),
    (HEAD + "1,甲局,,厅级\n", "第2行“级别”列：不认识“厅级”；可填：省级、市级、县级、乡级，或留空"),
    (HEAD + "1,甲局,,,机构\n", "第2行“类别”列：不认识“机构”"),
    (HEAD + "1,甲局,,,,9\n", "第2行“上级编码”列：上级“9”不在名单里"),
    (HEAD + "1,甲局\n2,甲局,,,,3\n3,丙局,,,,甲局\n", "第4行“上级编码”列：有2个单位叫“甲局”，请填上级的编码"),
    (HEAD + "1,甲局,,,,1\n", "第2行“上级编码”列：“甲局”的上级又归它自己管"),
    (HEAD + "0,丁局\n1,甲局,,,,2\n2,乙局,,,,3\n3,丙局,,,,1\n", "第3行“上级编码”列：“甲局”的上级又归它自己管"),
    (HEAD + "1,甲局\n2,甲 局\n", "第3行“全称”列：“甲 局”与第2行同名，上级也相同"),
    (HEAD + "1,甲局,a,b,c,d,e\n", "第2行：有7格，表头只有6列"),
    (HEAD + '1,"甲局\n', "第2行：引号不成对"),
    (HEAD + '1,"甲\n局",,,,7\n2,乙局,,,,8\n', "第2行“上级编码”列：上级“7”不在名单里"),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_what_is_wrong_is_said_with_line_and_column(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(RosterError) as caught:
        roster(tmp_path, text)
    assert (caught.value.code, str(caught.value).startswith("agencies.csv：")) == ("ROSTER", True)
    assert fault in caught.value.faults[0]


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(RosterError) as caught:
        roster(tmp_path, HEAD + ",甲局\n2,乙局,,,,9\n2,丙局,,厅级\n3,丁局,,,,3\n")
    assert [fault[:3] for fault in caught.value.faults] == ["第2行", "第3行", "第4行", "第5行"]
    assert "另有3处" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "fault"), [(b"PK\x03\x04xx", "Excel"), (b"\xff\xff\x00\xfe", "编码无法解读"), (b"\x00\x01code", "编码无法解读")]
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, fault: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(RosterError, match=fault):
        read_roster(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="打不开"):
        read_roster(tmp_path / "none.csv")


def test_the_same_name_under_different_parents_is_no_fault(tmp_path: Path) -> None:
    read = roster(tmp_path, HEAD + "1,甲县人民政府\n2,乙县人民政府\n11,教育局,,,,1\n21,教育局,,,,2\n")
    assert len(read.agencies) == 4
