"""A published page as lines and grids: what of it is the article, and what the page says about the article.

Nothing goes that could belong to a report. Only these do: runs of links; what the page itself marks as navigation, aside or
footer; before the first sentence, source lines, font-size links and catalogue entries (索引号 ...); and the foot of the page, if
nothing follows but more of the same. What remains too much, the alignment passes over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reports_in.builder import Placed
from reports_in.document import PageMeta, ReadingNote

SENTENCE = 30  # characters with a full stop: prose, not furniture
LINK_RUN = 3  # lines that are nothing but links, one after the other
LINK_SHARE = 0.7  # of the characters of a line
FOOT_LINE = 300  # characters; copyright, address, telephone and licence numbers in one line
FOLDED_SHARE = 10  # hidden prose counts from a tenth of the visible text on; a hidden warning is shorter
SMALL_IMAGE = 100  # pixels; icons, not tables
SMALL_DATA = 4_000  # characters of an image inside its own address

# what a page calls its publisher when it names nobody
NOBODY = frozenset(
    {
        "本站",
        "本网",
        "本网站",
        "原创",
        "本站原创",
        "本网原创",
        "网站",
        "网络",
        "互联网",
        "转载",
        "未知",
        "无",
        "其他",
        "暂无",
        "/",
    }
)

_DATE = r"(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})"
_ANY_DATE = re.compile(_DATE)
_COMPACT_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)")
_LABELLED_DATE = re.compile(r"(?P<label>[一-龥]{0,8}(?:时间|日期))\s*[\]】]?\s*[:：]?\s*[\[【]?\s*" + _DATE)
_PUBLISHED = re.compile(r"(?:发布|公布|发表|发文?稿|公开|刊登|上网|录入|信息)?(?:时间|日期)$")
_NOT_PUBLISHED = re.compile(r"更新|修改|成文|生成|生效|实施|失效|废止|截止|有效|统计|起止|办理|印发|发文日期")
_PUBLISHER_LABEL = r"(?:信息来源|文章来源|稿件来源|来源|发布机构|发布单位|发布部门|发文机关|发文单位|公开责任部门|责任部门|信息提供单位|供稿单位)"
_PUBLISHER = re.compile(rf"{_PUBLISHER_LABEL}\s*[\]】]?\s*[:：]\s*(?P<value>[^\s:：|｜\[\]【】]{{2,40}})")
_SOURCE_LINE = re.compile(
    r"[\s\[【（(]*(?:信息来源|文章来源|稿件来源|来源|发布机构|发布单位|发布者|发布人|发布时间|发布日期|公开时间|公开日期|更新时间|更新日期|时间|日期|作者|"
    r"编辑|责任编辑|审核|浏览次数|浏览量|浏览|阅读次数|阅读量|阅读|访问量|访问次数|点击数|点击量|点击率|点击次数|点击|字体|字号|字体大小|视力保护色|保护视力色)"
    r"\s*[\]】]?\s*[:：]"
)
_TOOLS = re.compile(
    r"[\s\[【(（]*(?:当前位置|当前的位置|您?现?在?的?位置|您(?:所在|当前|现在)?的?位置|你的位置|首页\s*[>＞》»/\-—]|大\s*中\s*小|打印(?:本页|此页|文章|\s*[】\]]|$)|关闭(?:窗口|本页|页面|\s*[】\]]|$)|"
    r"分享到|分享至|分享$|收藏(?:本页|$)|听全文|点击收听|语音(?:播报|朗读)|无障碍|放大字体|缩小字体|我要纠错|下载(?:文字版|图片版|word版|pdf版))",
    re.IGNORECASE,
)
_INDEX_LABEL = re.compile(
    r"[\s\[【]*(?:索引号|信息索引号?|索\s*引\s*号|主题分类|分类|信息分类|组配分类|体裁分类|发文机关|发布机构|发布单位|成文日期|发布日期|公开日期|生成日期|"
    r"公开方式|公开范围|公开时限|公开责任部门|责任部门|公开形式|公开程序|文号|发文字号|文\s*号|有效性|时效性?|效力状态|废止日期|生效日期|失效日期|信息名称|名\s*称|标\s*题|"
    r"内容概述|主题词|关键词)\s*[\]】]?\s*(?:[:：]|$)"
)
_TITLE_LABEL = re.compile(r"[\s\[【]*(?:信息名称|名\s*称|标\s*题)\s*[\]】]?\s*[:：]?\s*")
_FOOT = re.compile(
    r"[\s\[【(（|]*(?:上一[篇条则]|下一[篇条则]|前一篇|后一篇|分享到|分享至|分享[:：]|扫一扫|用微信扫|打印本页|打印此页|【?打印】|关闭窗口|关闭本页|关闭页面|相关链接|相关文章|"
    r"相关信息|相关阅读|相关新闻|相关推荐|相关文档|相关报道|友情链接|返回顶部|返回首页|回到顶部|版权所有|copyright|©|主办[:：]|主办单位|承办[:：]|承办单位|技术支持|网站标识码|"
    r"政府网站标识码|网站地图|关于我们|联系我们|网站声明|隐私(?:声明|保护)|法律声明|责任编辑|网站支持ipv6|(?:信息来源|文章来源|稿件来源|来源|发布机构|发布时间|发布日期|浏览次数|浏览量|阅读次数|阅读量|访问量|点击数|点击量|点击率|编辑|审核|作者|字体|字号)\s*[:：]|[一-龥]{1,2}icp备|[一-龥]{1,2}公网安备)",
    re.IGNORECASE,
)
_HEADING_LIKE = re.compile(r"\s*(?:第?[一二三四五六七八九十]+[、.．章节部]|[（(][一二三四五六七八九十]+[）)])")
_TITLE_META = ("articletitle", "article:title")
_PUBLISHER_META = ("contentsource", "source", "article:author")
_PUBLISHED_META = ("pubdate", "publishdate", "publishtime", "publish_time", "article:published_time", "发布日期")


@dataclass(slots=True)
class Line:
    """A line of a page. linked counts its characters inside links, links the links themselves.

    furniture: the page itself calls the surrounding element navigation, an aside or a footer.
    """

    text: str
    linked: int = 0
    links: int = 0
    level: int | None = None
    furniture: bool = False

    @property
    def extent(self) -> int:
        return len(self.text)

    @property
    def is_sentence(self) -> bool:
        return len(self.text) >= SENTENCE and "。" in self.text and self.linked * 2 < len(self.text)

    @property
    def is_linked(self) -> bool:
        """Whether it is nothing but a link, or several."""
        return self.links > 0 and self.linked >= LINK_SHARE * len(self.text)


@dataclass(slots=True)
class Image:
    """A picture of the page, its attributes as written. It counts as no text: ``extent`` is 0."""

    source: str
    alt: str
    width: str

    extent = 0

    @property
    def may_hold_text(self) -> bool:
        """Whether it is more than an icon, as far as its address and its stated width tell."""
        stated = re.match(r"\s*(\d+)(?:px)?\s*$", self.width)
        if stated and int(stated[1]) < SMALL_IMAGE:
            return False
        if self.source.startswith("data:"):
            return len(self.source) >= SMALL_DATA
        name = self.source.rsplit("/", 1)[-1].lower()
        return re.search(r"icon|logo|qr|ewm|erweima|weixin|weibo|share|print|close|arrow|spacer|blank|\.gif", name) is None


@dataclass(slots=True)
class Attachment:
    """A document that the page links or embeds; name is the last part of its address."""

    name: str

    extent = 0


@dataclass(slots=True)
class Grid:
    """A data table: cells at their places, in reading order."""

    cells: list[Placed]
    rows: int
    columns: int

    @property
    def extent(self) -> int:
        return sum([len(text) for text, *_ in self.cells])


Item = Line | Image | Attachment | Grid


def article(items: list[Item], stated: dict[str, str]) -> tuple[list[Item], PageMeta, list[ReadingNote]]:
    """The items that may belong to the report, and what the page says about it.

    stated holds the page's ``<meta>`` contents by lower-case name, and its ``<title>`` and ``<h1>`` under their tags.
    """
    kept = _without_furniture(items)
    if not any(_is_prose(item) for item in kept):
        kept = items
    first = next((at for at, item in enumerate(kept) if isinstance(item, Line) and item.is_sentence), len(kept))
    first = min(first, next((at for at, item in enumerate(kept) if isinstance(item, Grid) and not _is_index(item)), len(kept)))
    head, body = kept[:first], kept[first:]
    entries = _entries(head)
    meta, notes = _meta(stated, entries)
    head = [item for item in head if not _is_head_furniture(item)]
    body = body[: _foot(body)]
    article_items = [*head, *body]
    return (article_items if any(item.extent for item in article_items) else items), meta, notes


def loses_prose(visible: list[Item], whole: list[Item]) -> bool:
    """Whether the visible part of a page lacks prose or data that its hidden part has: a folded article, not a menu.

    What both hold, such as a second copy for small screens, is not lacking.
    """
    shown = {_content(item) for item in visible}
    lacking = {text for item in whole if _is_prose(item) and (text := _content(item)) not in shown}
    extent = sum(item.extent for item in visible)
    return not extent or FOLDED_SHARE * sum(map(len, lacking)) > extent


def _content(item: Item) -> str:
    if isinstance(item, Grid):
        return "\t".join([text for text, *_ in item.cells])
    return item.text if isinstance(item, Line) else ""


def _is_prose(item: Item) -> bool:
    return isinstance(item, Grid) or (isinstance(item, Line) and item.is_sentence)


def _without_furniture(items: list[Item]) -> list[Item]:
    """The items without what the page marks as furniture and without runs of links.

    Neither is believed where it covers prose or headings: a tag that was never closed swallows the article.
    """
    dropped = {at for at, item in enumerate(items) if isinstance(item, Line) and item.furniture}
    if any(_belongs_to_an_article(items[at]) for at in dropped):
        dropped = set()
    if any(isinstance(item, Line) and item.is_linked and len(item.text) >= SENTENCE and "。" in item.text for item in items):
        return [item for at, item in enumerate(items) if at not in dropped]
    run: list[int] = []
    for at, item in enumerate([*items, Line("")]):
        if isinstance(item, Line) and (item.is_linked or (item.links >= LINK_RUN and 2 * item.linked > len(item.text))):
            run.append(at)
        elif isinstance(item, Line | Grid):
            if len(run) >= LINK_RUN or any(_links(items[linked]) >= LINK_RUN for linked in run):
                dropped.update(run)
            run = []
    return [item for at, item in enumerate(items) if at not in dropped]


def _belongs_to_an_article(item: Item) -> bool:
    return isinstance(item, Line) and (item.is_sentence or _HEADING_LIKE.match(item.text) is not None)


def _links(item: Item) -> int:
    return item.links if isinstance(item, Line) else 0


def _is_index(grid: Grid) -> bool:
    """Whether a table is the page's catalogue entry: 索引号, 发布机构, 公开日期 and so on."""
    return sum([not text.isdigit() and _INDEX_LABEL.match(text) is not None for text, *_ in grid.cells if text]) >= 2


def _entries(head: list[Item]) -> list[str]:
    """The lines before the article, a label joined with the value that follows it."""
    pieces: list[str] = []
    for item in head:
        if isinstance(item, Line):
            pieces.append(item.text)
        elif isinstance(item, Grid):
            pieces.extend([text.replace("\n", "") for text, *_ in item.cells])
    entries: list[str] = []
    for piece in pieces:
        if entries and entries[-1].endswith((":", "：")) and not piece.endswith((":", "：")):
            entries[-1] += piece
        elif entries and (label := _INDEX_LABEL.fullmatch(entries[-1])) and not _INDEX_LABEL.match(piece):
            entries[-1] = f"{label[0]}：{piece}"
        else:
            entries.append(piece)
    return entries


def _meta(stated: dict[str, str], entries: list[str]) -> tuple[PageMeta, list[ReadingNote]]:
    publisher = next((stated[key] for key in _PUBLISHER_META if stated.get(key) and stated[key] not in NOBODY), None)
    dates = {day for key in _PUBLISHED_META if key in stated and (day := _first_date(stated[key]))}
    title = None
    for entry in entries:
        if publisher is None and (found := _PUBLISHER.search(entry)) and found["value"] not in NOBODY:
            publisher = found["value"]
        if day := _publication(entry):
            dates.add(day)
        if title is None and (label := _TITLE_LABEL.match(entry)):
            title = entry[label.end() :] or None
    notes = []
    if len(dates) > 1:
        notes.append(ReadingNote("PUBLISHED_DIFFERS", f"网页载有不同的发布日期：{'、'.join(sorted(dates))}，取最早的一个"))
    return PageMeta(_title(stated) or title, publisher, min(dates, default=None)), notes


def _title(stated: dict[str, str]) -> str | None:
    """The article's title: as the page states it, else its first heading, unless that is only the name of the site."""
    for key in _TITLE_META:
        if stated.get(key):
            return stated[key]
    page, heading = stated.get("<title>"), stated.get("<h1>")
    if heading and (page is None or page.startswith(heading) or len(heading) > len(page)):
        return heading
    return page


def _publication(entry: str) -> str | None:
    """The day of publication that a source line states; not that of an update, nor that of the document's signing."""
    if len(entry) > FOOT_LINE:
        return None
    for found in _LABELLED_DATE.finditer(entry):
        label = found["label"]
        if _PUBLISHED.search(label) and not _NOT_PUBLISHED.search(label):
            return _day(found)
    if not _LABELLED_DATE.search(entry) and _PUBLISHER.search(entry) and (found_date := _ANY_DATE.search(entry)):
        return _day(found_date)
    bare = _ANY_DATE.match(entry)
    if (
        bare
        and re.fullmatch(r"\s*日?\s*(?:\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?\s*", entry[bare.end() :])
        and re.search(r"\d:\d\d", entry)
    ):
        return _day(bare)
    return None


def _first_date(text: str) -> str | None:
    found = _ANY_DATE.search(text) or _COMPACT_DATE.match(text)
    return _day(found) if found else None


def _day(found: re.Match[str]) -> str | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
    except ValueError:
        return None


def _is_head_furniture(item: Item) -> bool:
    """Whether something before the first sentence is a source line, a tool or a catalogue entry."""
    if isinstance(item, Image):
        return True
    if isinstance(item, Attachment):
        return False
    if isinstance(item, Grid):
        return _is_index(item)
    text = item.text
    return len(text) <= FOOT_LINE and any(pattern.match(text) for pattern in (_SOURCE_LINE, _TOOLS, _INDEX_LABEL))


def _foot(body: list[Item]) -> int:
    """Where the foot of the page begins: a foot line after which nothing but short lines and foot lines comes."""
    foot = len(body)
    for at in range(len(body) - 1, -1, -1):
        item = body[at]
        if isinstance(item, Grid):
            break
        if isinstance(item, Line):
            is_foot = len(item.text) <= FOOT_LINE and _FOOT.match(item.text) is not None and not item.is_sentence
            if is_foot:
                foot = at
            elif item.is_sentence or not _may_stand_in_a_foot(item.text):
                break
    return foot


def _may_stand_in_a_foot(text: str) -> bool:
    """A short line without the marks of prose or of a numbered heading, such as an address, a telephone number, a name."""
    return len(text) <= SENTENCE * 2 and "。" not in text and _HEADING_LIKE.match(text) is None
