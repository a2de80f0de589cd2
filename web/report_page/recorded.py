"""An audit as the store keeps it: its JSON, with the numbers of its findings as the PDF prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from audits.digest import Digest, digest_from, whole_from
from rules.editions import Edition, editions

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """``whole`` is docs/json.md; ``digest`` the same as models. Finding number n is the n-th of both."""

    whole: Json
    digest: Digest

    @property
    def edition(self) -> Edition | None:
        return editions().get(self.digest.edition or "")

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Of the findings, by id."""
        return {finding.id: number for number, finding in enumerate(self.digest.findings, 1)}


def recorded_from(written: bytes) -> Recorded:
    """Raises ValueError if it is not an audit's JSON."""
    try:
        return Recorded(whole_from(written), digest_from(written))
    except (KeyError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        raise ValueError("not the JSON of an audit") from error
