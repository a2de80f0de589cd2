"""Who and when: title, agency, year and publication date, each with what it rests on. Nothing is invented where nothing is stated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from audits.align.folding import fold
from reports_in.document import Document, Paragraph, Source
from rules.filing import Stated
from rules.numbers import parse_han

LONGEST_TITLE = 70
LONGEST_TITLE_LINE = 45
FURTHEST_TITLE = 60  # paragraphs from the top; web pages put menus before the article
YEAR = re.compile(r"(?<!\d)(20\d{2})\s*(?:年度|年)")
NO_TITLE_LINE = re.compile(r"[。；：:»›|]|.>.|^(?:本报告|根据|按照|现将|首页)|位置")
BRACKETED_NAME = re.compile(r"^[（(]\s*([\u3400-\u9fff]{2,30})\s*[)）]$")
PLACE_END = (
    "镇",
    "乡",
    "街道",
    "苏木",
    "县",
    "市",
    "区",
    "旗",
    "州",
    "省",
    "开发区",
    "园区",
    "院",
    "站",
    "所",
    "队",
    "分行",
    "支行",
    "公司",
)
HAN_YEAR = re.compile(r"(二[〇○零O0][一二三四五六七八九〇○零]{2})\s*年")
FILE_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
PERIOD = re.compile(r"(?:统计期限|数据|期限)[^。]{0,20}?自?\s*(20\d{2})\s*年\s*1\s*月\s*1\s*日")
REPORT_WORDS = re.compile(r"(?:政府|政务)?信息公开.{0,12}?(?:报告|年报)")
WRAPPING = ' \t\u3000\xa0#*《》<>〈〉【】“”"'
TITLE_TAIL = re.compile(
    r"(?:关于)?\s*(?:20\d{2}\s*年?(?:度)?)?\s*(?:年|年度)?\s*(?:政府|政务)?\s*信息\s*公开.*$|(?:20\d{2})\s*年(?:度)?.*$", re.S
)
SUFFIX = re.compile(r"\.(?:docx?|pdf|html?|txt|wps|ofd|md)\s*$", re.I)
BODY_NAME = re.compile(
    r"[\u3400-\u9fff（）()]{2,28}?(?:人民政府办公厅|人民政府办公室|人民政府|街道办事处|办事处|管理委员会|管委会|委员会|办公室|办公厅|政府办"
    r"|监督管理局|管理局|分局|局|厅|法院|检察院|海关|中心|大队|支队|学校|大学|集团|公司|院|处|站|所|署|委|办)"
)
NAME_START = re.compile(
    r"^(?:年度|年|20\d{2}年(?:度)?(?:以来)?|今年(?:以来)?|本年度|一年来|按照|根据|由|和|与|及|在|向|经|对|为|是|等|以|被|将|从|到|至|并|其中|我)+"
)
BEFORE_NAME = re.compile(r"^.*(?:本报告|本年报|由|按照|根据|依照|在|向|被|从|以及)")
REGION_BEFORE = re.compile(r"(?:[\u3400-\u9fff]{2,6}?(?:省|自治区|市|州|盟|县|区|旗)){1,3}$")
FULL_NAME_END = ("人民政府", "办公室", "办公厅", "局", "厅", "委员会", "街道办事处", "海关", "管委会", "中心")


def title_of(prose: Sequence[Paragraph], headings_from: int, document: Document) -> Stated[str]:
    """The report's title as printed, broken lines joined; from the page's own title if the text prints none."""
    lines = prose[: min(headings_from, FURTHEST_TITLE)]
    for index, line in enumerate(lines):
        best = _title_at(lines, index)
        if best is not None:
            text, last = best
            source = line.source
            others = _other_titles(text, lines[last + 1 :], document)
            return Stated(_unspaced(text), "body", text, source, others)
    meta = document.meta.title
    if meta and REPORT_WORDS.search(meta):
        return Stated(meta.strip(), "page_meta", meta)
    return Stated(None)


def _unspaced(text: str) -> str:
    """Without the blanks that a layout leaves between characters and figures."""
    return re.sub(r"(?<=[^\x00-\x2f\x3a-\x7f])\s+|\s+(?=[^\x00-\x2f\x3a-\x7f])", "", text).strip()


def _title_at(lines: Sequence[Paragraph], index: int) -> tuple[str, int] | None:
    """The title that starts on this line, with the index of its last line; None if none starts here."""
    text = ""
    for last in range(index, min(index + 4, len(lines))):
        line = lines[last].text.strip(WRAPPING)
        if not line or len(line) > LONGEST_TITLE_LINE or NO_TITLE_LINE.search(line):
            break
        text += line if not text or not (text[-1].isascii() and line[0].isascii()) else " " + line
        text = text.replace("\n", "")
        if len(text) > LONGEST_TITLE:
            break
        if REPORT_WORDS.search(fold(text)) and (
            re.search(r"(?:报告|年报)(?:\s*[（(].{2,30}[)）])?\s*$", SUFFIX.sub("", text)) or SUFFIX.search(text)
        ):
            starts_title = bool(YEAR.search(lines[index].text) or REPORT_WORDS.search(fold(lines[index].text)) or last > index)
            return (text, last) if starts_title and _worth(lines, index, last) else None
    return None


def _worth(lines: Sequence[Paragraph], index: int, last: int) -> bool:
    """A line of navigation such as 政府信息公开年报 is not joined in front of a title that stands by itself."""
    if last == index:
        return bool(re.search(r"20\d{2}|二[〇○零]", lines[index].text)) or len(fold(lines[index].text)) >= 14
    tail = lines[last].text.strip(WRAPPING)
    alone = REPORT_WORDS.search(fold(tail)) and YEAR.search(tail)
    first = lines[index].text.strip(WRAPPING)
    if alone and not _agency_in_title(_unspaced(tail)):
        return (
            last == index + 1 and first.endswith((*FULL_NAME_END, *PLACE_END)) and len(first) <= 30
        )  # the agency on a line of its own
    return not alone and (bool(YEAR.search(first)) or bool(BODY_NAME.search(first)))


def _other_titles(title: str, lines: Iterable[Paragraph], document: Document) -> tuple[tuple[str, str], ...]:
    others = []
    meta = document.meta.title
    if meta and REPORT_WORDS.search(meta) and fold(meta) != fold(title):
        others.append(("page_meta", meta.strip()))
    return tuple(others)


def year_of(title: Stated[str], prose: Sequence[Paragraph], document: Document, given: int | None) -> Stated[int]:
    """The year that the report is about: given, by its title, by its period, by its text, by its file name, in this order."""
    claims: list[tuple[str, int, str, Source | None]] = []
    if given is not None:
        claims.append(("given", given, "", None))
    if title.value:
        stated = _year_in(title.value)
        if stated is not None:
            claims.append(("title", stated, title.value, title.at))
    for where, text in title.others:
        stated = _year_in(text)
        if stated is not None:
            claims.append((where, stated, text, None))
    for paragraph in prose:
        match = PERIOD.search(paragraph.text)
        if match:
            claims.append(("body", int(match[1]), match[0], paragraph.source))
            break
    else:
        common = Counter(int(year) for paragraph in prose for year in YEAR.findall(paragraph.text)).most_common(2)
        named = [place for place, *_ in claims]
        if common and not named and (len(common) == 1 or common[0][1] > common[1][1]) and common[0][1] >= 2:
            claims.append(("body", common[0][0], "", None))
    stem = SUFFIX.sub("", document.name)
    names = set(FILE_YEAR.findall(stem))
    if len(names) == 1:
        claims.append(("file_name", int(names.pop()), document.name, None))
    if not claims:
        return Stated(None)
    rests_on, value, quote, at = claims[0]
    others = tuple((where, other) for where, other, _, _ in claims[1:] if other != value)
    return Stated(value, rests_on, quote, at, others)


def _year_in(text: str) -> int | None:
    match = YEAR.search(text) or FILE_YEAR.search(text)
    if match:
        return int(match[1])
    han = HAN_YEAR.search(text)
    return parse_han(han[1].replace("O", "〇").replace("0", "〇")) if han else None


def agency_of(title: Stated[str], prose: Sequence[Paragraph], document: Document) -> Stated[str]:
    """The agency by the full name that the body gives, else as the title, the page or the first sentence names it."""
    short = _agency_in_title(title.value) if title.value else ""
    if not short and prose:
        below = BRACKETED_NAME.match(prose[0].text.strip())
        short = below[1] if below else ""
    if short:
        full, source = _full_name(short, prose)
        if full and full != short:
            return Stated(full, "body", full, source, (("title", short),))
        return Stated(short, "title", title.quote, title.at)
    first = _subject_of_prose(prose)
    if first is not None:
        return Stated(first[0], "body", first[0], first[1])
    if document.meta.publisher:
        return Stated(document.meta.publisher, "page_meta", document.meta.publisher)
    return Stated(None)


def _agency_in_title(title: str) -> str:
    """The words of the title that are neither year nor the report's name."""
    text = SUFFIX.sub("", title.replace("\n", ""))
    text = re.sub(r"(?<=[\u3400-\u9fff])[ \u3000\xa0]+|[ \u3000\xa0]+(?=[\u3400-\u9fff])", "", text)
    after = re.search(r"报告[（(](.{2,30})[)）]\s*$", text)
    text = re.sub(r"^\s*(?:20\d{2}|二[〇○零O0][一二三四五六七八九〇○零]{2})\s*年(?:度)?", "", text)
    text = TITLE_TAIL.sub("", text.strip(WRAPPING))
    text = re.sub(r"(?:二[〇○零O0][一二三四五六七八九〇○零]{2})(?:年.*)?$", "", text)
    text = re.sub(r"(?:关于|的)$", "", text).strip(" 《》<>〈〉")
    if not text and after:
        text = after[1]
    return text


def _full_name(short: str, prose: Sequence[Paragraph]) -> tuple[str | None, Source | None]:
    """A name in the body that spells the title's name out: it has all its characters in order, and more."""
    key = re.sub(r"[（(].*?[)）]", "", short)
    if len(key) < 2:
        return None, None
    found: Counter[str] = Counter()
    at: dict[str, Source] = {}
    complete = short.endswith(FULL_NAME_END)
    for paragraph in prose:
        text = paragraph.text
        if (key not in text) if complete else (key[-1] not in text):
            continue
        for name in _with_regions(key, text) if complete else _names_in(text):
            if name == short or not len(key) < len(name) <= 30 or (not complete and not _spells_out(key, name)):
                continue
            found[name] += 1
            at.setdefault(name, paragraph.source)
    if not found:
        return None, None
    name = max(found, key=lambda candidate: (found[candidate], -len(candidate)))
    return name, at[name]


def _with_regions(key: str, text: str) -> list[str]:
    """The names in the text that put the regions above it before an office's own name: 青川县 before 麦垄镇人民政府."""
    names = []
    for match in re.finditer(re.escape(key), text):
        run = re.search(r"[\u3400-\u9fff]*$", text[max(0, match.start() - 20) : match.start()])
        region = REGION_BEFORE.search(BEFORE_NAME.sub("", run[0])) if run else None
        if region:
            names.append(region[0] + key)
    return names


def _names_in(text: str) -> list[str]:
    names = []
    for match in re.finditer(r"[\u3400-\u9fff]{4,40}", text):
        run = match[0]
        for end in re.finditer(
            r"人民政府办公室|人民政府办公厅|综合办公室|办公室|办公厅|人民政府|街道办事处|管理委员会|管委会|委员会|局|厅", run
        ):
            start = NAME_START.match(run)
            name = BEFORE_NAME.sub("", run[start.end() if start else 0 : end.end()])
            if len(name) >= 4:
                names.append(name)
    return names


def _spells_out(short: str, name: str) -> bool:
    """True if name holds short's characters in order, starts no later than a region's name before it, and ends like an office."""
    position = 0
    for char in short:
        position = name.find(char, position) + 1
        if position == 0:
            return False
    tail = {"办": ("办公室", "办公厅", "办事处"), "委": ("委员会",), "局": ("局",), "府": ("人民政府",), "会": ("委员会",)}
    return name.endswith(tail.get(short[-1], (short[-1],))) and short[:2] in name


def _subject_of_prose(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The agency that the first sentences speak of: ``2023年，××局认真…``."""
    for paragraph in prose[:40]:
        match = re.match(
            r"\s*(?:20\d{2}年(?:度)?(?:以来)?|今年以来|一年来)[，,]?\s*([\u3400-\u9fff]{2,24}?(?:人民政府办公室|人民政府|办公室|街道办事处|管委会|委员会|局|厅))"
            r"(?=认真|坚持|严格|深入|按照|以|在|全面|积极|紧紧|贯彻|始终|持续|扎实|高度|围绕|切实|结合|（|\()",
            paragraph.text,
        )
        if match and not match[1].startswith(("我", "本", "全", "各", "在", "按", "根据")):
            return match[1], paragraph.source
    return None
