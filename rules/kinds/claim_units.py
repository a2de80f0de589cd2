"""claim_units (量词): a number of the prose must be printed with the unit that its subject is counted in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rules.claims import SUBJECTS
from rules.claims.comparable import clipped
from rules.errors import FieldError
from rules.filing import Filing
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class ClaimUnits:
    """wrong holds for each subject the units that it should not be printed with ("" for none at all), right the one it should.

    Facts: subject, printed (the unit, or 无单位), right, quote.
    """

    wrong: Mapping[str, tuple[str, ...]]
    right: Mapping[str, str]
    gives: ClassVar[frozenset[str]] = frozenset({"subject", "printed", "right", "quote"})

    def __post_init__(self) -> None:
        for subject in self.wrong:
            if subject not in SUBJECTS:
                raise FieldError(("wrong", subject), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")
            if subject not in self.right:
                raise FieldError(("right",), f"没有写 {subject!r} 的单位")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        broken: dict[Place, Verdict] = {}
        asked = False
        for claim in filing.claims:
            if claim.subject not in self.wrong or claim.value is None:
                continue
            asked = True
            place = Place(claim.section, topic=claim.subject)
            evidence = Evidence(claim.quote, claim.at)
            if claim.unit not in self.wrong[claim.subject] or (claim.unit == "" and not any(c.isdigit() for c in claim.quote)):
                yield Verdict(State.HOLDS, place, (evidence,))
            elif place in broken:
                broken[place] = broken[place]._replace(evidence=tuple(dict.fromkeys((*broken[place].evidence, evidence))))
            else:
                facts = {
                    "subject": SUBJECTS[claim.subject],
                    "printed": f"“{claim.unit}”" if claim.unit else "无单位",
                    "right": self.right[claim.subject],
                    "quote": clipped(claim.clause),
                }
                broken[place] = Verdict(State.BROKEN, place, (evidence,), facts, actual=f"{claim.value}{claim.unit}")
        if not asked:
            yield Verdict(State.NOT_APPLICABLE, reason="正文未写明相应数字")
        yield from broken.values()
