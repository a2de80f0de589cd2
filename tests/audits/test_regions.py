"""Whose reports somebody sees: a region and all that lies within it, and nothing beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.regions import ALL, NONE, Scope, below, parts_of, path_of, shown

NAMES = st.lists(st.sampled_from(["霁川省", "澜汀市", "云渡县", "石盘乡", "青禾县"]), max_size=4, unique=True)


@pytest.mark.parametrize(
    ("base", "parts", "region"),
    [
        ("/", ("霁川省",), "/霁川省/"),
        ("/霁川省/", ("澜汀市",), "/霁川省/澜汀市/"),
        ("/霁川省/", ("霁川省", "澜汀市"), "/霁川省/澜汀市/"),
        ("/霁川省/澜汀市/", ("澜汀市", "云渡县"), "/霁川省/澜汀市/云渡县/"),
        ("/霁川省/澜汀市/", ("霁川省", "澜汀市", "云渡县"), "/霁川省/澜汀市/云渡县/"),
        ("/霁川省/澜汀市/", ("霁川省",), "/霁川省/澜汀市/"),
        ("/霁川省/澜汀市/", (), "/霁川省/澜汀市/"),
    ],
)
def test_an_agency_lies_where_its_name_and_its_batch_say(base: str, parts: tuple[str, ...], region: str) -> None:
    assert below(base, parts) == region


@given(NAMES, NAMES)
def test_nothing_in_a_name_leads_out_of_the_region_a_batch_was_handed_in_for(base: list[str], parts: list[str]) -> None:
    assert Scope((path_of(base),)).holds(below(path_of(base), parts))


def test_a_region_of_which_another_is_a_namesake_does_not_hold_it() -> None:
    assert [Scope(("/霁川省/澜汀市/",)).holds(region) for region in ("/霁川省/澜汀市/", "/霁川省/澜汀市北区/", "/霁川省/")] == [
        True,
        False,
        False,
    ]


def test_no_regions_see_nothing_and_everywhere_sees_all() -> None:
    assert [(scope.holds("/"), scope.holds("/霁川省/")) for scope in (NONE, ALL)] == [(False, False), (True, True)]


def test_a_slash_in_a_name_makes_no_new_level() -> None:
    assert parts_of(path_of(["霁川/省", " ", "澜汀 市"])) == ("霁川省", "澜汀市")


def test_regions_are_shown_in_words() -> None:
    assert [shown("/"), shown("/霁川省/澜汀市/")] == ["全部地区", "霁川省澜汀市"]
