"""The kinds of place that a sweep looks at; a new one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeps.errors import ScheduleUnusable
from sweeps.looking import Source
from sweeps.sources.addresses import Addresses
from sweeps.sources.folder import Folder
from sweeps.sources.s3 import Prefix

SOURCES: dict[str, Source] = {
    "folder": Folder(),
    "s3": Prefix(),
    "addresses": Addresses(),
}


def source_of(spec: Mapping[str, Any]) -> Source:
    """What looks at a source as a schedule keeps it. Raises ScheduleUnusable for a kind that nobody knows."""
    kind = spec.get("kind")
    if not isinstance(kind, str) or kind not in SOURCES:
        raise ScheduleUnusable(f"不认识的巡查来源 {kind!r}；请用 {'、'.join(SOURCES)} 之一")
    return SOURCES[kind]
