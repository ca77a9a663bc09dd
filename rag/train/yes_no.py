"""Questions that are answered with yes or no, made of statements whose truth is known.

"A garantia cobre os anéis?" – "Não." says something only after its question, and the wrong one of the two words differs
from the right one by nothing that can be looked up. In Portuguese a statement becomes its question with the mark alone;
in English its first auxiliary goes before the subject, or the statement is put whole after "Is it true that".
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.train.edits import negate
from rag.train.pairs import NOT_SUPPORTED, Pair
from rag.types import Language

__all__ = ["as_question", "yes_no_pairs"]

_SUPPORTED, _CONTRADICTED, _NOT_FOUND = 0, 1, 2
_MOST_WORDS = 30
_AUXILIARY = re.compile(r"^((?:\S+ ){1,5}?)(is|are|was|were|can|could|will|would|should|must) (?!not\b)(.+)$")
_STARTS_CLAUSE = re.compile(r"\b(?:who|that|which|when|where|if|while|because|since)\b", re.I)
_LOWERED = frozenset(
    "the a an this that these those there he she it they we you some many most all several two three people "
    "o os as um uma uns umas este esta isso ele ela eles elas há não nenhum nenhuma".split()
)
_WORDS: dict[Language, tuple[str, str]] = {"pt": ("Sim", "Não"), "en": ("Yes", "No")}


def as_question(statement: str, language: Language) -> str | None:
    """The yes-or-no question that ``statement`` answers with yes; None where it is a question itself or too long."""
    plain = statement.strip().rstrip(".")
    if not plain or "?" in plain or "\n" in plain or len(plain.split()) > _MOST_WORDS:
        return None
    if language == "pt":
        return f"{plain[0].upper()}{plain[1:]}?"
    inverted = _AUXILIARY.match(plain)
    if inverted is None or _STARTS_CLAUSE.search(inverted.group(1)):
        return f"Is it true that {_lowered(plain)}?"
    subject, auxiliary, rest = inverted.groups()
    return f"{auxiliary.capitalize()} {_lowered(subject)}{rest}?"


def _lowered(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    return text[0].lower() + text[1:] if first.lower() in _LOWERED else text


def yes_no_pairs(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """Of every entailment pair whose claim can be asked: one answer, bare or as a sentence, right or wrong.

    Half of those of a known truth are supported, half contradicted; where the premise leaves it open, none is found.
    Of a pair that is only known not to be supported, only a yes can be judged.
    """
    random_ = random.Random(seed)
    made = []
    for pair in pairs:
        question = as_question(pair.second, pair.language)
        if pair.task != "entailment" or question is None:
            continue
        yes, no = _WORDS[pair.language]
        says_yes = random_.random() < 0.5
        answer = f"{yes if says_yes else no}."
        if random_.random() < 0.5:
            plain = pair.second.strip().rstrip(".")
            said = plain if says_yes else negate(plain, pair.language, (), random_)
            answer = f"{yes if says_yes else no}, {_lowered(said)}." if said else answer
        if pair.label == NOT_SUPPORTED and not says_yes:
            continue  # "no" is right where the premise contradicts the claim, and open where it says nothing of it
        if pair.label in {_NOT_FOUND, NOT_SUPPORTED}:
            label = pair.label
        else:
            label = _SUPPORTED if says_yes == (pair.label == _SUPPORTED) else _CONTRADICTED
        second = f"{question} {answer}"
        made.append(Pair("entailment", pair.first, second, label, f"{pair.origin}:asked", pair.language))
    return made
