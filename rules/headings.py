"""Read a heading: its ordinal, its words, and which of the six sections it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from rules.editions import TemplateSection, editions
from rules.numbers import parse_han
from rules.prose import fold

# 一、 / 一. / (一) is a lower level / "—、" is a dash printed for 一 / "l六、" has a dirty character before the ordinal
ORDINAL = re.compile(
    r"[\s#*]*(?P<dirt>[^\s一二三四五六七八九十百（(]{0,2}?)(?P<han>[一二三四五六七八九十]{1,3}|[—―－-])\s*(?P<mark>[、.．,，:：])\s*(?P<title>.+)",
    re.S,
)
PART = re.compile(r"[\s#*]*第(?P<han>[一二三四五六七八九十])部分\s*[、.：:，—-]*\s*(?P<title>.+)", re.S)  # 第一部分 总体情况
ARABIC = re.compile(r"[\s#*]*(?P<number>\d{1,2})\s*[、.．]\s*(?P<title>\D.*)", re.S)
NOISE = re.compile(r"[\s\u3000、，,。．.；;：:“”\"'（）()\[\]【】《》〈〉<>#*|_\-—]+")


@dataclass(frozen=True, slots=True)
class ReadHeading:
    """number is None if no ordinal is printed; dirty if it had to be cleaned to be read (``l六、``, ``—、``)."""

    number: int | None
    title: str
    dirty: bool = False


@lru_cache(maxsize=4096)
def read_heading(text: str) -> ReadHeading:
    """The ordinal and the words of a section-level heading line; the words are as printed."""
    line = text.strip()
    folded = fold(line)  # as long as the line: what the pattern finds there stands at the same place here
    match = ORDINAL.fullmatch(folded)
    if match:
        han = match["han"]
        number = 1 if not parse_han(han) else parse_han(han)
        return ReadHeading(number, line[slice(*match.span("title"))].strip(), bool(match["dirt"]) or han in "—―－-")
    match = PART.fullmatch(folded)
    if match:
        return ReadHeading(parse_han(match["han"]), line[slice(*match.span("title"))].strip())
    match = ARABIC.fullmatch(folded)
    if match:
        return ReadHeading(int(match["number"]), line[slice(*match.span("title"))].strip())
    return ReadHeading(None, line.strip("#* \t\u3000"))


def bare(text: str) -> str:
    """The words without blanks and punctuation, for comparison only."""
    return NOISE.sub("", text)


@lru_cache(maxsize=4096)
def section_of(title: str) -> tuple[TemplateSection | None, float]:
    """The section whose heading, in any of its wordings, is nearest to these words, with the score 0..100."""
    words = bare(fold(title))
    wordings, sections = _wordings()
    exact = sections.get(words)
    if exact is not None:
        return exact, 100.0
    nearest = process.extractOne(words, wordings, scorer=fuzz.ratio)
    return (sections[nearest[0]], nearest[1]) if nearest and nearest[1] > 0 else (None, 0.0)


@cache
def _wordings() -> tuple[tuple[str, ...], dict[str, TemplateSection]]:
    """Every wording, bare, and its section. The six headings are the same in both editions."""
    sections: dict[str, TemplateSection] = {}
    for section in list(editions().values())[-1].sections.values():
        for wording in (section.heading, *section.allowed, *section.known):
            sections.setdefault(bare(wording), section)
    return tuple(sections), sections
