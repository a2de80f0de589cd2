"""Which claims may be held against the tables, and against each other."""

from __future__ import annotations

from rules.agencies import Body, Level
from rules.filing import Claim, Filing

SHOWN = 40  # characters of a clause in a message; the whole sentence is in the evidence


def is_comparable(claim: Claim, filing: Filing) -> bool:
    """True for an exact total of the report's own year and of the agencies that its tables count.

    A government's tables count its whole region, so that what its own office received (本级) is not compared; those of an office or a
    department count itself alone, so that 全市 is not. Of an agency whose name does not tell what it is, only what names no circle is.
    A town is its own circle: 全镇 is no scope there (``reading.Reader.circle``).
    """
    if claim.subset or claim.approximate:
        return False
    if claim.year is not None and claim.year != filing.year.value:
        return False
    if claim.scope == "":
        return True
    kind = filing.agency_kind
    if kind.body in (Body.GOVERNMENT, Body.ZONE) and kind.level is not Level.TOWNSHIP:
        return claim.scope == "all"
    return claim.scope == "own" and kind.body is not Body.UNKNOWN


def clipped(clause: str) -> str:
    """The clause for a message. Its end counts: that is where the number is."""
    return clause if len(clause) <= SHOWN else f"……{clause[-SHOWN:]}"
