"""What the words of a line look like: figures, ordinals, sentences that go on."""

from __future__ import annotations

import re

NUMBER = re.compile(r"[+＋\-－−—–/／.．,，%％\d０-９]+")
ORDINAL = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十百\d０-９]{1,3}[)）]|[一二三四五六七八九十百]{1,3}\s*[、.．]|[\d０-９]{1,2}\s*[、.．)）](?!\d)|第[一二三四五六七八九十百]{1,4}[条章节项])"
)


SENTENCE_END = frozenset("。；：！？!?;:”）》")
CLOSERS = "，。、；：！？”’）》】〉」』,.;:!?)]}%％…"
WORD = re.compile(rf"[A-Za-z0-9@#&_./:\\+\-％%]+[{re.escape(CLOSERS)}]*|.[{re.escape(CLOSERS)}]*", re.S)


def has_ordinal(text: str) -> bool:
    return ORDINAL.match("".join(text.split())) is not None


def is_figure(text: str) -> bool:
    return NUMBER.fullmatch(text.replace("\n", "").strip()) is not None


def wrapped(text: str, more: str) -> str:
    """Two lines of a paragraph as one: a blank between Latin words, none between Han characters."""
    a, b = text[-1], more[0]
    if a.isascii() and b.isascii() and a.isalpha() and b.isalpha():
        return f"{text} {more}"
    if a == "-" and len(text) > 1 and text[-2].isalpha() and text[-2].isascii() and b.isascii() and b.islower():
        return text[:-1] + more
    return text + more
