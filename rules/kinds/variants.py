"""Compare a printed label with the template's: what is layout and what is another word.

Layout is everything that does not change the words: blanks and line breaks, full and half width, brackets, quotes, commas and
stops, the style of a numbering mark, a radical that a PDF prints for its character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import Levenshtein

from rules.editions import editions

MARKS = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff\u00ad、，,。.．；;：:·“”\"'‘’「」『』《》〈〉<>()（）\[\]【】〔〕{}/|*#_\-—–]+"
)
NUMBERING = re.compile(
    r"\s*(?:[(（【\[]\s*([一二三四五六七八九十]{1,3}|\d{1,2})\s*[)）】\]]|([一二三四五六七八九十]{1,3}|\d{1,2})\s*[、.,:：．)）]|(\d{1,2})(?=[^\d\s.]))[、.,]?"
)
UNIT_NOTE = re.compile(r"[(（]\s*(?:单位|计量单位)[^()（）]*(?:[)）]|$)")
EXPLANATION = re.compile(r"(?<=[\u4e00-\u9fff])\s*[(（][^()（）]{6,}[)）]?\s*$")
LOST = re.compile(r"[\ufffd\ue000-\uf8ff□?？]")
FOLD = str.maketrans(
    "⺟⺠⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻥⻦⻨⻩⻬⻮⻰岀囯", "母民西见角贝车长门青页风飞食马鱼鸟麦黄齐齿龙出国"
)  # what NFKC leaves
ALIKE = 0.75  # below it more than a slip of the pen has happened to the label
GLUED = 3  # so many characters of another label are no word that an agency added
CUT = 3  # so many characters gone from one end are a label cut off, not a word left out


@dataclass(frozen=True, slots=True)
class Variant:
    """difference says it in words (缺“行政”); doubt why the label may be our source's damage and not the agency's."""

    difference: str
    doubt: str | None


@lru_cache(maxsize=4096)
def variant(printed: str, expected: str, under: tuple[str, ...] = ()) -> Variant | None:
    """How the words differ, None if only the layout does. ``under`` are labels of merged cells that may be glued in front."""
    if printed == expected or not printed.strip():
        return None
    number, wanted = _parts(_folded(expected))
    text = _folded(printed)
    for parent in under:
        text = _behind(text, _parts(_folded(parent))[1]) or text
    printed_number, words = _parts(text)
    if words != wanted and words == _parts(_folded(EXPLANATION.sub("", expected)))[1]:
        return None  # 部分公开 without its explanation in brackets
    parts = _differences(words, wanted)
    if printed_number and number and printed_number != number:
        parts.append(f"序号“{printed_number}”应为“{number}”")
    if not parts:
        return None
    if any(_is_frame(step) for step in parts):
        return Variant("，".join(parts), "可能与相邻格的文字粘连，请核对原件")
    doubt = "序号可能为自动编号转换所致，请核对原件" if words == wanted else _damage(printed, words, wanted)
    return Variant("，".join(parts), doubt)


def _folded(text: str) -> str:
    return UNIT_NOTE.sub("", unicodedata.normalize("NFKC", text)).translate(FOLD)


def _behind(text: str, words: str) -> str | None:
    """What follows these words at the beginning of the text, whatever marks stand between them; None if it begins otherwise."""
    match = NUMBERING.match(text)
    place = match.end() if match else 0
    for char in words:
        gap = MARKS.match(text, place)
        place = gap.end() if gap else place
        if text[place : place + 1] != char:
            return None
        place += 1
    return text[place:]


def _parts(text: str) -> tuple[str, str]:
    """Of a folded text: the number in front ("" if none is printed) and the words without marks."""
    match = NUMBERING.match(text)
    number = "" if match is None else match[1] or match[2] or match[3]
    return number, MARKS.sub("", text[match.end() :] if match else text)


def _differences(words: str, wanted: str) -> list[str]:
    parts = []
    for step in Levenshtein.opcodes(wanted, words):
        should, stands = wanted[step.src_start : step.src_end], words[step.dest_start : step.dest_end]
        if step.tag == "replace":
            parts.append(f"“{stands}”应为“{should}”")
        elif step.tag == "delete":
            parts.append(f"缺“{should}”")
        elif step.tag == "insert":
            parts.append(f"多“{stands}”")
    return parts


def _is_frame(part: str) -> bool:
    """Whether what is too much are the words of another label: a cell's neighbour glued on."""
    extra = part.removeprefix("多“").removesuffix("”")
    return extra != part and len(extra) >= GLUED and any(extra in label for label in _frame())


@cache
def _frame() -> frozenset[str]:
    """The words of every label and head of the templates."""
    tables = [table for edition in editions().values() for table in edition.tables.values()]
    words = [text for table in tables for text in (table.corner, table.head)]
    for table in tables:
        words += [text for block in table.blocks for text in (block.heading, block.corner)]
        for row in table.rows.values():
            words += [row.label, *row.under, *(text for column in row.columns for text in (column.label, column.under))]
    return frozenset(_parts(_folded(text))[1] for text in words if text)


def _damage(printed: str, words: str, wanted: str) -> str | None:
    if LOST.search(printed):
        return "原文含无法辨认的字符，请核对原件"
    if len(wanted) - len(words) >= CUT and (wanted.startswith(words) or wanted.endswith(words)):
        return "文字不完整，可能在采集时被截断，请核对原件"
    if Levenshtein.normalized_similarity(words, wanted) < ALIKE:
        return "文字与格式相差较多，可能为采集缺损，请核对原件"
    return None
