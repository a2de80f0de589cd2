"""Reports in a store as audits leave them, for tests of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audits.intake import Submitted
from audits.matching import Candidate, Match, MatchState
from audits.outcome import Found, Outcome, Settled, Summary
from audits.store import Queue, Store
from rules.verdict import Severity

WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.NOTICE)


@dataclass(frozen=True)
class Report:
    """What an audit says of a file. problems: as E, W or N, small if doubtful, each with a rule: "E:A-1 w:B-2"."""

    name: str
    agency: str | None = None
    year: int | None = 2023
    problems: str = ""
    settled: Settled = Settled.AUDITED
    published: str | None = None
    match: Match | None = None

    def findings(self) -> tuple[Found, ...]:
        levels = {level.value[0].upper(): level for level in Severity}
        return tuple(
            Found(f"{rule}-{self.agency}-{self.year}-{number}", rule, levels[kind.upper()], kind.islower())
            for number, (kind, rule) in enumerate(item.split(":") for item in self.problems.split())
        )

    def outcome(self) -> Outcome:
        if self.settled is not Settled.AUDITED:
            return Outcome(self.settled, "BROKEN", f"{self.name}：坏了", match=self.match)
        found = self.findings()
        counts = [sum(one.severity is level for one in found) for level in WORST_FIRST]
        sure = [level for level in WORST_FIRST if any(one.severity is level and not one.is_doubtful for one in found)]
        doubtful = sum(one.is_doubtful for one in found)
        summary = Summary(self.agency, self.year, True, "", *counts, doubtful, 1, next(iter(sure), None), 0, self.published)
        return Outcome(Settled.AUDITED, summary=summary, outputs={"json": b"{}"}, findings=found, match=self.match)


def batch_of(
    store: Store,
    folder: Path,
    region: str,
    reports: Sequence[Report],
    title: str = "一批",
    owner: str = "",
    waiting: int = 0,
    year: int | None = None,
) -> str:
    """A batch of these reports, audited in turn; the last ``waiting`` ones are not. The store must have nothing else that waits."""
    files = []
    for report in reports:
        path = folder / "file"
        path.write_text(report.name)
        files.append(Submitted(path, report.name))
    batch_id = store.add_batch(title, files, year, region=region, owner=owner)
    for report in reports[: len(reports) - waiting]:
        settle(store, report)
    store.complete(batch_id, lambda _: {})
    return batch_id


def settle(store: Store, report: Report) -> None:
    """Settle what waits first."""
    claim = store.claim(Queue.AUDIT, 600.0)
    assert claim is not None
    roster = store.asked(claim.submission.batch_id).roster
    key = f"{report.name} {claim.submission.id}"
    assert store.finish(claim, report.outcome(), key[:64], "国家 1", "1", roster.id if roster is not None else None)


def matched(code: str, name: str) -> Match:
    return Match(MatchState.MATCHED, (Candidate(code, name, 100.0),), (("title", name),))


def ambiguous(*candidates: tuple[str, str]) -> Match:
    return Match(MatchState.AMBIGUOUS, tuple(Candidate(code, name, 90.0) for code, name in candidates), (), "分不清")
