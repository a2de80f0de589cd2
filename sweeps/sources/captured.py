"""Whether what an address answered with may be a report, told by a look that parses nothing; and what the file is called.

A site that has lost a page often answers 200 with a page that says so, with a login form or with a challenge for browsers. That is
no report that has changed, and none that has been withdrawn.
"""

from __future__ import annotations

import html
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from reports_in import SUFFIXES, display_name, media_type_of, sniff
from reports_in.decoding import decode
from reports_in.errors import IntakeError
from sweeps.sources.fetching import Answer, Unanswered
from sweeps.sources.guard import Place

FEWEST_CHARACTERS = (
    200  # of a page outside its links; the shortest report of nothing but zeros has more in its tables' heads alone
)
LONGEST_NAME = 100  # characters
ABOUT_REPORTS = re.compile("政府信息公开|政务公开|信息公开|年度报告|年报|依申请公开")
ERROR_WORDS = re.compile(
    r"404|403|502|页面不存在|找不到|未找到|不存在或已|已被?删除|已下线|无法访问|请求被拦截|安全验证|人机验证|访问被拒绝|access denied|not found"
    r"|正在验证|请开启javascript|enable javascript|just a moment|请登录|用户登录|统一身份认证|captcha",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"<(script|style|template|noscript)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]{0,300}>([^<]{0,300})", re.IGNORECASE)
_LINK = re.compile(r"<a\b.*?(?:</a\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_PASSWORD = re.compile(r"<input\b[^>]{0,500}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_DECLARED = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_NO_NAME = re.compile(r"[\x00-\x1f/\\:*?\"<>|]+")
SUFFIX_OF = {
    sniff.HTML: ".html",
    sniff.TEXT: ".txt",
    sniff.MHTML: ".mht",
    sniff.PDF: ".pdf",
    sniff.OFD: ".ofd",
    sniff.DOCX: ".docx",
    sniff.DOC: ".doc",
    sniff.XLSX: ".xlsx",
    sniff.XLS: ".xls",
    sniff.RTF: ".rtf",
    sniff.ZIP: ".zip",
    sniff.PNG: ".png",
    sniff.JPEG: ".jpg",
    sniff.TIFF: ".tif",
}


def name_of(answer: Answer, asked: Place) -> str:
    """What the file is called in the batch. Raises Unanswered if it cannot be a report."""
    if not answer.body.strip():
        raise _no_report("应答是空的")
    called = _last_part(answer.place) or _last_part(asked) or asked.host
    media_type = sniff.sniff(answer.body, called)
    if media_type not in sniff.ARCHIVES:
        try:
            media_type = media_type_of(answer.body, called)
        except IntakeError as exc:
            raise Unanswered(exc.code, exc.fault) from exc
    if media_type in (sniff.HTML, sniff.TEXT):
        _expect_report(answer, asked)
    suffix = PurePosixPath(called).suffix.lower()
    if SUFFIXES.get(suffix) != media_type and suffix != SUFFIX_OF.get(media_type):
        called += SUFFIX_OF.get(media_type, "")
    return called


def _last_part(place: Place) -> str:
    part = unquote(place.target.partition("?")[0].rpartition("/")[2], errors="replace")
    name = display_name(_NO_NAME.sub("_", part)).lstrip(".~") if part else ""
    return name if len(name) <= LONGEST_NAME else name[-LONGEST_NAME:]


def _expect_report(answer: Answer, asked: Place) -> None:
    """Raise Unanswered for a page that says that it is something else, with what it says."""
    declared = _DECLARED.search(answer.headers.get("content-type", ""))
    try:
        page = decode(answer.body, asked.host, declared[1] if declared else None).text
    except IntakeError as exc:
        raise Unanswered(exc.code, exc.fault) from exc
    titled = _TITLE.search(page)
    title = display_name(" ".join(html.unescape(titled[1]).split()))[:60] if titled else ""
    shown = _UNSEEN.sub(" ", page)
    whole = _words(shown)
    own = _words(_LINK.sub(" ", shown))
    evidence = f"，标题“{title}”" if title else ""
    landed = f"，被转到 {answer.place.url}" if answer.place != asked else ""
    says = ERROR_WORDS.search(title) or (ERROR_WORDS.search(own) if len(own) < 5 * FEWEST_CHARACTERS else None)
    if len(own) < FEWEST_CHARACTERS:
        if _PASSWORD.search(page):
            raise _no_report(f"是登录页{evidence}{landed}")
        said = f"，写着“{says[0]}”" if says else ""
        raise _no_report(f"除链接外只有 {len(own)} 个字{evidence}{said}{landed}")
    if not ABOUT_REPORTS.search(whole) and not ABOUT_REPORTS.search(title):
        said = f"，写着“{says[0]}”" if says else ""
        raise _no_report(f"没有“政府信息公开”“年度报告”等字样{evidence}{said}{landed}")
    if says and ABOUT_REPORTS.search(own) is None:
        raise _no_report(f"写着“{says[0]}”{evidence}{landed}")
    if (
        landed
        and answer.place.target in ("/", "/index.html", "/index.htm", "/index.shtml")
        and asked.target != answer.place.target
    ):
        raise _no_report(f"被转到网站首页{evidence}")


def _words(page: str) -> str:
    return re.sub(r"\s+", "", html.unescape(_TAG.sub(" ", page)))


def _no_report(evidence: str) -> Unanswered:
    return Unanswered("NOT_A_REPORT", f"打开的不是年报：{evidence}；请核对网址")
