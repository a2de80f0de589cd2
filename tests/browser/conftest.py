"""A real `hecha up` and a real browser in front of it; pictures of what it showed are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsing import Person, chromium
from tests.cli.test_up import PASSWORD, Up
from tests.servers import free_port

PICTURES = Path(os.environ.get("HECHA_PICTURES", Path(__file__).parents[2] / "out" / "browser"))


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
    assert service.link is not None
    with chromium(downloads=downloads) as driver:
        person = Person(driver, f"http://127.0.0.1:{service.port}", downloads, PICTURES)
        driver.get(service.link)
        person.click("小型单位一人兼任")
        for name, words in {"login": "wang", "name": "王芳", "password": PASSWORD, "again": PASSWORD}.items():
            person.types(name, words)
        person.picture("初始设置")
        person.follow("建立账号")
        person.follow("去登录")
        person.types("login", "wang")
        person.types("password", PASSWORD)
        person.picture("登录")
        person.follow("登录", "main form")
        person.sees("还没有报告")
        yield person
