"""Whose report it is: the agency by the full name that the body gives, else as title, text, page or file name it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from audits.align.folding import RADICALS, fold
from reports_in.document import Document, Paragraph, Source
from rules.agencies import Body, Level, agency_kind
from rules.filing import Stated

PLACE_END = ("镇", "乡", "街道", "苏木", "县", "市", "区", "旗", "州", "省", "开发区", "园区", "院", "站", "所", "队", "分行", "支行", "公司")  # fmt: skip
DASH = r"(?:\s-+\s|[—–_－]+|-+(?=[\u3400-\u9fff]))"
SUFFIX = re.compile(r"\.(?:docx?|pdf|html?|mht|txt|wps|ofd|md|rtf|xlsx?|et|png|jpe?g|tiff?)\s*$", re.I)
WRAPPING = ' \t\u3000\xa0#*《》<>〈〉“”"'
BLANKS = re.compile(r"[\s\u3000\xa0\ufeff\u200b]+")
ONE_WIDTH = str.maketrans(
    RADICALS
    | {char: unicodedata.normalize("NFKC", char) for char in map(chr, range(0x2F00, 0x2FD6))}
    | {
        char: unicodedata.normalize("NFKC", char)
        for char in map(chr, range(0xFF10, 0xFF5B))
        if unicodedata.category(char)[0] in "NL"
    }
)
HAN_YEAR = r"二[〇○零O0][一二三四五六七八九〇○零]{2}"
OTHER_WIDTH = re.compile(f"[{re.escape(''.join(map(chr, ONE_WIDTH)))}]")
BLANKS_IN_NAME = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000\xa0]+|[ \u3000\xa0]+(?=[\u3400-\u9fff])")
NAME_AFTER = re.compile(rf"(?:报告|年报)(?:[（(]([^（()）]{{2,30}})[)）]|{DASH}([\u3400-\u9fff]{{2,30}}))$")
BRACKETED_NAME = re.compile(r"^[（(]([\u3400-\u9fff]{2,30})[)）]$")
LABELLED_NAME = re.compile(
    r"^(?:编制|报送|填报|公开|发布|报告)?(?:单位|机关|机构|部门)(?:名称)?[:：]([\u3400-\u9fff（）()]{2,30})$|^(?:信息)?来源[:：]([\u3400-\u9fff（）()]{2,30}?)(?=发布|发文|时间|日期|浏览|点击|作者|\d|$)"
)
DATE_LINE = re.compile(
    rf"^(?:20\d{{2}}|{HAN_YEAR})年[\d一二三四五六七八九十]{{1,3}}月[\d一二三四五六七八九十]{{1,3}}日$|^20\d\d[-./]\d+[-./]\d+$"
)
TITLE_TAIL = re.compile(
    rf"(?:关于)?(?:印发|公布|发布|公开|报送|上报|呈报)?(?:《)?(?:(?:20\d{{2}}|{HAN_YEAR})[-—－]?年?(?:度)?)?(?:年|年度)?[（(《]?(?:政府|政务)?信息(?:主动)?公开.*$"
    rf"|(?:20\d{{2}}|{HAN_YEAR})年(?:度)?.*$",
    re.S,
)
LEADING = re.compile(rf"^(?:关于)?(?:印发|公布|发布|公开|报送|上报|呈报)?[《“]?(?:(?:20\d{{2}}|{HAN_YEAR})[-—－]?年(?:度)?)?")
TO_ASK = re.compile(
    r"(?:本(?:年度)?报告由|(?<![\u3400-\u9fff])由|请?与|请联系|请致电)[:：]?"
    r"(?P<name>[\u3400-\u9fff]{2,24}?(?:局|厅|委员会|街道办事处|(?:[镇乡]|苏木)(?:人民)?政府))"
    r"(?:[\u3400-\u9fff]{0,6}(?:办公室|办|科|处|股|中心))?(?:负责)?(?:[（(][^）)]*[）)])?(?:编制|联系|[（(]地址|[，,]?地址)"
)
FULL_NAME_END = ("人民政府", "办公室", "办公厅", "局", "厅", "委员会", "街道办事处", "海关", "管委会", "中心")
NAME_START = re.compile(
    r"^(?:年度|年|20\d{2}年(?:度)?(?:以来)?|今年(?:以来)?|本年度|一年来|按照|根据|由|和|与|及|在|向|经|对|为|是|等|以|被|将|从|到|至|并|其中|我)+"
)
NAME_RUN = re.compile(r"[\u3400-\u9fff]{4,40}")
NAME_END = re.compile(
    r"人民政府办公室|人民政府办公厅|综合办公室|办公室|办公厅|人民政府|街道办事处|管理委员会|管委会|委员会|局|厅"
)
ENDS_OF_NAMES = frozenset(end[-1] for end in NAME_END.pattern.split("|"))
LONG_ENDS = {"办": ("办公室", "办公厅", "办事处"), "委": ("委员会",), "局": ("局",), "府": ("人民政府",), "会": ("委员会",)}
BEFORE_NAME = re.compile(
    r"^.*(?:本报告|本年报|由|按照|根据|依照|在|向|被|从|以及|公布|发布|公开|编制|结合|要求|现将|请与|联系|关于|有关|社会|自觉|接受|年报|报告)"
)
SUBJECT = re.compile(
    r"(?:^|[。；;])\s*(?:20\d{2}年(?:度)?(?:以来)?|今年以来|一年来)[，,]?\s*(?P<name>[\u3400-\u9fff]{2,24}?"
    r"(?:人民政府办公室|人民政府|办公室|街道办事处|街道(?!办)|[镇乡](?!人民)|苏木|管委会|管理区|委员会|局|厅))"
    r"(?=认真|坚持|严格|深入|按照|以|在|全面|积极|紧紧|贯彻|始终|持续|扎实|高度|围绕|切实|结合|（|\()"
)
REPORT_OF = re.compile(
    r"(?:公布|发布|公开|编制了?|结合|现将|[《“])(?P<name>[\u3400-\u9fff]{3,30}?)"
    r"(?:20\d{2}年(?:度)?(?:政府|政务)?信息公开(?:工作|年度|情况|年报|报告)|(?:政府|政务)信息公开(?:工作)?(?:年度报告|年报))"
)
REPORT_SAYS = re.compile(
    r"^(?:20\d{2}年(?:度)?(?P<name>[\u3400-\u9fff]{3,30}?)|(?P<before>[\u3400-\u9fff]{3,30}?)20\d{2}年(?:度)?)"
    r"政府信息公开(?:工作)?年度报告(?=是?根据|是?按照|是?依据|由)"
)
NO_REGION_WORDS = re.compile(r"^.*(?:[局厅]|政府)")
NATIONAL = "国家税务总局"
AT_ADDRESS = re.compile(r"(?:地址|住所|位于|地点)[:：为在]?[^，,。;；]*$")
ADDRESS = re.compile(r"(?:办公)?大?楼|大?院|[东南西北]侧")
TOWN_BODY = {
    "镇": "人民政府",
    "乡": "人民政府",
    "木": "人民政府",
    "道": "办事处",
}  # what a town's or a street's name leaves out
REGION_BEFORE = re.compile(r"(?:[\u3400-\u9fff]{2,6}?(?:省|自治区|市|州|盟|县|区|旗)){1,3}$")
FILE_NOISE = re.compile(
    r"^(?:附件?[\d一二三四五六七八九十]*|\d+(?![\d年-]))[:：、._-]*"
    r"|[（(【\[][^（()）】\]]*[)）】\]]|(?:20\d{6}|20\d{2}[-._]\d{1,2}[-._]\d{1,2})"
    r"|[-_ ]*(?:终稿|定稿|最终版?|公示版?|发布稿|上报稿|报送稿|盖章版?|扫描件|修改稿?|修订稿?|副本|新版?|v\d+)$",
    re.I,
)
FILE_TAIL = re.compile(
    r"(?:的|关于)?(?:(?:20\d{2}|\d{2})[-—]?年?(?:度)?)?[（(]?(?:(?:政府|政务)?(?:信息)?公开|年度?报|工作年度报告|年度报告|报告|网站).*$"
)
GROUP = re.compile(r"^(?:[省市县区]直|各|全[省市县区]|乡镇|镇街|街道$|街镇)")  # a folder's name for many agencies
PORTAL = re.compile(r"网$|网站|门户|信息公开|平台|融媒体|日报|新华|管理员|admin", re.I)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words without blanks, figures and letters of one width, no radicals; brackets and marks as printed."""
    words = BLANKS.sub("", text)
    return words.translate(ONE_WIDTH) if OTHER_WIDTH.search(words) else words  # seldom, and slow


def agency_of(title: Stated[str], prose: Sequence[Paragraph], document: Document) -> Stated[str]:
    """The agency by the full name that the body gives, else as the title, the text, the page, the file or its folder names it.

    What the page or the file name says of another agency is shown in ``others``.
    """
    outside = _outside(document)
    short = named_in_title(title.value) if title.value else ""
    if short:
        where, place = ("title", title.at) if title.at is not None else ("page_meta", None)
        full, source = _full_name(short, prose)
        if full and full != short:
            return Stated(full, "body", full, source, ((where, short), *_other(full, outside)))
        for rests_on, named in outside:
            if agency_kind(named).region and not agency_kind(short).region and _only_regions_before(short, named):
                return Stated(named, rests_on, named, None, ((where, short),))
        return Stated(short, where, title.quote, place, _other(short, outside))
    stated = _named_below(prose) or _report_named(prose) or _subject_of_prose(prose) or _signature(prose)
    if stated is None and not outside:
        stated = _to_ask(prose)
    if stated is not None:
        full, source = _full_name(stated[0], prose)
        name, at = (full, source) if full and source else stated
        return Stated(name, "body", name, at, _other(name, outside))
    if not outside:
        return Stated(None)
    (rests_on, named), *rest = sorted(outside, key=lambda item: _is_doubtful_publisher(*item))
    return Stated(named, rests_on, named, None, _other(named, rest))


def _outside(document: Document) -> list[tuple[str, str]]:
    """What page, file name and folder say, in this order; a folder only if it names an office and no mere region."""
    found = []
    publisher = plain(document.meta.publisher or "")
    if publisher and not PORTAL.search(publisher):
        found.append(("page_meta", document.meta.publisher or ""))
    *folders, file_name = path_of(document.name)
    by_file = named_in_file(file_name)
    if by_file:
        found.append(("file_name", by_file))
    for folder in reversed(folders):
        named = named_in_file(folder)
        if named and agency_kind(named).body is not Body.GOVERNMENT:
            found.append(("folder", named))
            break
    return found


def path_of(name: str) -> list[str]:
    """The folders in the name of a submitted file, and the file's own name last; pathlib takes five times as long."""
    return [part for part in name.split("/") if part not in ("", ".")] or [""]


def _is_doubtful_publisher(rests_on: str, named: str) -> bool:
    """A government's office publishes the reports of all its departments: the file's name may know better."""
    return rests_on == "page_meta" and agency_kind(named).body not in (Body.DEPARTMENT, Body.STREET_OFFICE, Body.INSTITUTION)


def _other(name: str, outside: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What names another agency, and no mere longer or shorter form of this one."""
    own = fold(name)
    return tuple(
        (where, other)
        for where, other in outside
        if not _is_doubtful_publisher(where, other)
        and where != "folder"
        and not _shortens(fold(other), own)
        and not _shortens(own, fold(other))
    )


def _shortens(short: str, full: str) -> bool:
    rest = iter(full)
    return all(char in rest for char in short)


@lru_cache(maxsize=1024)
def named_in_title(title: str) -> str:
    """The agency that a title names: its words that are neither year nor the report's name; "" if there are none."""
    text = SUFFIX.sub("", title.replace("\n", ""))
    text = BLANKS_IN_NAME.sub("", text.replace("\ufeff", ""))
    text = plain(text.strip(WRAPPING))
    after = NAME_AFTER.search(text)
    text = TITLE_TAIL.sub("", LEADING.sub("", text))
    if text.endswith("人民"):
        text += "政府"  # 某县人民政府信息公开工作年度报告
    text = re.sub(r"(?:关于|的)$", "", text).strip(' 《》<>〈〉【】[]〔〕“”"-—_、：:')
    text = re.sub(r"文件$", "", text) if text.endswith(("府文件", "局文件", "室文件")) else text
    if not text and after and not re.search(r"\d|版|稿|附件|网|〇|○", named := after[1] or after[2]):
        text = named
    return text


@lru_cache(maxsize=4096)
def named_in_file(name: str) -> str:
    """The agency that a file's or folder's name tells; "" if what is left of it names no body that we know."""
    text = plain(SUFFIX.sub("", name))
    while True:
        shorter = FILE_NOISE.sub("", text).strip("-_—.、:：·+ ")
        if shorter == text:
            break
        text = shorter
    text = re.sub(r"^(?:关于)?(?:20\d{2}[-—]?年?|\d{2}年)(?:度)?(?=[\u3400-\u9fff])", "", text)
    text = re.sub(r"[-_—]?20\d{2}$|20\d{2}年?度?$", "", FILE_TAIL.sub("", text))
    text = text + "政府" if text.endswith("人民") else text
    text = text.strip("-_—.、:：·+ 《》<>【】[]")
    known = re.fullmatch(r"[\u3400-\u9fff（）()、]{2,40}", text) and agency_kind(text).body is not Body.UNKNOWN
    return text if known and len(text) > 2 and not GROUP.match(text) else ""


def _named_below(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The agency on a line of its own under the title: （松塘镇人民政府）, 单位：…, 来源：…, or the bare name."""
    for paragraph in prose[:3]:
        line = plain(paragraph.text)
        match = BRACKETED_NAME.match(line) or LABELLED_NAME.match(line)
        name = next((group for group in match.groups() if group), "") if match else line if len(line) <= 30 else ""
        is_name = (match or name.endswith(FULL_NAME_END)) and re.fullmatch(r"[\u3400-\u9fff（）()]{2,30}", name)
        if is_name and not PORTAL.search(name) and agency_kind(name).body is not Body.UNKNOWN:
            return name, paragraph.source
    return None


def _signature(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The agency that signs the report: its name on one of the last lines, with a date under it."""
    last = prose[-6:]
    for paragraph, below in pairwise(last):
        name = plain(paragraph.text)
        if (
            DATE_LINE.match(plain(below.text))
            and re.fullmatch(r"[\u3400-\u9fff（）()]{3,30}", name)
            and name.endswith(FULL_NAME_END)
        ):
            return name, paragraph.source
    return None


def _only_regions_before(short: str, full: str) -> bool:
    """True if full is short with the names of regions before it."""
    return full.endswith(short) and "".join(agency_kind(full).region) == full.removesuffix(short) != ""


def _full_name(short: str, prose: Sequence[Paragraph]) -> tuple[str | None, Source | None]:
    """A name in the body that spells the title's name out: it has all its characters in order, and more."""
    key = re.sub(r"[（(].*?[)）]", "", short)
    if len(key) < 2:
        return None, None
    found: Counter[str] = Counter()
    at: dict[str, Source] = {}
    town = key + TOWN_BODY.get(key[-1], "") if key.endswith(("镇", "乡", "苏木", "街道")) else key
    printed = next((paragraph for paragraph in prose if town in paragraph.text), None) if town != key else None
    if printed is not None:
        full, source = _full_name(town, prose)
        return (full, source) if full else (town, printed.source)
    complete = short.endswith(FULL_NAME_END)
    if not complete and not ENDS_OF_NAMES.intersection(end[-1] for end in _ends(key)):
        return None, None
    for paragraph in prose:
        text = paragraph.text
        if (key not in text) if complete else (key[-1] not in text or key[:2] not in text):
            continue
        for name in _with_regions(key, text) if complete else _names_in(text, key[:2]):
            if name == short or not len(key) < len(name) <= 30 or (not complete and not _spells_out(key, name)):
                continue
            found[name] += 1
            at.setdefault(name, paragraph.source)
    if not found:
        return None, None
    name = max(found, key=lambda candidate: (found[candidate], -len(candidate)))
    return name, at[name]


def _with_regions(key: str, text: str) -> list[str]:
    """The names in the text that put the regions above it before an office's own name: 青川县 before 麦垄镇人民政府, 青川 before
    县教育局."""
    rank = key[0] if key[0] in "省市州盟县区旗" and not key.startswith("市场") else ""
    names = []
    end = 0
    while (start := text.find(key, end)) >= 0:  # a pattern for each agency would cost more to compile than to search
        end = start + len(key)
        head = text[max(0, start - 20) : start]
        run = re.search(r"[\u3400-\u9fff]*$", head)
        before = BEFORE_NAME.sub("", run[0]) if run and not AT_ADDRESS.search(head) else ""
        national = NATIONAL if NATIONAL in before else ""
        region = REGION_BEFORE.search(NO_REGION_WORDS.sub("", before) + rank)
        if region and not ADDRESS.match(text, end) and region[0][-2] not in "全我各本该辖":
            names.append(national + region[0] + key.removeprefix(rank))
    return names


def _names_in(text: str, holding: str) -> list[str]:
    """The names of bodies in the text that may hold those characters."""
    names = []
    for run in NAME_RUN.findall(text):
        if holding not in run:
            continue
        for end in NAME_END.finditer(run):
            start = NAME_START.match(run)
            name = BEFORE_NAME.sub("", run[start.end() if start else 0 : end.end()])
            if len(name) >= 4:
                names.append(name)
    return names


def _spells_out(short: str, name: str) -> bool:
    """True if name holds short's characters in order, starts no later than a region's name before it, and ends like an office."""
    return _shortens(short, name) and name.endswith(_ends(short)) and short[:2] in name


def _ends(short: str) -> tuple[str, ...]:
    """How a name may end that spells a short one out."""
    return LONG_ENDS.get(short[-1], (short[-1],))


def _to_ask(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The department or the town that compiled the report, or that is to be asked about it.

    A government's office compiles the report of its government, and is to be asked about it, too: it tells nothing.
    """
    for paragraph in prose[:20]:
        for match in TO_ASK.finditer(plain(paragraph.text)):
            name = match["name"]
            kind = agency_kind(name)
            answers = kind.body in (Body.DEPARTMENT, Body.STREET_OFFICE) or kind.level is Level.TOWNSHIP
            if answers and not name.startswith(("我", "本", "各")):
                return name, paragraph.source
    return None


def _report_named(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The agency whose report the first sentences say that this is: 编制××局2024年政府信息公开工作年度报告, or begin with:
    ××街道2024年政府信息公开工作年度报告是根据……."""
    for paragraph in prose[:20]:
        says = REPORT_SAYS.match(plain(paragraph.text))
        if says is not None and _is_body(name := says["name"] or says["before"]):
            return name, paragraph.source
        for match in REPORT_OF.finditer(plain(paragraph.text)):
            name = BEFORE_NAME.sub("", match["name"])
            if _is_body(name) and name.endswith((*FULL_NAME_END, "镇", "乡", "街道", "苏木", "区")):
                return name, paragraph.source
    return None


def _subject_of_prose(prose: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The agency that the first sentences speak of: ``2023年，××局认真…``."""
    for paragraph in prose[:40]:
        for match in SUBJECT.finditer(paragraph.text) if "年" in paragraph.text else ():
            if _is_body(match["name"]):
                return match["name"], paragraph.source
    return None


def _is_body(name: str) -> bool:
    """False for words that name nobody in particular (我局, 全镇, 各单位) or no body at all."""
    return (
        len(name) > 2
        and not name.startswith(("我", "本", "全", "各", "该", "在", "按", "根据"))
        and (agency_kind(name).body is not Body.UNKNOWN)
    )
