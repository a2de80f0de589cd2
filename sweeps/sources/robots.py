"""What a site's robots.txt lets a program fetch (RFC 9309): the group of its name, else of all; the longest rule decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_BYTES = 500 * 1024
LONGEST_DELAY = 30.0  # seconds; who asks for more gets as much
_DIRECTIVE = re.compile(r"\s*(?P<key>[A-Za-z-]+)\s*:\s*(?P<value>[^#]*)")


@dataclass(frozen=True, slots=True)
class Robots:
    """rules  (allowed, pattern) of the group that is meant for us."""

    rules: Sequence[tuple[bool, str]] = ()
    delay: float = 0.0

    def may(self, target: str) -> bool:
        fitting = [(len(pattern), allowed) for allowed, pattern in self.rules if _fits(pattern, target)]
        return max(fitting, default=(0, True))[1]


def read(data: bytes, agent: str) -> Robots:
    groups: dict[str, tuple[list[tuple[bool, str]], list[float]]] = {}
    named: list[str] = []
    in_rules = False
    for line in data[:MOST_BYTES].decode("utf-8-sig", "replace").splitlines():
        found = _DIRECTIVE.match(line)
        if found is None:
            continue
        key, value = found["key"].lower(), found["value"].strip()
        if key == "user-agent":
            if in_rules:
                named, in_rules = [], False
            named.append(value.lower())
            groups.setdefault(value.lower(), ([], []))
            continue
        in_rules = True
        for name in named:
            if key in ("allow", "disallow") and value:
                groups[name][0].append((key == "allow", value))
            elif key == "crawl-delay" and re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", value):
                groups[name][1].append(min(float(value), LONGEST_DELAY))
    rules, delays = groups.get(agent.lower()) or groups.get("*") or ([], [])
    return Robots(tuple(rules), max(delays, default=0.0))


def _fits(pattern: str, target: str) -> bool:
    """Whether the target begins as the pattern says; "*" stands for anything, "$" for its end."""
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    if ends:
        if not rest:
            return target == first
        last = rest.pop()
        if len(target) - len(last) < at or not target.endswith(last):
            return False
        target = target[: len(target) - len(last)]
    for part in rest:
        at = target.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
