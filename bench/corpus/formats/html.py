"""HTML: an article of a government site or a page saved from Word."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from random import Random

from bench.corpus.formats import Printed
from bench.corpus.page import Grid, Page, Slot, Words, covering, published

NAVIGATION = """<div class="top"><a href="/">首页</a> | <a href="/zwgk">政务公开</a> | <a href="/hd">互动交流</a>
<form><input value="请输入关键字"></form></div><div class="path">当前位置：首页 &gt; 政务公开 &gt; 政府信息公开年报</div>
<ul class="nav"><li><a href="/a">机构职能</a></li><li><a href="/b">政策文件</a></li><li><a href="/c">政府信息公开指南</a></li></ul>"""
FOOTER = """<div class="share">分享到：<a>微信</a> <a>微博</a> 【打印本页】 【关闭窗口】</div>
<div class="foot"><p>主办：示例网站管理中心　备案号：示例备0000001号</p><p>网站地图 联系我们</p></div><script>var total = 0;</script>"""


@dataclass(frozen=True, slots=True)
class Markup:
    """How the page is marked up.

    inline   wraps texts in spans; "split" also tears numbers and labels over two spans.
    spaces   puts nbsp and line feeds around cell texts.
    levels   "tags" uses h1..h3, "wrong" random h tags, "plain" only p, "breaks" lines ended by br inside one div.
    related  links to the reports of other years and agencies around the article, and the site's name in the page title.
    furniture  navigation, breadcrumb, share bar, footer, script.
    merged   "spans", "blank" (an empty td for every covered place), "rows" (rowspan kept, colspan left out) or "overflow"
             (merged labels run some rows too far, as torn tables do).
    outer    the whole article inside a layout table.
    unclosed td and tr without end tags.
    charset  what the meta tag says; None for no meta tag. ``encoding`` is the truth.
    """

    inline: str = "none"
    spaces: bool = False
    levels: str = "plain"
    furniture: bool = False
    related: bool = False
    merged: str = "spans"
    outer: bool = False
    unclosed: bool = False
    charset: str | None = "utf-8"
    encoding: str = "utf-8"


def write(page: Page, random: Random, style: Markup) -> Printed:
    title = next((b.text for b in page if isinstance(b, Words) and b.role == "title"), "")
    body = "\n".join(_words(b, random, style) if isinstance(b, Words) else _table(b, random, style) for b in page)
    body = f'<div class="article_content">{body}</div>'
    if style.outer:
        body = f'<table width="1000"><tr><td class="left">&nbsp;</td><td>{body}</td></tr></table>'
    if style.furniture:
        body = f'{NAVIGATION}\n<div class="info">发布时间：{published(page)} 来源：本站 字体：大 中 小</div>{body}\n{FOOTER}'
    page_title = title
    if style.related:
        body, page_title = _among_others(title, body)
    meta = f'<meta charset="{style.charset}">' if style.charset else ""
    page_text = f"<!DOCTYPE html>\n<html><head>{meta}<title>{escape(page_title)}</title></head>\n<body>{body}</body></html>"
    return Printed(page_text.encode(style.encoding), "report.html")


def _among_others(title: str, body: str) -> tuple[str, str]:
    """The article with neighbours that are not it: other years of the same agency, and others of the same year."""
    year = next((int(title[at : at + 4]) for at in range(len(title) - 4) if title[at : at + 4].isdigit()), 2020)
    other = title.replace(str(year), str(year - 1))
    links = f'<p>上一篇：<a href="/1.html">{escape(other)}</a></p><p>下一篇：<a href="/2.html">{year}年度财政决算公开</a></p>'
    listed = f'<ul class="list"><li><a href="/3.html">{escape(other)}</a><span>{year}-01-18</span></li></ul>'
    return f"{listed}{body}{links}", f"{title}_政府信息公开年报_示例市人民政府网站"


def _words(words: Words, random: Random, style: Markup) -> str:
    level = {"title": 1, "heading": 2, "subheading": 3}.get(words.role)
    if style.levels == "breaks":
        return f"　　{_inline(words.text, random, style)}<br/><br/>"
    if style.levels != "plain" and level is not None:
        tag = f"h{level if style.levels == 'tags' else random.randint(1, 6)}"
        return f"<{tag}>{_inline(words.text, random, style)}</{tag}>"
    return f'<p style="text-indent:2em">{_inline(words.text, random, style)}</p>'


def _table(grid: Grid, random: Random, style: Markup) -> str:
    close_cell, close_row = ("", "") if style.unclosed else ("</td>", "</tr>")
    rows = []
    if style.merged == "blank":
        for at, places in enumerate(covering(grid)):
            begins = {slot.column: slot for slot in grid.lines[at].slots}
            cells = (f"<td>{_cell(begins.get(column), random, style)}{close_cell}" for column in range(len(places)))
            rows.append(f"<tr>{''.join(cells)}{close_row}")
    else:
        for line in grid.lines:
            cells = (f"<td{_spans(slot, style.merged)}>{_cell(slot, random, style)}{close_cell}" for slot in line.slots)
            rows.append(f"<tr>{''.join(cells)}{close_row}")
    joined = "\n".join(rows)
    return f'<table border="1" cellspacing="0"><tbody>{joined}</tbody></table>'


def _spans(slot: Slot, merged: str) -> str:
    width = f' colspan="{slot.width}"' if slot.width > 1 and merged != "rows" else ""
    height = slot.height + 9 if merged == "overflow" and slot.height > 9 else slot.height
    return width + (f' rowspan="{height}"' if height > 1 else "")


def _cell(slot: Slot | None, random: Random, style: Markup) -> str:
    if slot is None:
        return "&nbsp;" if style.spaces else ""
    text = _inline(slot.text, random, style)
    return f"\n  <p>&nbsp;{text}&nbsp;</p>\n" if style.spaces else text


def _inline(text: str, random: Random, style: Markup) -> str:
    if style.inline == "none" or not text:
        return escape(text).replace("\n", "<br/>")
    pieces = [text]
    if style.inline == "split" and len(text) > 1 and random.random() < 0.5:
        at = random.randint(1, len(text) - 1)
        pieces = [text[:at], text[at:]]
    font = '<span style="font-family:仿宋_GB2312;font-size:12pt">'
    return "".join(f"{font}{escape(piece)}</span>" for piece in pieces).replace("\n", "<br/>") + '<span lang="EN-US"></span>'
