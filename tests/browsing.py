"""A real browser (Debian's chromium), and somebody at it who waits to see what an action leads to.

A click returns when the browser has taken it; what the click means, another page or a change by script, comes later, on a busy
machine seconds later. Here nothing is looked for once only, and whoever follows a link acts again only on the page it leads to.
What is *not* there is asked of a page that has arrived: of what ``sees`` or ``one`` has found.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import (
    InvalidSessionIdException,
    NoSuchWindowException,
    SessionNotCreatedException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.servers import NotInTime

PATIENCE = 60.0  # seconds; the machine may be doing other things
IS_INSTALLED = bool(shutil.which("chromium") and shutil.which("chromedriver"))
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1280,1000",
    "--lang=zh-CN",
)
STARTS = 3  # a browser that does not come up in the driver's time is started again

# A page has arrived when its scripts have run; one that somebody is about to leave is marked, and is not the one that comes next.
ARRIVED = "return document.readyState === 'complete' && document.documentElement.dataset.left !== 'yes'"
RESTS = """
return document.fonts.status === 'loaded' && document.getAnimations().every(
  (one) => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)
"""
SHOWN = "return document.body ? document.body.innerText : ''"
# The first that says this and nothing else, or else the first that says it among other words; its page is marked if it is to be left.
SAYING = """
const [within, words, leaving] = arguments;
const said = (element) => element.innerText.replace(/\\s+/g, ' ').trim();
const shown = [...document.querySelectorAll(`${within} :is(a, button, summary, label)`)].filter(
  (element) => element.checkVisibility({visibilityProperty: true}) && !element.disabled);
const found = shown.find((element) => said(element) === words) || shown.find((element) => said(element).includes(words));
if (found) found.scrollIntoView({block: 'center', behavior: 'instant'});
if (found && leaving) document.documentElement.dataset.left = 'yes';
return found || null;
"""
# As a person drops a file: the browser is given a file by an input of ours, and told that it was dropped.
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


@contextmanager
def chromium(*options: str, downloads: Path | None = None) -> Iterator[webdriver.Chrome]:
    """A browser without a window, whose console is kept."""
    asked = webdriver.ChromeOptions()
    asked.binary_location = str(shutil.which("chromium"))
    for option in (*OPTIONS, *options):
        asked.add_argument(option)  # type: ignore[no-untyped-call]
    if downloads is not None:
        asked.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    asked.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = _started(asked)
    try:
        yield driver
    finally:
        driver.quit()


def _started(asked: webdriver.ChromeOptions) -> webdriver.Chrome:
    for _ in range(STARTS - 1):
        try:
            return webdriver.Chrome(options=asked, service=Service(shutil.which("chromedriver")))
        except SessionNotCreatedException:
            continue
    return webdriver.Chrome(options=asked, service=Service(shutil.which("chromedriver")))


@dataclass
class Person:
    """Somebody at a browser: sees by words, clicks by words.

    downloads  where files arrive.
    pictures   where pictures of what was on the screen are kept.
    """

    driver: webdriver.Chrome
    base: str
    downloads: Path = field(default_factory=Path)
    pictures: Path = field(default_factory=Path)
    shots: int = 0

    # what is there

    def wait(self, true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """What it says, as soon as that is true; asked again while the page changes under its hands."""
        end, fault = time.monotonic() + seconds, ""
        while True:
            try:
                if found := true():
                    return found
                fault = ""
            except (InvalidSessionIdException, NoSuchWindowException):  # the browser is gone
                raise
            except WebDriverException as error:  # not there yet, or not there any more
                fault = f" ({type(error).__name__}: {error.msg})"
            if time.monotonic() > end:
                raise NotInTime(f"not within {seconds:.0f} s: {what}{fault}; {self.driver.current_url} shows:\n{self._told()}")
            time.sleep(0.05)

    def arrives(self) -> None:
        """Wait for the page that was asked for, and its scripts."""
        self.wait(lambda: self.run(ARRIVED), "a page that has arrived")

    def one(self, selector: str) -> WebElement:
        """The first of them that is shown, on a page that has arrived."""
        self.arrives()
        return self.wait(lambda: next(filter(WebElement.is_displayed, self._all(selector)), None), selector)  # type: ignore[no-any-return]

    def sees(self, words: str, seconds: float = PATIENCE) -> None:
        """Wait until the page shows the words, and has arrived."""
        self.wait(lambda: words in self.page, repr(words), seconds)
        self.arrives()

    def sees_no(self, selector: str) -> None:
        """Wait until none of them is shown."""
        self.arrives()
        self.wait(lambda: not any(map(WebElement.is_displayed, self._all(selector))), f"no {selector}")

    def is_at(self, path: str) -> None:
        """Wait until the browser is there."""
        self.wait(lambda: self.driver.current_url == self.base + path, f"{path} is open")
        self.arrives()

    def has_focus(self, selector: str) -> WebElement:
        """Wait until it has the focus, so that keys go there."""
        self.wait(
            lambda: self.run("return document.activeElement.matches(arguments[0])", selector), f"{selector} has the focus"
        )
        return self.driver.switch_to.active_element

    @property
    def page(self) -> str:
        """What the page shows, as text."""
        return str(self.run(SHOWN))

    def run(self, script: str, *given: object) -> Any:
        return self.driver.execute_script(script, *given)  # type: ignore[no-untyped-call]

    def _all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def _told(self) -> str:
        try:
            return self.page[:2000]
        except WebDriverException as error:
            return f"nothing ({error.msg})"

    # what one does

    def visit(self, path: str) -> None:
        self.driver.get(self.base + path)
        self.arrives()

    def click(self, words: str, within: str = "body", *, leaving: bool = False) -> None:
        """Click the link, button or summary that says this and nothing else, or else the first that says it among other words."""
        self.arrives()

        def done() -> bool:
            found = self.run(SAYING, within, words, leaving)
            if found is not None:
                found.click()
            return found is not None

        self.wait(done, f"something to click that says {words!r}")

    def follow(self, words: str, within: str = "body") -> None:
        """Click what leads to another page, or sends a form, and wait for that page."""
        self.click(words, within, leaving=True)
        self.arrives()

    def types(self, name: str, words: str) -> None:
        """Into the field of that name."""
        field = self.one(f"[name='{name}']")
        field.clear()
        field.send_keys(words)

    def presses(self, *keys: str) -> None:
        """Keys go to whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def drops(self, file: Path, selector: str) -> None:
        self.run(DROP, self.one(selector)).send_keys(str(file))

    # what one keeps

    def downloaded(self, pattern: str) -> Path:
        """The file that arrives, whole."""

        def found() -> Path | None:
            return next(iter(self.downloads.glob(pattern)), None) if not any(self.downloads.glob("*.crdownload")) else None

        return Path(self.wait(found, f"a download {pattern}"))

    def picture(self, name: str) -> None:
        """Keep what is on the screen now, when what moves has come to rest."""
        self.wait(lambda: self.run(RESTS), "all to rest")
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.shots += 1
        self.driver.save_screenshot(str(self.pictures / f"{self.shots:02}-{name}.png"))

    def complaints(self) -> list[str]:
        """What the browser's console says: errors of scripts, files that did not load, breaches of the content policy."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
