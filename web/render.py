"""Answers for people: pages, redirects that say what was done, and files to keep."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from access.log import BEIJING
from audits.regions import shown
from audits.wording import SEVERITIES, STANDINGS
from web.browsers import browser_in_words
from web.cookies import form_token, session_cookie, set_cookie, visit_cookie
from web.here import services
from web.navigation import navigation_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
FLASH_COOKIE = "hecha-said"
FLASH_SECONDS = 60
INLINE_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"  # of a PDF shown in a page of ours


def page(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response:
    """The page made of a template, for whoever is signed in."""
    here = services(request)
    actor = getattr(request.state, "actor", None)
    token = form_token(request)
    said = _said(request, token)
    context = {
        "request": request,
        "path": request.url.path,
        "actor": actor,
        "office": here.access.settings.text("office_name"),
        "navigation": navigation_of(actor, here.pages) if actor else {},
        "csrf": token,
        "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(token),
        "said": said,
        **context,
    }
    response = HTMLResponse(environment().get_template(template).render(context), status, headers=headers)
    response.headers["Cache-Control"] = "no-store"
    if getattr(request.state, "visit", None) and not request.cookies.get(session_cookie(request)):
        set_cookie(request, response, visit_cookie(request), request.state.visit, 3600)
    if said or request.cookies.get(FLASH_COOKIE):
        set_cookie(request, response, FLASH_COOKIE, "", 0)
    return response


def redirect(request: Request, to: str, *, said: str = "", tone: str = "good") -> Response:
    """To another page of ours, which shows ``said`` once. tone: good, warn or bad."""
    response = RedirectResponse(to, 303)
    if said:
        body = base64.urlsafe_b64encode(json.dumps([said, tone]).encode()).decode()
        seal = _seal(body, form_token(request))
        set_cookie(request, response, FLASH_COOKIE, f"{body}.{seal}", FLASH_SECONDS)
    return response


def local(target: str | None, otherwise: str = "/") -> str:
    """The address, if it is one of this server's; otherwise the other: nobody is led elsewhere by a link to us."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(c) < 32 for c in target):
        return otherwise
    return target.replace("\\", "/")


def attachment(content: bytes | str, name: str, media_type: str) -> Response:
    """Something made for this request, to be saved under a name of any characters (RFC 6266)."""
    headers = {"Content-Disposition": disposition(name), "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def file(path: Path, name: str, media_type: str, *, inline: bool = False) -> Response:
    """A file, to be saved; or with ``inline`` (PDFs of ours alone) shown in a frame of a page of ours."""
    headers = {"Content-Disposition": disposition(name, "inline" if inline else "attachment"), "Cache-Control": "no-store"}
    if inline:
        headers |= {"Content-Security-Policy": INLINE_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return FileResponse(path, media_type=media_type, headers=headers)


def disposition(name: str, kind: str = "attachment") -> str:
    """RFC 6266: the name in full for browsers of today, and in ASCII for all others."""
    plain = "".join(c if " " <= c < "\x7f" and c not in '"\\%/' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def with_query(request: Request, **changes: Any) -> str:
    """This page's address with other parameters; None leaves one out."""
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in changes]
    kept += [(key, str(value)) for key, value in changes.items() if value is not None]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.loopcontrols"],
    )
    made.globals |= {"static": static, "with_query": with_query, "SEVERITIES": SEVERITIES, "STANDINGS": STANDINGS}
    made.filters |= {
        "when": when,
        "day": day,
        "ago": ago,
        "count": count,
        "size": size,
        "region": shown,
        "lines": lines,
        "browser": browser_in_words,
        "tail": tail,
    }
    return made


def static(name: str) -> str:
    """The address of a file in static/, with its hash, so that browsers may keep it for ever."""
    return f"/static/{name}?v={_hash(name, (STATIC / name).stat().st_mtime_ns)}"


@cache
def _hash(name: str, _changed: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def when(seconds: float | None) -> str:
    """2026-11-21 03:05 by Beijing time, wherever the server stands; — for None."""
    return "—" if seconds is None else datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M")


def day(seconds: float | None) -> str:
    return "—" if seconds is None else datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d")


def ago(seconds: float | None) -> str:
    """刚刚, 5 分钟前, 3 小时前, 2 天前; the day for what is longer ago than a month."""
    if seconds is None:
        return "—"
    past = time() - seconds
    if past < 60:
        return "刚刚"
    for unit, length, end in (("分钟", 60, 3600), ("小时", 3600, 86400), ("天", 86400, 31 * 86400)):
        if past < end:
            return f"{int(past // length)} {unit}前"
    return day(seconds)


def count(number: int | None) -> str:
    """12,345; — for None."""
    return "—" if number is None else f"{number:,}"


def size(number: int) -> str:
    value = float(number)
    for unit in ("B", "KB", "MB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GB"


def tail(name: str) -> str:
    """The end of a file's path, with the folder that it lies in: 各县.zip/年报/青禾县/教育局.docx as 青禾县/教育局.docx."""
    return "/".join(name.split("/")[-2:])


def lines(text: str) -> Markup:
    """The text with its line breaks."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _seal(body: str, token: str) -> str:
    return hmac.new(token.encode(), body.encode(), hashlib.sha256).hexdigest()


def _said(request: Request, token: str) -> list[str] | None:
    """What the page before wanted to be said; None if it was not written by us for this session."""
    body, _, seal = request.cookies.get(FLASH_COOKIE, "").partition(".")
    if not body or not hmac.compare_digest(seal.encode(), _seal(body, token).encode()):
        return None
    found: list[str] = json.loads(base64.urlsafe_b64decode(body))
    return found
