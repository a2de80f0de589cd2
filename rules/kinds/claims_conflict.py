"""claims_conflict (正文自相矛盾): two places of the prose state different totals of the same thing, year and circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rules.claims import SUBJECTS, Claim
from rules.claims.comparable import clipped, is_comparable
from rules.errors import FieldError
from rules.filing import Filing, Number
from rules.kinds.keys import split_cell
from rules.verdict import Evidence, Place, State, Verdict


@dataclass(frozen=True, slots=True)
class ClaimsConflict:
    """subjects   what is compared with itself.
    either     for a subject the cells that it may mean (new, new + carried_in): two numbers that both are among them do not conflict.
    doubtful   subjects for which two numbers may well be of two things (平台, 口径): their conflicts are for a person to look at.
    Facts: subject, first, second (the two sentences), a, b (the two numbers).
    """

    subjects: tuple[str, ...]
    either: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"subject", "first", "second", "a", "b"})

    def __post_init__(self) -> None:
        for name in ("subjects", "either", "doubtful"):
            for subject in getattr(self, name):
                if subject not in SUBJECTS:
                    raise FieldError((name,), f"不认识的事项 {subject!r}；可用：{', '.join(SUBJECTS)}")
        for subject, choices in self.either.items():
            for index, choice in enumerate(choices):
                for cell in choice.split("+"):
                    split_cell(("either", subject, index), cell.strip())

    def check(self, filing: Filing) -> Iterator[Verdict]:
        stated: dict[tuple[str, str], list[Claim]] = {}
        for claim in filing.claims:
            if claim.subject in self.subjects and claim.value is not None and is_comparable(claim, filing):
                stated.setdefault((claim.subject, claim.unit if claim.subject in self.doubtful else ""), []).append(claim)
        repeated = {key: claims for key, claims in stated.items() if len(claims) > 1}
        if not repeated:
            yield Verdict(State.NOT_APPLICABLE, reason="正文没有对同一事项重复计数")
        for (subject, _), claims in repeated.items():
            yield self._verdict(subject, claims, filing)

    def _verdict(self, subject: str, claims: list[Claim], filing: Filing) -> Verdict:
        first = claims[0]
        place = Place(first.section, topic=subject)
        meant = self._meant(subject, filing)
        other = next((claim for claim in claims if not self._agree(first, claim, meant)), None)
        if other is None:
            return Verdict(State.HOLDS, place)
        differing = {claim.value: claim for claim in reversed(claims)}.values()
        evidence = tuple(
            dict.fromkeys(Evidence(claim.quote, claim.at) for claim in sorted(differing, key=lambda c: c.at.chars))
        )
        if None in meant:
            reason = (
                f"{SUBJECTS[subject]}两处为{first.value}和{other.value}，表中相应的格没有数字，无法判断是否因含上年结转而不同"
            )
            return Verdict(State.UNDETERMINED, place, evidence, reason=reason)
        doubt = "两处可能统计口径不同（平台、范围），请结合原文判断" if subject in self.doubtful else None
        return Verdict(
            State.BROKEN,
            place,
            evidence,
            {
                "subject": SUBJECTS[subject],
                "first": clipped(first.clause),
                "second": clipped(other.clause),
                "a": f"{first.value}{first.unit}",
                "b": f"{other.value}{other.unit}",
            },
            doubt=doubt,
            actual=f"{first.value}{first.unit}，{other.value}{other.unit}",
        )

    def _meant(self, subject: str, filing: Filing) -> set[Number | None]:
        """The numbers that the subject may mean by the table, None among them for a sum that cannot be made."""
        numbers: set[Number | None] = set()
        for choice in self.either.get(subject, ()):
            cells = [cell.strip().split(".") for cell in choice.split("+")]
            values = [filing.tables[table].cell(row, column).value for table, row, column in cells]
            known = [value for value in values if value is not None]
            numbers.add(sum(known) if len(known) == len(values) else None)
        return numbers

    @staticmethod
    def _agree(one: Claim, other: Claim, meant: set[Number | None]) -> bool:
        return one.value == other.value or (one.value in meant and other.value in meant)
