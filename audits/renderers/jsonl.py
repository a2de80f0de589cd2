"""The whole batch as JSON Lines: the JSON form of every audited report on a line of its own, in the order of the batch."""

from __future__ import annotations

from typing import BinaryIO

from audits.batch import Batch


def render(batch: Batch, out: BinaryIO) -> None:
    """The JSON of every report that was audited, each on a line; what could not be audited has none."""
    for report in batch.reports:
        if report.json is not None:
            out.write(report.json.read_bytes().replace(b"\n", b"") + b"\n")  # in JSON a line break is never part of a string
