"""A file that cannot be used is told of in Chinese, whatever is wrong with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from reports_in.system_words import WORDS, in_words


def test_a_file_that_is_not_there_is_told_of_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        (tmp_path / "年报.txt").read_bytes()
    assert in_words(caught.value) == "文件或文件夹不存在"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP)), os.strerror(errno.ENOTSUP)),
        (OSError("odd"), "OSError"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_has_no_words_here_is_still_said(error: OSError, words: str) -> None:
    assert in_words(error) == words


def test_every_fault_has_words_without_latin_letters() -> None:
    assert [word for word in WORDS.values() if word.isascii()] == []
