"""The roster (名单): which agencies have to report, read from a table that an office keeps, ``agencies.csv``.

One line for each agency: code, full name, other names, level, kind, code of the agency above it. Column names in Chinese or English;
UTF-8, GB18030 or UTF-16, commas or tabs, as spreadsheet programs write them. Everything wrong in it is said at once, with line and column.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from itertools import count
from pathlib import Path

from audits.align.folding import fold
from audits.errors import RosterError
from reports_in.system_words import in_words
from rules.agencies import Body, Level, ListedAgency, agency_kind

FILE_BYTES = 20_000_000  # a province has some 20,000 agencies, 2 MB
ENCODINGS = ("utf-8-sig", "gb18030")  # in this order: gb18030 accepts much UTF-8, and garbles it
MARK_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = re.compile(r"[;；、|｜/\n]+")  # between other names
LONGEST_NAME = 100
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "编码", "代码", "单位编码", "单位代码", "机构编码", "机构代码", "编号", "统一社会信用代码"),
    "name": ("name", "fullname", "全称", "名称", "单位名称", "单位全称", "机构名称", "机关名称", "单位"),
    "others": ("others", "othernames", "aliases", "alias", "别名", "简称", "其他名称", "其它名称", "曾用名", "别名简称"),
    "level": ("level", "级别", "层级", "行政级别", "行政层级"),
    "kind": ("kind", "类别", "类型", "单位类别", "机构类别", "单位类型"),
    "parent": ("parent", "parentcode", "上级编码", "上级代码", "上级", "上级单位", "上级单位编码", "主管单位", "主管部门"),
}
IN_CHINESE = {"code": "编码", "name": "全称", "others": "别名", "level": "级别", "kind": "类别", "parent": "上级编码"}
NEEDED = ("code", "name")
LEVELS: Mapping[str, Level | None] = {
    **dict.fromkeys(("province", "省级", "省", "自治区级", "自治区", "直辖市级", "直辖市"), Level.PROVINCE),
    **dict.fromkeys(
        ("prefecture", "city", "市级", "市", "地级", "地市级", "设区的市级", "设区的市", "州级", "盟级"), Level.PREFECTURE
    ),
    **dict.fromkeys(("county", "district", "县级", "县", "区级", "区", "县区级", "县市区级", "旗级", "县级市"), Level.COUNTY),
    **dict.fromkeys(
        ("township", "town", "乡级", "乡镇级", "乡镇", "镇级", "镇", "乡", "街道", "乡镇街道", "镇街"), Level.TOWNSHIP
    ),
    **dict.fromkeys(("national", "国家级", "中央", "国家"), None),  # its rank is not the region's: 税务局, 海关
}
KINDS: Mapping[str, Body | None] = {
    **dict.fromkeys(("government", "政府", "人民政府", "本级政府", "乡镇政府", "镇政府", "乡政府", "乡镇"), Body.GOVERNMENT),
    **dict.fromkeys(("office", "政府办", "政府办公室", "政府办公厅", "办公室", "办公厅", "府办"), Body.OFFICE),
    **dict.fromkeys(
        (
            "department",
            "部门",
            "政府部门",
            "工作部门",
            "组成部门",
            "直属机构",
            "派出机构",
            "垂管单位",
            "垂直管理部门",
            "局",
            "委办局",
        ),
        Body.DEPARTMENT,
    ),
    **dict.fromkeys(("streetoffice", "street", "街道", "街道办", "街道办事处"), Body.STREET_OFFICE),
    **dict.fromkeys(("zone", "开发区", "园区", "管委会", "功能区"), Body.ZONE),
    **dict.fromkeys(
        ("institution", "事业单位", "企事业单位", "公共企事业单位", "企业", "国企", "学校", "医院"), Body.INSTITUTION
    ),
    **dict.fromkeys(("other", "其他", "其它"), None),
}
GROUPS = frozenset({"group", "分组", "不报送"})  # a line that only holds others together: no report is expected


@dataclass(frozen=True, slots=True)
class Agency:
    """One line of the roster.

    others   other names, as written.
    level, body  as the roster says, None where it says nothing; what the name tells is not repeated here.
    parent   code of the agency above it, None at the top.
    reports  False for a line that only groups others.
    """

    code: str
    name: str
    others: tuple[str, ...] = ()
    level: Level | None = None
    body: Body | None = None
    parent: str | None = None
    reports: bool = True

    @property
    def listed(self) -> ListedAgency:
        """What rules may know of it. A municipality's own 市级 is a province's rank, as its name tells."""
        level = self.level
        if level is Level.PREFECTURE and agency_kind(self.name).level is Level.PROVINCE:
            level = Level.PROVINCE
        return ListedAgency(self.code, self.name, self.body, level)


@dataclass(frozen=True)
class Roster:
    """The agencies by code, in the order of the file. ``ignored`` names the columns that mean nothing to us."""

    agencies: Mapping[str, Agency]
    ignored: tuple[str, ...] = field(default=(), compare=False)

    def above(self, agency: Agency) -> tuple[Agency, ...]:
        """The agencies above it, the nearest first."""
        found = []
        while agency.parent is not None:
            agency = self.agencies[agency.parent]
            found.append(agency)
        return tuple(found)

    def shown(self, agency: Agency) -> str:
        """Its name, with the agency above it where the roster has that name more than once."""
        if self._names[agency.name] < 2 or agency.parent is None:
            return agency.name
        return f"{agency.name}（{self.agencies[agency.parent].name}）"

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(agency.name for agency in self.agencies.values())

    def below(self, code: str | None) -> tuple[Agency, ...]:
        """The agencies directly below that code, those at the top for None; in the order of the file."""
        return self._below.get(code, ())

    @cached_property
    def _below(self) -> Mapping[str | None, tuple[Agency, ...]]:
        found: dict[str | None, list[Agency]] = {}
        for agency in self.agencies.values():
            found.setdefault(agency.parent, []).append(agency)
        return {code: tuple(below) for code, below in found.items()}

    def tree(self) -> Iterable[tuple[int, Agency]]:
        """Every agency with its depth, from the top down, each before those below it."""
        waiting = [(0, agency) for agency in reversed(self.below(None))]
        while waiting:
            depth, agency = waiting.pop()
            yield depth, agency
            waiting += [(depth + 1, child) for child in reversed(self.below(agency.code))]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: its number in the file and its fields by our names for the columns, blanks trimmed."""

    number: int
    fields: Mapping[str, str]


def read_roster(path: Path) -> Roster:
    """The roster in that file. Raises RosterError with everything that is wrong in it."""
    columns, ignored, lines = _lines(path, _text(path))
    faults: list[str] = []
    agencies: dict[str, Agency] = {}
    at: dict[str, int] = {}
    for line in lines:
        agency = _agency(line, columns, faults)
        if agency is None:
            continue
        if agency.code in agencies:
            faults.append(_fault(line, columns, "code", f"编码“{agency.code}”与第{at[agency.code]}行重复"))
            continue
        agencies[agency.code], at[agency.code] = agency, line.number
    by_number = {line.number: line for line in lines}
    agencies = _with_parents(agencies, {code: by_number[number] for code, number in at.items()}, columns, faults)
    if not agencies and not faults:
        faults.append("第1行之后：没有单位；每个单位占一行")
    if faults:
        raise RosterError(path.name, sorted(faults, key=_line_of))
    return Roster(agencies, ignored)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > FILE_BYTES:
            raise RosterError(path.name, [f"文件超过{FILE_BYTES // 1_000_000}MB，不像单位名单"])
        data = path.read_bytes()
    except OSError as exc:
        raise RosterError(path.name, [f"打不开（{in_words(exc)}）"]) from exc
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RosterError(path.name, ["是 Excel 工作簿；请另存为 CSV（逗号分隔）后再用"])
    encodings = ("utf-16",) if data.startswith(MARK_OF_UTF16) else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RosterError(path.name, ["文字编码无法解读；请另存为 UTF-8 编码的 CSV"])


def _lines(path: Path, text: str) -> tuple[Mapping[str, str], tuple[str, ...], Sequence[_Line]]:
    """Our columns with the words of their heads, the heads that mean nothing to us, and the lines below."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",", strict=True)
    columns: dict[str, str] = {}
    ignored: list[str] = []
    places: dict[int, str] = {}
    lines: list[_Line] = []
    head_at = width = 0
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as exc:
            raise RosterError(path.name, [f"第{number}行：引号不成对或格式有误（{exc}）"]) from exc
        if fields is None:
            break
        values = [value.strip(" \t\r\n\u3000\xa0\ufeff") for value in fields]
        if not any(values):
            continue
        if not head_at:
            head_at, width = number, len(values)
            for place, head in enumerate(values):
                key = _column(head)
                if key is None:
                    ignored += [head] if head else []
                elif key in columns:
                    raise RosterError(path.name, [f"第{number}行：“{columns[key]}”和“{head}”是同一列；请只留一列"])
                else:
                    columns[key], places[place] = head, key
            missing = [IN_CHINESE[key] for key in NEEDED if key not in columns]
            if missing:
                known = "、".join(IN_CHINESE.values())
                raise RosterError(path.name, [f"第{number}行：表头缺少“{'”“'.join(missing)}”列；第一行应是列名：{known}"])
        elif any(values[width:]):
            raise RosterError(path.name, [f"第{number}行：有{len(values)}格，表头只有{width}列；含逗号的内容请加引号"])
        else:
            lines.append(_Line(number, {key: values[place] if place < len(values) else "" for place, key in places.items()}))
    if not head_at:
        raise RosterError(path.name, ["是空的；第一行应是列名，每个单位占一行"])
    return columns, tuple(ignored), lines


def _column(head: str) -> str | None:
    words = fold(head).casefold()
    return next((key for key, heads in COLUMNS.items() if words in heads), None)


def _fault(line: _Line, columns: Mapping[str, str], column: str, what: str) -> str:
    return f"第{line.number}行“{columns[column]}”列：{what}"


def _line_of(fault: str) -> int:
    return int(fault[1 : fault.index("行")])


def _agency(line: _Line, columns: Mapping[str, str], faults: list[str]) -> Agency | None:
    """The agency on that line; None, with the faults noted, if it cannot be told."""
    before = len(faults)
    value = {key: line.fields.get(key, "") for key in COLUMNS}
    for key in NEEDED:
        if not value[key]:
            faults.append(_fault(line, columns, key, "为空"))
    if value["name"] and (not fold(value["name"]) or len(value["name"]) > LONGEST_NAME):
        faults.append(_fault(line, columns, "name", f"“{value['name'][:LONGEST_NAME]}”不是单位名称"))
    level = kind = None
    word = fold(value["level"]).casefold()
    if word and word not in LEVELS:
        faults.append(_fault(line, columns, "level", f"不认识“{value['level']}”；可填：省级、市级、县级、乡级，或留空"))
    else:
        level = LEVELS.get(word)
    word = fold(value["kind"]).casefold()
    if word and word not in KINDS and word not in GROUPS:
        allowed = "政府、政府办公室、部门、街道办事处、开发区、事业单位、其他、分组"
        faults.append(_fault(line, columns, "kind", f"不认识“{value['kind']}”；可填：{allowed}，或留空"))
    else:
        kind = KINDS.get(word)
    if len(faults) > before:
        return None
    own = fold(value["name"])
    others = dict.fromkeys(other.strip() for other in SEPARATORS.split(value["others"]))
    return Agency(
        code=value["code"],
        name=value["name"],
        others=tuple(other for other in others if fold(other) and fold(other) != own),
        level=level,
        body=kind,
        parent=value["parent"] or None,
        reports=word not in GROUPS,
    )


def _with_parents(
    agencies: Mapping[str, Agency], at: Mapping[str, _Line], columns: Mapping[str, str], faults: list[str]
) -> dict[str, Agency]:
    """The agencies with the code of their parent, which the file may give by its name. Faults: unknown, unclear, loops, twins."""
    by_name: dict[str, list[str]] = {}
    for agency in agencies.values():
        by_name.setdefault(agency.name, []).append(agency.code)
    found: dict[str, Agency] = {}
    for code, agency in agencies.items():
        parent = agency.parent
        if parent is not None and parent not in agencies:
            named = by_name.get(parent, [])
            if len(named) != 1:
                why = f"上级“{parent}”不在名单里" if not named else f"有{len(named)}个单位叫“{parent}”，请填上级的编码"
                faults.append(_fault(at[code], columns, "parent", why))
            parent = named[0] if len(named) == 1 else None
        found[code] = Agency(code, agency.name, agency.others, agency.level, agency.body, parent, agency.reports)
    looped = _loops(found)
    for code in looped:
        faults.append(_fault(at[code], columns, "parent", f"“{found[code].name}”的上级又归它自己管，成了循环"))
    twins: dict[tuple[str | None, str], str] = {}
    for code, agency in found.items():
        first = twins.setdefault((agency.parent, fold(agency.name)), code)
        if first != code:
            faults.append(_fault(at[code], columns, "name", f"“{agency.name}”与第{at[first].number}行同名，上级也相同，分不清"))
    return found


def _loops(agencies: Mapping[str, Agency]) -> list[str]:
    """One code of every loop of parents: the first of it in the file."""
    seen: dict[str, int] = {}
    firsts = []
    walks = count(1)
    order = {code: index for index, code in enumerate(agencies)}
    for code in agencies:
        walk = next(walks)
        at: str | None = code
        while at is not None and at not in seen:
            seen[at] = walk
            at = agencies[at].parent
        if at is not None and seen[at] == walk:
            loop = [at]
            while (above := agencies[loop[-1]].parent) is not None and above != at:
                loop.append(above)
            firsts.append(min(loop, key=order.__getitem__))
    return firsts
