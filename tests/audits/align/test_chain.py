"""The chain is the best one there is, and never crosses itself."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from audits.align.chain import Pair, best_chain

TARGETS = 5
pairs = st.builds(
    lambda first, more, target, weight: Pair(first, first + more, target, weight, 100.0),
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(0, TARGETS - 1),
    st.integers(1, 8).map(float),
)


def is_chain(found: list[Pair]) -> bool:
    return all(a.item < b.first and a.target < b.target for a, b in pairwise(found))


@given(st.lists(pairs, max_size=8))
def test_no_other_chain_weighs_more(offered: list[Pair]) -> None:
    orders = (
        sorted(some, key=lambda pair: pair.first) for size in range(len(offered) + 1) for some in combinations(offered, size)
    )
    best = max(sum(pair.weight for pair in some) for some in orders if is_chain(some))
    found = best_chain(offered, TARGETS)
    assert (is_chain(found), sum(pair.weight for pair in found)) == (True, best)


def test_the_earlier_of_two_equal_items_is_taken() -> None:
    found = best_chain([Pair(0, 0, 0, 1.0, 100.0), Pair(3, 3, 0, 1.0, 100.0)], 1)
    assert [pair.item for pair in found] == [0]
