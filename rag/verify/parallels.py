"""The part of a sentence that is asked about: of "members pay 3 euros and visitors 5", a member pays 3.

Two numbers of one kind side by side are both about the right thing to a small entailment model, which reads a sentence
nearly as a bag of words. Where the parts that hold them run parallel, what stands in one in the place of the other's
words tells whose number it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rag.text import fold, terms
from rag.types import Language
from rag.verify.literal import masked
from rag.verify.quantities import Quantity, quantities
from rag.verify.ranges import NOUN, dimensions_of, parted, ranges_in
from rag.verify.rows import has_row

__all__ = ["other_parts"]

_SHORT = 240
"""Characters of a window whose parts stand beside each other; in longer ones they are sentences of their own."""
_FEW = 2
"""Words that may stand in the place of as many: of more, it is another construction."""

_Part = tuple[list[str], list[str]]
"""The content words before a number and those after it, each as its stem, capitals kept: names begin with one."""


def other_parts(question: str, claim: str, window: str, language: Language) -> list[str]:
    """Words of question and claim that stand beside another number of the kind that the ``claim`` adds to the question,
    where beside its own number the ``window`` has others in their place; else none. ``language`` is the window's.
    """
    text = masked(window)
    if has_row(window) or len(window) > _SHORT:
        return []
    asked = {quantity.value for quantity in quantities(masked(question))}
    own = {quantity.value for quantity in quantities(masked(claim))} - asked
    said = set(terms(f"{question} {claim}", language))
    for found in _of_a_kind(window, text, language):
        held = [quantity.value in own for quantity in found]
        parts = _parts(window, text, found, language)
        if held.count(True) != 1 or not parts:
            continue
        here = parts[held.index(True)]
        for there in parts:
            if there is not here and (elsewhere := _exchanged(there, here, said)):
                return elsewhere
    return []


def _of_a_kind(window: str, text: str, language: Language) -> Iterator[list[Quantity]]:
    """The window's quantities that have a dimension in common, in order, where there are two or more and none of them
    is the end of a range."""
    spans = ranges_in(window, language)
    alone = [one for one in quantities(text) if not any(span.start <= one.start < span.end for span in spans)]
    kinds = {one: dimensions_of(text, one, language) for one in alone}
    for kind in sorted(set().union(*kinds.values())):
        alike = [one for one in alone if kind in kinds[one]]
        if 1 < len(alike) == len({one.value for one in alike}):
            yield alike


def _parts(window: str, text: str, found: Sequence[Quantity], language: Language) -> list[_Part]:
    """The words around each number, cut where one thing alone separates it from the next; none where that is not so."""
    spans = parted(text, found)
    if not spans:
        return []
    # Folded and masked text is as long as the window wherever folding keeps the length; else no names are told.
    shown = window if len(window) == len(text) else text
    return [
        (
            _stems(shown[start : one.start], language, at_start=start == 0 or text[start] == "."),
            _stems(shown[one.end + _unit(text, one) : end], language),
        )
        for one, (start, end) in zip(found, spans, strict=True)
    ]


def _unit(text: str, one: Quantity) -> int:
    """Characters of the unit or noun after the number: what all parts have says nothing of any."""
    noun = NOUN.match(text[one.end :])
    return noun.end() if noun else 0


def _stems(text: str, language: Language, *, at_start: bool = False) -> list[str]:
    found: list[str] = []
    for at, word in enumerate(re.findall(r"[^\W\d_]{2,}", text)):
        stem = next(iter(terms(word, language)), "")
        is_name = word[0].isupper() and not (at_start and at == 0)
        found += [stem.capitalize() if is_name else stem] if stem else []
    return found


def _exchanged(there: _Part, here: _Part, said: set[str]) -> list[str]:
    """The words of ``there`` that are ``said`` and stand where ``here`` has others, which are not: in a part that has
    another word in common with it, or is nothing but such words, or where names stand for names."""
    theirs, mine = ([fold(word) for word in itertools.chain(*part)] for part in (there, here))
    alike = bool(set(theirs) & set(mine))
    for before, after in zip(there, here, strict=True):
        one, other = ([fold(word) for word in words] for words in (before, after))
        for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if tag != "replace" or max(b - a, d - c) > _FEW or not set(one[a:b]) <= said - set(mine):
                continue
            names = [fold(word) for word in before[a:b] if word[0].isupper()]
            named = bool(names) and any(word[0].isupper() for word in after[c:d])
            whole = (b - a, d - c) == (len(theirs), len(mine))
            if (alike or whole or named) and not (set(other) - set(one)) & said:
                return sorted(names or one[a:b])
    return []
