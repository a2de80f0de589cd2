"""Lists that break a total down, and percentages, as the prose prints them (共公布2599条，其中…条、…条，其他…条；采用289条，采用率43%)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from rules.claims.vocabulary import COMPARED, COUNT, MONEY, OTHER_FIGURE, PERCENT
from rules.claims.words import LONGEST_SENTENCE, Word, words_of
from rules.filing import Number
from rules.prose import Sentence

OPENINGS = ("其中", "包括", "包含", "分别为", "分别是", "分为")
OPENING = re.compile("|".join(OPENINGS))
NESTED = re.compile("其中|包括|包含|分别|含")
REST = re.compile(r"^[、，和及]?(?:以及|和|及)?(?:其他|其它|其余|剩余)(?!处理|结果|法律|方式|原因|情形|答复)")
FIGURE_KINDS = frozenset((COUNT, MONEY, OTHER_FIGURE))
STRUCTURE = FIGURE_KINDS.union("();:", (COMPARED, PERCENT))  # the kinds of words that matter in a list; most are of others
COUNTED = frozenset(
    {
        "件",
        "份",
        "条",
        "项",
        "起",
        "宗",
        "例",
        "个",
        "件次",
        "条次",
        "篇",
        "期",
        "场",
        "次",
        "家",
        "人次",
        "人",
        "名",
        "元",
        "万元",
        "亿元",
    }
)
NEAREST = 12  # figures before a percentage that it may be meant of
NAMED = 16  # characters that may say what the total is of, between it and its list
ENOUGH = 2  # items that make a list
FIGURES = re.compile(r"\d[\d.,，]*")
FEWEST_FIGURES = 3  # a total and two parts
SHARE = re.compile(
    r"占(?:比|[\u4e00-\u9fff]{0,12}?(?:总数|总量|总额|总件数|全部|申请|比例|比重))?(?:的)?(?:比例|比重)?(?:为|是|达到?)?"
)
RATE = re.compile(r"(?P<verb>[\u4e00-\u9fff]{2,4})率(?:为|是|达到?)?")


@dataclass(frozen=True, slots=True)
class Listing:
    """A total and the parts that it is said to have, at one level.

    closed   the last part is 其他…, 其余…: the parts are meant to be all.
    words    the range of the sentence from the total to the last part; ``figure`` that of the total.
    before   numbers of the same unit that the sentence prints before the total: the list may be of their sum with it
             (收到59件，上年结转2件，其中结转下年7件，其余54件).
    """

    total: Number
    parts: tuple[Number, ...]
    unit: str
    closed: bool
    words: tuple[int, int]
    figure: tuple[int, int]
    before: tuple[Number | None, ...]

    @property
    def adds_up(self) -> bool:
        """True if the parts are the total, or are several breakdowns of it one after the other (自然人18、法人2，网上12、信函8).

        Where an open list has come to the total, what it goes on with is something else (信息52条，其中甲30条，乙22条，公众号推送472条).
        """
        whole = self.total
        for number in (0, *reversed(self.before)):
            if number is None:
                return False
            whole += number
            if self._is_sum(whole) or (number and self._is_sum(number)):
                return True
        return not self.closed and sum(self.parts) <= self.total

    def _is_sum(self, whole: Number) -> bool:
        sum_: Number = 0
        came_to_it = False
        for count, part in enumerate(self.parts, 1):
            sum_ += part
            if sum_ == whole:
                sum_ = 0
                came_to_it = came_to_it or count >= ENOUGH
        return sum_ == 0 or (came_to_it and not self.closed)


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage with what it can be a percentage of.

    whole, part   figures of one unit printed before it; ``others`` are sums and wholes that it may be meant of as well.
    """

    percent: Decimal
    part: Number
    whole: Number
    others: tuple[tuple[Number, Number], ...]
    words: tuple[int, int]


def listings_of(sentence: Sentence) -> Iterable[Listing]:
    """Every list that opens right after its total, those in brackets by themselves. Where levels or units are mixed none is given."""
    text = sentence.words
    if not OPENING.search(text) or len(text) > LONGEST_SENTENCE or len(FIGURES.findall(text)) < FEWEST_FIGURES:
        return ()
    return _listings(sentence.bare)


def _listings(text: str) -> Iterator[Listing]:
    words = words_of(text)
    figures = [index for index, word in enumerate(words) if word.kind in STRUCTURE and _counts(word)]
    if len(figures) < FEWEST_FIGURES:
        return
    ends = [words[index].end for index in figures]
    openings = [bisect_right(ends, match.start()) - 1 for match in OPENING.finditer(text)]
    for nearest in dict.fromkeys(openings):  # a list opens behind its total, before any other figure
        listing = _listing(text, words, figures[nearest]) if nearest >= 0 else None
        if listing is not None:
            yield listing


def shares_of(sentence: Sentence) -> Iterable[Share]:
    """Every percentage that directly follows its part: B件，占p%; 采用B条，采用率p%."""
    if ("%" not in sentence.words and "％" not in sentence.words) or len(sentence.words) > LONGEST_SENTENCE:
        return ()
    return _shares(sentence.bare)


def _shares(text: str) -> Iterator[Share]:
    if len(FIGURES.findall(text)) < FEWEST_FIGURES or not ("占" in text or "率" in text):
        return
    figures: list[Word] = []
    parts: set[int] = set()  # where the figures stand that have a percentage of their own: they are no wholes
    compared = False
    for word in words_of(text):
        if word.kind not in STRUCTURE:
            continue
        compared = compared or word.kind == COMPARED
        if _counts(word):
            figures.append(word)
        elif word.kind == PERCENT and figures:
            share = None if compared else _share(text, figures[-NEAREST:], word, parts)
            if SHARE.fullmatch(_between(text, figures[-1], word)):
                parts.add(figures[-1].start)
            if share is not None:
                yield share


def _counts(word: Word) -> bool:
    return word.kind in FIGURE_KINDS and word.unit in COUNTED and word.value is not None and word.meaning == ""


def _listing(text: str, words: tuple[Word, ...], place: int) -> Listing | None:
    total = words[place]
    if total.approximate or total.value is None:
        return None
    after = place + 1
    while (
        after < len(words)
        and words[after].start - total.end < NAMED
        and words[after].kind not in ",(:;)"
        and not _counts(words[after])
    ):
        after += 1  # 发布380条财政信息，其中……
    depth = 0
    marks = after
    while after < len(words) and words[after].kind in ",(:":
        depth += words[after].kind == "("
        after += 1
    if after == marks or after == len(words) or not OPENING.match(text, words[after].start):
        return None
    if not depth and OPENING.search(text, max(text.rfind("；", 0, total.start), 0), total.start):
        return None  # …其中甲65条，其中乙20条，丙30条: of which level 丙 is cannot be told
    start = words[after].end
    parts: list[Number] = []
    level = 0
    closed = False
    end = start
    for at in range(after + 1, len(words)):
        word = words[at]
        kind = word.kind
        if kind not in STRUCTURE:
            continue
        if kind == "(":
            level += 1
        elif kind == ")":
            level -= 1
            if level < 0:
                break
            start = word.end
        elif kind == ";" or (kind == ":" and level == 0):
            break
        elif level == 0 and _counts(word):
            label = text[start : word.start].lstrip("，、")
            if word.unit != total.unit:
                if parts and label and not NESTED.search(label) and closed:
                    break
                return None
            if word.approximate or word.value is None or not label or (parts and NESTED.search(label)) or len(label) > 60:
                return None
            closed = REST.match(label) is not None
            parts.append(word.value)
            mark, start = text[start : start + 1], word.end
            end = start
            if closed and not _goes_on(text, words, at, mark):
                break
        elif level == 0 and kind in (COMPARED, PERCENT):
            return None
    if len(parts) < ENOUGH:
        return None
    start = max(text.rfind("；", 0, total.start), 0)
    before = tuple(
        word.value for word in words if start <= word.start < total.start and _counts(word) and word.unit == total.unit
    )
    return Listing(total.value, tuple(parts), total.unit, closed, (total.start, end), (total.start, total.end), before)


def _goes_on(text: str, words: tuple[Word, ...], at: int, mark: str) -> bool:
    """True if the part at this place is one among others though it begins with 其他: the same mark and another part follow it at once
    (政策14条、其他重点信息5条、动态63条)."""
    part = words[at]
    if text[part.end : part.end + 1] != mark or mark not in ("、", "，"):
        return False
    for word in words[at + 1 :]:
        if _counts(word):
            label = text[part.end : word.start].strip("，、")
            return word.unit == part.unit and not word.approximate and bool(label) and NESTED.search(label) is None
        if word.kind in (*";:()", COMPARED, PERCENT):
            return False
    return False


def _share(text: str, figures: list[Word], percent: Word, parts: set[int]) -> Share | None:
    part = figures[-1]
    between = _between(text, part, percent)
    rate = RATE.fullmatch(between)
    if not SHARE.fullmatch(between):
        head = text[figures[-2].end if len(figures) > 1 else 0 : part.start]
        if rate is None or rate["verb"] not in head:
            return None
    same = [word for word in figures if word.unit == part.unit]
    if percent.value is None or percent.approximate or any(word.approximate for word in same):
        return None
    numbers = [word.value or 0 for word in same]
    wholes = [index for index in range(len(same) - 1) if same[index].start not in parts]
    pairs = [(numbers[-1], numbers[index]) for index in wholes]
    sums = [(sum(numbers[first:]), numbers[index]) for first in range(1, len(same) - 1) for index in wholes if index < first]
    direct = [pair for pair in pairs if pair[1] >= pair[0] and pair[1] > 0]
    if not direct:
        return None
    others = (*direct[1:], *(pair for pair in sums if pair[1] >= pair[0]))
    return Share(Decimal(percent.value), *direct[0], others, (same[0].start, percent.end))


def _between(text: str, figure: Word, percent: Word) -> str:
    return text[figure.end : percent.start].lstrip("，,（、")
