"""A real `hecha up` and a real browser (Debian's chromium) in front of it; pictures of what it showed are kept."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.cli.test_up import PASSWORD, Up
from tests.servers import free_port

PICTURES = Path(os.environ.get("HECHA_PICTURES", Path(__file__).parents[2] / "out" / "browser"))
PATIENCE = 60  # seconds; the machine may be doing other things
# as a person drops a file: the browser is given a file by an input of ours, and told that it was dropped
DROP = """
const target = arguments[0], input = document.createElement('input');
input.type = 'file'; input.multiple = true; input.id = 'dropped'; input.hidden = true;
input.addEventListener('change', () => {
  const data = new DataTransfer();
  for (const file of input.files) data.items.add(file);
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  input.remove();
});
document.body.append(input);
return input;
"""


@dataclass
class Person:
    """Somebody at a browser: sees by words, clicks by words."""

    driver: webdriver.Chrome
    base: str
    downloads: Path
    shots: int = 0

    def visit(self, path: str) -> None:
        self.driver.get(self.base + path)

    def sees(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the page shows the words."""
        self.wait(lambda: words in self.page, f"{words!r} on {self.driver.current_url}", seconds)

    @property
    def page(self) -> str:
        """What the page shows, as text."""
        return str(self.driver.execute_script("return document.body ? document.body.innerText : ''"))  # type: ignore[no-untyped-call]

    def wait(self, true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.1, ignored_exceptions=[Exception]).until(
            lambda _: true(), f"{what}; the page shows:\n{self.page[:2000]}"
        )

    def one(self, selector: str) -> WebElement:
        return self.wait(lambda: self.driver.find_element(By.CSS_SELECTOR, selector), selector)  # type: ignore[no-any-return]

    def click(self, words: str, within: str = "body") -> None:
        """Click the link, button or summary that says this and nothing else, or else the first that says it among other words."""

        def found() -> WebElement | None:
            shown = [
                (re.sub(r"\s+", " ", element.text).strip(), element)
                for element in self.driver.find_elements(By.CSS_SELECTOR, f"{within} :is(a, button, summary, label)")
                if element.is_displayed()
            ]
            exact = [element for text, element in shown if text == words]
            return next(iter([*exact, *(element for text, element in shown if words in text)]), None)

        element = self.wait(found, f"something to click that says {words!r}")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)  # type: ignore[no-untyped-call]
        element.click()

    def types(self, name: str, words: str) -> None:
        field = self.one(f"[name='{name}']")
        field.clear()
        field.send_keys(words)

    def drops(self, file: Path, selector: str) -> None:
        self.driver.execute_script(DROP, self.one(selector)).send_keys(str(file))  # type: ignore[no-untyped-call]

    def presses(self, keys: str) -> None:
        self.one("body").send_keys(keys)

    def downloaded(self, pattern: str) -> Path:
        """The file that arrives, whole."""

        def found() -> Path | None:
            return next(iter(self.downloads.glob(pattern)), None) if not any(self.downloads.glob("*.crdownload")) else None

        return Path(self.wait(found, f"a download {pattern}"))

    def picture(self, name: str) -> None:
        """Keep what is on the screen now."""
        time.sleep(0.3)  # what moves has come to rest
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.shots += 1
        self.driver.save_screenshot(str(PICTURES / f"{self.shots:02}-{name}.png"))

    def complaints(self) -> list[str]:
        """What the browser's console says: errors of scripts, files that did not load, breaches of the content policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.fixture(scope="session")
def swept_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that sweeps may look at."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, swept_folder: Path) -> Iterator[Up]:
    running = Up(tmp_path_factory.mktemp("office") / "data", free_port(), HECHA_SWEEP_FOLDERS=str(swept_folder))
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def person(service: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Who has set the office up by the link printed at the first start, and signed in."""
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000", "--lang=zh-CN"):
        options.add_argument(argument)  # type: ignore[no-untyped-call]
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        person = Person(driver, f"http://127.0.0.1:{service.port}", downloads)
        assert service.link is not None
        driver.get(service.link)
        person.click("小型单位一人兼任")
        for name, words in {"login": "wang", "name": "王芳", "password": PASSWORD, "again": PASSWORD}.items():
            person.types(name, words)
        person.picture("初始设置")
        person.click("建立账号")
        person.click("去登录")
        person.types("login", "wang")
        person.types("password", PASSWORD)
        person.picture("登录")
        person.click("登录", "main form")
        person.sees("还没有报告")
        yield person
    finally:
        driver.quit()
