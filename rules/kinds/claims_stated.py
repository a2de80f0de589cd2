"""claims_stated (要素): each of several numbers must be stated in the prose, zero included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rules.claims import SUBJECTS
from rules.errors import FieldError
from rules.filing import Filing, PartState
from rules.kinds.doubts import loss_anywhere
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class ClaimsStated:
    """section is where they belong; without it nothing can be said. Facts: missing."""

    subjects: tuple[str, ...]
    section: str
    gives: ClassVar[frozenset[str]] = frozenset({"missing"})

    def __post_init__(self) -> None:
        for index, subject in enumerate(self.subjects):
            if subject not in SUBJECTS:
                raise FieldError(("subjects", index), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")

    def check(self, filing: Filing) -> Iterator[Verdict]:
        place = Place(self.section)
        section = filing.sections[self.section]
        if section.state is PartState.ABSENT:
            yield Verdict(State.UNDETERMINED, place, reason="未检出该部分")
            return
        stated = {claim.subject for claim in filing.claims}
        missing = [SUBJECTS[subject] for subject in self.subjects if subject not in stated]
        if not missing:
            yield Verdict(State.HOLDS, place)
            return
        evidence = (Evidence(section.heading, section.at),) if section.at else ()
        yield Verdict(State.BROKEN, place, evidence, {"missing": "、".join(missing)}, doubt=loss_anywhere(filing))
