"""Decide on findings (认定): a supervisor confirms one, dismisses it or waives it; who, when and why stays on record.

A decision belongs to the finding's id, so it holds for every report that shows that finding again. Whether somebody may decide at all
is for the callers to know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from audits.decision import Decided, Decision
from audits.digest import Digest, digest_from
from audits.errors import AuditError, NoSuchFinding, NotWaivable, ReasonMissing, WaiverEnded
from audits.findings import Finding
from audits.store import Result, Store
from audits.store.decisions import About
from audits.wording import DECIDED
from reports_in.system_words import in_words
from rules.compile import PACKS, load_pack

LONGEST_REASON = 2_000  # characters


def decide(
    store: Store,
    submission_id: str,
    finding_ids: Collection[str],
    decided: Decided,
    reason: str = "",
    *,
    account_id: str,
    author: str,
    expires: date | None = None,
    today: date | None = None,
    expected: Mapping[str, str] | None = None,
) -> Sequence[Decision]:
    """Decide on these findings of that report, all or none. What was decided before is kept in the history.

    expected  by finding the id of the decision that was seen to hold, "" for none; of findings that are not in it whatever holds.

    Decided.REOPENED takes back what was decided. Raises NoSuchFinding, ReasonMissing, NotWaivable, WaiverEnded, DecidedMeanwhile;
    StoreError.
    """
    result = store.result(submission_id)
    reason = reason.strip()[:LONGEST_REASON]
    findings = _findings(store, result, finding_ids)
    if decided in (Decided.DISMISSED, Decided.WAIVED) and not reason:
        raise ReasonMissing(f"{DECIDED[decided]}要写明理由")
    if decided is Decided.WAIVED:
        _check_waivable(result, findings)
        if expires is not None and expires < (today or date.today()):
            raise WaiverEnded(f"豁免的截止日期 {expires} 已过；请另选日期，或不填（长期有效）")
    elif expires is not None:
        raise WaiverEnded("只有豁免可以有截止日期")
    digest = _digest(store, result)
    region = store.region_of(submission_id)
    about = [
        About(item.id, region, digest.agency or "", digest.year, item.rule, message_hash(item), submission_id)
        for item in findings
    ]
    return store.decisions.take(about, decided, reason, account_id, author, expires, expected)


def undo(
    store: Store, submission_id: str, finding_ids: Collection[str], reason: str = "", *, account_id: str, author: str
) -> Sequence[Decision]:
    """Take back what was decided on these findings: they are open again. The history says who did."""
    return decide(store, submission_id, finding_ids, Decided.REOPENED, reason, account_id=account_id, author=author)


def history(store: Store, submission_id: str, finding_id: str) -> Sequence[Decision]:
    """Everything ever decided on that finding of the report, oldest first, with ``said_otherwise`` against what it says now."""
    finding = _findings(store, store.result(submission_id), [finding_id])[0]
    found = store.decisions.history(finding_id, store.region_of(submission_id))
    return [compared(decision, finding) for decision in found]


def of_report(store: Store, submission_id: str, today: date | None = None) -> Mapping[str, Decision]:
    """What holds now for the findings of that report, by finding; none for those that are open, ended waivers included."""
    result = store.result(submission_id)
    if "json" not in result.outputs:
        return {}
    return of_findings(store, _digest(store, result).findings, store.region_of(submission_id), today)


def of_findings(store: Store, findings: Sequence[Finding], region: str, today: date | None = None) -> Mapping[str, Decision]:
    """The same for findings at hand."""
    day = today or date.today()
    found = store.decisions.current([finding.id for finding in findings], region)
    return {
        finding.id: compared(found[finding.id], finding)
        for finding in findings
        if finding.id in found and found[finding.id].holds_on(day)
    }


def compared(decision: Decision, finding: Finding) -> Decision:
    """The decision, with whether the finding says something else now than when it was taken."""
    return replace(decision, said_otherwise=decision.message != message_hash(finding))


def message_hash(finding: Finding) -> str:
    """Of what a person read when deciding: the message, and what should stand there and what does."""
    return hashlib.sha256("\x1f".join((finding.message, finding.expected, finding.actual)).encode()).hexdigest()


def _findings(store: Store, result: Result, finding_ids: Collection[str]) -> list[Finding]:
    shown = {finding.id: finding for finding in _digest(store, result).findings}
    for finding_id in finding_ids:
        if finding_id not in shown:
            raise NoSuchFinding(f"{result.submission.name}：没有编号为 {finding_id} 的问题；请刷新后再认定")
    return [shown[finding_id] for finding_id in dict.fromkeys(finding_ids)]


def _check_waivable(result: Result, findings: Sequence[Finding]) -> None:
    """An office's pack may have changed since: a rule that it no longer has is not waived any more."""
    stored = result.submission.pack
    rules = load_pack(Path(stored) if stored else PACKS / "national").rules
    for finding in findings:
        rule = rules.get(finding.rule)
        if rule is None or not rule.waivable:
            raise NotWaivable(f"“{finding.title}”（{finding.rule}）不允许豁免；可以确认，或说明理由认定为不成立")


def _digest(store: Store, result: Result) -> Digest:
    if "json" not in result.outputs:
        raise NoSuchFinding(f"{result.submission.name}：还没有核查结果，不能认定")
    try:
        return digest_from(store.file(result.outputs["json"]).read_bytes())
    except OSError as exc:
        raise AuditError(f"{result.submission.name}：已存的核查数据读不到（{in_words(exc)}）；请重新核查该文件") from exc
