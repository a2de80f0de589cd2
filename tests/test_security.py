"""docs/security.md has every line of the checklist, and every test that it names is there; versions and rules that no other test looks at."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = {int(number): tests for number, tests in re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)}
NOT_DONE: set[int] = set()
IGNORED = ["S101"]  # assertions: they say to the type checker what we know, and guard nothing
FLOORS = {"reportlab": "4", "starlette": "0.47.2", "kombu": "5.7", "python-multipart": "0.0.27", "pdfminer-six": "20251230"}


def test_every_line_of_the_checklist_names_its_tests_or_why_there_are_none() -> None:
    assert sorted(ROWS) == list(range(1, 42))
    assert {number for number, tests in ROWS.items() if "::" not in tests} == NOT_DONE
    assert all(f"Line {number}" in DOCUMENT for number in NOT_DONE)


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", DOCUMENT)
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
    ]

    assert len(named) > 100
    assert missing == []


def test_no_dependency_is_older_than_its_floor() -> None:
    """What is older has a hole that is known; what is not locked is not installed."""
    locked = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").split() if "==" in line)
    normal = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in locked.items()}

    assert {"reportlab", "starlette", "kombu"} <= set(normal)
    assert {
        name: normal[name] for name, floor in FLOORS.items() if name in normal and Version(normal[name]) < Version(floor)
    } == {}


def test_every_rule_of_bandit_is_asked_of_all_code_of_the_service() -> None:
    """And of no file of the service is one taken back as a whole: each exception stands at its line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lint = project["tool"]["ruff"]["lint"]
    spared = {
        where
        for where, rules in lint.get("per-file-ignores", {}).items()
        if any(rule.startswith("S") and not rule.startswith("SIM") for rule in rules)
    }

    assert "S" in lint["select"]
    assert [rule for rule in lint.get("ignore", ()) if re.fullmatch(r"S\d+", rule)] == IGNORED
    assert spared <= {"tests/**", "bench/**", "tools/**"}
