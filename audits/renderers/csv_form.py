"""The problems of a batch as CSV, one a line: UTF-8 with a byte order mark, so that Excel and WPS read it as Chinese."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from audits.batch import Batch
from audits.renderers.cells import PROBLEM_HEADS, problem, safe_for_csv


def render(batch: Batch, out: BinaryIO) -> None:
    """One line for each finding that no waiver takes out; UTF-8 with byte order mark, for spreadsheets."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(PROBLEM_HEADS)
    for running, (report, number, finding) in enumerate(batch.findings(), 1):
        writer.writerow([safe_for_csv(value) for value in problem(running, report, number, finding)])
    text.detach()
