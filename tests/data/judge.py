"""Whether an answer is right, by the accepted forms of a golden question: no model, the same verdict every time.

An accepted form counts when its tokens stand in the answer one after the other, so that ``no`` is not found in
``note``, nor ``15`` in ``150``. Before that both are folded (case, accents), a thousands separator is dropped
(``8.400`` and ``8,400`` are 8400), a decimal comma becomes a point, and a fraction of zeros goes
(``120,00`` is 120).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rag.text import fold

_CITATION = re.compile(r"\[\d+\]")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,\u00a0\u202f]\d{3})+(?!\d)")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+|[%€£$]")


def tokens(text: str) -> list[str]:
    """The comparable tokens of ``text``: words, numbers and the signs of currencies and per cent."""
    text = _THOUSANDS.sub(lambda number: re.sub(r"\D", "", number.group()), fold(text))
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return [re.sub(r"\.0+$", "", token) for token in _TOKEN.findall(text)]


def says(answer: str, form: str) -> bool:
    """Whether the tokens of ``form`` stand in ``answer``, in a row; ``[n]`` is a citation, not a number."""
    wanted, found = tokens(form), tokens(_CITATION.sub("", answer))
    return any(found[start : start + len(wanted)] == wanted for start in range(len(found) - len(wanted) + 1))


def correct(record: Mapping[str, Any], answer: str) -> bool:
    """Whether ``answer`` answers an answerable record: one accepted form, or one of each group of ``all_of``."""
    groups = record.get("all_of") or [record["answers"]]
    return all(any(says(answer, form) for form in forms) for forms in groups)
