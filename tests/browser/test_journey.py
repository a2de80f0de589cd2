"""What a supervisor does in January, in a real browser: the batch dropped, watched, decided, downloaded; who is missing; a sweep."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browsing import Person

pytestmark = pytest.mark.integration
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def batch_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("batch") / "青禾县2023年报.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted((SAMPLES / "reports").iterdir()):
            file.write(path, path.name)
    return made


def test_a_dropped_batch_is_watched_decided_and_downloaded(person: Person, batch_zip: Path) -> None:
    person.visit("/submit")
    person.drops(batch_zip, "#drop")
    person.sees("已全部传完")
    person.picture("提交")
    person.follow("开始核查")
    person.sees("已全部核查完")
    person.sees("青禾县2023年报")
    person.picture("批次")

    person.follow("青禾县民政局", "table.list")  # the list begins with the worst
    person.sees("收办不平衡")
    person.picture("报告")
    person.presses("c")
    person.sees("已认定 1 / 6")
    person.presses("j")
    person.presses("d")
    person.has_focus("dialog[open] textarea").send_keys("台账显示该数无误", Keys.CONTROL, Keys.ENTER)
    person.sees("已认定 2 / 6")
    person.sees("台账显示该数无误")
    person.picture("认定")

    person.click("下载")
    person.click("PDF", "main")
    assert person.downloaded("*.pdf").read_bytes().startswith(b"%PDF-")

    person.visit("/batches")
    person.follow("青禾县2023年报", "table")
    person.click("下载全部")
    person.picture("下载")
    person.follow("全部核查报告和汇总", "main")
    person.sees("已经生成")
    person.click("下载", "main")
    with zipfile.ZipFile(person.downloaded("*.zip")) as file:
        assert sum(name.endswith(".pdf") for name in file.namelist()) >= 13
    assert person.complaints() == []


def test_a_roster_tells_who_is_missing(person: Person) -> None:
    person.visit("/agencies")
    person.click("导入名单", "main")
    person.one("#f-file").send_keys(str(SAMPLES / "agencies.csv"))
    person.follow("导入", "dialog[open]")
    person.sees("名单已启用")
    person.visit("/coverage?year=2023")
    person.sees("2023年度应报")
    person.picture("报送情况")
    person.follow("缺报", "main .tiles")
    person.sees("2023年度缺报名单")
    person.sees("青禾县水务局")
    person.picture("缺报名单")
    person.click("下载名单", "main")

    assert "青禾县水务局" in person.downloaded("*缺报名单.csv").read_text("utf-8-sig")
    assert person.complaints() == []


def test_a_sweep_looks_at_a_folder_and_says_what_it_found(person: Person, swept_folder: Path) -> None:
    for name in ("青禾县教育局2023年报.txt", "青禾县民政局2023年报.txt"):
        (swept_folder / name).write_bytes((SAMPLES / "reports" / name).read_bytes())
    person.visit("/sweeps")
    person.follow("新建巡查", "main")
    person.types("title", "报送文件夹")
    person.types("when", "工作日 6 点")
    person.types("path", str(swept_folder))
    person.follow("先看看", "main")
    person.sees("接下来几次")
    person.picture("新建巡查")
    person.follow("建立", "main")
    person.sees("还没有巡查过")
    person.follow("现在巡查", "main")
    person.sees("新出现的年报 2")
    person.sees("完成")
    person.picture("巡查")
    person.driver.find_element("css selector", "main table.list a").click()
    person.sees("核查了的报告")
    person.sees("青禾县民政局")
    person.picture("巡查结果")

    assert person.complaints() == []
