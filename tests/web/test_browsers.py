"""Browsers in words."""

from __future__ import annotations

import pytest

from web.browsers import browser_in_words

LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE} Chrome/128.0.0.0 Safari/537.36", "Chrome 128（Windows）"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE} Chrome/128.0.0.0 Safari/537.36 Edg/128.0", "Edge 128（Windows）"),
        (f"Mozilla/5.0 (Windows NT 6.1) {LIKE} Chrome/86.0 Safari/537.36 QIHU 360SE", "360 浏览器（Windows 7）"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128（Linux）"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17（iPhone）",
        ),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "IE 11（Windows 7）"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "未知"),
        ("x" * 50, "x" * 40 + "……"),
    ],
)
def test_a_browser_is_told_in_words(said: str, words: str) -> None:
    assert browser_in_words(said) == words
