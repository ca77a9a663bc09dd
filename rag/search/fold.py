"""Candidates → one for each text: of near-duplicates the best ranked keeps its place, the others are listed with it.

Folding comes after filtering, so that a filter which lets one copy through finds it, and before reranking, so that no
judgement is spent on a copy. Where copies crowd others out of the candidates, more candidates are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.search.candidates import Candidates, Searchable, find
from rag.types import Duplicate, Filter

__all__ = ["Groups", "find_distinct", "first_of_each", "places"]

Groups = Mapping[int, Sequence[int]]
"""The ids of its group, its own among them, for every chunk that has near-duplicates."""

_MORE = 4
"""How many times as many candidates are taken when copies crowd others out."""


def find_distinct(
    index: Searchable,
    query: NDArray[np.float32],
    terms: Sequence[str],
    k: int,
    wanted: int,
    where: Filter | None = None,
    *,
    apart: bool = False,
) -> tuple[Candidates, Groups, dict[str, float]]:
    """Candidates as ``find`` gives them, from ``k`` a leg upwards: so many that ``wanted`` of them are no duplicates
    of one another, where the index has as many; their groups, and the milliseconds each leg took in all.

    With ``apart`` no chunk counts as a duplicate of another, and there are no groups.
    """
    spent = {"dense": 0.0, "sparse": 0.0}
    while True:
        found, legs = find(index, query, terms, k, where)
        spent = {leg: spent[leg] + legs[leg] for leg in spent}
        together = [] if apart else index.near_duplicates(found.ids.tolist(), where)
        groups = {i: group for group in together for i in group}
        # Fewer than k in all: the dense leg, which leaves out nothing else, has come to its end.
        if not groups or len(found.ids) < k or len(first_of_each(found.ids, groups)) >= wanted:
            return found, groups, spent
        k *= _MORE


def first_of_each(ids: NDArray[np.int64], groups: Groups) -> NDArray[np.int64]:
    """The places in ``ids`` whose chunk has no near-duplicate further to the front, int64[m], ascending."""
    seen: set[int] = set()
    first = []
    for place, chunk_id in enumerate(ids.tolist()):
        if chunk_id not in seen:
            first.append(place)
            seen.update(groups.get(chunk_id, ()))
    return np.array(first, np.int64)


def places(index: Searchable, ids: Sequence[int], groups: Groups) -> dict[int, tuple[Duplicate, ...]]:
    """Where the near-duplicates of each of ``ids`` stand, by source and place."""
    others = {chunk_id: [i for i in groups[chunk_id] if i != chunk_id] for chunk_id in ids if chunk_id in groups}
    listed = [i for group in others.values() for i in group]
    chunks = dict(zip(listed, index.passages(listed), strict=True)) if listed else {}
    return {
        chunk_id: tuple(
            sorted(
                (Duplicate(c.doc_id, c.source, c.page, c.start, c.end) for c in map(chunks.__getitem__, group)),
                key=lambda place: (place.source, place.start),
            )
        )
        for chunk_id, group in others.items()
    }
