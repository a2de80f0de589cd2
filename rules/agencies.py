"""What an agency's name tells: what body it is, of which rank, of which region. What the name does not tell stays unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

CITIES = Path(__file__).parent / "lexicons" / "cities.yaml"
BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
# a region's name and what ranks it; the look-aheads keep 景德镇市, 新乡市, 津市市, 沙市区 and 市场监督管理局 whole
REGION = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{1,12}?)"
    r"(?P<rank>特别行政区|自治区|自治州|自治县|自治旗|省|地区|林区|盟(?!市)|市(?![市区场政])|县|旗|街道|民族乡|乡(?![市县区镇村])|镇(?![市县区])|苏木|区)"
)
NO_REGION = re.compile(
    r"(^|和)城[乡镇]$|特色小镇$|(城|都|超|上|本|全|我)市$|(社|小|景|校|园|库|辖|示范|试验|实验|开发|高新|高新技术产业|经开|保税|度假|名胜|工业|合作|港|农垦|管理|功能|新|经济|产业|集中|集聚|商务|旅游|先导|物流|生态|综保|自贸|片|海关关)区$"
)
ZONE_NAME = re.compile(
    r"(开发区|经济区|产业区|集中区|集聚区|商务区|旅游区|先导区|物流区|生态区|综保区|片区|高新区|新区|示范区|园区|工业园|产业园|科技园|保税区|度假区|名胜区|风景区|试验区|实验区|经开区|管理区|合作区|港区|新城|自贸区)"
)
ZONE = re.compile(ZONE_NAME.pattern + r"(党工委)?(管理委员会|管委会)?$")
OFFICE = re.compile(
    r"(人民)?政府办公?[厅室]?$|[省市县区州旗盟]府办(公室)?$|行政公署办公[厅室]$|党政(综合)?办(公室)?$|管理委员会办公室$|管委会办公室$"
)
GOVERNMENT = re.compile(r"(人民政府|政府|行政公署)$")
STREET = re.compile(r"街道(办事处|办)?$|办事处$")
INSTITUTION = re.compile(r"(大学|学院|学校|中学|小学|幼儿园|医院|卫生院|公司|集团|银行|研究院|研究所|协会|学会|中心)$")
DEPARTMENT = re.compile(r"(局|委员会|委|厅|部|署|办公室|办|海关(?:关区)?|大队|支队|总队|站|所|处|馆|院|社|会)$")


class Body(StrEnum):
    GOVERNMENT = "government"  # 人民政府, 行政公署
    OFFICE = "office"  # a government's general office: 办公厅, 办公室
    DEPARTMENT = "department"
    STREET_OFFICE = "street_office"  # 街道办事处: an agency sent out, no government
    ZONE = "zone"  # 开发区管委会 and the like
    INSTITUTION = "institution"  # schools, hospitals, enterprises
    UNKNOWN = "unknown"


class Level(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"  # 设区的市, 自治州, 地区, 盟
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class AgencyKind:
    """level is the rank of the region the agency works for, None if its name does not tell; region its parts, widest first."""

    body: Body
    level: Level | None
    region: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedAgency:
    """An agency as the office's own roster lists it. body and level are None where the roster leaves them to the name."""

    code: str
    name: str
    body: Body | None = None
    level: Level | None = None

    def kind(self) -> AgencyKind:
        """What the roster says, where it is silent what the listed name tells."""
        told = agency_kind(self.name)
        return AgencyKind(self.body or told.body, self.level or told.level, told.region)


@cache
def agency_kind(name: str | None) -> AgencyKind:
    """What the name tells. A bare region (``陆浑镇``, ``上海市``) is the government of that region."""
    plain = BRACKETS.sub("", re.sub(r"\s+", "", name or ""))
    regions = _regions(plain)
    region = tuple(unit for unit, _ in regions)
    level = _level(regions)
    rest = plain[sum(map(len, region)) :]
    if not plain:
        return AgencyKind(Body.UNKNOWN, None, ())
    if STREET.search(plain):
        return AgencyKind(Body.STREET_OFFICE, Level.TOWNSHIP, region)
    if OFFICE.search(plain):
        return AgencyKind(Body.OFFICE, None if ZONE_NAME.search(rest) else level, region)
    if ZONE.search(rest) or ZONE.search(plain):
        return AgencyKind(Body.ZONE, None, region)
    if GOVERNMENT.search(plain) or (region and not rest):
        return AgencyKind(Body.GOVERNMENT, level, region)
    for body, pattern in ((Body.INSTITUTION, INSTITUTION), (Body.DEPARTMENT, DEPARTMENT)):
        if pattern.search(plain):
            return AgencyKind(body, level, region)
    return AgencyKind(Body.UNKNOWN, None, region)


def _regions(plain: str) -> list[tuple[str, str]]:
    """The region's parts from the start of the name: [("漯河市", "市"), ("临江区", "区")]."""
    found: list[tuple[str, str]] = []
    place = 0
    while match := REGION.match(plain, place):
        if NO_REGION.search(match[0]) and match[0] not in ("浦东新区", "滨海新区"):
            break
        found.append((match[0], match["rank"]))
        place = match.end()
    return found


def _level(regions: list[tuple[str, str]]) -> Level | None:
    if not regions:
        return None
    name, rank = regions[-1]
    if rank in ("省", "自治区", "特别行政区"):
        return Level.PROVINCE
    if rank in ("自治州", "地区", "盟"):
        return Level.PREFECTURE
    if rank == "市":
        return _city(name.removesuffix("市"), [above for _, above in regions[:-1]])
    if rank in ("县", "自治县", "旗", "自治旗", "区", "林区"):
        return Level.COUNTY
    return Level.TOWNSHIP


def _city(name: str, above: list[str]) -> Level | None:
    municipalities, prefecture = _cities()
    if any(rank in ("市", "自治州", "地区", "盟") for rank in above):
        return Level.COUNTY
    if name in municipalities:
        return Level.PROVINCE
    return Level.PREFECTURE if name in prefecture else None


@cache
def _cities() -> tuple[frozenset[str], frozenset[str]]:
    lists = yaml.safe_load(CITIES.read_text("utf-8"))
    return frozenset(lists["municipalities"]), frozenset(city for cities in lists["prefecture"] for city in cities)
