"""What a renderer is told besides the audit: what a person decides about the documents to be sent out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Terms:
    """issued           the date that documents bear; without it they bear none.
    deadline         until when an agency has to rectify; without it the notice leaves the date to be filled in.
    notice_template  the office's own template of the notice; ours without it.
    evidence         whether the PDF shows the pieces of the source's pages that findings quote.
    """

    issued: date | None = None
    deadline: date | None = None
    notice_template: Path | None = None
    evidence: bool = False


PLAIN = Terms()
