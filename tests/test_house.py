"""What a newcomer meets first says what is there: the Makefile, the two READMEs, the folders of the house."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))


def test_make_alone_lists_every_target_with_a_line_of_help() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert targets is not None
    assert re.findall(r"^make ([\w-]+) +\S", listed, re.MULTILINE) == targets[1].split()


def test_the_two_readmes_are_in_step() -> None:
    def skeleton(text: str) -> tuple[int, list[str], list[str]]:
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("README")]
        return text.count("\n## "), sorted(set(links)), re.findall(r"^\| (\d+) \|", text, re.MULTILINE)

    assert skeleton(ENGLISH) == skeleton(CHINESE)


@pytest.mark.parametrize(
    "text", [ENGLISH, CHINESE, (ROOT / "docs" / "用户手册.md").read_text("utf-8")], ids=["en", "zh", "manual"]
)
def test_links_lead_to_files(text: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]

    assert [link for link in links if not ((ROOT / link).exists() or (ROOT / "docs" / link).exists())] == []


def test_every_package_is_named_in_the_readmes_and_bound_by_the_import_contract() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = {name.rstrip("*") for name in pyproject["tool"]["setuptools"]["packages"]["find"]["include"]}

    assert packages == set(pyproject["tool"]["importlinter"]["root_packages"])
    assert [name for name in packages if f"\n{name}/ " not in ENGLISH or f"\n{name}/ " not in CHINESE] == []


def test_every_dependency_is_argued() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = re.sub(
        r"[_.]", "-", " ".join(re.findall(r"^## (.*)$", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.M))
    )
    wanted = [re.split(r"[^\w.-]", line)[0].replace("_", "-") for line in pyproject["project"]["dependencies"]]

    assert [name for name in wanted if name.lower() not in named.lower().replace(",", " ").split()] == []
