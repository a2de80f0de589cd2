"""What a piece of a web page's text and a stated span come to, as browsers show and read them."""

from __future__ import annotations

import re

from reports_in.decoding import INVISIBLE, visible

_WIDE = "\u2014\u2018-\u201d\u2026\u2e80-\u9fff\uf900-\ufaff\uff01-\uffef"
_WRAP = re.compile(rf"(?<=[{_WIDE}])[ \t\r\f]*\n[ \t\r\n\f]*(?=[{_WIDE}])")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_TO_COLLAPSE = re.compile("[ \t\r\n\f" + INVISIBLE.pattern[1:])  # one class: an alternative takes ten times as long
_NUMBER = re.compile(r"\s*(\d+)")


def collapsed(text: str) -> str:
    """A line as a browser shows it: runs of spaces are one, a line end between two wide characters is nothing."""
    if text.isalnum():  # letters and figures alone, as most cells hold
        return text
    if text.isspace():
        return ""
    if not _TO_COLLAPSE.search(text):
        return text.strip()
    if "\n" in text:
        text = _WRAP.sub("", text)
    return visible(_SPACES.sub(" ", text)).strip()


def span(stated: str | None) -> int:
    """The number at the start of a span attribute; 1 where there is none. 0 (to the end) is kept."""
    if stated is None:
        return 1
    number = _NUMBER.match(stated)
    return int(number[1][:9]) if number else 1
