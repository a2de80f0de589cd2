"""The prose of a filing, cut into passages and sentences once and shared by every rule that reads words.

A passage is a paragraph as its writer meant it: lines that a fixed-width page broke in mid-sentence are joined again, lines that
the source keeps apart stay apart. Patterns run over ``words``: one form for every width of bracket, digit and radical, blanks
inside words taken out. Evidence is quoted as printed: ``evidence`` leads back from the words to the source.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from reports_in.document import Paragraph, Source
from rules.filing import Filing
from rules.patterns import Pattern
from rules.verdict import Evidence

# radicals that Unicode does not fold by itself (CJK Radicals Supplement), as PDF text layers print them
RADICALS = str.maketrans(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰", "母民虎西见角贝车长长门青页风飞食马骨鬼鱼鸟麦黄齐齿龙"
)
HALF_WIDTH = tuple(zip(",;:()!?[]", "，；：（）！？〔〕", strict=True))
ENDS = "。！？!?"
CLOSED = "。！？!?；;：:…”’）)】》"  # a line that ends so is not broken in mid-sentence
SENTENCE = re.compile(rf"[^{ENDS}]*(?:[{ENDS}]+[”’」』）】]*|\Z)")
BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
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


@dataclass(frozen=True, slots=True)
class Lead:
    """The ordinal that opens a passage. ``style`` is "han" (一、), "paren_han", "arabic" (1.), "paren_arabic" or "clause" (一是).

    end is where the words after it begin.
    """

    style: str
    number: int
    printed: str
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A paragraph. ``words`` is folded and free of blanks; ``level`` is what the format says of headings, None for body text."""

    section: str
    words: str
    raw: str
    pieces: tuple[tuple[int, Source], ...]  # where in raw each printed line begins, and its place
    level: int | None
    lead: Lead | None

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
        if len(self.pieces) > 1:
            first = max(index for index, (at, _) in enumerate(self.pieces) if at <= begin)
            last = max(index for index, (at, _) in enumerate(self.pieces) if at < max(stop, begin + 1))
        at, source = self.pieces[first]
        end_at, end_source = self.pieces[last]
        chars = (source.chars[0] + begin - at, end_source.chars[0] + stop - end_at)
        return Source(source.page, source.line, source.box, chars)


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A sentence of a passage, its closing mark included. ``start`` is its place in ``passage.words``."""

    passage: Passage
    start: int
    words: str

    @property
    def section(self) -> str:
        return self.passage.section

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
    """Several sentences as one run of words, a line per sentence, to be searched at once."""

    def __init__(self, sentences: tuple[Sentence, ...], quoted: bool) -> None:
        self.sentences = sentences
        self.starts = list(accumulate((len(sentence.words) + 1 for sentence in sentences), initial=0))
        words = "\n".join(sentence.words for sentence in sentences)
        self.words = words if quoted else without_quoted(words)
        self.encoded = self.words.encode()

    def lines_at(self, places: Iterable[int]) -> Sequence[int]:
        """The sentences that hold those places of ``words``."""
        return sorted({bisect_right(self.starts, place) - 1 for place in places})

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
        needles = pattern.needles or pattern.spelled
        if not needles:
            return None
        words, starts = self.words, self.starts
        found: set[int] = set()
        for needle in needles:
            at = words.find(needle)
            while at >= 0:
                index = bisect_right(starts, at) - 1
                found.add(index)
                if len(found) > MOST_LINES:
                    return None
                at = words.find(needle, starts[index + 1])
        return sorted(found)


class Prose:
    """Everything that a filing says in words."""

    def __init__(self, passages: tuple[Passage, ...]) -> None:
        self.passages = passages
        self._texts: dict[tuple[tuple[str, ...], bool], Text] = {}

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for passage in self.passages for sentence in _sentences(passage))

    def text(self, sections: tuple[str, ...] = (), quoted: bool = True) -> Text:
        """The words of these sections, of all if none is named; without what stands in quotation marks unless ``quoted``."""
        key = (sections, quoted)
        if key not in self._texts:
            chosen = tuple(sentence for sentence in self.sentences if not sections or sentence.section in sections)
            self._texts[key] = Text(chosen, quoted)
        return self._texts[key]

    @cached_property
    def words(self) -> str:
        """All words, a line per sentence: for asking quickly whether a word occurs at all."""
        return self.text().words

    @cached_property
    def _by_section(self) -> dict[str, tuple[Passage, ...]]:
        found: dict[str, list[Passage]] = {}
        for passage in self.passages:
            found.setdefault(passage.section, []).append(passage)
        return {key: tuple(passages) for key, passages in found.items()}

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
    lines = [
        (section, paragraph, begin, line)
        for section, paragraph in filing.prose()
        for begin, line in _lines(paragraph)
        if line.strip()
    ]
    width = _page_width([line for _, _, _, line in lines])
    pending: list[tuple[Paragraph, int, str]] = []
    for index, (section, paragraph, begin, line) in enumerate(lines):
        pending.append((paragraph, begin, line))
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or following[0] != section or not _runs_on(pending, following[1], following[3], width):
            passage = _passage(section, pending)
            if passage.words:  # else nothing but invisible characters
                yield passage
            pending = []


def _lines(paragraph: Paragraph) -> Iterator[tuple[int, str]]:
    begin = 0
    for line in paragraph.text.split("\n"):
        yield begin, line
        begin += len(line) + 1


def _page_width(lines: list[str]) -> int | None:
    """The width to which the source breaks its lines, None if a line is a whole paragraph."""
    lengths = sorted(len(line.strip()) for line in lines if line.strip()[-1] not in CLOSED)
    if len(lengths) < WRAPPED_LINES:
        return None
    width = lengths[len(lengths) * 3 // 4]
    full = sum(length >= width * FULL_LINE for length in lengths)
    longest = max(len(line.strip()) for line in lines)
    return width if full >= WRAPPED_LINES and width >= 16 and longest <= width * 1.5 else None


def _runs_on(pending: list[tuple[Paragraph, int, str]], following: Paragraph, next_line: str, width: int | None) -> bool:
    """True if the next line goes on with the sentence that the last one breaks off."""
    paragraph, _, line = pending[-1]
    line = line.strip()
    if line[-1] in CLOSED or paragraph.level is not None or following.level is not None:
        return False
    page_break = paragraph.source.page != following.source.page and len(line) >= 16 and not LEAD.match(fold(line))
    full = width is not None and len(line) >= width * FULL_LINE
    return (page_break or full) and not LEAD.match(fold(next_line.lstrip()))


def _passage(section: str, parts: list[tuple[Paragraph, int, str]]) -> Passage:
    raw = ""
    pieces = []
    for paragraph, begin, line in parts:
        source = paragraph.source
        pieces.append((len(raw), Source(source.page, source.line, source.box, (source.chars[0] + begin, source.chars[1]))))
        raw += line
    words = BLANKS.sub(_blank, fold(raw))
    return Passage(section, words, raw, tuple(pieces), parts[0][0].level, read_lead(words))


def _blank(match: re.Match[str]) -> str:
    """What is left of blanks: one between two figures or two Latin words, else nothing."""
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return " " if before.isascii() and after.isascii() and before.isalnum() and after.isalnum() else ""


def read_lead(words: str) -> Lead | None:
    """The ordinal that opens folded words, None if there is none."""
    match = LEAD.match(words)
    if match is None or match.lastgroup is None:
        return None
    printed = match[match.lastgroup]
    inner = printed.strip("（）、.．，是第")
    number = int(inner) if inner.isdigit() else ORDINALS.get(inner)
    return Lead(match.lastgroup, number, printed, match.end()) if number else None


def _sentences(passage: Passage) -> Iterator[Sentence]:
    for match in SENTENCE.finditer(passage.words):
        if match[0]:
            yield Sentence(passage, match.start(), match[0])
