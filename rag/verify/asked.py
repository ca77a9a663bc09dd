"""What kind of thing a question asks for, and whether a claim gives one: "How much does it weigh?" wants a mass.

Expected answer types are as old as question answering (Li and Roth, COLING 2002); here only those are taken that can be
told from the wording and checked in the claim with near certainty, since a wrong refusal costs a right answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.text import detect_language, fold
from rag.verify.literal import identifiers, measures
from rag.verify.quantities import SPELLED_NUMBERS, UNITS, numbers

__all__ = ["KINDS", "lacks_asked_kind", "leaves_out", "unspoken_events"]

_MONEY = {"brl", "usd", "eur", "gbp"}
_TIME = {"year", "month", "week", "day", "hour", "minute", "second"}
_SPANS = set(
    "until till while lifetime life forever permanently always overnight long indefinitely since from "
    "ate enquanto vida sempre permanente indeterminado desde durante quando".split()
)
_NEVER_ZERO = {"kg", "gram", "db"}
_NOTHING = {"zero", "um", "uma", "one"}
"""Number words that weigh nothing: ``um`` is an article first."""
_LENGTH = {"km", "metre", "cm", "mm"}
_NONE = re.compile(
    r"\b(?:none|not|never|nao|nenhum|nenhuma|nunca|sem|free|gratis|unlimited|todos?|todas?|all|every|each|both|ambos)\b"
)


def _denies(claim: str) -> bool:
    """Whether it says none, or all. "No" is a denial in English, and "in the" in Portuguese."""
    folded = fold(claim)
    return bool(_NONE.search(folded)) or (" no " in f" {folded}" and detect_language(claim) == "en")


_COUNTED = re.compile(r"\b(?:quant[oa]s|how many)\s+([a-z%°²³/]+)")


def _number(question: str, claim: str) -> bool:
    """Whether it gives a number of what is counted: of people no percentage, of days no sum of money."""
    new = {kind for _, kind in measures(claim) - measures(question)}
    counted = _COUNTED.search(fold(question))
    noun = counted.group(1) if counted else ""
    unit = UNITS.get(noun, UNITS.get(noun.removesuffix("s"), ""))
    others = {"%"} | _MONEY | (set() if unit in _TIME else _TIME)
    if counted and new and new <= others - {unit} and noun not in {"times", "vezes"} and not _denies(claim):
        return False
    asked = {value for value, _ in numbers(question)}
    if any(value not in asked for value, _ in numbers(claim)) or _denies(claim):
        return True
    said = set(re.findall(r"[a-z]+", fold(claim))) - set(re.findall(r"[a-z]+", fold(question)))
    if said & (SPELLED_NUMBERS.keys() | {"once", "twice", "half", "metade", "dozen", "duzia"}):
        return True
    # A number of the question may be the answer's, too ("Did 12 …? How many …? 12"): only where nothing else is there.
    return bool(asked & {value for value, _ in numbers(claim)}) and len(asked) == 1


def _quantity(kinds: set[str], *, in_numbers: bool = True) -> Callable[[str, str], bool]:
    """``in_numbers``: it can only be told in numbers, or denied; else also as a span of time in words."""

    def given(question: str, claim: str) -> bool:
        found = {kind for _, kind in measures(claim) - measures(question)}
        if not found:
            words = set(re.findall(r"[a-z]+", fold(claim))) - (_NOTHING if kinds & _NEVER_ZERO else set())
            otherwise = words & (SPELLED_NUMBERS.keys() | (set() if in_numbers else _SPANS))
            return bool(otherwise or (_denies(claim) and not kinds & _NEVER_ZERO))
        # A bare number may be of any kind (a table's unit stands in its header), another unit is of another kind.
        return bool(found & (kinds | {""}))

    return given


def _no_other_quantity(kinds: set[str]) -> Callable[[str, str], bool]:
    """Where words may answer as well: only numbers that are all of other kinds do not."""

    def given(question: str, claim: str) -> bool:
        found = {kind for _, kind in measures(claim) - measures(question)}
        return not found or bool(found & (kinds | {""}))

    return given


def _not_only_time(question: str, claim: str) -> bool:
    found = {kind for _, kind in measures(claim) - measures(question)}
    return not found or bool(found - _TIME)


def _no_unit(question: str, claim: str) -> bool:
    new = {kind for _, kind in numbers(claim) - numbers(question)}
    return not new or "" in new


def _name(question: str, claim: str) -> bool:
    asked = set(re.findall(r"\w+", fold(question)))
    names = re.findall(r"(?<![\w.])[A-ZÀ-Ý][\wà-ÿ'-]+", claim)
    first = claim.split(maxsplit=1)[0] if claim.split() else ""
    return any(fold(name) not in asked for name in names if name != first) or bool(
        re.match(r"[A-ZÀ-Ý][\w'-]+ (?:d[aeo]s? )?[A-ZÀ-Ý]", claim)
    )


_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[str, str], bool]], ...] = (
    (re.compile(r"\bquant[oa]s\b|\bhow many\b"), "number", _number),
    (re.compile(r"\bhow much (?:does|do|did) .*\bweigh|\bquanto pesa|\bqual (?:e )?o peso\b|\bwhat is the weight\b"),
     "mass", _quantity({"kg", "gram"})),
    (re.compile(r"\bhow much (?:does|do|did) .*\bcost\b|\bquanto custa|\bqual (?:e )?o preco\b|\bwhat is the price\b"),
     "amount of money", _quantity(_MONEY)),
    (re.compile(r"\bhow long (?:is|are|does|do|did|will|was)\b|\b(?:por )?quanto tempo (?:dura|leva|tenho|temos)\b"),
     "length of time", _quantity(_TIME | _LENGTH, in_numbers=False)),
    (re.compile(r"\bqual (?:e |era |foi )?(?:hoje )?o prazo\b|\bwhat (?:is|was) the (?:\w+ )?(?:period|deadline)\b"),
     "length of time", _no_other_quantity(_TIME)),
    (re.compile(r"\bqual (?:e |era |foi )?o valor\b|\bhow much (?:is|was|are|were|do|does|did)\b|\bquanto custa"),
     "amount", _not_only_time),
    (re.compile(r"\b(?:phone number|telephone|telefone|ramal|(?:'s|\bthe) extension|extensao d[aeo]s?)\b"),
     "number to call", _no_unit),
    (re.compile(r"\b(?:noise level|how (?:loud|noisy)|nivel de ruido)\b"), "loudness", _quantity({"db"})),
    (re.compile(r"\b(?:what|which|qual|quanto)\b.*\b(?:discount|desconto)\b"), "discount", _quantity({"%"} | _MONEY)),
    (re.compile(r"\bcomo se chamam?\b|\bqual (?:e )?o nome\b|\bwhat(?: is|'s|s) (?:the name|\w+ called)\b"),
     "name", _name),
)  # fmt: skip


KINDS = frozenset(kind for _, kind, _ in _KINDS)
"""What can be lacking, as ``lacks_asked_kind`` names it."""
_EITHER = re.compile(r"\b(?:ou|or)\b")


def leaves_out(question: str, answer: str) -> list[str]:
    """Of several things the question names by identifier (the P-200 and the P-220), those that ``answer`` does not,
    where it names another of them; none where one of them may be the answer."""
    asked, said = identifiers(question), identifiers(answer)
    if len(asked) < 2 or not asked & said or _EITHER.search(fold(question)):
        return []
    return sorted(asked - said)


def lacks_asked_kind(question: str, claim: str) -> str | None:
    """The kind of thing that ``question`` asks for and ``claim`` does not give; None where it does, or none is known.

    A claim that denies ("none", "não há") gives any kind of which there can be none: everything weighs something.
    """
    asked = fold(question)
    for pattern, kind, gives in _KINDS:
        if pattern.search(asked) and not gives(question, claim):
            return kind
    return None


_LIFETIME = r"|\(\D{0,40}?\d[^()]{0,40}[-–—][^()]*\d{3,4}[^()]*\)|\(\s*[*†]"
"""“(10 July 1856 – 7 January 1943)”, “(* 1856)”: how encyclopaedias say both."""
_BIRTH = (
    r"\b(?:(?:re)?born|births?|birth(?:day|date|place|ed)|nativ[aeo]|natural (?:de|of)"
    r"|nasc(?:e|eu|er|eram|id[oa]s?|imentos?))\b"
)
_DEATH = (
    r"\b(?:die[ds]?|dying|dead|deaths?|deceased|passed away|perish\w*|kill\w*|murder\w*|assassin\w*|drown\w*"
    r"|execut(?:ed|ion|ad[oa]s?)|hanged|beheaded|suicid\w*|victims?|vitimas?|enforcad[oa]s?|obitos?"
    r"|mort(?:e|es|[oa]s?)|morr\w+|falec\w+)\b"
)
_EVENTS = (
    (re.compile(r"\b(?:born|birth(?:day|place| date)?|nasceu|nasceram|nascimento)\b"), re.compile(_BIRTH + _LIFETIME)),
    (re.compile(r"\b(?:(?:did|does) [^?]*\b(die)|(death) of|morreu|morreram|faleceu|faleceram)\b"),
     re.compile(_DEATH + _LIFETIME)),
)  # fmt: skip
"""How a question asks for an event, and every way to say it happened."""


def unspoken_events(question: str, evidence: str) -> list[str]:
    """The question's word for what is to have happened, birth or death, where ``evidence`` says it in neither language.

    A year stands beside any name for some reason: who founded a firm in 1987 was not born then. Only these two, which
    are said in few ways; most events are said in too many.
    """
    asked, said = fold(question), fold(evidence)
    wanted = [(asks.search(asked), says) for asks, says in _EVENTS]
    return [next(filter(None, found.groups()), found[0]) for found, says in wanted if found and not says.search(said)]
