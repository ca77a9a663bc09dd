"""Names of a question that evidence lacks.

A name is a word with a capital inside a sentence; where a sentence begins any word has one. Compared within one
language only: "Northeast" is "Nordeste" elsewhere.
"""

from __future__ import annotations

import itertools
import re

from rag.text import fold, terms

__all__ = ["NAME", "NAMES", "missing_names", "names_none", "part_of_name"]

_CAPITAL = r"[A-ZÀ-Ý][\wà-ÿ'-]"
_RUN = rf"{_CAPITAL}{{2,}}(?:\s(?:(?:d[aeo]s?|of|the|von|van)\s)?{_CAPITAL}+)*"
NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“])[A-ZÀ-Ý][\wà-ÿ]{2,}")
NAMES = re.compile(rf"(?<![.!?:]\s)(?<!^)(?<=[\s(\"“]){_RUN}")
_MENTION = re.compile(rf"\b{_RUN}")
"""Also where a sentence begins: of what may be mentioned, rather one too many."""
_CALENDAR = frozenset(
    (
        "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays "
        "saturdays sundays january february march april may june july august september october november december "
        "segunda terca quarta quinta sexta feira feiras sabado sabados domingo domingos janeiro fevereiro marco abril "
        "maio junho julho agosto setembro outubro novembro dezembro"
    ).split()
)
"""Capitals without a name: evidence may say "on weekdays" or "every day" instead, and whether it means this day is for
the model to judge."""
_ACRONYM = re.compile(r"\b([A-Z]{3,6})s?\b")
_INITIALS = re.compile(r"(?<!\d)(?<!\d\s)\b([A-Z]{2,6})s?\b")
"""Not the AM of "9 AM"."""
_PIECE = re.compile(r"[^\W\d_]+|[\d.!?;:()]")
_NUMERAL = re.compile(r"[IVX]+")
_LEFT_OUT = frozenset("of the and for de da do das dos e".split())
"""Words of which an acronym has no letter."""


def missing_names(question: str, evidence: str) -> list[str]:
    """Names of the question that the evidence does not have, compared without accents.

    Part of a name is enough ("the Panthers" for the Carolina Panthers) unless it is part of another's there: Renato
    Alves is not Renato Vidal. So are its initials, or the words of which it is the initials.
    """
    have = _words(evidence)
    mentioned = [parts for mention in _MENTION.findall(evidence) if (parts := _parts(mention))]
    missing = []
    for name in _named(question):
        parts = _parts(name)
        if part_of_name(parts, have) or any(part_of_name(mention, parts) for mention in mentioned):
            continue
        if not part_of_name(parts, have | _abbreviated(name, evidence)):
            missing.append(name)
    return missing


def names_none(question: str, evidence: str) -> list[str]:
    """The question's names where it has some and the evidence not one of them; else none."""
    missing = missing_names(question, evidence)
    return missing if len(missing) == len(_named(question)) else []


def _named(question: str) -> list[str]:
    """The question's names in order, each once; weekdays and months are none."""
    return [name for name in dict.fromkeys(NAMES.findall(question.strip())) if not _parts(name) <= _CALENDAR]


def _abbreviated(name: str, evidence: str) -> set[str]:
    """Words of ``name``, folded, whose initials the ``evidence`` has (the UMC for the United Methodist Church), or that
    are the initials of words there (the CEO for the chief executive officer)."""
    found = {fold(match[0]) for match in _ACRONYM.finditer(name) if _spelled_out(match[1], evidence)}
    there = set(_INITIALS.findall(evidence))
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper()]
    for start, end in itertools.combinations(range(len(words) + 1), 2):
        # Of two words only a whole name: within a longer one too many pairs have some state's or unit's letters.
        several = end - start > 2 or end - start == len(words) == 2
        if several and "".join(word[0] for word in words[start:end]).upper() in there:
            found.update(words[start:end])
    return found


def _spelled_out(acronym: str, evidence: str) -> bool:
    """Whether words that follow each other in ``evidence`` begin with the letters of ``acronym``. A numeral is not
    abbreviated: WWI is not World War II."""
    run: list[str] = []
    for piece in _PIECE.findall(evidence):
        if piece.lower() in _LEFT_OUT:
            continue
        if _NUMERAL.fullmatch(piece):
            run.append(piece)
        elif terms(piece, "en") and terms(piece, "pt") and piece.isalpha():
            run.append(fold(piece)[0].upper())
        else:
            run = []
        if any("".join(run[start:]) == acronym for start in range(max(0, len(run) - len(acronym)), len(run))):
            return True
    return False


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
