"""How well the characters beyond ASCII stand where Portuguese and English write them: tells old encodings apart.

The same byte is ``ç`` in cp850, ``‡`` in Windows-1252 and ``á`` in Mac Roman, and only the letters around it say which
was meant: ``peça``, never ``pe‡a`` nor ``peáa``. Each rule below names what may stand beside a character. Frequencies
were not enough, for a short note has one accent or two.
"""

from __future__ import annotations

import re

from rag.text import detect_language

__all__ = ["plausibility"]

_LETTER = re.compile(
    r"""
      ã(?=[oeisz]|\b) | õ(?=e|\b)
    | (?<=[aeiounrlcpáéíóú])ç(?=[aouãõáóúâí])
    | (?<![aeo])á(?![aoã]) (?:(?<=\wá)|(?=\w))
    | (?<!\w)à(?=s?\b|quel)
    | â(?=[bcdfglmnpqrstvxz])
    | ê(?![aiou]) (?:(?<=\wê)|(?=\w))
    | é(?![aoã]) | í(?!e) | ó(?![eo]) | ô(?![aeiu]) | ú
    | (?<=[gq])ü(?=[eiéí])
    """,
    re.VERBOSE,
)
"""Where Portuguese writes its accented letters: ``ã`` before o, e, i, s, z or at the end, ``à`` only as a word …"""
_SYMBOL = re.compile(
    r"""
      (?<=[\w.])[ºª] | (?<=[\d\s])° | °(?=[cf]\b) | (?<=[m\d])[²³](?!\w) | (?<![\w.])§(?=[\s\d§])
    | [€£](?=\s?\d) | (?<=[\d\s(])[€£](?!\w)
    | (?<![^\W\d])[×±÷](?![^\W\d]) | [≤≥≈](?=\s?\d) | (?<![a-z])µ(?=[a-z]{1,2}\b)
    | (?<!\w)[“‘](?=\S) | (?<=\S)[”’](?!\w) | (?<=\w)’(?=(?:s|t|re|ve|ll|d|m)\b) | (?<=\b[dlo])’(?=\w)
    | [–—](?!\w) | (?<=\S)…(?!\w) | (?<!\w)•
    | (?<=\S)\u00a0(?=[\w(])(?<![a-z]\u00a0(?=[a-z]))
    """,
    re.VERBOSE,
)
_PERHAPS = re.compile(r"[–—](?=\w)|(?<!\S)…(?!\S)")
"""Written in English (``cells—and``), and in a Portuguese text likelier a letter of another encoding (``—leo``)."""
_FREQUENT = re.compile(r"\b(?:não|é|são|à|às|até|também|já|há|só|está|você|será|após)\b")
_LETTERS = frozenset("áàâãçéêíóôõú")
_SYMBOLS = frozenset("ºª°²³§€£×±÷≤≥≈µ“”‘’–—…•\u00a0")
_BORROWED = frozenset("èëìïîñòöùûäåæøœßü«»¼½¾·")


def plausibility(text: str) -> float:
    """Mean over the characters beyond ASCII: 1 in a place where it is written, ½ for one of a borrowed word, 0 out of
    place, −1 for one that neither language writes; less for a letter whose neighbours are of the other case. A frequent
    word with an accent counts 1 more. In English, a letter with an accent is less likely than a dash or a quote."""
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    plain = "".join(c if c.isascii() else " " for c in text)
    english = len(plain.split()) > 2 and detect_language(plain) == "en"
    letter = 0.75 if english else 1.0
    placed = {match.start(): letter for match in _LETTER.finditer(lower)}
    placed |= {match.start(): 0.8 for match in _PERHAPS.finditer(lower)}
    placed |= {match.start(): 1.0 for match in _SYMBOL.finditer(lower)}
    beyond = [at for at, character in enumerate(text) if not character.isascii()]
    score = sum(placed.get(at, _elsewhere(lower, at)) - _misfit(text, at) for at in beyond)
    return (score + sum(1 for _ in _FREQUENT.finditer(lower))) / len(beyond) if beyond else 0.0


def _elsewhere(text: str, at: int) -> float:
    """The worth of a character where no rule places it."""
    if text[at] in _BORROWED and (text[at - 1 : at].isalpha() or text[at + 1 : at + 2].isalpha()):
        return 0.5
    return 0.0 if text[at] in _LETTERS | _SYMBOLS | _BORROWED else -1.0


def _misfit(text: str, at: int) -> float:
    """How badly the character sits among its neighbours: a capital inside a word, a small letter among capitals, a
    letter at a digit, a symbol inside a word."""
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if not character.isalpha():
        return 1.5 if before.isalpha() and after.isalpha() and character not in "’–—\u00a0" else 0.0
    if character in "ºª":
        return 0.0
    if before.isdigit() or after.isdigit():
        return 1.5
    two_before = text[max(at - 2, 0) : at]
    among_capitals = after.isupper() or (len(two_before) == 2 and two_before.isalpha() and two_before.isupper())
    return 1.5 if (character.isupper() and before.islower()) or (character.islower() and among_capitals) else 0.0
