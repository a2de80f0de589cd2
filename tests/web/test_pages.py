"""What is true of every page, whoever wrote it: it opens, leads nowhere dead, can be read aloud, and has nothing inline."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest

from tests.web.people import Browser
from tests.web.routes import declared
from tests.web.world import World
from tests.web.world import world as new_world

REGION = "/霁川市/云渡县/"
ROLES = ["supervisor", "viewer", "clerk", "system_admin", "security_admin", "audit_admin", "owner", None]
MOST = 250  # pages that are looked at for each role


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return new_world(tmp_path_factory.mktemp("world"), REGION)


@pytest.fixture(scope="module")
def opened(world: World) -> dict[str, Any]:
    """Every page of the app that can be opened, with real ids, as its reader sees it."""
    office = world.office
    readers = [
        office.client("supervisor", REGION),
        *(office.client(role) for role in ("system_admin", "security_admin", "audit_admin")),
    ]
    found = {}
    for route in declared(office.app):
        if route.method == "GET":
            for reader in readers:
                answer = reader.get(
                    route.filled(**world.ids, rule_id="APP-BALANCE", form="pdf", number="0"), follow_redirects=False
                )
                found[str(route)] = answer
                if answer.status_code == 200:
                    break
    return found


def pages(opened: dict[str, Any]) -> dict[str, Any]:
    return {
        route: lxml.html.document_fromstring(answer.content.decode())
        for route, answer in opened.items()
        if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200
    }


def test_no_page_breaks(opened: dict[str, Any]) -> None:
    assert {route: answer.status_code for route, answer in opened.items() if answer.status_code >= 500} == {}


def test_what_is_no_page_is_saved_and_not_opened(opened: dict[str, Any]) -> None:
    """But for JSON, text for machines, and PDFs of ours in a frame of ours."""
    shown = {}
    for route, answer in opened.items():
        kind = answer.headers.get("content-type", "").split(";")[0]
        given = answer.headers.get("content-disposition", "")
        ours = (
            given.startswith("inline")
            and kind == "application/pdf"
            and "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        )
        if (
            answer.status_code == 200
            and kind not in ("text/html", "application/json", "text/plain")
            and not given.startswith("attachment")
            and not ours
        ):
            shown[route] = (kind, given)

    assert shown == {}


def test_no_page_has_anything_inline(opened: dict[str, Any]) -> None:
    """The browser would not run it, and somebody's text is among it if it is there."""
    found = []
    for route, tree in pages(opened).items():
        found += [f"{route}: <{node.tag}>" for node in tree.iter("style", "base", "object", "embed")]
        found += [f"{route}: script" for node in tree.iter("script") if not (node.get("src") or "").startswith("/static/")]
        found += [
            f"{route}: {name}"
            for node in tree.iter()
            if isinstance(node.tag, str)
            for name in node.attrib
            if name.startswith("on") or name == "style"
        ]

    assert found == []


def test_every_page_can_be_read_aloud_and_used_without_a_mouse(opened: dict[str, Any]) -> None:
    """Language, one heading, a name for every control, no id twice, tables with headings."""
    faults = []
    for route, tree in pages(opened).items():
        if tree.get("lang") != "zh-CN":
            faults.append(f"{route}: no language")
        if len(tree.findall(".//h1")) != 1:
            faults.append(f"{route}: {len(tree.findall('.//h1'))} h1")
        if not (tree.findtext(".//title") or "").strip():
            faults.append(f"{route}: no title")
        ids = Counter(node.get("id") for node in tree.iter() if isinstance(node.tag, str) and node.get("id"))
        faults += [f"{route}: id {name} {count} times" for name, count in ids.items() if count > 1]
        faults += [f"{route}: <{node.tag} name={node.get('name')}> has no name" for node in nameless(tree)]
        faults += [
            f"{route}: table without headings"
            for table in tree.iter("table")
            if table.find(".//th") is None and "as-printed" not in table.classes
        ]

    assert faults == []


def nameless(tree: Any) -> list[Any]:
    """Controls that nothing tells the name of."""
    labelled = {node.get("for") for node in tree.iter("label")}
    found = []
    for node in tree.iter("input", "select", "textarea", "button", "a", "img"):
        if node.tag == "input" and node.get("type") in ("hidden", "submit"):
            continue
        text = "".join(node.itertext()).strip() if node.tag in ("button", "a") else ""
        inside = any(parent.tag == "label" for parent in node.iterancestors())
        named = (
            text or node.get("aria-label") or node.get("aria-labelledby") or node.get("alt") is not None or node.get("title")
        )
        if not (named or inside or (node.get("id") and node.get("id") in labelled)):
            found.append(node)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_link_is_dead_or_leads_where_one_may_not_go(world: World, role: str | None) -> None:
    """Whatever a page offers somebody, he may open."""
    browser = world.office.client(role, REGION)
    waiting, seen, dead = ["/account", "/"], set[str](), []
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if shape(path) in seen:
            continue
        seen.add(shape(path))
        answer = browser.get(path)
        if answer.status_code >= 400:
            dead.append(f"{path}: {answer.status_code}")
        elif answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200:
            waiting += links(browser, path, answer.text)

    assert dead == []


def links(browser: Browser, path: str, text: str) -> list[str]:
    tree = lxml.html.document_fromstring(text)
    found = [urlsplit(urljoin(f"{browser.base_url}{path}", node.get("href"))) for node in tree.iter("a") if node.get("href")]
    here = urlsplit(str(browser.base_url)).netloc
    return [
        to.path + (f"?{to.query}" if to.query else "")
        for to in found
        if to.netloc == here and not to.path.startswith("/static/")
    ]


def shape(path: str) -> str:
    """Links that differ in an id or a value lead to the same page."""
    plain, _, query = path.partition("?")
    return re.sub(r"[0-9a-f]{32}", "*", plain) + "?" + "&".join(sorted(part.split("=")[0] for part in query.split("&")))
