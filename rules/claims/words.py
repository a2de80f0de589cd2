"""Cut a sentence into words and figures, and spell it as a string of kinds: one character for each.

``“2023年，我局共收到政府信息公开申请29件”`` becomes ``Y,qFVON``. One pass over the sentence, its cost linear in the sentence's length.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rules.claims.vocabulary import CARRY, COUNT, FILLER, MONEY, OTHER_FIGURE, PERCENT, UNKNOWN, vocabulary
from rules.filing import Number
from rules.numbers import parse_han

MARKS = {"，": ",", "；": ";", "。": ";", "！": ";", "？": ";", "!": ";", "?": ";", "：": ":", "（": "(", "）": ")"}
LONGEST_DIGITS = 12
LONGEST_SENTENCE = 4_000  # characters; what is longer without a full stop is no prose, and bounds what a sentence can cost
COUNT_UNITS = frozenset({"件", "份", "条", "项", "起", "宗", "例", "个", "件次", "条次"})
MONEY_UNITS = frozenset({"元", "万元", "亿元"})
UNITS = "件次|件|份|条次|条|项次|项|起|宗|例|个百分点|个工作日|工作日|个月|个|次|篇|人次|人|名|家|期|场|万元|亿元|元|%|％|年|月|日|天|号|小时|分钟|时"
HAN = "零〇一二两三四五六七八九十百千"
FIGURE = (
    r"(?P<about>近|约|超过|超|逾|不足|将近|接近|大约|多达|至少|最多|不到|上)?"
    r"(?P<digits>(?<![\d.,，A-Za-z])\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"(?P<more>[余多几])?(?P<scale>[万亿](?!元))?(?P<more_after>[余多几])?"
    rf"(?P<unit>{UNITS})?(?P<more_last>左右|以上|以下|之多|以内|余)?"
)
HAN_FIGURE = rf"(?<![第每某任唯])(?P<han_about>近|约|超过|超|逾|不足|将近|大约|至少)?(?P<han>[{HAN}]+)(?P<han_more>[余多几])?(?P<han_unit>件|起|项|宗|例|份)"
PARTS = ("digits", "about", "more", "scale", "more_after", "unit", "more_last")
NOUGHT = rf"(?P<nought>零(?<=为零)元?(?=[{''.join(MARKS)}、]|$))"  # 均为零
YEAR = r"(?P<year>20[0-4]\d)(?:年度?(?![0-9一二三四五六七八九十]+月(?!1日|31日))|(?=年))"


class Word(NamedTuple):
    """A tuple, not a dataclass: a report makes some thousand of them, and a frozen dataclass costs five times as much to make.

    start and end are places in the sentence. ``meaning`` is what the vocabulary says of the word, "" if nothing."""

    kind: str
    start: int
    end: int
    meaning: str = ""
    value: Number | None = None
    unit: str = ""
    approximate: bool = False


VOCABULARY = vocabulary() | {mark: (kind, "") for mark, kind in MARKS.items()}
CARRY_OUT = (
    r"(?P<carry_out>(?:结转|顺延|延续|转结|延期|结转办理|流转)(?:申请)?(?:到|至|入|于|为)?"
    r"(?:(?:下|次|明|下一)年(?:度)?|(?P<to_year>20\d\d)年(?:度)?)(?:的)?(?:继续)?(?:办理|答复|处理|办结)?)"
)
CARRY_IN = r"(?P<carry_in>(?P<from_year>20\d\d)年(?:度)?(?:结转|转结|顺延)(?:至|到)?(?:本年度?|今年)?(?:的|而来|来的|办理)?(?!20|下|至))"
# What goes before the words of the vocabulary, and what they go before; each with the characters that it begins with.
EARLIER = re.compile(f"{CARRY_OUT}|{CARRY_IN}|{YEAR}|{FIGURE}")
BEGIN_EARLIER = frozenset("0123456789结顺延转流近约超逾不将接大多至最上")
LATER = re.compile(rf"{HAN_FIGURE}|{NOUGHT}|(?P<blank>[\s＊]+)")
BEGIN_LATER = frozenset(f"{HAN}近约超逾不将大至＊").union(
    filter(str.isspace, map(chr, range(0x3001)))
)  # no blank comes after U+3000
BEGIN = BEGIN_EARLIER.union(BEGIN_LATER, (word[0] for word in VOCABULARY))


def _lengths() -> dict[str, tuple[int, ...]]:
    """By the first two characters of a word, how long the words that begin so are, longest first."""
    lengths: dict[str, set[int]] = {}
    for word in VOCABULARY:
        lengths.setdefault(word[:2], set()).add(len(word))
    return {begin: tuple(sorted(known, reverse=True)) for begin, known in lengths.items()}


LENGTHS = _lengths()


@lru_cache(maxsize=128)  # claims and lists of one report read the same sentences, of which it has some 40
def words_of(sentence: str) -> tuple[Word, ...]:
    """The sentence's words in order. What is not in the vocabulary becomes one unknown word from known word to known word."""
    found: list[Word] = []
    size = len(sentence)
    place = known = 0  # how far the sentence is read, and how far it is cut into known words
    new = tuple.__new__  # what Word(...) comes to, in half the time
    while place < size:
        char = sentence[place]
        if char not in BEGIN:
            place += 1
            continue
        if char in BEGIN_EARLIER and (match := EARLIER.match(sentence, place)):
            word = _earlier(match, sentence)
        else:
            spelled = char
            for length in LENGTHS.get(sentence[place : place + 2], ()):
                if sentence[place : place + length] in VOCABULARY:
                    spelled = sentence[place : place + length]
                    break
            if spelled in VOCABULARY:
                kind, meaning = VOCABULARY[spelled]
                word = new(Word, (kind, place, place + len(spelled), meaning, None, "", False))
            elif char in BEGIN_LATER and (match := LATER.match(sentence, place)):
                word = _later(match)
            else:
                place += 1
                continue
        if word[0] != UNKNOWN:
            if place > known:
                found.append(new(Word, (UNKNOWN, known, place, "", None, "", False)))
            found.append(word)
            known = word[2]
        place = word[2]
    if known < size:
        found.append(Word(UNKNOWN, known, size))
    return tuple(found)


def _earlier(match: re.Match[str], sentence: str) -> Word:
    start, end = match.span()
    if match["digits"] is not None:
        return _figure(match, sentence)
    if match["year"] is not None:
        return Word("Y", start, end, match["year"])
    if match["carry_out"] is not None:
        return Word(CARRY, start, end, f"carried_out:{match['to_year'] or ''}")
    return Word(CARRY, start, end, f"carried_in:{match['from_year']}")


def _later(match: re.Match[str]) -> Word:
    start, end = match.span()
    if match["nought"] is not None:
        return Word(MONEY if match["nought"] == "零元" else COUNT, start, end, "", 0, match["nought"][1:])
    if match["han"] is not None:
        value = parse_han(match["han"])
        return Word(
            COUNT, start, end, "han", value, match["han_unit"], value is None or bool(match["han_about"] or match["han_more"])
        )
    return Word(UNKNOWN if "＊" in match[0] else FILLER, start, end)


def _figure(match: re.Match[str], sentence: str) -> Word:
    printed, about, more, scale, more_after, unit, more_last = match.group(*PARTS)
    digits = printed.replace(",", "").replace("，", "")
    unit = "%" if unit == "％" else unit or ""
    start, end = match.span()
    if len(digits) > LONGEST_DIGITS:
        return Word(OTHER_FIGURE, start, end)
    value: Number = Decimal(digits) if "." in digits else int(digits)
    approximate = bool(about or more or more_after or more_last or scale)
    if scale:
        scaled = value * (10_000 if scale == "万" else 100_000_000)
        value = int(scaled) if scaled == int(scaled) else scaled
    before = sentence[match.start("digits") - 1 : match.start("digits")]
    after = sentence[end : end + 1]
    if (before and (before in "第每-—~～./:" or (before.isascii() and before.isalnum()) or before == " ")) or (
        after and after in "-—~～"
    ):
        kind = OTHER_FIGURE  # an ordinal, a range, a telephone number, a figure split by a blank
    elif unit in COUNT_UNITS or (unit == "" and (not after or after in MARKS or after == "、")):
        kind = COUNT if isinstance(value, int) else OTHER_FIGURE
    elif unit in MONEY_UNITS:
        kind = MONEY
    else:
        kind = PERCENT if unit == "%" else OTHER_FIGURE
    return Word(kind, start, end, "", value, unit, approximate)
