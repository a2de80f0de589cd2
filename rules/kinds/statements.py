"""statements (应写事项): something that a report must say in words, found by what it is said with. Asked once.

What is found anywhere counts as said: a rule of this kind accuses only where no word of it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rules.filing import Filing, PartState
from rules.kinds.doubts import garbled, loss_anywhere
from rules.patterns import any_of, certain, check_patterns, found_in
from rules.prose import Text, prose_of
from rules.verdict import Evidence, Place, Severity, State, Verdict

HAN = re.compile(r"[\u4e00-\u9fff]")
MOST_QUOTES = 3
MOST_TRIED = 3  # sentences looked at by themselves before all at once
HEADING = 24  # characters of a paragraph in which its heading is looked for


@dataclass(frozen=True, slots=True)
class Statements:
    """``section`` must say everything that ``needs`` names, each with the patterns by which it is recognised.

    anywhere   the whole report may say it, not only the section.
    elsewhere  patterns by which it is recognised in the other sections: then it is only in the wrong place, a notice.
    ignore     words taken out before looking: headings that only announce it, "不存在问题".
    belongs    patterns of the heading under which it should stand: shown as evidence where there is one.
    Facts: missing (names), where (in brackets, with what words another part says it; "" if none does), text (the section's words, shortened).
    """

    section: str
    needs: Mapping[str, tuple[str, ...]]
    anywhere: bool = False
    elsewhere: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    belongs: tuple[str, ...] = ()
    gives: ClassVar[frozenset[str]] = frozenset({"missing", "where", "text"})

    def __post_init__(self) -> None:
        for name, patterns in self.needs.items():
            check_patterns(f"needs.{name}", patterns)
        check_patterns("elsewhere", self.elsewhere)
        check_patterns("ignore", self.ignore)
        check_patterns("belongs", self.belongs)

    def check(self, filing: Filing) -> Iterator[Verdict]:
        place = Place(self.section)
        part = filing.sections[self.section]
        if part.state is not PartState.PRESENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason="该部分缺失或为空，另有规则处理")
            return
        prose = prose_of(filing)
        own = prose.text((self.section,))
        told = prose.text() if self.anywhere else own
        missing = [name for name, patterns in self.needs.items() if not self._is_plain(told, patterns)]
        if missing:
            words = any_of(self.ignore).without(told.encoded).decode() if self.ignore else told.words
            missing = [name for name in missing if not any_of(self.needs[name]).is_in(words)]
        if not missing:
            yield Verdict(State.HOLDS, place)
            return
        said = next((hit for hit in prose.text().find(any_of(self.elsewhere))), None) if self.elsewhere else None
        evidence = (
            tuple(passage.evidence() for passage in prose.of(self.section)[:MOST_QUOTES]) if len(own.encoded) < 400 else ()
        )
        if part.at is not None:
            evidence = (Evidence(part.heading, part.at), *evidence)
        if self.belongs:
            under = [p for p in prose.of(self.section) if p.lead is not None and found_in(self.belongs, p.words[:HEADING])]
            evidence = tuple(passage.evidence(0, HEADING) for passage in under[:MOST_QUOTES]) or evidence
        if said is not None:
            evidence = (said.sentence.evidence(), *evidence)
        facts = {
            "missing": "、".join(missing),
            "where": f"（其他部分写有“{said.words}”）" if said is not None else "",
            "text": own.words[:30].replace("\n", ""),
        }
        yield Verdict(
            State.BROKEN,
            place,
            evidence,
            facts,
            doubt=garbled(own.words) or loss_anywhere(filing),
            severity=Severity.NOTICE if said is not None else None,
            expected=f"写明{facts['missing']}",
            actual="写在其他部分" if said is not None else "未见",
        )

    def _is_plain(self, told: Text, patterns: tuple[str, ...]) -> bool:
        """Whether a sentence says it in a word that alone is enough, and says it still when what is to be ignored is taken out. Most
        reports have such a sentence, and to ask RE2 about that one costs a fraction of asking it about the section."""
        tried = 0
        for word in certain(patterns):
            at = told.words.find(word)
            if at < 0:
                continue
            if not self.ignore:
                return True
            (line,) = told.lines_at((at,))
            words = told.words[told.starts[line] : told.starts[line + 1] - 1]
            if word in any_of(self.ignore).without(words.encode()).decode():
                return True
            tried += 1
            if tried == MOST_TRIED:
                break
        return False


@dataclass(frozen=True, slots=True)
class Length:
    """A section has at most so many Chinese characters. Facts: length, most."""

    section: str
    most: int
    gives: ClassVar[frozenset[str]] = frozenset({"length", "most"})

    def check(self, filing: Filing) -> Iterator[Verdict]:
        place = Place(self.section)
        if filing.sections[self.section].state is not PartState.PRESENT:
            yield Verdict(State.NOT_APPLICABLE, place, reason="该部分缺失或为空，另有规则处理")
            return
        length = len(HAN.findall(prose_of(filing).text((self.section,)).words))
        facts = {"length": length, "most": self.most}
        state = State.BROKEN if length > self.most else State.HOLDS
        yield Verdict(state, place, facts=facts, expected=f"不超过{self.most}字", actual=f"{length}字")
