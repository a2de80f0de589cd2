"""An audit as the store keeps it: its JSON, with the numbers of its findings as the PDF prints them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from audits.digest import Digest, digest_from
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
    """Raises ValueError, KeyError or TypeError if it is not an audit's JSON."""
    return Recorded(json.loads(written, parse_float=Decimal), digest_from(written))
