"""What a supervisor has written is not lost when the session ends under his hands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from access import Role
from tests.browsing import IS_INSTALLED, chromium
from tests.servers import listening, until
from tests.web.audited import FAULTY, audited, id_of
from tests.web.people import Office, office

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not IS_INSTALLED, reason="chromium and its driver are not installed"),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Office, str]]:
    here = office(tmp_path)
    with listening() as place:
        server = uvicorn.Server(uvicorn.Config(here.app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([place],), daemon=True)
        thread.start()
        until(lambda: server.started, "the web server answers")
        yield here, f"http://127.0.0.1:{place.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def test_a_reason_is_there_again_after_signing_in_anew(served: tuple[Office, str]) -> None:
    here, base = served
    account = here.account(Role.SUPERVISOR)
    report = id_of(here, audited(here, account), FAULTY)
    with chromium() as driver:
        wait = WebDriverWait(driver, 60)

        def sign_in() -> None:
            driver.delete_all_cookies()
            driver.add_cookie({"name": "hecha", "value": here.secret(account), "path": "/", "httpOnly": True})

        driver.get(f"{base}/login")
        sign_in()
        driver.get(f"{base}/reports/{report}")
        wait.until(lambda seen: seen.find_elements("css selector", ".problem.current"))
        driver.find_element("css selector", "body").send_keys("d")
        wait.until(lambda seen: seen.find_elements("css selector", "dialog[open]"))
        reason = driver.find_element("id", "reason-text")
        reason.send_keys("原件如此")
        driver.delete_all_cookies()
        reason.send_keys(Keys.CONTROL, Keys.ENTER)
        wait.until(lambda seen: "/login" in seen.current_url)
        sign_in()
        driver.get(f"{base}/reports/{report}")
        wait.until(lambda seen: seen.find_elements("css selector", "dialog[open] #reason-text"))

        assert driver.find_element("id", "reason-text").get_attribute("value") == "原件如此"
        assert here.store.decisions.of_submission(report) == {}
