"""Cut a sentence into words and figures, and spell it as a string of kinds: one character for each.

``“2023年，我局共收到政府信息公开申请29件”`` becomes ``Y,qFVON``. One pass over the sentence, its cost linear in the sentence's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rules.claims.vocabulary import CARRY, COUNT, FILLER, MONEY, OTHER_FIGURE, PERCENT, UNKNOWN, vocabulary
from rules.filing import Number
from rules.numbers import parse_han

MARKS = {"，": ",", "；": ";", "。": ";", "！": ";", "？": ";", "!": ";", "?": ";", "：": ":", "（": "(", "）": ")"}
Tree = dict[str, "Tree"]
LONGEST_DIGITS = 12
LONGEST_SENTENCE = 4_000  # characters; what is longer without a full stop is no prose, and bounds what a sentence can cost
COUNT_UNITS = frozenset({"件", "份", "条", "项", "起", "宗", "例", "个", "件次", "条次"})
MONEY_UNITS = frozenset({"元", "万元", "亿元"})
UNITS = "件次|件|份|条次|条|项次|项|起|宗|例|个百分点|个工作日|工作日|个月|个|次|篇|人次|人|名|家|期|场|万元|亿元|元|%|％|年|月|日|天|号|小时|分钟|时"
HAN = "零〇一二两三四五六七八九十百千"
FIGURE = (
    r"(?=[0-9近约超逾不将接大多至最上])(?P<about>近|约|超过|超|逾|不足|将近|接近|大约|多达|至少|最多|不到|上)?"
    r"(?P<digits>(?<![\d.,，A-Za-z])\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"(?P<more>[余多几])?(?P<scale>[万亿](?!元))?(?P<more_after>[余多几])?"
    rf"(?P<unit>{UNITS})?(?P<more_last>左右|以上|以下|之多|以内|余)?"
)
HAN_FIGURE = rf"(?<![第每某任唯])(?P<han_about>近|约|超过|超|逾|不足|将近|大约|至少)?(?P<han>[{HAN}]+)(?P<han_more>[余多几])?(?P<han_unit>件|起|项|宗|例|份)"
NOUGHT = rf"(?P<nought>零(?<=为零)元?(?=[{''.join(MARKS)}、]|$))"  # 均为零
BRANCH = 16  # first characters to a branch: sixteen branches of sixteen are four times as fast as one of 250
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


def _pattern() -> re.Pattern[str]:
    marks = "".join(MARKS)
    carry_out = (
        r"(?P<carry_out>(?=[结顺延转流])(?:结转|顺延|延续|转结|延期|结转办理|流转)(?:申请)?(?:到|至|入|于|为)?"
        r"(?:(?:下|次|明|下一)年(?:度)?|(?P<to_year>20\d\d)年(?:度)?)(?:的)?(?:继续)?(?:办理|答复|处理|办结)?)"
    )
    carry_in = r"(?P<carry_in>(?=20)(?P<from_year>20\d\d)年(?:度)?(?:结转|转结|顺延)(?:至|到)?(?:本年度?|今年)?(?:的|而来|来的|办理)?(?!20|下|至))"
    return re.compile(
        rf"(?P<mark>[{marks}])|{carry_out}|{carry_in}|{YEAR}|{FIGURE}|(?P<word>{_trie(VOCABULARY)})|{HAN_FIGURE}|{NOUGHT}|(?P<blank>[\s＊]+)"
    )


def _trie(words: Iterable[str]) -> str:
    """One pattern for all words, longest first. At the top a look-ahead sends each first character to its own small branch."""
    tree: Tree = {}
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    firsts = sorted(tree)
    parts = [firsts[at : at + BRANCH] for at in range(0, len(firsts), BRANCH)]
    branches = [f"(?=[{re.escape(''.join(part))}]){_branch({char: tree[char] for char in part})}" for part in parts]
    return "|".join(branches)


def _branch(node: Tree) -> str:
    ends = "" in node
    parts = [re.escape(char) + _branch(child) for char, child in sorted(node.items()) if char]
    if not parts:
        return ""
    body = parts[0] if len(parts) == 1 and not ends else "(?:" + "|".join(parts) + ")"
    return body + "?" if ends else body


VOCABULARY = vocabulary()
PATTERN = _pattern()


@lru_cache(maxsize=128)  # claims and lists of one report read the same sentences, of which it has some 40
def words_of(sentence: str) -> tuple[Word, ...]:
    """The sentence's words in order. What is not in the vocabulary becomes one unknown word from known word to known word."""
    found: list[Word] = []
    place = 0
    new = tuple.__new__  # what Word(...) comes to, in half the time
    for match in PATTERN.finditer(sentence):
        start, end = match.span()
        group = match.lastgroup
        if group == "word":
            kind, meaning = VOCABULARY[match[0]]
            word = new(Word, (kind, start, end, meaning, None, "", False))
        elif group == "mark":
            word = new(Word, (MARKS[match[0]], start, end, "", None, "", False))
        else:
            word = _special(match, sentence)
        if start > place:
            _unknown(found, place, start)
        if word.kind == UNKNOWN:
            _unknown(found, start, end)
        else:
            found.append(word)
        place = end
    if place < len(sentence):
        _unknown(found, place, len(sentence))
    return tuple(found)


def _special(match: re.Match[str], sentence: str) -> Word:
    start, end = match.span()
    if match["digits"] is not None:
        return _figure(match, sentence)
    if match["year"] is not None:
        return Word("Y", start, end, match["year"])
    if match["carry_out"] is not None:
        return Word(CARRY, start, end, f"carried_out:{match['to_year'] or ''}")
    if match["carry_in"] is not None:
        return Word(CARRY, start, end, f"carried_in:{match['from_year']}")
    if match["nought"] is not None:
        return Word(MONEY if match["nought"] == "零元" else COUNT, start, end, "", 0, match["nought"][1:])
    if match["han"] is not None:
        value = parse_han(match["han"])
        return Word(
            COUNT, start, end, "han", value, match["han_unit"], value is None or bool(match["han_about"] or match["han_more"])
        )
    return Word(UNKNOWN if "＊" in match[0] else FILLER, start, end)


def _unknown(found: list[Word], start: int, end: int) -> None:
    if found and found[-1].kind == UNKNOWN and found[-1].end == start:
        start = found.pop().start
    found.append(Word(UNKNOWN, start, end))


def _figure(match: re.Match[str], sentence: str) -> Word:
    digits = re.sub("[,，]", "", match["digits"])
    unit = (match["unit"] or "").replace("％", "%")
    start, end = match.span()
    if len(digits) > LONGEST_DIGITS:
        return Word(OTHER_FIGURE, start, end)
    value: Number = Decimal(digits) if "." in digits else int(digits)
    approximate = any(match[name] is not None for name in ("about", "more", "more_after", "more_last", "scale"))
    if match["scale"]:
        scaled = value * (10_000 if match["scale"] == "万" else 100_000_000)
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
