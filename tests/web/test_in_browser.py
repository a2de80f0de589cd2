"""Every page in a real browser (Debian's chromium), wide and narrow: nothing sticks out, nothing is blocked, keys work.

Pictures are kept in out/browser/pages, to be looked at.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.servers import free_port, until
from tests.web.routes import declared
from tests.web.world import World
from tests.web.world import world as new_world

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")), reason="chromium and its driver are not installed"
    ),
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
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(world.office.app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the web server answers")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=zh-CN"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def signed_in(driver: Any, base: str, world: World) -> Any:
    driver.get(f"{base}/login")
    driver.delete_all_cookies()
    driver.add_cookie(
        {"name": "hecha", "value": world.office.secret(world.office.account("owner")), "path": "/", "httpOnly": True}
    )
    driver.get_log("browser")
    return driver


def resize(driver: Any, size: tuple[int, int]) -> None:
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_nothing_of_it_is_blocked(signed_in: Any, base: str, world: World, width: str) -> None:
    driver = signed_in
    folder = PICTURES / width
    folder.mkdir(parents=True, exist_ok=True)
    faults = []
    for route in declared(world.office.app):
        if route.method != "GET" or not is_page(world, route.filled(**world.ids, rule_id="APP-BALANCE", form="pdf")):
            continue
        resize(driver, WIDTHS[width])
        driver.get(base + route.filled(**world.ids, rule_id="APP-BALANCE", form="pdf"))
        if out := driver.execute_script(STICKS_OUT):
            faults.append(f"{route}: {out} px stick out")
        faults += [f"{route}: {entry['message']}" for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        height = min(2400, max(WIDTHS[width][1], driver.execute_script("return document.documentElement.scrollHeight")))
        resize(driver, (WIDTHS[width][0], height))
        driver.save_screenshot(str(folder / ((re.sub(r"\W+", "-", route.path).strip("-") or "first") + ".png")))

    assert faults == []


def is_page(world: World, path: str) -> bool:
    answer = world.office.client("owner").get(path)
    return answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


def test_a_question_mark_lists_the_keys_and_g_with_a_letter_goes_somewhere(signed_in: Any, base: str) -> None:
    resize(signed_in, WIDTHS["wide"])
    signed_in.get(f"{base}/users")
    body = signed_in.find_element("css selector", "body")
    body.send_keys("?")
    listed = signed_in.find_element("css selector", "#help").text
    signed_in.find_element("css selector", "#help").send_keys("\ue00c")  # Esc
    signed_in.find_element("css selector", "body").send_keys("/")
    focused = signed_in.switch_to.active_element.get_attribute("name")
    signed_in.find_element("css selector", "main").send_keys("gl")
    until(lambda: signed_in.current_url.endswith("/log"), "the log of actions is open", 10)

    assert "转到操作日志" in listed
    assert focused == "text"


def test_keys_typed_into_a_field_are_text(signed_in: Any, base: str) -> None:
    resize(signed_in, WIDTHS["wide"])
    signed_in.get(f"{base}/users")
    field = signed_in.find_element("css selector", "#f-text")
    field.send_keys("gl?")

    assert field.get_attribute("value") == "gl?"
    assert not signed_in.find_element("css selector", "#help").is_displayed()


def test_on_a_small_screen_the_navigation_opens_and_closes(signed_in: Any, base: str) -> None:
    resize(signed_in, WIDTHS["narrow"])
    signed_in.get(f"{base}/account")
    nav = signed_in.find_element("css selector", "#nav")
    shown = [nav.is_displayed()]
    signed_in.find_element("css selector", "[data-nav-open]").click()
    until(nav.is_displayed, "the navigation is open", 5)
    shown.append(nav.is_displayed())
    signed_in.find_element("css selector", "body").send_keys("\ue00c")
    until(lambda: not nav.is_displayed(), "the navigation is closed", 5)

    assert shown == [False, True]


def test_a_dialog_opens_on_its_first_field_and_makes_an_account(signed_in: Any, base: str) -> None:
    resize(signed_in, WIDTHS["wide"])
    signed_in.get(f"{base}/users")
    signed_in.find_element("css selector", "[data-dialog='#new-user']").click()
    first = signed_in.switch_to.active_element
    first.send_keys("liuyang")
    signed_in.find_element("css selector", "#new-user [name='name']").send_keys("刘洋")
    signed_in.find_element("css selector", "#new-user [type='submit']").click()

    assert "/welcome?key=" in signed_in.find_element("css selector", "#link").text


def test_without_scripts_the_dialogs_stand_on_the_page(driver: Any, signed_in: Any, base: str) -> None:
    resize(signed_in, WIDTHS["wide"])
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(f"{base}/users")
        shown = {
            name: driver.find_element("css selector", name).is_displayed() for name in ("#new-user", "#help", "[data-dialog]")
        }
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    assert shown == {"#new-user": True, "#help": False, "[data-dialog]": False}
