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
BUREAUS = ("财政局", "自然资源局", "教育局", "生态环境局", "交通运输局", "卫生健康委员会", "审计局", "司法局")
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
    told = Told(agency, kind, year, edition.id, counts)
    return Invented(seed, agency, kind, year, edition, _title(random, agency, year), counts, _prose(random, told))


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


@dataclass(frozen=True, slots=True)
class Told:
    """What the prose draws on: who speaks, of which year, and every count."""

    agency: str
    kind: str
    year: int
    edition: str
    counts: Mapping[Spot, int | str]

    def application(self, row: str, column: str = "total") -> int:
        return int(self.counts[Spot("applications", row, column)])

    def applications(self, start: str) -> int:
        """The total of all outcomes whose key begins so."""
        rows = {spot.row for spot in self.counts if spot.table == "applications" and spot.row.startswith(start)}
        return sum(self.application(row) for row in rows)

    def case(self, group: str, column: str = "total") -> int:
        return int(self.counts[Spot("litigation", group, column)])

    def disclosed(self, row: str, column: str) -> int | str:
        return self.counts[Spot("disclosure", row, column)]


def _title(random: Random, agency: str, year: int) -> str:
    return random.choice(
        (
            f"{agency}{year}年政府信息公开工作年度报告",
            f"{year}年{agency}政府信息公开工作年度报告",
            f"{agency}{year}年度政府信息公开工作年度报告",
        )
    )


def _prose(random: Random, told: Told) -> dict[str, tuple[Words, ...]]:
    preamble = [
        f"本报告根据《中华人民共和国政府信息公开条例》编制，由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、"
        f"政府信息公开行政复议、行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项六部分组成。"
        f"所列数据的统计期限自{told.year}年1月1日起至{told.year}年12月31日止。",
        f"根据《中华人民共和国政府信息公开条例》第五十条规定，现公布{told.agency}{told.year}年政府信息公开工作年度报告。"
        f"如对本报告有疑问，请与{told.agency}联系（电话：0000-0000000）。",
    ]
    return {
        "preamble": (Words(random.choice(preamble), "prose"),) if random.random() < 0.6 else (),
        "overview": tuple(_overview(random, told)),
        "problems": tuple(_problems(random, told)),
        "other_matters": tuple(_other_matters(random, told)),
    }


def _overview(random: Random, told: Told) -> list[Words]:
    management = random.choice(
        (
            "严格落实先审查后公开，明确专人负责信息的收集、审核、发布和归档，全年未发生失泄密事件。",
            "完善政府信息管理制度，落实保密审查，对历年文件进行梳理，做到应公开尽公开，动态调整公开目录。",
        )
    )
    platform = random.choice(
        (
            "依托门户网站政府信息公开专栏和政务新媒体发布信息，及时更新栏目内容，方便群众查阅。",
            "优化网站专栏设置，开设专题2个，维护政务新媒体账号3个，设置政务公开专区1处。",
        )
    )
    heads = random.choice(
        (
            ("主动公开情况", "依申请公开情况", "政府信息管理情况", "平台建设情况", "监督保障情况"),
            ("主动公开", "依申请公开", "政府信息管理", "政府信息公开平台建设", "监督保障"),
            ("扎实做好主动公开", "规范办理依申请公开", "加强政府信息管理", "推进公开平台建设", "强化监督保障"),
            ("主动公开方面", "依申请公开工作情况", "政府信息管理和平台建设情况", "监督保障方面"),
        )
    )
    texts = [_published(random, told), _received(random, told), management, platform, _assessed(random, told)]
    texts = [texts[0] + _harmless(random, told), texts[1], *(text + _harmless(random, told) for text in texts[2:])]
    if len(heads) == 4:
        texts[2:4] = [management + platform]
    marks = random.choice((("（", "）"), ("（", "）"), ("(", ")"), ("(", ") ")))
    words = [Words(_opening(random, told), "prose", "overview")]
    for number, (head, text) in enumerate(zip(heads, texts, strict=True)):
        words.append(Words(f"{marks[0]}{'一二三四五'[number]}{marks[1]}{head}", "subheading", "overview"))
        words.append(Words(text, "prose", "overview"))
    return words


def _opening(random: Random, told: Told) -> str:
    return random.choice(
        (
            f"{told.year}年，{told.agency}认真贯彻落实政府信息公开各项规定，扎实推进各项工作。",
            f"{told.year}年，{told.agency}坚持以公开为常态、不公开为例外，按照《{told.year}年政务公开工作要点》要求，"
            f"围绕“十四五”规划重点任务，不断提升公开质量，为{told.year + 1}年工作打下基础。",
            f"{told.agency}深入贯彻新修订的《中华人民共和国政府信息公开条例》（国务院令第711号），现将{told.year}年有关情况报告如下。",
        )
    )


def _published(random: Random, told: Told) -> str:
    site, media = random.randint(40, 900), random.randint(10, 300)
    used = random.randint(20, 80)
    parts = [
        f"全年通过门户网站和政务新媒体主动公开政府信息{site + media}条，其中门户网站{site}条、政务新媒体{media}条。",
        random.choice(("发布政策解读12条。", "召开新闻发布会2场。", "公开政策文件15件、公示公告31条。", "")),
        random.choice((f"报送信息200条，采用{used * 2}条，采用率{used}%。", "较上年增加36条。", "")),
    ]
    if told.edition == "E2021" and random.random() < 0.5:
        made, repealed, valid = (told.disclosed("norm", key) for key in ("made", "repealed", "valid"))
        parts.append(f"制发行政规范性文件{made}件，废止{repealed}件，现行有效{valid}件。")
    elif random.random() < 0.5:
        parts.append("公开行政许可信息24条、行政处罚信息9条。")
    return "".join(parts)


def _harmless(random: Random, told: Told) -> str:
    """True sentences with figures and words that a hasty rule would hold against the report."""
    year = told.year
    sentences = [
        "12345政务服务便民热线受理群众诉求320件，已全部办结。",
        "承办人大代表建议6件、政协提案9件，办结率100%。",
        "受理群众来信来访35件，均已答复。",
        "公开政府采购信息12条，公开财政预决算信息4条。",
        "公开行政处罚案件信息7条、行政许可结果信息16条。",
        "涉及第三方合法权益的，书面征求第三方意见，第三方在15个工作日内反馈。",
        f"截至{year}年12月底，网站累计公开信息3000余条，与{year - 1}年相比访问量增长12%。",
        f"{year - 1}年度政务公开考核获评优秀等次。",
        f"印发《{year}年政务公开重点任务分工方案》（公开办〔{year}〕5号）。",
        "按照《“十四五”规划纲要》和2035年远景目标的部署，公开重点领域信息45条。",
        "开展“政府开放日”活动3次，邀请群众代表60人次参加。",
        "对2008年以来的历年文件进行清理，公布继续有效文件目录。",
        "举办行政复议和行政诉讼业务培训1期，参训32人。",
        "网站全年总访问量104523次，其中移动端41020次，占比39.2%。",
    ]
    if told.agency.endswith("司法局"):
        sentences = ["全年共办理行政复议案件126件，审结119件；办理行政应诉案件31件。"]
    return "".join(random.sample(sentences, min(len(sentences), random.choice((0, 0, 1, 2)))))


def _received(random: Random, told: Told) -> str:
    new, carried_in, done, out = (told.application(row) for row in ("new", "carried_in", "total", "carried_out"))
    year, natural = told.year, told.application("new", "natural")
    if new == 0:
        text = random.choice(
            (
                "本年度未收到政府信息公开申请。",
                f"{year}年，收到政府信息公开申请0件。",
                "全年没有收到政府信息公开申请，未收到关于政府信息公开工作的投诉举报。",
                f"{year}年，本机关未接到政府信息公开申请，无收费情况。",
            )
        )
        if carried_in:
            text += f"上年结转{carried_in}件。"
    else:
        web = random.randint(0, new)
        forms = [
            f"全年共收到政府信息公开申请{new}件，上年结转{carried_in}件，办结{done}件，结转下年度继续办理{out}件。",
            f"{year}年，共受理政府信息公开申请{new}件，其中自然人申请{natural}件。",
            f"新收政府信息公开申请{new}件，答复{done}件，按时答复率100%。",
            f"{year}年，新收到政府信息公开申请{new}件，其中网络申请{web}件、信函申请{new - web}件，较{year - 1}年增加2件。",
            f"共收到政府信息公开申请{new}件，均依法依规办理，未收到关于政府信息公开工作的投诉举报。",
        ]
        if carried_in:
            forms.append(f"收到政府信息公开申请{new + carried_in}件（含上年结转{carried_in}件），答复{done}件。")
            forms.append(f"新收申请{new}件，办理上年度结转申请{carried_in}件，共办结{done}件，结转下年度{out}件。")
            forms.append(f"收到公开申请{new + carried_in}件（上年度结转{carried_in}件，结转下年度{out}件），其余均已答复。")
            forms.append(
                f"共收到申请{new}件，上年度结转办理{carried_in}件，其中结转{year + 1}年度{out}件，其余{done}件均已办结。"
            )
            forms.append(f"依申请公开新增{new}件，答复{done}件（含上年度结转{carried_in}件，另有{out}件顺延至下年度办理）。")
        if new > 3 and out == 0 and carried_in == 0:
            forms.append(f"共受理政府信息公开申请{new}件，其中{new - 2}件按规定程序办结，2件因申请人主动撤销而终止。")
            forms.append(f"全年共收到依申请公开{new}件，均已办结，办结率100%。")
        if told.kind in ("office", "bureau"):
            forms.append(f"本机关收到政府信息公开申请{new}件；指导所属单位办理申请，全系统各单位共收到申请{new + 321}件。")
        text = random.choice(forms)
        if out == 0 and random.random() < 0.4:
            text += "所有申请均已在法定期限内办结。"
        if random.random() < 0.3:
            text += (
                f"办结的{done}件中，予以公开{told.application('granted')}件，部分公开{told.application('partial')}件，"
                f"不予公开{told.applications('denied')}件，无法提供{told.applications('unavailable')}件，"
                f"不予处理{told.applications('rejected')}件，其他处理{told.applications('other')}件。"
            )
    return text + _disputed(random, told)


def _disputed(random: Random, told: Told) -> str:
    reviews, direct, after = told.case("review"), told.case("direct"), told.case("after_review")
    suits = direct + after
    if reviews == 0 and suits == 0:
        return random.choice(
            (
                "未发生因政府信息公开引起的行政复议，未发生行政诉讼。",
                "因政府信息公开引起的行政复议、行政诉讼均为0件。",
                "规范答复文书，降低答复被行政复议、行政诉讼的风险，全年没有发生相关行政复议和行政诉讼。",
                "",
            )
        )
    first = f"因政府信息公开被申请行政复议{reviews}件" if reviews else "未发生因政府信息公开引起的行政复议"
    if reviews and random.random() < 0.4:
        upheld, corrected, other, pending = (told.case("review", key) for key in ("upheld", "corrected", "other", "pending"))
        first += f"（结果维持{upheld}件、结果纠正{corrected}件、其他结果{other}件、尚未审结{pending}件）"
    second = f"被提起行政诉讼{suits}件。" if suits else "未发生行政诉讼。"
    if suits and reviews == 0 and random.random() < 0.3:
        return f"涉及政府信息公开的行政诉讼{suits}件（未经复议直接起诉{direct}件，复议后起诉{after}件），没有发生行政复议。"
    if suits and random.random() < 0.4:
        second = f"被提起行政诉讼{suits}件，其中未经复议直接起诉{direct}件，复议后起诉{after}件。"
    return f"{first}，{second}"


def _assessed(random: Random, told: Told) -> str:
    text = random.choice(
        (
            "明确分管领导和责任科室，全年组织业务培训2次。",
            "健全工作机制，将政府信息公开列入重要议事日程，组织专题学习1次，培训40余人次。",
        )
    )
    if told.kind in GOVERNMENTS:
        text += "将政府信息公开纳入年度考核，考核结果均为合格；开展社会评议，群众满意度为96%；本年度未发生责任追究情形。"
    return text


def _problems(random: Random, told: Told) -> list[Words]:
    faults = (
        "一是部分业务科室对公开范围把握不准，个别办事指南更新滞后，群众反映查找不便；二是政策解读多为文字形式，图解、视频较少。"
    )
    cures = (
        f"针对上述问题，{told.year}年组织业务科室逐条核对办事指南，修订后重新发布；制作图解，丰富解读形式。"
        f"下一步将继续加强业务培训，定期检查栏目更新。"
    )
    style = random.choice(("heads", "heads", "plain", "one"))
    if style == "one":
        return [Words(f"{told.year}年工作取得一定成效，但仍存在不足：{faults}{cures}", "prose", "problems")]
    if style == "plain":
        plan = f"{told.year + 1}年，将从以下方面改进：一是开展业务培训；二是制作图解、视频解读产品。"
        return [Words(f"存在的主要问题：{faults}", "prose", "problems"), Words(plan, "prose", "problems")]
    second = random.choice(("（二）改进情况", "（二）改进措施", "（二）下一步工作打算"))
    return [
        Words("（一）存在的主要问题", "subheading", "problems"),
        Words(faults, "prose", "problems"),
        Words(second, "subheading", "problems"),
        Words(cures, "prose", "problems"),
    ]


def _other_matters(random: Random, told: Told) -> list[Words]:
    if told.edition == "E2019":
        text = random.choice(("无。", "无其他需要报告的事项。", "没有需要报告的其他事项。"))
        return [Words(text, "prose", "other_matters")]
    unpaid = told.application("other_2")  # requests dropped because a notice of charge was not paid
    text = random.choice(
        (
            "本年度收取信息处理费0元，无其他需要报告的事项。",
            f"依据《政府信息公开信息处理费管理办法》，{told.year}年发出收费通知{unpaid}件，收取信息处理费0元。",
            "本年度未收取信息处理费。无其他需要报告的事项。",
            "收取信息处理费情况：本机关全年未收取任何信息处理费。",
        )
    )
    words = [Words(text, "prose", "other_matters")]
    if random.random() < 0.3:
        words.extend(
            (Words(told.agency, "prose", "other_matters"), Words(f"{told.year + 1}年1月20日", "prose", "other_matters"))
        )
    return words
