"""The clause that is asked about: "Peixe checks the Braga log; in Recife this is done by Soutinho"."""

from __future__ import annotations

import re

from rag.text import fold
from rag.types import Language
from rag.verify.columns import adds

__all__ = ["other_clauses"]

_CUT = re.compile(r";\s+")
_SHORT = 240
"""Characters of a sentence whose clauses stand beside each other; of longer ones each is a sentence of its own."""
_CAPITAL = re.compile(r"\b[A-ZÀ-Ý][\wà-ÿ'-]{2,}")


def other_clauses(question: str, claim: str, window: str, language: Language) -> list[str]:
    """The question's names that one clause of the ``window`` has, where what the ``claim`` adds stands in others only,
    all of which have other names instead."""
    clauses = _CUT.split(window) if len(window) <= _SHORT else [window]
    holding = [clause for clause in clauses if adds(question, claim, clause, language)]
    if len(clauses) < 2 or not holding or len(holding) == len(clauses):
        return []
    asked, said = _words(question), _words(claim)
    begins = {fold(word) for word in re.findall(r"(?:^|[.!?]\s+)(\w+)", window)}
    named = [{fold(name) for name in _CAPITAL.findall(clause)} - begins for clause in clauses]
    beside = [names for clause, names in zip(clauses, named, strict=True) if clause not in holding]
    here = [names for clause, names in zip(clauses, named, strict=True) if clause in holding]
    wanted = {name for names in beside for name in names & asked}
    return sorted(wanted) if all(names - said and not names & asked for names in here) else []


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))
