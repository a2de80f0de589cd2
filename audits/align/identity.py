"""What and when: title, year and publication date, each with what it rests on. Nothing is invented where nothing is stated.

Whose report it is: naming.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from posixpath import splitext

from audits.align.folding import fold
from audits.align.naming import DASH, PLACE_END, SUFFIX, named_in_title, path_of, plain
from reports_in.document import Document, Paragraph, Source, Table
from rules.filing import Stated
from rules.numbers import parse_han

LONGEST_TITLE = 70
LONGEST_TITLE_LINE = 60
FURTHEST_TITLE = 60  # paragraphs from the top; web pages put menus before the article
MOST_LINES = 4  # that a title is broken over
TITLE_LEVEL = 2  # headings down to this level of the format may be titles
# no digit stands before the year; asked after its first figures, for a pattern that begins with characters is searched much faster
YEAR = re.compile(r"(20(?<!\d20)\d{2})\s*(?:年度|年|[-—－]年?度)")
DAY = re.compile(
    r"20(?<!\d20)(?:\d{2}\s*(?:[-./_]\d{1,2}(?:[-./_]\d{1,2})?(?!\d)|年\s*\d{1,2}\s*月)|\d{6}(?!\d))"
)  # a date, no report year
DELIVERED = re.compile(r"20\d{2}年(?=报送|上报|收到|收集|提交|填报)")  # when reports were handed in, in the name of a folder
HAN_YEAR = re.compile(r"(二[〇○零O0][一二三四五六七八九〇○零]{2})\s*年")
BARE_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
REPORT_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?:年度|年?(?=政府|政务|信息公开|年报(?!送)|年度))")
# pages lose 年 and 月 of it: 自20231月1日起, 自202311日至
PERIOD = re.compile(r"(?:统计期限|数据|期限)[^。]{0,20}?自?\s*(20\d{2})\s*年?\s*0?1\s*月?\s*0?1\s*日")
UP_TO = re.compile(
    r"截[至止](?:到)?(20\d{2})年(?:12月31日|12月底|年?底)|(?<!\d)(20\d{2})年(?:度)?(?:政府|政务)信息公开(?:工作|年度|情况)"
)
YEAR_FIRST = re.compile(
    r"(?:在|截至|全年)?(20\d{2})年(?:度|以来|全年|，|,|[\u3400-\u9fff]{0,12}(?:局|政府|厅|办|委|镇|乡|街道|单位|机关|我))(?!\d)"
)
REPORT_WORDS = re.compile(r"(?:政府|政务)?信息(?:主动)?公开.{0,12}?(?:报告|年报)")
TITLE_END = re.compile(r"(?:报告|年报)(?:\s*[（(].{2,30}[)）])?\s*$")
LOOSE_TITLE = re.compile(r"(?:政府|政务)?信息(?:主动)?公开.{0,8}总结$|20\d{2}年(?:度)?(?:政务公开(?:工作)?)?(?:年报|年度报告)$|关于.{0,4}?(?:印发|公布|发布|公开|报送|上报|呈报).{0,40}信息公开.{0,14}(?:报告|年报)的(?:通知|公告|通告|报告|函)$")  # fmt: skip
NO_TITLE_LINE = re.compile(r"[。；：:»›|]|.>.|^(?:本报告|根据|按照|现将|首页)|位置")
LABEL = re.compile(
    r"^(?:附\s*件\s*[\d一二三四五]{0,2}|附|(?:公报|公文|文章|文件|信息)?标\s*题|名\s*称|文件名称|信息名称)\s*[:：|｜]\s*"
    r"|^(?:标\s*题|名\s+称)\s+"
)
PAGE_NUMBER = re.compile(r"[-—–－·\s]*(?:第\s*)?\d{1,3}(?:\s*页.{0,8})?[-—–－·\s]*")
SPACED_OUT = re.compile(r"(?:[\u3400-\u9fff][ \t\u3000\xa0]+)+[\u3400-\u9fff]")  # 年 度 报 告 on a line of its own
TWICE = re.compile(r"(.{12,}?)\s*\1")  # a page prints its title for screen and for print
SITE = re.compile(
    rf"^(.*?(?:报告|年报)(?:[（(][^（()）]{{2,30}}[)）])?(?:\.(?:docx?|pdf|html?|wps|ofd))?)\s*(?:{DASH}|\|)\s*(.{{2,}})$"
)
DASHED_NAME = re.compile(rf"(?:报告|年报)\s*{DASH}\s*[\u3400-\u9fff]{{2,24}}$")
YEAR_BELOW = re.compile(r"^[（(【]?\s*(?:20\d{2}|二[〇○零O0][一二三四五六七八九〇○零]{2})\s*年(?:度)?\s*[)）】]?$")
WRAPPING = ' \t\u3000\xa0\ufeff\u200b#*《》<>〈〉【】“”"'
PUBLISHED = re.compile(
    r"(?:发布|公布|公开)(?:日期|时间)\s*[:：]?\s*(20\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A title that may be: its words as printed, the lines that it takes, how much speaks for it, and the year that it states."""

    text: str
    first: int
    last: int
    rank: int
    year: int | None = None


def title_of(prose: Sequence[Paragraph], headings_from: int, document: Document) -> Stated[str]:
    """The report's title as printed, broken lines joined; from the page's own title if the text prints none."""
    lines = [line for line in prose[: min(headings_from, FURTHEST_TITLE)] if not PAGE_NUMBER.fullmatch(line.text)]
    meta = without_site(document.meta.title or "")
    found = list(_candidates(lines, meta)) or list(_loose(lines))
    if not found:  # pages and letters print it among date, number and publisher
        lines = _cells_above(document, prose[headings_from].source if headings_from < len(prose) else None)
        found = [candidate for candidate in _candidates(lines, meta) if candidate.first == candidate.last]
        found = found if len({candidate.text for candidate in found}) == 1 else []  # of a list of reports it is none
    if found:
        best = _best(found, prose)
        text = _with_year_below(best, lines)
        others = (("page_meta", meta),) if REPORT_WORDS.search(meta) and fold(meta) != fold(text) else ()
        return Stated(unspaced(text), "body", text, lines[best.first].source, others)
    if REPORT_WORDS.search(meta):
        return Stated(meta, "page_meta", document.meta.title or "")
    return Stated(None)


def _cells_above(document: Document, heading: Source | None) -> list[Paragraph]:
    """The cells of tables that stand before the first heading, as lines."""
    cells = (cell for block in document.blocks if isinstance(block, Table) for cell in block.cells if cell.text.strip())
    above = takewhile(lambda cell: heading is None or cell.source.chars[0] < heading.chars[0], cells)
    return [Paragraph(cell.text.replace("\n", ""), cell.source) for cell in islice(above, FURTHEST_TITLE)]


def without_site(title: str) -> str:
    """A page's title without the site's and the column's name after it: ``… - 某县人民政府``."""
    title = title.strip()
    match = SITE.match(title)
    return match[1].strip() if match and (named_in_title(match[1]) or _is_site(match[2])) else title


def _is_site(words: str) -> bool:
    return bool(re.search(r"网|政府$|公开$|栏|年报$|平台$|门户", words.strip()))


def unspaced(text: str) -> str:
    """Without the blanks that a layout leaves between characters and figures."""
    return re.sub(r"(?<=[^\x00-\x2f\x3a-\x7f])\s+|\s+(?=[^\x00-\x2f\x3a-\x7f])", "", text.replace("\ufeff", "")).strip()


def _best(found: Sequence[_Candidate], prose: Sequence[Paragraph]) -> _Candidate:
    """The one for which most speaks, the year that the text speaks of among it; of equals the first."""
    most = max(title.rank for title in found)
    near = [title for title in found if title.rank >= most - 1]  # what more speaks against, the year cannot make up for
    if len({title.year for title in near}) == 1:
        return next(title for title in near if title.rank == most)  # the text need not be searched for its year
    spoken = _spoken_year(prose)
    return max(near, key=lambda title: (title.rank + (spoken is not None and title.year == spoken), -title.first))


def _candidates(lines: Sequence[Paragraph], meta: str) -> Iterator[_Candidate]:
    shown = [_shown(line) for line in lines]
    for index in range(len(lines)):
        found = _title_at(shown, index)
        if found is None:
            continue
        text, last = found
        levels = [line.level for line in lines[index : last + 1] if line.level is not None]
        year, level = year_in(text), min(levels, default=None)
        # a page's title may lack the agency that the text prints on a line of its own above it
        of_page = bool(meta) and fold(meta) in (fold(text), fold("".join(shown[index + 1 : last + 1])))
        rank = 4 * of_page + 2 * (year is not None) + bool(named_in_title(text))
        rank += level is not None and level <= TITLE_LEVEL
        yield _Candidate(text, index, last, rank, year)


def _shown(line: Paragraph) -> str:
    """The line as a title would print it: no wrapping, no label, no site's name."""
    if len(line.text) > 4 * LONGEST_TITLE:
        return line.text
    text = LABEL.sub("", line.text.strip(WRAPPING)).strip(WRAPPING)
    twice = TWICE.fullmatch(text)
    text = twice[1] if twice else text
    if SPACED_OUT.fullmatch(text):
        text = "".join(text.split())
    site = SITE.match(text)
    return site[1] if site and named_in_title(site[1]) else text


def _title_at(lines: Sequence[str], index: int) -> tuple[str, int] | None:
    """The title that starts on this line, with the index of its last line; None if none starts here."""
    text = ""
    for last in range(index, min(index + MOST_LINES, len(lines))):
        line = lines[last]
        if not line or len(plain(line)) > LONGEST_TITLE_LINE or NO_TITLE_LINE.search(line):
            break
        text += line if not text or not (text[-1].isascii() and line[0].isascii()) else " " + line
        text = text.replace("\n", "")
        if len(plain(text)) > LONGEST_TITLE:
            break
        if REPORT_WORDS.search(fold(text)) and (TITLE_END.search(SUFFIX.sub("", text)) or SUFFIX.search(text)):
            starts_title = bool(year_in(lines[index]) or REPORT_WORDS.search(fold(lines[index])) or last > index)
            return (text, last) if starts_title and _worth(lines, index, last) else None
        if last == index and DASHED_NAME.search(text) and REPORT_WORDS.search(fold(text)):
            return text, last
    return None


def _worth(lines: Sequence[str], index: int, last: int) -> bool:
    """A line of navigation such as 政府信息公开年报 is not joined in front of a title that stands by itself."""
    first = plain(lines[index])
    if last == index:
        below = lines[index + 1] if index + 1 < len(lines) else ""
        return year_in(first) is not None or len(fold(first)) >= 14 or bool(YEAR_BELOW.match(plain(below)))
    tail = plain(lines[last])
    alone = REPORT_WORDS.search(fold(tail)) and year_in(tail) is not None
    names_agency = first.endswith(AGENCY_END) and len(first) <= 30
    if alone and not named_in_title(tail):
        return last == index + 1 and names_agency  # the agency on a line of its own
    if alone:
        return False
    between = "".join(map(plain, lines[index:last]))
    if REPORT_WORDS.search(fold(between)) and TITLE_END.search(between):
        return False
    return year_in(first) is not None or bool(re.search(AGENCY_WORDS, first))


FULL_NAME_END = (
    "人民政府",
    "办公室",
    "办公厅",
    "局",
    "厅",
    "委员会",
    "街道办事处",
    "海关",
    "管委会",
    "中心",
    "署",
    "大队",
    "支队",
)
AGENCY_END = (*FULL_NAME_END, *PLACE_END)
AGENCY_WORDS = "|".join(AGENCY_END)


def _loose(lines: Sequence[Paragraph]) -> Iterator[_Candidate]:
    """Where nothing is titled as a report should be: 年报, 工作总结, a notice that publishes the report."""
    for index, line in enumerate(lines):
        text = _shown(line)
        words = plain(text)
        if len(words) > LONGEST_TITLE or NO_TITLE_LINE.search(text) or not LOOSE_TITLE.search(SUFFIX.sub("", words)):
            continue
        above = _shown(lines[index - 1]) if index else ""
        if words.startswith("关于") and plain(above).endswith(FULL_NAME_END):
            yield _Candidate(above + text, index - 1, index, 2)
        else:
            yield _Candidate(text, index, index, bool(named_in_title(text)))


def _with_year_below(found: _Candidate, lines: Sequence[Paragraph]) -> str:
    """With the year that stands in brackets on the next line, if the title has none."""
    if year_in(found.text) is None and found.last + 1 < len(lines):
        below = lines[found.last + 1].text.strip(WRAPPING.replace("【", "").replace("】", ""))
        if YEAR_BELOW.match(plain(below)):
            return found.text + below
    return found.text


def year_of(title: Stated[str], prose: Sequence[Paragraph], document: Document, given: int | None) -> Stated[int]:
    """The year that the report is about: given, by its title, by its period, by its text, by its file's or folder's name, in this order."""
    claims: list[tuple[str, int, str, Source | None]] = []
    if given is not None:
        claims.append(("given", given, "", None))
    if title.value:
        stated = year_in(title.value)
        if stated is not None:
            claims.append(("title" if title.rests_on == "body" else "page_meta", stated, title.value, title.at))
    for where, text in title.others:
        stated = year_in(text)
        if stated is not None:
            claims.append((where, stated, text, None))
    for paragraph in prose:
        match = PERIOD.search(plain(paragraph.text))
        if match:
            claims.append(("body", int(match[1]), match[0], paragraph.source))
            break
    else:
        silent = all(place == "given" for place, *_ in claims)
        spoken = (_spoken_year(prose) or _year_counted_up_to(prose)) if silent else None
        if spoken is not None:
            claims.append(("body", spoken, "", None))
    *folders, file_name = path_of(document.name)
    for where, names in (
        ("file_name", (splitext(file_name)[0] if SUFFIX.search(file_name) else file_name,)),
        ("folder", folders[::-1]),
    ):
        for name in names:
            named = _year_named(name, explicit=where == "folder" and bool(claims))
            if named is not None:
                claims.append((where, named, name, None))
                break
    if not claims:
        return Stated(None)
    rests_on, value, quote, at = claims[0]
    others = tuple((where, other) for where, other, _, _ in claims[1:] if other != value)
    return Stated(value, rests_on, quote, at, others)


def year_in(text: str) -> int | None:
    """The year of report that a title states."""
    words = plain(text)
    match = YEAR.search(DAY.sub("", words)) or BARE_YEAR.search(DAY.sub("", words))
    if match:
        return int(match[1])
    han = HAN_YEAR.search(words)
    return parse_han(han[1].replace("O", "〇").replace("0", "〇")) if han else None


def _spoken_year(prose: Sequence[Paragraph]) -> int | None:
    """The year that the text speaks of: with which its paragraphs begin, else the one it names most. None on a tie, dates do not count."""
    first: Counter[int] = Counter()
    named: Counter[int] = Counter()
    for paragraph in prose:
        words = plain(paragraph.text)
        if "20" not in words:
            continue
        words = DAY.sub("", words)
        match = YEAR_FIRST.match(words)
        if match:
            first[int(match[1])] += 1
        named.update(int(year) for year in YEAR.findall(words))
    for counts, least in ((first, 1), (named, 2)):
        common = counts.most_common(2)
        if common and common[0][1] >= least and (len(common) == 1 or common[0][1] > common[1][1]):
            return common[0][0]
    return None


def _year_counted_up_to(prose: Sequence[Paragraph]) -> int | None:
    """The one year at whose end the text counts (截至2023年12月31日), or of whose work it tells; None if it names several."""
    years = {int(match[1] or match[2]) for paragraph in prose for match in UP_TO.finditer(plain(paragraph.text))}
    return years.pop() if len(years) == 1 else None


def _year_named(name: str, *, explicit: bool) -> int | None:
    """The one year in a file's or folder's name; a date is none. With ``explicit`` only one that is said to be the report's."""
    words = DELIVERED.sub("", plain(name))
    said = {int(year) for year in REPORT_YEAR.findall(words)}
    if len(said) == 1:
        return said.pop()
    bare = {int(year) for year in BARE_YEAR.findall(DAY.sub("", words))}
    return bare.pop() if len(bare) == 1 and not explicit and not said else None


def published_of(prose: Sequence[Paragraph], document: Document) -> Stated[str]:
    """The day of publication, as YYYY-MM-DD: from the page's own data, else from a line before the text that says so."""
    stated = document.meta.published
    for paragraph in prose[:FURTHEST_TITLE]:
        match = PUBLISHED.search(paragraph.text)
        if match and int(match[2]) in range(1, 13) and int(match[3]) in range(1, 32):
            printed = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
            if stated is None:
                return Stated(printed, "body", match[0], paragraph.source)
            return Stated(stated, "page_meta", stated, None, (("body", printed),) if printed != stated else ())
    return Stated(stated, "page_meta", stated) if stated else Stated(None)
