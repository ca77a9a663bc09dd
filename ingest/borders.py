"""Sentences of a section → which of them end a chunk, told by what stands around and not by how much stood before.

A sentence ends a chunk when its hash is the least of all that end within half a budget of it (local minimum chunking,
after Bjørner, Blass and Gurevich, "Content-dependent chunking for differential compression", 2010); what lies between
two of these and is longer than the budget is cut again inside itself. So an edit moves no border further away than
half a budget, and of what is not cut at such a place only what it is in: all other chunks stay what they were and are
not embedded again. Filled to the brim, borders moved all the way down to the next heading.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

__all__ = ["ends"]

_REACH = 0.5
"""Times the budget: within it no sentence that ends a chunk may have a lesser rank."""
_MARGIN = 0.25
"""Times the budget: a chunk at the beginning or the end of a section has at least so much."""
_SHORT = 2
"""Times the budget: a section of no more is cut in its middle alone. Its few chunks are all that an edit can reach,
and hashes would make more and smaller ones of it."""


def ends(sizes: Sequence[int], overlaps: Sequence[int], ranks: Sequence[Any], budget: int) -> list[int]:
    """The indices of the sentences that end a chunk, ascending, the last sentence's among them.

    ``sizes`` are their tokens, ``overlaps`` the room to keep in a chunk that begins with each, for what it repeats of
    the one before, and ``ranks`` say where to cut rather: the lesser, the rather. Chunks have at most ``budget`` tokens
    with that room, a single sentence aside.
    """
    after = [0, *itertools.accumulate(sizes)]
    chosen = _least(after, ranks, budget) if after[-1] > _SHORT * budget else []
    found: list[int] = []
    waiting = list(itertools.pairwise([0, *(at + 1 for at in chosen), len(sizes)]))
    while waiting:
        first, end = waiting.pop()
        if first + 1 == end or after[end] - after[first] + overlaps[first] <= budget:
            found.append(end - 1)
        else:
            middle = _cut(after, ranks, first, end)
            waiting += [(first, middle), (middle, end)]
    return sorted(found)


def _least(after: Sequence[int], ranks: Sequence[Any], budget: int) -> list[int]:
    """The sentences whose rank is the least within reach; of equal ones in reach of each other none or the last."""
    low, high = _MARGIN * budget, after[-1] - _MARGIN * budget
    return [at for at in range(len(ranks) - 1) if low <= after[at + 1] <= high and _is_least(at, after, ranks, budget)]


def _is_least(at: int, after: Sequence[int], ranks: Sequence[Any], budget: int) -> bool:
    reach = _REACH * budget
    before = itertools.takewhile(lambda other: after[at + 1] - after[other + 1] < reach, range(at - 1, -1, -1))
    behind = itertools.takewhile(lambda other: after[other + 1] - after[at + 1] < reach, range(at + 1, len(ranks) - 1))
    return all(ranks[at] < ranks[other] for other in before) and all(ranks[at] <= ranks[other] for other in behind)


def _cut(after: Sequence[int], ranks: Sequence[Any], first: int, end: int) -> int:
    """Where the sentences from ``first`` up to ``end`` are cut in two: in their middle half, so that cutting on ends
    soon; where no sentence ends there, at the end nearest to the middle."""
    middle, half = (after[first] + after[end]) / 2, (after[end] - after[first]) / 4
    places = range(first + 1, end)
    within = [at for at in places if abs(after[at] - middle) <= half]
    return min(within or places, key=lambda at: ((ranks[at - 1],) if within else ()) + (abs(after[at] - middle),))
