"""How right an answer is, by its accepted forms: no model, the same figure every time.

Lastro answers in sentences, so the measure to read is ``correct`` (an accepted form stands in the answer), and
``token_recall`` where accepted forms are sentences themselves; exact match and token F1 are those of the extractive
literature, and punish a sentence for being one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.text import fold
from rag.verify.claims import CITATION

__all__ = ["comparable", "correct", "exact_match", "says", "token_f1", "token_recall"]

_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,\u00a0\u202f]\d{3})+(?!\d)")
_MINUS = r"(?<![^\W_])(?<![%°€£)\]])-(?=\d)"  # not that of a range or a code: 10-49, 10%-20%, P-220
_TOKEN = re.compile(rf"(?:{_MINUS})?\d+(?:\.\d+)?|[^\W\d_]+|[%€£$]")
_ARTICLES = frozenset("a an the o os as um uma uns umas".split())


def comparable(text: str) -> list[str]:
    """The tokens of ``text`` that are compared: words, numbers, and the signs of currencies and per cent.

    Case and accents are folded, a thousands separator goes (``8.400`` and ``8,400`` are 8400), a decimal comma becomes
    a point, a fraction of zeros goes (``120,00`` is 120), and ``[2]`` is a citation, not a number. A minus before the
    digits is the number's (``−3`` is -3), save between two things, as in ``10-49`` and ``P-220``.
    """
    text = CITATION.sub("", text)
    text = _THOUSANDS.sub(lambda number: re.sub(r"\D", "", number.group()), fold(text).replace("−", "-"))
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return [re.sub(r"\.0+$", "", token) for token in _TOKEN.findall(text)]


def says(text: str, form: str) -> bool:
    """Whether the tokens of ``form`` stand in ``text`` in a row: ``no`` is not found in ``note``, nor 15 in 150.

    A form without tokens, such as ``?``, is found nowhere.
    """
    wanted, found = comparable(form), comparable(text)
    return bool(wanted) and any(
        found[start : start + len(wanted)] == wanted for start in range(len(found) - len(wanted) + 1)
    )


def correct(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether ``text`` says one accepted form of each of ``groups``."""
    return all(any(says(text, form) for form in forms) for forms in groups)


def exact_match(text: str, forms: Sequence[str]) -> float:
    """EM = 1 when ``text`` equals an accepted form after normalisation, else 0 (Rajpurkar et al., EMNLP 2016).

    The normalisation is SQuAD's (case, punctuation and articles go) with Portuguese articles and ``comparable``.
    """
    said = _content(text)
    return float(any(said == _content(form) for form in forms))


def token_f1(text: str, forms: Sequence[str]) -> float:
    """F1 = 2PR / (P + R) over the bags of tokens, the best over ``forms`` (Rajpurkar et al., EMNLP 2016).

    P and R are the shared tokens over those of ``text`` and of the form; both empty is 1, one empty 0.
    """
    said = Counter(_content(text))
    return max((_f1(said, Counter(_content(form))) for form in forms), default=0.0)


def token_recall(text: str, forms: Sequence[str]) -> float:
    """R = shared tokens over those of the form, the best over ``forms``: what of the expected is said, however much is
    said besides. Of lexical measures the one nearest to people's judgement of long answers (Adlakha et al., TACL 2024).
    """
    said = Counter(_content(text))
    wanted = [bag for bag in (Counter(_content(form)) for form in forms) if bag]
    return max(((said & bag).total() / bag.total() for bag in wanted), default=0.0)


def _f1(said: Counter[str], wanted: Counter[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())


def _content(text: str) -> list[str]:
    return [token for token in comparable(text) if token not in _ARTICLES]
