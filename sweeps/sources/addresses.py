"""A list of published addresses, each with the agency whose report should be there."""

from __future__ import annotations

import csv
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from reports_in import display_name
from sweeps.errors import ScheduleUnusable, SourceRefused
from sweeps.looking import Allowed, Course, Failed, Found, Interrupted, Look, Seen
from sweeps.sources import guard
from sweeps.sources.captured import name_of
from sweeps.sources.fetching import Client, Patience, Unanswered
from sweeps.sources.guard import Refused, Resolve, resolve

MOST_ADDRESSES = 20_000
MOST_BYTES = 20 << 30  # of one look, so that sites cannot fill our disk
LONGEST_TAG = 1_000  # characters of an entity tag or a date that is kept
NOTHING_THERE = "SWEEP_NOT_FOUND"
MOST_TEXT = 8 * 1024 * 1024  # characters
AT_ONCE = 4  # hosts; each of them is asked one thing at a time
SAID_FAULTS = 10  # of a list, so that a wrong file does not fill the page
ABSENT = {404: "这个网址上没有内容", 410: "这个网址上的内容已经删除"}
SAID = {401: "要登录", 403: "拒绝访问", 500: "网站出错", 502: "网站出错", 504: "网站出错"}
_SEPARATOR = re.compile("[,，;；\t]")
_URL_START = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_URL_HEADS = ("网址", "地址", "链接", "url", "address")
_AGENCY_HEADS = ("单位", "机关", "代码", "名称", "agency", "code")


class Addresses:
    """See Source. The address is the URL in the one spelling that the guard gives it."""

    def __init__(self, ask: Resolve = resolve, patience: Patience | None = None) -> None:
        self._ask = ask
        self._patience = patience

    def check(self, spec: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
        _expect_on(allowed)
        given = _parsed(str(spec["text"])) if spec.get("text") else _given(spec.get("lines"))
        if not given:
            raise ScheduleUnusable("网址清单是空的；每行写一个网址，前面可以写单位，用逗号隔开")
        if len(given) > MOST_ADDRESSES:
            raise ScheduleUnusable(f"网址清单有 {len(given):,} 行，超过上限 {MOST_ADDRESSES:,} 行；请分成几项巡查")
        lines: list[dict[str, str | None]] = []
        first: dict[str, int] = {}
        faults: list[str] = []
        refused: list[str] = []
        for number, agency, url in given:
            try:
                if not url:
                    raise Refused("没有网址，应以 http:// 或 https:// 开头")
                place = guard.parse(url)
            except Refused as exc:
                faults.append(f"第 {number} 行：{exc}")
                continue
            try:
                guard.check(place, allowed)
            except Refused as exc:
                refused.append(f"第 {number} 行：{exc}")
                continue
            if place.url in first:
                faults.append(f"第 {number} 行与第 {first[place.url]} 行的网址相同")
                continue
            first[place.url] = number
            lines.append({"address": place.url, "agency": display_name(agency) if agency else None})
        if faults:
            raise ScheduleUnusable(_listed(faults))
        if refused:
            raise SourceRefused(_listed(refused))
        return {"kind": "addresses", "lines": lines}

    def look(
        self,
        spec: Mapping[str, Any],
        seen: Mapping[str, Seen],
        into: Path,
        allowed: Allowed,
        course: Course | None = None,
    ) -> Look:
        _expect_on(allowed)
        broken = threading.Event()  # by one of the threads: the others need not go on for hours
        course = course or Course()
        course = Course(course.turn, (*course.over, broken))
        client = Client(allowed, self._ask, self._patience, course)
        room = _Room(MOST_BYTES)
        by_host: dict[str, list[tuple[int, str, str | None]]] = {}
        for number, line in enumerate(spec["lines"]):
            host = line["address"].split("/")[2]
            by_host.setdefault(host, []).append((number, line["address"], line.get("agency")))

        def look_at(lines: Sequence[tuple[int, str, str | None]]) -> list[tuple[int, Found | Failed]]:
            try:
                return [
                    (number, _look_at(client, room, address, agency, seen.get(address), into / f"{number:06d}"))
                    for number, address, agency in lines
                ]
            except BaseException:
                broken.set()
                raise

        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sweep") as pool:
            groups = [pool.submit(look_at, lines) for lines in by_host.values()]
        faults = [fault for group in groups if (fault := group.exception()) is not None]
        for fault in sorted(faults, key=lambda fault: isinstance(fault, Interrupted)):  # which may follow from the other
            raise fault
        looked = [item for _, item in sorted((item for group in groups for item in group.result()), key=lambda item: item[0])]
        missed = [item for item in looked if isinstance(item, Failed)]
        return Look(
            tuple(item for item in looked if isinstance(item, Found)),
            tuple(item for item in missed if item.code != NOTHING_THERE),
            absent=tuple(item for item in missed if item.code == NOTHING_THERE),
        )

    def words(self, spec: Mapping[str, Any]) -> str:
        lines = spec["lines"]
        hosts = list(dict.fromkeys(line["address"].split("/")[2] for line in lines))
        more = "等" if len(hosts) > 2 else ""
        return f"{len(lines):,} 个网址（{'、'.join(hosts[:2])}{more}）"


def _expect_on(allowed: Allowed) -> None:
    if not allowed.addresses:
        raise SourceRefused("这里没有开通网址巡查；由运维人员设 HECHA_SWEEP_HTTP=1 后开通")


class _Room:
    """For what a look brings, for all its threads."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Raises Unanswered if there is not so much any more."""
        with self._lock:
            if size > self._left:
                self._left = 0
                raise Unanswered(
                    "LIMIT_EXCEEDED", f"这次取来的内容已超过上限 {MOST_BYTES >> 30} GB，其余下次再看；请分成几项巡查"
                )
            self._left -= size


def _look_at(client: Client, room: _Room, address: str, agency: str | None, before: Seen | None, to: Path) -> Found | Failed:
    """Failed with NOTHING_THERE if the site says that nothing is at the address."""
    try:
        room.take(1)
        known = _conditions(before)
        answer = client.get(address, known)
        if answer.status in ABSENT:
            raise Unanswered(NOTHING_THERE, f"网站应答 {answer.status}：{ABSENT[answer.status]}；请核对网址")
        if before is not None and answer.status == 304 and answer.place.url in known:
            return Found(address, str(before.seen.get("name", "")), None, before.sha256, before.seen, agency)
        if answer.status != 200:
            said = f"（{SAID[answer.status]}）" if answer.status in SAID else ""
            raise Unanswered("SWEEP_ANSWER", f"网站应答 {answer.status}{said}，下次再看")
        name = name_of(answer, guard.parse(address))
        sha256 = hashlib.sha256(answer.body).hexdigest()
        is_as_before = before is not None and before.sha256 == sha256
        room.take(0 if is_as_before else len(answer.body))
    except (Unanswered, Refused) as exc:
        return Failed(address, exc.code if isinstance(exc, Unanswered) else "SWEEP_ADDRESS_REFUSED", str(exc))
    seen = {"url": answer.place.url, "name": name}
    seen |= {
        key: answer.headers[header]
        for key, header in (("etag", "etag"), ("modified", "last-modified"))
        if 0 < len(answer.headers.get(header, "")) <= LONGEST_TAG
    }
    if is_as_before:
        return Found(address, name, None, sha256, seen, agency)
    to.write_bytes(answer.body)
    return Found(address, name, to, sha256, seen, agency)


def _conditions(before: Seen | None) -> dict[str, dict[str, str]]:
    """The headers that ask for news only, for the URL which gave what we have."""
    if before is None or "url" not in before.seen:
        return {}
    given = {"If-None-Match": before.seen.get("etag"), "If-Modified-Since": before.seen.get("modified")}
    headers = {
        name: value for name, value in given.items() if isinstance(value, str) and value.isascii() and value.isprintable()
    }
    return {str(before.seen["url"]): headers} if headers else {}


def _given(lines: Any) -> list[tuple[int, str, str]]:
    if not isinstance(lines, list) or not all(isinstance(line, Mapping) for line in lines):
        raise ScheduleUnusable("没有写明巡查哪些网址")
    return [(number, str(line.get("agency") or ""), str(line.get("address") or "")) for number, line in enumerate(lines, 1)]


def _parsed(text: str) -> list[tuple[int, str, str]]:
    """Number, agency and URL of each line of a list as people keep it: "agency, URL", a URL alone, or a CSV with a header."""
    if len(text) > MOST_TEXT:
        raise ScheduleUnusable("网址清单太大；请分成几项巡查")
    lines = [
        (number, line) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1) if line.strip(' \t,，;；"')
    ]
    columns = _columns(lines[0][1]) if lines else None
    given: list[tuple[int, str, str]] = []
    for number, line in lines[1:] if columns else lines:
        if columns:
            delimiter, agency_at, url_at = columns
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
            if _URL_START.match(cells[0]) and not (url_at < len(cells) and _URL_START.match(cells[url_at])):
                cells = [""] * url_at + [line.strip(' \t",，;；')]  # a URL by itself
            agency = cells[agency_at] if agency_at is not None and agency_at < len(cells) else ""
            given.append((number, agency, cells[url_at] if url_at < len(cells) else ""))
            continue
        start = _URL_START.search(line)  # a URL may hold commas, so it goes on to the end
        before = line[: start.start()] if start else line
        url = line[start.start() :].strip(' \t",，;；') if start else ""
        given.append((number, before.strip(' \t",，;；'), url))
    return given


def _columns(line: str) -> tuple[str, int | None, int] | None:
    """Delimiter, place of the agency and of the URL, if the line is a header."""
    separator = _SEPARATOR.search(line)
    delimiter = separator[0] if separator else ","
    heads = [cell.strip(' "').lower() for cell in line.split(delimiter)]
    if _URL_START.search(line):
        return None
    url_at = next((at for at, head in enumerate(heads) if any(word in head for word in _URL_HEADS)), None)
    if url_at is None:
        return None
    agency_at = next(
        (at for at, head in enumerate(heads) if at != url_at and any(word in head for word in _AGENCY_HEADS)), None
    )
    return delimiter, agency_at, url_at


def _listed(faults: Sequence[str]) -> str:
    more = f"；另有 {len(faults) - SAID_FAULTS} 行" if len(faults) > SAID_FAULTS else ""
    return f"网址清单有 {len(faults)} 处不能用：{'；'.join(faults[:SAID_FAULTS])}{more}"
