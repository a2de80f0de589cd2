"""An audit's JSON with the findings asked for and nothing else, for tests of what is made from it."""

from __future__ import annotations

import json
from collections.abc import Sequence


def written(
    agency: str, year: int, *rules: str, undecided: Sequence[str] = (), pack: str = "national 1", engine: str = "hecha 1"
) -> bytes:
    """The keys that audits/digest.py reads; one finding a rule, its id made of the rule."""
    place = dict.fromkeys(("section", "table", "row", "column", "topic"))
    findings = [
        {
            "id": f"{rule}-id",
            "rule": rule,
            "severity": "error",
            "doubt": None,
            "title": rule,
            "where": "表二",
            "place": place,
            "message": "不平",
            "evidence": [],
            "expected": "",
            "actual": "",
            "basis": "",
            "advice": "",
        }
        for rule in rules
    ]
    whole = {
        "hecha": {"format": 1, "engine": engine, "pack": pack, "template": None},
        "source": {"name": "a.txt", "sha256": "0" * 64, "media_type": "text/plain"},
        "report": {"title": None, "agency": agency, "year": year, "edition": None, "published": None},
        "applicable": True,
        "reason": "",
        "findings": findings,
        "undecided": [{"rule": rule, "title": rule, "where": "表二", "reason": "空白"} for rule in undecided],
        "rules": [],
        "waived": [],
        "score": None,
    }
    return json.dumps(whole, ensure_ascii=False).encode()
