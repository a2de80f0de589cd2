"""The prose of a filing, cut into passages and sentences once and shared by every rule that reads words.

A passage is a paragraph as its writer meant it: lines that a fixed-width page broke in mid-sentence are joined again, lines that
the source keeps apart stay apart. Patterns run over ``words``: one form for every width of bracket, digit and radical, blanks
inside words taken out. Evidence is quoted as printed: ``evidence`` leads back from the words to the source.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from reports_in.document import Paragraph, Source
from rules.filing import Filing
from rules.needles import Occurring
from rules.patterns import Pattern
from rules.verdict import Evidence

# radicals that Unicode does not fold by itself (CJK Radicals Supplement), as PDF text layers print them
RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰", "母民虎西见角贝车长长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙"
)
HALF_WIDTH = tuple(zip(",;:()!?[]", "，；：（）！？〔〕", strict=True))
ENDS = "。！？!?"
CLOSED = "。！？!?；;：:…”’）)】》"  # a line that ends so is not broken in mid-sentence
# Not [..]+: a pattern that begins with a single character is searched twice as fast; and five times as fast if it is one character
# only. FULL_STOP is what ENDING comes to where nobody asks or cries out.
ENDING = re.compile(rf"[{ENDS}][{ENDS}]*[”’」』）】]*")
FULL_STOP = re.compile("。。*[”’」』）】]*")
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
BLANKS = re.compile(rf"[\s{INVISIBLE}]+")
ODD = re.compile(r"[\uff02-\uff07\uff0a\uff0b\uff0d-\uff19\uff1c-\uff1e\uff20-\uff5e\u2e80-\u2fdf\uf900-\ufaff\u3000\u00a0]")
QUOTED = re.compile(
    r"《[^《》\n]*(?:《[^《》\n]*》[^《》\n]*)*(?:》|(?=\n)|\Z)|“[^“”\n]*(?:”|(?=\n)|\Z)|‘[^‘’\n]*’|「[^「」\n]*」|〔[^〔〕\n]*〕"
)
LEAD = re.compile(
    r"[#*>\s]*(?:"
    r"(?P<paren_han>（[一二三四五六七八九十]{1,3}）)|(?P<paren_arabic>（\d{1,2}）)|"
    r"(?P<han>[一二三四五六七八九十]{1,3}[、.．])|(?P<arabic>\d{1,2}[、.．](?!\d))|"
    r"(?P<clause>[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，、])"
    r")[、.．，：]?"
)
OPENS_LEAD = frozenset("#*> （第一二三四五六七八九十")  # what an ordinal begins with, or a digit
TENS = ("", "十", "二十", "三十")
ORDINALS = {
    tens + unit: 10 * TENS.index(tens) + index for tens in TENS for index, unit in enumerate(("", *"一二三四五六七八九"))
}
LONG_SENTENCE = 600  # characters; the longest sentences that agencies write have some 300
CONTEXT = 200
MOST_LINES = 16  # beyond it, asking about the whole text at once is as quick
FULL_LINE = 0.72  # a line broken by the page's width is at least this full
WRAPPED_LINES = 3  # fewer lines broken in mid-sentence than this are no fixed width, they are titles and lists


def fold(text: str) -> str:
    """The same text, character for character, with one form for every width of digit, letter, bracket and mark."""
    if ODD.search(text):
        return text.translate(FOLD)  # six times as slow as the search, and seldom needed
    for half, full in HALF_WIDTH:
        if half in text:
            text = text.replace(half, full)
    return text


def _fold_table() -> dict[int, str]:
    codes = [*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0xFF01, 0xFF5F), 0x3000, 0x00A0]
    table = {code: folded for code in codes if len(folded := unicodedata.normalize("NFKC", chr(code))) == 1}
    table |= {code: chr(other) if isinstance(other, int) else other for code, other in RADICALS.items()}
    table |= {ord(mark): mark for mark in "，；：！？（）"}
    return (
        table
        | {ord(half): full for half, full in zip(",;:()!?", "，；：（）！？", strict=True)}
        | {ord("["): "〔", ord("]"): "〕"}
    )


FOLD = _fold_table()


class Lead(NamedTuple):
    """The ordinal that opens a passage. ``style`` is "han" (一、), "paren_han", "arabic" (1.), "paren_arabic" or "clause" (一是).

    end is where the words after it begin.
    """

    style: str
    number: int
    printed: str
    end: int


Line = tuple[str, Paragraph, int, str]  # section, paragraph, where in the paragraph the line begins, the line


# Passage and Sentence are told apart by identity, and not frozen: a report has some hundred, and those cost three times as much to make.
@dataclass(slots=True, eq=False)
class Passage:
    """A paragraph. ``words`` is folded and free of blanks; ``raw`` are the printed lines that it is made of, one after the other."""

    section: str
    words: str
    raw: str
    lines: Sequence[Line]
    lead: Lead | None

    @property
    def first(self) -> Source:
        """The place of its first printed line."""
        return _place(self.lines[0])

    @property
    def title(self) -> str:
        """The words after the ordinal."""
        return self.words[self.lead.end :] if self.lead else self.words

    def evidence(self, start: int = 0, end: int | None = None) -> Evidence:
        """The printed words that ``words[start:end]`` stands for, with their place."""
        end = len(self.words) if end is None else min(end, len(self.words))
        begin, stop = self._printed(min(start, end - 1), end)
        return Evidence(self.raw[begin:stop].strip(), self._source(begin, stop))

    def _printed(self, start: int, end: int) -> tuple[int, int]:
        """The range of ``raw`` behind a range of ``words``."""
        if len(self.raw) == len(self.words):
            return start, end
        begin: int | None = None
        gone = 0  # blanks taken out so far
        for match in BLANKS.finditer(fold(self.raw)):
            kept = match.start() + len(_blank(match))
            if begin is None and start < kept - gone:
                begin = start + gone
            if end <= kept - gone:
                break
            gone += match.end() - kept
        return start + gone if begin is None else begin, end + gone

    def _source(self, begin: int, stop: int) -> Source:
        first = last = 0
        starts = [0]
        if len(self.lines) > 1:
            starts = list(accumulate((len(line) for _, _, _, line in self.lines[:-1]), initial=0))
            first = bisect_right(starts, begin) - 1
            last = bisect_left(starts, max(stop, begin + 1)) - 1
        source = _place(self.lines[first])
        chars = (source.chars[0] + begin - starts[first], _place(self.lines[last]).chars[0] + stop - starts[last])
        return Source(source.page, source.line, source.box, chars)


def _place(line: Line) -> Source:
    _, paragraph, begin, _ = line
    source = paragraph.source
    return source._replace(chars=(source.chars[0] + begin, source.chars[1])) if begin else source


@dataclass(slots=True, eq=False)
class Sentence:
    """A sentence of a passage, its closing mark included. ``start`` is its place in ``passage.words``."""

    passage: Passage
    section: str
    start: int
    words: str

    @property
    def bare(self) -> str:
        """The words with titles (《》), quotations and document numbers (〔〕) blanked out, place for place."""
        return without_quoted(self.words)

    def evidence(self, start: int = 0, end: int | None = None) -> Evidence:
        end = len(self.words) if end is None else min(end, len(self.words))
        return self.passage.evidence(self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a pattern matched: ``sentence.words[start:end]``. ``groups`` are the pattern's groups, "" for one that took no part."""

    sentence: Sentence
    start: int
    end: int
    groups: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return self.sentence.words[self.start : self.end]

    @property
    def context(self) -> str:
        """The sentence; of one that goes on without end, the words around."""
        words = self.sentence.words
        return words if len(words) <= LONG_SENTENCE else words[max(0, self.start - CONTEXT) : self.end + CONTEXT]


class Text:
    """Several sentences as one run of words, a line per sentence, to be searched at once. ``starts`` are the places of the lines.

    occurring is what occurs in the whole of which it is a part: what does not occur there does not occur here. Not the prose itself:
    with a circle, all that was read of a report would lie about until the collector comes.
    """

    def __init__(self, occurring: Occurring, sentences: Sequence[Sentence], words: str, starts: Sequence[int]) -> None:
        self.occurring = occurring
        self.sentences = sentences
        self.words = words
        self.starts = starts

    @cached_property
    def encoded(self) -> bytes:
        return self.words.encode()

    def lines_at(self, places: Iterable[int]) -> Sequence[int]:
        """The sentences that hold those places of ``words``."""
        return sorted({bisect_right(self.starts, place) - 1 for place in places})

    def lines_of(self, pattern: re.Pattern[str]) -> Iterator[int]:
        """The sentences in which the pattern occurs, each once. A match must not go beyond its line."""
        match = pattern.search(self.words)
        while match is not None:
            index = bisect_right(self.starts, match.start()) - 1
            yield index
            match = pattern.search(self.words, self.starts[index + 1])

    def lines_with(self, words: Iterable[str]) -> Sequence[int]:
        """The sentences in which any of the words occurs."""
        return sorted(set(self._found(words)))

    def _found(self, words: Iterable[str]) -> Iterator[int]:
        """The same word by word: a sentence comes again for every word that it holds."""
        text, starts = self.words, self.starts
        for word in words:
            at = text.find(word)
            while at >= 0:
                index = bisect_right(starts, at) - 1
                yield index
                at = text.find(word, starts[index + 1])

    def find(self, pattern: Pattern, within: Sequence[int] | None = None) -> Iterator[Hit]:
        """Every match; none goes beyond its sentence. ``within`` are the sentences to look at (``lines_at``), all if None."""
        lines = self._lines(pattern) if within is None else within
        if lines is None:
            yield from self._hits(pattern, self.encoded, 0)
        else:
            for index in lines:
                start = self.starts[index]
                yield from self._hits(pattern, self.words[start : self.starts[index + 1] - 1].encode(), start)

    def has(self, pattern: Pattern) -> bool:
        if pattern.watched and self.occurring.words.isdisjoint(pattern.needles):
            return False
        if pattern.spelled:
            return pattern.is_in(self.words)
        lines = self._lines(pattern)
        if lines is None:
            return pattern.search(self.encoded) is not None
        starts = self.starts
        return any(pattern.search(self.words[starts[i] : starts[i + 1] - 1].encode()) is not None for i in lines)

    def _hits(self, pattern: Pattern, encoded: bytes, offset: int) -> Iterator[Hit]:
        """The matches in a part of the words that begins at ``offset``."""
        read, place = 0, offset  # bytes read so far, and the character that they lead to
        for match in pattern.finditer(encoded):
            begin, stop = match.span()
            start = place + len(encoded[read:begin].decode())
            end = start + len(encoded[begin:stop].decode())
            read, place = stop, end
            if start < end:
                index = bisect_right(self.starts, start) - 1
                groups = tuple((group or b"").decode() for group in match.groups())
                yield Hit(self.sentences[index], start - self.starts[index], end - self.starts[index], groups)

    def _lines(self, pattern: Pattern) -> Sequence[int] | None:
        """The sentences that hold a word without which there is no match; None if they cannot be told or are too many.

        Looking for a word costs a fraction of asking RE2, which walks through every character.
        """
        needles: Iterable[str] = pattern.needles or pattern.spelled
        if not needles:
            return None
        if pattern.watched:
            needles = self.occurring.words.intersection(needles)
        found: set[int] = set()
        for index in self._found(needles):
            found.add(index)
            if len(found) > MOST_LINES:
                return None
        return sorted(found)


class Prose:
    """Everything that a filing says in words."""

    def __init__(self, passages: tuple[Passage, ...]) -> None:
        self.passages = passages
        self._texts: dict[tuple[tuple[str, ...], bool], Text] = {}

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(_sentences(self.passages))

    def text(self, sections: tuple[str, ...] = (), quoted: bool = True) -> Text:
        """The words of these sections, of all if none is named; without what stands in quotation marks unless ``quoted``."""
        key = (sections, quoted)
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = self._part(sections, quoted) if sections else self._whole(quoted)
        return found

    def _whole(self, quoted: bool) -> Text:
        if not quoted:
            whole = self.text()
            return Text(whole.occurring, whole.sentences, without_quoted(whole.words), whole.starts)
        sentences = self.sentences
        starts = list(accumulate([len(sentence.words) + 1 for sentence in sentences], initial=0))
        words = "\n".join([sentence.words for sentence in sentences])
        return Text(Occurring(words), sentences, words, starts)

    def _part(self, sections: tuple[str, ...], quoted: bool) -> Text:
        """Cut out of the whole, in which the sentences of a section follow each other."""
        whole = self.text(quoted=quoted)
        ranges = [reach for section, reach in self._reaches.items() if section in sections]
        sentences = [sentence for begin, end in ranges for sentence in whole.sentences[begin:end]]
        words = "\n".join([whole.words[whole.starts[begin] : whole.starts[end] - 1] for begin, end in ranges])
        return Text(
            whole.occurring, sentences, words, list(accumulate([len(sentence.words) + 1 for sentence in sentences], initial=0))
        )

    @cached_property
    def _reaches(self) -> dict[str, tuple[int, int]]:
        """The range of the sentences of each section."""
        reaches = {}
        begin = 0
        for section, sentences in groupby(self.sentences, attrgetter("section")):
            end = begin + sum(1 for _ in sentences)
            reaches[section] = (begin, end)
            begin = end
        return reaches

    @cached_property
    def words(self) -> str:
        """All words, a line per sentence: for asking quickly whether a word occurs at all."""
        return self.text().words

    @cached_property
    def _by_section(self) -> dict[str, tuple[Passage, ...]]:
        return {section: tuple(passages) for section, passages in groupby(self.passages, attrgetter("section"))}

    def of(self, section: str) -> tuple[Passage, ...]:
        return self._by_section.get(section, ())


_recent: tuple[tuple[object, object, Prose], ...] = ()
KEPT = 4  # a report, last year's, and room for those that other threads are at


def prose_of(filing: Filing) -> Prose:
    """The filing's prose. Cut once: asking again for the same sections gives the same object."""
    global _recent
    recent = _recent
    for sections, preamble, prose in recent:
        if sections is filing.sections and preamble is filing.preamble:
            return prose
    prose = Prose(tuple(_passages(filing)))
    _recent = ((filing.sections, filing.preamble, prose), *recent[: KEPT - 1])
    return prose


def without_quoted(words: str) -> str:
    """The words with what stands in 《》, quotation marks and 〔〕 replaced by ＊, so that places stay."""
    if "《" not in words and "“" not in words and "〔" not in words and "‘" not in words and "「" not in words:
        return words
    return QUOTED.sub(lambda match: "＊" * len(match[0]), words)


def _passages(filing: Filing) -> Iterator[Passage]:
    lines = list(_lines(filing))
    groups = _joined(lines, _page_width([bare for _, bare in lines]))
    if not groups:
        return
    raws = ["".join([line for _, _, _, line in group]) for group in groups]
    folded = fold("\n".join(raws))  # all at once: a passage by itself costs as much again
    for mark in INVISIBLE:
        folded = folded.replace(mark, " ")
    for group, raw, text in zip(groups, raws, folded.split("\n"), strict=True):
        words = _without_blanks(text)
        if words:  # else nothing but invisible characters
            yield Passage(group[0][0], words, raw, group, read_lead(words))


def _lines(filing: Filing) -> Iterator[tuple[Line, str]]:
    """Every printed line with something in it, and the same without blanks around it."""
    for section, paragraph in filing.prose():
        begin = 0
        for line in paragraph.text.split("\n"):
            bare = line.strip()
            if bare:
                yield (section, paragraph, begin, line), bare
            begin += len(line) + 1


def _page_width(lines: list[str]) -> int | None:
    """The width to which the source breaks its lines, None if a line is a whole paragraph."""
    lengths = sorted([len(line) for line in lines if line[-1] not in CLOSED])
    if len(lengths) < WRAPPED_LINES:
        return None
    width = lengths[len(lengths) * 3 // 4]
    full = sum(length >= width * FULL_LINE for length in lengths)
    longest = max(map(len, lines))
    return width if full >= WRAPPED_LINES and width >= 16 and longest <= width * 1.5 else None


def _joined(lines: list[tuple[Line, str]], width: int | None) -> list[list[Line]]:
    """The lines of each passage."""
    groups: list[list[Line]] = []
    before: Line | None = None
    bare_before = ""
    for line, bare in lines:
        # most lines are whole paragraphs: the full stop at their end tells
        if before is not None and bare_before[-1] not in CLOSED and _runs_on(before, bare_before, line, width):
            groups[-1].append(line)
        else:
            groups.append([line])
        before, bare_before = line, bare
    return groups


def _runs_on(line: Line, bare: str, following: Line, width: int | None) -> bool:
    """True if the next line goes on with the sentence that this one breaks off."""
    section, paragraph, _, _ = line
    next_section, next_paragraph, _, next_line = following
    if section != next_section or paragraph.level is not None or next_paragraph.level is not None:
        return False
    page_break = paragraph.source.page != next_paragraph.source.page and len(bare) >= 16 and not LEAD.match(fold(bare))
    full = width is not None and len(bare) >= width * FULL_LINE
    return (page_break or full) and not LEAD.match(fold(next_line.lstrip()))


def _without_blanks(text: str) -> str:
    """The folded text without blanks, but for one between two figures or two Latin words: what taking out BLANKS comes to, in a third
    of the time."""
    pieces = text.split()
    if len(pieces) < 2:
        return pieces[0] if pieces else ""
    kept = pieces[:1]
    for before, after in pairwise(pieces):
        kept.append(f" {after}" if _stay_apart(before[-1], after[0]) else after)
    return "".join(kept)


def _blank(match: re.Match[str]) -> str:
    """What is left of blanks: one between two figures or two Latin words, else nothing."""
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return " " if _stay_apart(before, after) else ""


def _stay_apart(before: str, after: str) -> bool:
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def read_lead(words: str) -> Lead | None:
    """The ordinal that opens folded words, None if there is none."""
    if words[:1] not in OPENS_LEAD and not words[:1].isdecimal():
        return None
    match = LEAD.match(words)
    if match is None or match.lastgroup is None:
        return None
    printed = match[match.lastgroup]
    inner = printed.strip("（）、.．，是第")
    number = int(inner) if inner.isdigit() else ORDINALS.get(inner)
    return Lead(match.lastgroup, number, printed, match.end()) if number else None


def _sentences(passages: Iterable[Passage]) -> Iterator[Sentence]:
    for passage in passages:
        section, words = passage.section, passage.words
        start = 0
        ending = ENDING if "！" in words or "？" in words or "!" in words or "?" in words else FULL_STOP
        for match in ending.finditer(words):
            end = match.end()
            yield Sentence(passage, section, start, words[start:end])
            start = end
        if start < len(words):
            yield Sentence(passage, section, start, words[start:])
