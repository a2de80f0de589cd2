"""Every page in a real browser (Debian's chromium), wide and narrow: nothing sticks out, nothing is blocked, keys work.

Pictures are kept in out/browser/pages, to be looked at.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from selenium.webdriver.common.keys import Keys

from tests.browsing import IS_INSTALLED, Person, chromium
from tests.servers import listening, until
from tests.web.routes import declared
from tests.web.world import World
from tests.web.world import world as new_world

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not IS_INSTALLED, reason="chromium and its driver are not installed"),
]
PICTURES = Path(os.environ.get("HECHA_PICTURES", Path(__file__).parents[2] / "out" / "browser")) / "pages"
REGION = "/霁川市/云渡县/"
WIDTHS = {"wide": (1280, 900), "narrow": (390, 844)}
STICKS_OUT = "return Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return new_world(tmp_path_factory.mktemp("world"), REGION)


@pytest.fixture(scope="module")
def base(world: World) -> Iterator[str]:
    with listening() as place:
        server = uvicorn.Server(uvicorn.Config(world.office.app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([place],), daemon=True)
        thread.start()
        until(lambda: server.started, "the web server answers")
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def anybody(base: str) -> Iterator[Person]:
    with chromium("--hide-scrollbars") as driver:
        yield Person(driver, base, pictures=PICTURES)


@pytest.fixture
def person(anybody: Person, world: World) -> Person:
    """Somebody who is signed in and may do everything; the browser is as wide as a desk's."""
    driver = anybody.driver
    anybody.visit("/login")
    driver.delete_all_cookies()
    driver.add_cookie(
        {"name": "hecha", "value": world.office.secret(world.office.account("owner")), "path": "/", "httpOnly": True}
    )
    anybody.complaints()
    resize(anybody, WIDTHS["wide"])
    return anybody


def resize(person: Person, size: tuple[int, int]) -> None:
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    person.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    person.wait(lambda: person.run("return window.innerWidth") == width, f"a width of {width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_nothing_of_it_is_blocked(person: Person, world: World, width: str) -> None:
    folder = PICTURES / width
    folder.mkdir(parents=True, exist_ok=True)
    faults = []
    for route in declared(world.office.app):
        path = route.filled(**world.ids, rule_id="APP-BALANCE", form="pdf")
        if route.method != "GET" or not is_page(world, path):
            continue
        resize(person, WIDTHS[width])
        person.visit(path)
        if out := person.wait(lambda: [person.run(STICKS_OUT)], "the page's width")[0]:  # some pages load themselves anew
            faults.append(f"{route}: {out} px stick out")
        faults += [f"{route}: {message}" for message in person.complaints()]
        height = person.wait(lambda: person.run("return document.documentElement.scrollHeight"), "the page's height")
        resize(person, (WIDTHS[width][0], min(2400, max(WIDTHS[width][1], height))))
        name = (re.sub(r"\W+", "-", route.path).strip("-") or "first") + ".png"
        person.wait(lambda at=str(folder / name): person.driver.save_screenshot(at), "a picture")  # type: ignore[misc]

    assert faults == []


def is_page(world: World, path: str) -> bool:
    answer = world.office.client("owner").get(path)
    return answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


def test_a_question_mark_lists_the_keys(person: Person) -> None:
    person.visit("/users")
    person.presses("?")
    listed = person.one("#help").text
    person.presses(Keys.ESCAPE)
    person.sees_no("#help")

    assert "转到操作日志" in listed


def test_a_slash_goes_to_the_search(person: Person) -> None:
    person.visit("/users")
    person.presses("/")

    assert person.has_focus("#f-text").get_attribute("value") == ""


def test_g_with_a_letter_goes_somewhere(person: Person) -> None:
    person.visit("/users")
    person.presses("g", "l")

    person.is_at("/log")


def test_keys_typed_into_a_field_are_text(person: Person) -> None:
    person.visit("/users")
    person.one("#f-text").click()
    person.has_focus("#f-text").send_keys("gl?")
    person.wait(lambda: person.one("#f-text").get_attribute("value") == "gl?", "what was typed")

    assert not person.driver.find_element("css selector", "#help").is_displayed()


def test_on_a_small_screen_the_navigation_opens_and_closes(person: Person) -> None:
    resize(person, WIDTHS["narrow"])
    person.visit("/account")
    person.sees_no("#nav")
    person.one("[data-nav-open]").click()
    person.one("#nav")
    person.has_focus("#nav a")
    person.presses(Keys.ESCAPE)

    person.sees_no("#nav")
    person.has_focus("[data-nav-open]")


def test_a_dialog_opens_on_its_first_field_and_makes_an_account(person: Person) -> None:
    person.visit("/users")
    person.click("新建账号", "main")
    person.has_focus("#new-user [name='login']").send_keys("liuyang")
    person.one("#new-user [name='name']").send_keys("刘洋")
    person.follow("新建", "#new-user .dialog-end")

    assert "/welcome?key=" in person.one("#link").text


def test_a_page_that_refreshes_itself_waits_for_whoever_is_on_the_way_to_another(person: Person) -> None:
    person.visit("/users")
    person.run("document.querySelector('[data-go=l]').addEventListener('click', () => setTimeout(hecha.refresh))")
    person.click("操作日志", "#nav")

    person.is_at("/log")


def test_without_scripts_the_dialogs_stand_on_the_page(person: Person) -> None:
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        person.driver.get(f"{person.base}/users")  # comes back when all of it is there
        shown = {
            name: person.driver.find_element("css selector", name).is_displayed()
            for name in ("#new-user", "#help", "[data-dialog]")
        }
    finally:
        person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    assert shown == {"#new-user": True, "#help": False, "[data-dialog]": False}
