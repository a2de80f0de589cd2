"""The best monotone chain: which printed row stands for which template row, order respected, total score the highest.

Order is what protects the many near-identical labels of the template (其他, 总计): measured on noisy rows, a best match without
order is wrong ten times as often (engineering notes, section 4). Only pairs above a threshold are considered, so the
work grows with the number of plausible pairs and not with rows times labels.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple


class Pair(NamedTuple):
    """Printed items ``first`` to ``item`` may stand for template index ``target``; ``weight`` > 0, more is better."""

    first: int
    item: int
    target: int
    weight: float
    score: float
    choice: object = None


def best_chain(pairs: Iterable[Pair], targets: int) -> list[Pair]:
    """The chain with the largest total weight in which targets strictly increase and printed items neither cross nor overlap.

    Ties go to the chain found first, that is the earlier printed items. O(pairs log pairs).
    """
    in_order = sorted(pairs, key=itemgetter(0, 1))  # by first, item
    if all(before.item < after.first and before.target < after.target for before, after in pairwise(in_order)):
        return in_order  # as of most tables: every row once and in its place
    # Fenwick tree of the best chain that ends at a target index below i
    tree: list[tuple[float, int]] = [(0.0, -1)] * (targets + 1)
    nodes: list[tuple[Pair, int]] = []

    def best_below(target: int) -> tuple[float, int]:
        best = (0.0, -1)
        index = target
        while index > 0:
            if tree[index][0] > best[0]:
                best = tree[index]
            index -= index & -index
        return best

    def enter(target: int, total: float, node: int) -> None:
        index = target + 1
        while index <= targets:
            if total > tree[index][0]:
                tree[index] = (total, node)
            index += index & -index

    waiting: list[tuple[int, int, float, int]] = []  # chains not yet in the tree: last item, node, total, target
    for pair in in_order:
        while waiting and waiting[0][0] < pair.first:
            _, node, total, target = heapq.heappop(waiting)
            enter(target, total, node)
        total, before = best_below(pair.target)
        nodes.append((pair, before))
        heapq.heappush(waiting, (pair.item, len(nodes) - 1, total + pair.weight, pair.target))
    for _, node, total, target in sorted(waiting):
        enter(target, total, node)
    chain = []
    node = best_below(targets)[1]
    while node >= 0:
        pair, node = nodes[node]
        chain.append(pair)
    return chain[::-1]
