"""Invent a report: consistent figures and consistent prose of an agency that does not exist. Seeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from bench.corpus.page import Page, Spot, Words, laid_out
from rules.editions import Edition, edition_for, editions

CITIES = ("澜川市", "清禾市", "栖云市", "岚屿市")
COUNTIES = ("松澜县", "白榆区", "望禾县", "云苍县", "锦溪区")
TOWNS = ("青枫镇", "石榆乡", "柳浪街道", "杏坪镇")
BUREAUS = ("财政局", "自然资源局", "教育局", "生态环境局", "交通运输局", "卫生健康委员会", "审计局")
GOVERNMENTS = ("government", "town")


@dataclass(frozen=True, slots=True)
class Invented:
    """kind is "government", "office", "bureau", "town" or "street". ``counts`` holds every data cell of the edition."""

    seed: int
    agency: str
    kind: str
    year: int
    edition: Edition
    title: str
    counts: Mapping[Spot, int | str]
    prose: Mapping[str, tuple[Words, ...]]

    def page(self) -> Page:
        return laid_out(self.edition, self.title, self.prose, {spot: str(n) for spot, n in self.counts.items()})


def invent(seed: int, year: int | None = None, template: str | None = None) -> Invented:
    """The same report for the same seed. ``template`` is an edition's id, to use another than the year's own."""
    random = Random(f"hecha-{seed}")
    year = year or random.choice((2019, 2020, 2021, 2022, 2023, 2024))
    edition = editions()[template] if template else edition_for(year)
    assert edition is not None
    kind, agency = _agency(random)
    size = random.choice(("none", "few", "some", "some", "some", "many", "many"))
    counts = {**_disclosure(random, edition, kind), **_applications(random, edition, size), **_litigation(random, size)}
    title = random.choice((f"{agency}{year}年政府信息公开工作年度报告", f"{year}年{agency}政府信息公开工作年度报告"))
    return Invented(seed, agency, kind, year, edition, title, counts, _prose(random, edition, kind, agency, year, counts))


def _agency(random: Random) -> tuple[str, str]:
    city, county = random.choice(CITIES), random.choice(COUNTIES)
    kind = random.choice(("government", "office", "bureau", "bureau", "town", "street"))
    if kind == "government":
        return kind, random.choice((f"{city}人民政府", f"{county}人民政府"))
    if kind == "office":
        return kind, f"{county}人民政府办公室"
    if kind == "bureau":
        return kind, random.choice((city, county)) + random.choice(BUREAUS)
    place = random.choice([t for t in TOWNS if t.endswith("街道") == (kind == "street")])
    return kind, f"{county}{place}办事处" if kind == "street" else f"{county}{place}人民政府"


def _disclosure(random: Random, edition: Edition, kind: str) -> dict[Spot, int | str]:
    counts: dict[Spot, int | str] = {}
    top = random.choice((0, 9, 60, 4000))
    for row in edition.tables["disclosure"].rows.values():
        values: dict[str, int | str] = {column.key: random.randint(0, top) for column in row.columns}
        if row.key == "rules":
            values = dict.fromkeys(values, 0)
        elif row.key == "norm" and edition.id == "E2021":
            made, repealed = random.randint(0, 12), random.randint(0, 4)
            values = {"made": made, "repealed": repealed, "valid": made + random.randint(0, 90)}
        elif row.key == "norm":
            opened = random.randint(0, 12)
            values = {"made": opened, "opened": opened, "stock": opened + random.randint(1, 90)}
        elif row.key == "charge" and edition.id == "E2021":
            values = {"amt": random.choice((0, "0.36", "15.9", "128.0475", 3021))}
        elif row.key == "procure":
            projects = random.choice((0, 3, 17))
            values = {"n": projects, "amt": 0 if projects == 0 else f"{random.randint(11, 980)}.{random.randint(10, 99)}"}
        if "delta" in values:
            values["delta"] = random.choice((0, 0, 5, -3, "+12"))
        counts.update({Spot("disclosure", row.key, column): value for column, value in values.items()})
    return counts


def _applications(random: Random, edition: Edition, size: str) -> dict[Spot, int | str]:
    """Every row, every column and the balance of every column hold."""
    table = edition.tables["applications"]
    outcomes = [key for key in table.rows if key not in ("new", "carried_in", "total", "carried_out")]
    top = {"none": 0, "few": 3, "some": 60, "many": 2400}[size]
    grid: dict[str, dict[str, int]] = {key: {} for key in table.rows}
    for column in table.columns[:-1]:
        busy = column.key == "natural" or random.random() < 0.6
        new = random.randint(0, top) if busy else 0
        carried_in = random.randint(0, max(0, top // 10)) if busy and random.random() < 0.5 else 0
        out = random.randint(0, min(new, max(1, top // 12))) if random.random() < 0.5 else 0
        done = new + carried_in - out
        parts = dict.fromkeys(outcomes, 0)
        while done:
            share = random.randint(1, done)
            parts[random.choice(outcomes)] += share
            done -= share
        grid["new"][column.key], grid["carried_in"][column.key], grid["carried_out"][column.key] = new, carried_in, out
        grid["total"][column.key] = new + carried_in - out
        for key, part in parts.items():
            grid[key][column.key] = part
    counts: dict[Spot, int | str] = {}
    for key, cells in grid.items():
        cells["total"] = sum(cells.values())
        counts.update({Spot("applications", key, column): value for column, value in cells.items()})
    return counts


def _litigation(random: Random, size: str) -> dict[Spot, int | str]:
    top = {"none": 0, "few": 1, "some": 4, "many": 37}[size] * random.choice((0, 1, 1))
    counts: dict[Spot, int | str] = {}
    for group in ("review", "direct", "after_review"):
        cells = {key: random.randint(0, top) for key in ("upheld", "corrected", "other", "pending")}
        cells["total"] = sum(cells.values())
        counts.update({Spot("litigation", group, column): value for column, value in cells.items()})
    return counts


def _prose(
    random: Random, edition: Edition, kind: str, agency: str, year: int, counts: Mapping[Spot, int | str]
) -> dict[str, tuple[Words, ...]]:
    preamble = (
        f"本报告根据《中华人民共和国政府信息公开条例》编制，由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、"
        f"政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项六部分组成。"
        f"所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。"
    )
    overview = [
        ("主动公开情况", _published(random, year, counts)),
        ("依申请公开情况", _received(random, year, counts)),
        ("政府信息管理情况", "严格落实先审查后公开，明确专人负责信息的收集、审核、发布和归档，全年未发生失泄密事件。"),
        ("平台建设情况", "依托门户网站政府信息公开专栏和政务新媒体发布信息，及时更新栏目内容，方便群众查阅。"),
        ("监督保障情况", _assessed(kind)),
    ]
    words = [Words(f"{year}年，{agency}认真贯彻落实政府信息公开各项规定，扎实推进各项工作。", "prose", "overview")]
    for number, (head, text) in enumerate(overview):
        words.append(Words(f"（{'一二三四五'[number]}）{head}", "subheading", "overview"))
        words.append(Words(text, "prose", "overview"))
    problems = [
        Words("（一）存在的主要问题", "subheading", "problems"),
        Words(
            "一是部分业务科室对公开范围把握不准，个别办事指南更新滞后，群众反映查找不便；二是政策解读多为文字形式，图解、视频较少。",
            "prose",
            "problems",
        ),
        Words("（二）改进情况", "subheading", "problems"),
        Words(
            f"针对上述问题，{year}年组织业务科室逐条核对办事指南，修订后重新发布；制作图解，丰富解读形式。"
            f"下一步将继续加强业务培训，定期检查栏目更新。",
            "prose",
            "problems",
        ),
    ]
    fee = "本年度收取信息处理费0元，" if edition.id == "E2021" else ""
    other = [Words(f"{fee}无其他需要报告的事项。", "prose", "other_matters")]
    return {
        "preamble": (Words(preamble, "prose"),) if random.random() < 0.6 else (),
        "overview": tuple(words),
        "problems": tuple(problems),
        "other_matters": tuple(other),
    }


def _published(random: Random, year: int, counts: Mapping[Spot, int | str]) -> str:
    site, media = random.randint(40, 900), random.randint(10, 300)
    return (
        f"全年通过门户网站和政务新媒体主动公开政府信息{site + media}条，其中门户网站{site}条、政务新媒体{media}条。"
        + random.choice(("发布政策解读12条。", "召开新闻发布会2场。", ""))
    )


def _received(random: Random, year: int, counts: Mapping[Spot, int | str]) -> str:
    def of(row: str, column: str = "total", table: str = "applications") -> int:
        return int(counts[Spot(table, row, column)])

    new, carried_in, done, out = of("new"), of("carried_in"), of("total"), of("carried_out")
    if new == 0:
        text = random.choice(
            ("本年度未收到政府信息公开申请。", f"{year}年，收到政府信息公开申请0件。", "全年没有收到政府信息公开申请。")
        )
        if carried_in:
            text += f"上年结转{carried_in}件。"
    else:
        text = random.choice(
            (
                f"全年共收到政府信息公开申请{new}件，上年结转{carried_in}件，办结{done}件，结转下年度继续办理{out}件。",
                f"{year}年，共受理政府信息公开申请{new}件，其中自然人申请{of('new', 'natural')}件。",
                f"新收政府信息公开申请{new}件，答复{done}件。",
            )
        )
        if out == 0 and random.random() < 0.4:
            text += "所有申请均已在法定期限内办结。"
    reviews, suits = of("review", table="litigation"), of("direct", table="litigation") + of("after_review", table="litigation")
    text += f"因政府信息公开被申请行政复议{reviews}件" if reviews else "未发生因政府信息公开引起的行政复议"
    text += f"，被提起行政诉讼{suits}件。" if suits else "，未发生行政诉讼。"
    return text


def _assessed(kind: str) -> str:
    text = "明确分管领导和责任科室，全年组织业务培训2次。"
    if kind in GOVERNMENTS:
        text += "将政府信息公开纳入年度考核，考核结果均为合格；开展社会评议，群众满意度为96%；本年度未发生责任追究情形。"
    return text
