"""Which reports of a batch are each other's last year: same agency, by its exact name once blanks and wide letters are folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audits.outcome import Outcome
from audits.waivers import same_name


def previous_in(outcomes: Sequence[Outcome]) -> Mapping[int, int]:
    """Index of a report -> index of the same agency's report of the year before.

    Where a batch has two reports of that agency and year, nobody can tell which one counts: neither is taken.
    """
    found: dict[tuple[str, int], list[int]] = {}
    for index, outcome in enumerate(outcomes):
        summary = outcome.summary
        if summary is not None and summary.applicable and summary.agency and summary.year is not None:
            found.setdefault((same_name(summary.agency), summary.year), []).append(index)
    pairs = {}
    for (agency, year), indexes in found.items():
        before = found.get((agency, year - 1), [])
        if len(before) == 1:
            pairs.update(dict.fromkeys(indexes, before[0]))
    return pairs
