"""Names of a question that evidence lacks.

A name is a word with a capital inside a sentence; where a sentence begins any word has one. Compared within one
language only: "Northeast" is "Nordeste" elsewhere.
"""

from __future__ import annotations

import re

from rag.text import fold

__all__ = ["NAME", "NAMES", "missing_names", "names_none", "part_of_name"]

_CAPITAL = r"[A-ZÀ-Ý][\wà-ÿ'-]"
_RUN = rf"{_CAPITAL}{{2,}}(?:\s(?:(?:d[aeo]s?|of|the|von|van)\s)?{_CAPITAL}+)*"
NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“])[A-ZÀ-Ý][\wà-ÿ]{2,}")
NAMES = re.compile(rf"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“]){_RUN}")
_MENTION = re.compile(rf"\b{_RUN}")
"""Also where a sentence begins: of what may be mentioned, rather one too many."""


def missing_names(question: str, evidence: str) -> list[str]:
    """Names of the question that the evidence does not have, compared without accents.

    Part of a name is enough ("the Panthers" for the Carolina Panthers) unless it is part of another's there: Renato
    Alves is not Renato Vidal.
    """
    have = _words(evidence)
    mentioned = [parts for mention in _MENTION.findall(evidence) if (parts := _parts(mention))]
    missing = []
    for name in dict.fromkeys(NAMES.findall(question.strip())):
        parts = _parts(name)
        if not part_of_name(parts, have) and not any(part_of_name(mention, parts) for mention in mentioned):
            missing.append(name)
    return missing


def names_none(question: str, evidence: str) -> list[str]:
    """The question's names where it has some and the evidence not one of them; else none."""
    names, missing = set(NAMES.findall(question.strip())), missing_names(question, evidence)
    return missing if len(missing) == len(names) else []


def _parts(name: str) -> set[str]:
    """The words of a name that have capitals, folded."""
    return {fold(word) for word in re.findall(r"\w+", name) if word[0].isupper() and len(word) > 2}


def part_of_name(parts: set[str], others: set[str]) -> bool:
    """Whether each of ``parts`` is one of ``others`` but for an ending (Tibet, Tibete; Christians)."""
    return all(part in others or any(_same_stem(part, other) for other in others) for part in parts)


def _same_stem(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))
