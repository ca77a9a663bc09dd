"""Pairs without a label, as they are judged at run time: claims against single windows of their passage, and rows.

What they hold is unknown; what an adapter says of them is not. A run that learns something else keeps to that where it
is told to (`Recipe.keep`), and so does not pay for better plain NLI with what the product asks all day.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from rag.text import sentences
from rag.train.pairs import UNLABELLED, Pair
from rag.train.table_rows import table_pairs

__all__ = ["anchors"]

_ALONE = 0.3
"""The share of claims that are told without their question."""
_LONGEST = 3
_TITLE = 90
"""Characters that a first line has at most which is a title."""


def anchors(pairs: Sequence[Pair], rows: int, seed: int) -> list[Pair]:
    """Of each claim of ``pairs`` that follows a question, one against a run of one to three sentences of its passage,
    under its title; and about so many ``rows`` of tables."""
    random_ = random.Random(seed)
    made = []
    for pair in pairs:
        window = _window(pair, random_) if pair.task == "entailment" and "?" in pair.second else None
        if window is not None:
            _, _, claim = pair.second.rpartition("?")
            said = claim.strip() if random_.random() < _ALONE and claim.strip() else pair.second
            made.append(replace(pair, first=window, second=said, label=UNLABELLED, origin=f"{pair.set_name}:anchor"))
    tables = [replace(pair, label=UNLABELLED, origin=f"{pair.set_name}:anchor") for pair in table_pairs(rows, seed)]
    return [*made, *tables]


def _window(pair: Pair, random_: random.Random) -> str | None:
    """None where the passage has one sentence."""
    title, line, text = pair.first.partition("\n")
    if not line or len(title) > _TITLE:
        title, text = "", pair.first
    spans = sentences(text, pair.language)
    if len(spans) < 2:
        return None
    first = random_.randrange(len(spans))
    last = min(len(spans), first + random_.choice((1, 1, 1, *range(2, _LONGEST + 1)))) - 1
    window = text[spans[first][0] : spans[last][1]]
    return f"{title}\n{window}" if title else window
