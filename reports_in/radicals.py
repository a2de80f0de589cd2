"""Radical and compatibility code points back to the characters they stand for.

Many PDF fonts map a glyph such as 民 to the radical that looks the same (U+2EA0). NFKC knows the Kangxi radicals and the
compatibility ideographs, not the radicals supplement: those that stand for a character of their own are listed here.
"""

from __future__ import annotations

import re
import unicodedata

_SUPPLEMENT = {
    "⺁": "厂", "⺇": "几", "⺌": "小", "⺎": "兀", "⺏": "尣", "⺐": "尢", "⺒": "巳", "⺓": "幺", "⺛": "旡",
    "⺝": "月", "⺟": "母", "⺠": "民", "⺡": "氵", "⺢": "氺", "⺣": "灬", "⺤": "爫", "⺥": "爫", "⺦": "丬", "⺧": "牛",
    "⺨": "犭", "⺩": "王", "⺪": "疋", "⺫": "目", "⺬": "示", "⺭": "礻", "⺮": "竹", "⺰": "纟", "⺱": "网",
    "⺲": "罒", "⺷": "羊", "⺹": "耂", "⺻": "聿", "⺼": "月", "⺽": "臼", "⻁": "虎", "⻂": "衤",
    "⻃": "西", "⻄": "西", "⻅": "见", "⻆": "角", "⻇": "角", "⻈": "讠", "⻉": "贝", "⻊": "足", "⻋": "车",
    "⻌": "辶", "⻍": "辶", "⻎": "辶", "⻏": "阝", "⻐": "钅", "⻑": "長", "⻒": "镸", "⻓": "长", "⻔": "门", "⻖": "阝",
    "⻗": "雨", "⻘": "青", "⻙": "韦", "⻚": "页", "⻛": "风", "⻜": "飞", "⻝": "食", "⻟": "飠", "⻠": "饣", "⻢": "马",
    "⻣": "骨", "⻤": "鬼", "⻥": "鱼", "⻦": "鸟", "⻧": "卤", "⻨": "麦", "⻩": "黄", "⻪": "黾", "⻫": "斉", "⻬": "齐",
    "⻭": "歯", "⻮": "齿", "⻯": "竜", "⻰": "龙", "⻱": "龟", "⻲": "亀", "⻳": "龟",
}  # fmt: skip

_MANGLED = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def _folded() -> dict[int, str]:
    folded = {ord(radical): char for radical, char in _SUPPLEMENT.items()}
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00)):
        char = unicodedata.normalize("NFKC", chr(code))
        if len(char) == 1 and char != chr(code):
            folded[code] = char
    return folded


_FOLDED = _folded()


def fold_radicals(text: str) -> tuple[str, int]:
    """The text with ordinary characters, of the same length, and how many were replaced."""
    found = len(_MANGLED.findall(text))
    return (text.translate(_FOLDED), found) if found else (text, 0)
