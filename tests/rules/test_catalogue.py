"""Every rule of the catalogue is in the national pack or in docs/rules/not-implemented.md, never in both."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rules.compile import load_pack

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path(os.environ.get("HECHA_SHARED", ROOT.parent / "shared")) / "domain" / "rules-catalogue.md"
LINE = re.compile(r"^\| ([A-Z][A-Z0-9-]+) \|", re.MULTILINE)


def waiting() -> list[str]:
    return LINE.findall((ROOT / "docs" / "rules" / "not-implemented.md").read_text("utf-8"))


def test_no_rule_is_called_waiting_that_is_in_the_pack():
    assert [rule for rule in waiting() if rule in load_pack().rules] == []


def test_no_rule_waits_twice():
    assert len(waiting()) == len(set(waiting()))


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue is not on this machine")
def test_every_rule_of_the_catalogue_is_implemented_or_said_to_wait():
    ids = LINE.findall(CATALOGUE.read_text("utf-8"))
    assert sorted({*ids} - load_pack().rules.keys() - set(waiting())) == []
