"""Fold printed words for comparison: noise that agencies' tools add is taken away, what they wrote stays.

Full and half width, blanks inside words, brackets and punctuation, Kangxi radicals that PDF fonts leave behind and
numbering marks carry no meaning in a label; the words do.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# NFKC folds the Kangxi radicals block but leaves most of the CJK Radicals Supplement alone
RADICALS = dict(
    zip(
        "⺠⻔⻓⻚⻛⻝⻢⻅⻋⻆⻉⻘⻜⻣⻤⻥⻦⻩⻬⻰⺟⻁⻄⻑",
        "民门长页风食马见车角贝青飞骨鬼鱼鸟黄齐龙母虎西长",
        strict=True,
    )
)
TABLE = str.maketrans(RADICALS | {"岀": "出", "〇": "零"})
PUNCTUATION = re.compile(r"[^0-9A-Za-z\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
WORD = re.compile(r"[0-9A-Za-z\u3400-\u9fff]")
# all but what folding leaves alone or takes away whole: ASCII, common Han characters (without 岀), blanks, marks of every width
ODD = re.compile(
    r"[^\x00-\x7f\u2010-\u201f\u2026\u3000-\u3002\u3008-\u3011\u3014-\u3017\u4e00-\u5c7f\u5c81-\u9fff\uff01-\uff0f\uff1a-\uff20]"
)
ENUMERATOR = re.compile(
    r"^\s*(?:"
    r"[（(\[【〔]\s*([一二三四五六七八九十]{1,3}|\d{1,2})\s*[)）\]】〕][、.．]?"  # （一）
    r"|([一二三四五六七八九十]{1,3})\s*[、.．,，:：]"  # 一、
    r"|(\d{1,2})\s*[、.．,，:：)）]"  # 1. 1、 1)
    r"|([①②③④⑤⑥⑦⑧⑨⑩])"
    r")\s*"
)
HAN = "一二三四五六七八九十"


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The words alone: no blanks, no punctuation, one width."""
    if not ODD.search(text):
        return text if text.isalnum() else PUNCTUATION.sub("", text)
    return PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).translate(TABLE))


def has_words(text: str) -> bool:
    """Whether anything is left of it when it is folded."""
    return WORD.search(text) is not None or bool(fold(text))


@lru_cache(maxsize=8192)
def split_enumerator(text: str) -> tuple[str, str]:
    """(enumerator, folded words): ``（三）不予公开`` gives ("三", "不予公开"), ``3、其他`` gives ("3", "其他")."""
    match = ENUMERATOR.match(text)
    if match is None:
        folded = fold(text)
        return "", folded
    mark = next(group for group in match.groups() if group)
    return unicodedata.normalize("NFKC", mark), fold(text[match.end() :])
