"""docs/error-codes.md has every code that the program can show, and none that it cannot."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("access", "audits", "cli", "reports_in", "rules", "sweeps", "web", "worker")
BASES = {"ACCESS", "AUDIT", "INTAKE", "RULE", "SWEEP"}  # what is raised is more particular
GIVEN = re.compile(r'\bcode(?:: str)? = "([A-Z][A-Z_]+)"|"(SWEEP_[A-Z_]+|METHOD_NOT_ALLOWED|DATABASE|INVALID|WORKER_LOST)"')
SOURCE = "".join(path.read_text("utf-8") for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
DOCUMENTED = (ROOT / "docs" / "error-codes.md").read_text("utf-8")


def test_every_code_is_explained() -> None:
    codes = {first or second for first, second in GIVEN.findall(SOURCE)}
    assert len(codes) > 60
    assert {code for code in codes - BASES if f"`{code}`" not in DOCUMENTED} == set()


def test_no_explained_code_is_gone() -> None:
    explained = {code for row in re.findall(r"^\| (`[^|]+) \|", DOCUMENTED, re.M) for code in re.findall(r"`([A-Z_]+)`", row)}
    assert len(explained) > 60
    assert {code for code in explained if f'"{code}"' not in SOURCE} == set()
