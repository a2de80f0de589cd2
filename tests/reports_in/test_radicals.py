"""Radicals and compatibility characters become the characters that they stand for, one for one."""

from __future__ import annotations

from reports_in.radicals import fold_radicals


def test_radicals_of_both_blocks_are_folded_and_counted() -> None:
    assert fold_radicals("⾏政机关为⺠服务⻔户⽆误⻓") == ("行政机关为民服务门户无误长", 5)


def test_compatibility_ideographs_are_folded() -> None:
    assert fold_radicals("\uf9ca金") == ("流金", 1)


def test_ordinary_text_is_left_as_it_is() -> None:
    text = "（一）主动公开１２件，㈠①Ⅷ"
    assert fold_radicals(text) == (text, 0)


def test_no_character_is_added_or_lost() -> None:
    every = "".join(chr(code) for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)))
    assert len(fold_radicals(every)[0]) == len(every)
