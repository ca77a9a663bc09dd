"""A text layer that says something else than the page shows: its fonts do not tell which letters their shapes are."""

from __future__ import annotations

import itertools
import re
import unicodedata

from rag.text import fold

__all__ = ["is_garbled"]

_STRANGE = {"Co", "Cn", "Cs", "Cc"}
"""Unicode categories of no letter: private use, unassigned, half surrogates, control."""
_MOST_INSIDE = 0.1
"""Share of the page's characters. Formulas have some; a page with more cannot be searched."""
_MOST = 0.5
_WORD = re.compile(r"[a-z]{2,}")
_PAIRS = frozenset(
    (
        "ab ac ad ag ai al am an ao ar as at ay ba be bo br ca ce ch ci co ct da de di do ea ec ed ee eg ei el em en "
        "er es et fa fe fi fo fr ga ge gi ha he hi ho ia ic id ie il im in io ir is it ke la le li ll lo ma mb me mi "
        "mo mp na nc nd ne ng nh ni no ns nt od of oi ol om on oo op or os ot ou ow pa pe pl po pr ps pu qu ra rd re "
        "ri rm ro rs rt ry sa sc se sh si so sp ss st su ta te th ti to tr ts ua ue ui um un ur us ut va ve vi wa we "
        "wh wi wo ye yo ys"
    ).split()
)
"""The 150 most frequent pairs of letters of Portuguese and English, accents aside."""
_LEAST_USUAL = 0.35
"""Share of a text's pairs that are frequent: 0.85 or more in every file of ``data/sample``, 0.24 at most in the same
files with their letters exchanged or shifted as fonts without a table do, 0.49 in Polish, 0.56 in a list of acronyms.
"""
_FEWEST_PAIRS = 60
"""Fewer tell nothing: three names and a number may be unusual."""


def is_garbled(text: str) -> bool:
    """Whether ``text``, a page's, is no text: signs without meaning inside its words, or words of no language.

    Bullets and icons, which fonts like Wingdings put in private use, stand alone or begin a word and are no reason.
    Letters other than Latin are not judged.
    """
    words = text.split()
    length = sum(map(len, words))
    strange = sum(_is_strange(c) for word in words for c in word)
    inside = sum(_is_strange(c) for word in words for c in word[1:])
    if inside > _MOST_INSIDE * length or strange > _MOST * length:
        return True
    pairs = [a + b for word in _WORD.findall(fold(text)) for a, b in itertools.pairwise(word)]
    return len(pairs) >= _FEWEST_PAIRS and sum(pair in _PAIRS for pair in pairs) < _LEAST_USUAL * len(pairs)


def _is_strange(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in _STRANGE
