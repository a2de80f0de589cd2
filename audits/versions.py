"""What a resubmitted report changed: by the ids of findings, which stay the same through resubmissions."""

from __future__ import annotations

from dataclasses import dataclass

from audits.digest import Digest
from audits.findings import Finding
from audits.waivers import same_name


@dataclass(frozen=True, slots=True)
class Changes:
    """fixed, still_open and new findings of the newer version against the older one; a waived one is there all the same.

    unsure      findings of the older version that the newer one does not show, but cannot be said to have fixed: their rule could
                not be decided there (无法核验), or another pack or program was asked.
    comparable  False with ``reason`` in Chinese if the two are no versions of one report: then nothing else is said.
    """

    fixed: tuple[Finding, ...] = ()
    still_open: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    unsure: tuple[Finding, ...] = ()
    comparable: bool = True
    reason: str = ""


def changes(before: Digest, after: Digest) -> Changes:
    """What became of the findings of ``before`` in ``after``."""
    if same_name(before.agency or "") != same_name(after.agency or "") or before.year != after.year:
        was, now = (f"{digest.agency or '单位未识别'}{digest.year or '年度不明'}" for digest in (before, after))
        return Changes(comparable=False, reason=f"两份不是同一单位同一年度的报告（{was}，{now}），不作比较")
    same_measure = (before.pack, before.engine) == (after.pack, after.engine)
    undecided = {item.rule for item in after.undecided}
    then = {finding.id: finding for finding in (*before.findings, *(waived.finding for waived in before.waived))}
    now_open = {finding.id: finding for finding in (*after.findings, *(waived.finding for waived in after.waived))}
    gone = [finding for key, finding in then.items() if key not in now_open]
    sure = [finding for finding in gone if same_measure and finding.rule not in undecided]
    return Changes(
        fixed=tuple(sure),
        still_open=tuple(finding for key, finding in now_open.items() if key in then),
        new=tuple(finding for key, finding in now_open.items() if key not in then),
        unsure=tuple(finding for finding in gone if finding not in sure),
    )
