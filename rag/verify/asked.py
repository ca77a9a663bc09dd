"""What kind of thing a question asks for, and whether a claim gives one: "How much does it weigh?" wants a mass.

Expected answer types are as old as question answering (Li and Roth, COLING 2002); here only those are taken that can be
told from the wording and checked in the claim with near certainty, since a wrong refusal costs a right answer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from rag.text import detect_language, fold, terms
from rag.verify.literal import identifiers, measures
from rag.verify.quantities import SPELLED_NUMBERS, UNITS, numbers

__all__ = ["KINDS", "lacks_asked_kind", "leaves_out"]

_MONEY = {"brl", "usd", "eur", "gbp"}
_TIME = {"year", "month", "week", "day", "hour", "minute", "second"}
_LONGER = set("decade decades century centuries fortnight bimestre trimestre semestre decada seculo".split())
_SPANS = set(
    "until till while lifetime life forever permanently always overnight long indefinitely since from "
    "ate enquanto vida sempre permanente indeterminado desde durante quando".split()
)
_MASS = {"µg", "kg", "gram", "mg", "lb", "tonne"}
_NEVER_ZERO = _MASS | {"db"}
_NOTHING = {"zero", "um", "uma", "one"}
"""Number words that weigh nothing: ``um`` is an article first."""
_LENGTH = {"km", "metre", "cm", "mm", "mile", "foot"}
_NUMBER_WORDS = SPELLED_NUMBERS.keys() | set(
    "dozen dozens duzia duzias dezenas centenas milhares hundreds thousands".split()
)
_COUNTS = _NUMBER_WORDS | set("once twice half metade meio meia infinite infinitely infinitos infinitas".split())
_VAGUE = set("several many few single third quarter varios varias muitos muitas poucos poucas".split())
_FEW_WORDS = 4
"""A claim of no more has room for its number, its unit or its name alone; in a longer one "many" is of anything."""
_NONE = re.compile(
    r"\b(?:none|not|never|nothing|nao|nenhum|nenhuma|nunca|nada|sem|free|gratis|unlimited|todos?|todas?|all|every|each"
    r"|both|ambos)\b|n['’]t (?:have|(?:\w+ )?any)\b"
)
_FREE = re.compile(r"\b(?:free|gratis|gratuit\w+|isent[oa]s?|included|incluid[oa]s?|inclus[oa]s?)\b")


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", fold(text))


def _kind_of(word: str) -> str:
    """The kind of a unit's name, "" where it is none: one letter is a word first."""
    return "" if len(word) == 1 and word.isalpha() else UNITS.get(word, UNITS.get(word.removesuffix("s"), ""))


def _denies(claim: str) -> bool:
    """Whether it says none, or all. "No" is a denial in English, and "in the" in Portuguese."""
    folded = fold(claim)
    return bool(_NONE.search(folded)) or (" no " in f" {folded}" and detect_language(claim) == "en")


_COUNTED = re.compile(r"\b(?:quant[oa]s|how many)\s+((?:[a-z%°²³/]+\s?){1,3})")
_NO_NOUN = set("a an the of per in on at by for to do does did is are was were can i you we os as de da por".split())
_PART = re.compile(r"\b(?:(?:how many|quant[oa]s) (?:(?:of|d[aeo]s?|por cento|percent)\b|%))")
_PERIOD = re.compile(r"\b(?:times|vezes|(?:an?|per|every|por|ao) (?:day|week|month|year|dia|semana|mes|ano))\b")
_FREQUENCY = re.compile(
    r"\b(?:hourly|daily|(?:bi)?(?:weekly|monthly)|fortnightly|quarterly|yearly|(?:semi|bi)?-?annual(?:ly)?|diari[oa]s?"
    r"|diariamente|(?:semana|quinzena|mensa|bimestra|trimestra|quadrimestra|semestra|anua|biena)(?:l|is|lmente))\b"
)


def _number(question: str, claim: str) -> bool:
    """Whether it gives a number of what is counted: of people no percentage, of days no sum of money."""
    folded = fold(question)
    new = {kind for _, kind in measures(claim) - measures(question)}
    counted = _COUNTED.search(folded)
    nouns = list(itertools.takewhile(lambda word: word not in _NO_NOUN, counted[1].split() if counted else ()))
    unit = next(filter(None, map(_kind_of, nouns)), "")  # "vacation days": not always the first word
    others = {"%"} | _MONEY | (set() if unit in _TIME or {"ferias", "holidays", "folgas"} & set(nouns) else _TIME)
    others -= {unit} | ({"%"} if _PART.search(folded) else set())
    denied = _denies(_FREE.sub(" ", fold(claim)))  # what is free is not none of it
    if counted and new and new <= others and not {"times", "vezes"} & set(nouns) and not denied:
        return False
    asked = {value for value, _ in numbers(question)}
    if any(value not in asked for value, _ in numbers(claim)) or denied:
        return True
    known = _COUNTS | _VAGUE if len(claim.split()) <= _FEW_WORDS else _COUNTS - set(_words(question))
    if known & set(_words(claim)) or (_PERIOD.search(folded) and _FREQUENCY.search(fold(claim))):
        return True
    # A number of the question may be the answer's, too ("Did 12 …? How many …? 12"): only where nothing else is there.
    return bool(asked & {value for value, _ in numbers(claim)}) and len(asked) == 1


_INDEFINITE = re.compile(
    r"(?<!\bonce )(?<!\btwice )(?<!\btimes )(?<!\bvez )(?<!\bvezes )\b(?:a(?! hora\b| semana\b)|an|half(?: an?)?"
    r"|several|some|few|couple of|uma?|mei[oa]|algu(?:ns|mas)|vari[oa]s|pouc[oa]s) (?:(?:whole|full|few) )?([a-z]+)"
)
"""“An hour”, “meia hora”, “a few weeks”; not “once a year”, nor “a hora”, which is the hour."""
_IN_PAY = re.compile(
    r"\b(?:dias?|semanas?|mes(?:es)?|anos?|days?|weeks?|months?|years?)['’]?s? (?:d[aeo] |of |worth of )?"
    r"(?:alugue(?:l|is|r|res)|rendas?|salarios?|remuneracao|mensalidades?|juros|rent|salary|wages?|pay|fees?|interest)\b"
)
"""A sum told as that of so much time: two months' rent."""


def _in_words(claim: str, kinds: set[str]) -> bool:
    """Whether it gives a quantity of these kinds without a number: "half an hour"."""
    said = _words(claim) if len(claim.split()) <= _FEW_WORDS else []
    units = [match[1] for match in _INDEFINITE.finditer(fold(claim))] + said
    return any(_kind_of(unit) in kinds or (unit in _LONGER and kinds >= _TIME) for unit in units)


def _quantity(kinds: set[str], *, in_numbers: bool = True) -> Callable[[str, str], bool]:
    """``in_numbers``: it can only be told in numbers, or denied; else also as a span of time in words."""

    def given(question: str, claim: str) -> bool:
        if kinds >= _MONEY and (_FREE.search(fold(claim)) or _IN_PAY.search(fold(claim))):
            return True
        if "kg" in kinds:
            claim = re.sub(r"(?<=\d)\s?(?:pounds?|libras?)\b", " lb", claim)  # else they are money
        found = {kind for _, kind in measures(claim) - measures(question)}
        if not found:
            words = set(_words(claim)) - (_NOTHING if kinds & _NEVER_ZERO else set())
            known = _NUMBER_WORDS | (set() if in_numbers else _SPANS) | ({"half", "metade"} if "%" in kinds else set())
            return bool(words & known or (_denies(claim) and not kinds & _NEVER_ZERO) or _in_words(claim, kinds))
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
    return not found or bool(found - _TIME or _FREE.search(fold(claim)) or _IN_PAY.search(fold(claim)))


_SUM = (
    r"\b(?:qual (?:e |era |foi |sera )?[oa]|what(?: is|'s| was| will be) the) (?:(?!d[aeo]s?\b|of\b|for\b)\w+ ){0,2}?"
    r"(?:salari[oa]|salarios|taxa|multa|custo|mensalidade|anuidade|tarifa|aluguel|orcamento|salary|wage|fee|fine|cost"
    r"|rent|budget|fare|tuition)\b(?! (?:list|code|policy|cent|structure|type|schedule|committee|manager|director))"
)
_RELATIVE = set(
    "double triple dobro triplo same mesmo mesma equal igual minimum minimo depends depende varies varia market "
    "mercado".split()
)


def _sum(question: str, claim: str) -> bool:
    """Whether it gives a number, a sum in words, or what a sum goes by."""
    said = set(_words(claim))
    return bool(
        numbers(claim) - numbers(question)
        or said & (_COUNTS | _RELATIVE)
        or _denies(claim)
        or _FREE.search(fold(claim))
        or _IN_PAY.search(fold(claim))
    )


_NAMED = re.compile(
    r"\b(?:chama(?:m|va|vam)?-se|se chama(?:m|va|vam)?|chamad[oa]s?|called|named|(?:known|referred to)(?: \w+)? as"
    r"|termed|conhecid[oa]s?(?: \w+)? como|denomina-se|denominad[oa]s?|intitulad[oa]s?|dubbed|titled|nicknamed"
    r"|nomes? (?:[\w-]+ ){0,5}?(?:é|era|foi|são)|names? (?:[\w-]+ ){0,5}?(?:is|was|are|were))"
    r" (?:(?:de|por|by) )?(?:(?:the|an?|os?|as|uma?) )?[\"“'‘«]?([\w-]+)"
)
_IS = r"(?:is|was|are|were|é|era|foi|são)"
_SUBJECT_FIRST = re.compile(rf"([A-ZÀ-Ý][\w-]+) {_IS} (?:the|an?|our|o|a|os|as|uma?|noss[oa])\b")
_PERSON = re.compile(
    r"\b(?:director|manager|president|ceo|founder|coordinator|secretary|author|mayor|minister|coach|doctor|nurse|diretora?"
    r"|gerente|presidente|fundadora?|coordenadora?|secretari[oa]|autora?|prefeit[oa]|ministr[oa]|medic[oa]|enfermeir[oa])\b"
)
"""Who has a name in capitals; a process, a disease or a material may have none."""


def _name(question: str, claim: str) -> bool:
    asked = set(re.findall(r"\w+", fold(question)))
    names = re.findall(r"(?<![\w.])[A-ZÀ-Ý][\wà-ÿ'-]+", claim)
    first = claim.split(maxsplit=1)[0] if claim.split() else ""
    if any(fold(name) not in asked for name in names if name != first):
        return True
    # Every sentence begins with a capital: its first word is a name if it stands alone or is what was asked for.
    subject = _SUBJECT_FIRST.match(claim)
    alone = first == claim.strip() and re.match(r"[A-ZÀ-Ý]\w", first)
    heads = [subject[1] if subject else "", first.strip(".,;:") if alone or re.match(r"\w+[A-Z]", first) else ""]
    if any(_is_new(head, asked) for head in heads) or re.match(r"[A-ZÀ-Ý][\w'-]+ (?:d[aeo]s? )?[A-ZÀ-Ý]", claim):
        return True
    termed = any(_is_new(match[1], asked) for match in _NAMED.finditer(claim.lower())) or _is_term(claim, asked)
    return termed and not _PERSON.search(fold(question))


def _is_new(word: str, asked: set[str]) -> bool:
    """Whether it has a meaning of its own, which the question does not have, and is no number."""
    plain = fold(word)
    content = terms(plain, "en") and terms(plain, "pt")
    return bool(content) and plain not in asked | _COUNTS and not plain[0].isdigit()


def _is_term(claim: str, asked: set[str]) -> bool:
    """Whether it is nothing but a term ("trial division"), or says with the question's own words that such a term is
    it ("The process is osmosis.")."""
    said = re.findall(r"[^\W_][\w'’-]*", claim.lower())
    at = next((index for index, word in enumerate(said) if re.fullmatch(_IS, word)), -1)
    term = [fold(word) for word in said[at + 1 :]]
    article = bool(term) and term[0] in {"the", "a", "an", "o", "os", "as", "um", "uma"}
    meant = [word for word in term[article:] if word not in {*"of the and de do da dos das e".split()}]
    if not 0 < len(meant) <= _FEW_WORDS or meant[0] != term[article] or (at < 0 and article and meant[0] in asked):
        return False  # a sentence: "The director resigned."
    foreign = any(_is_new(word, asked) for word in said[: max(at, 0)])
    if foreign or any(kind for _, kind in measures(claim)) or any(_kind_of(word) for word in meant):
        return False
    named = all(_is_new(word, set()) and not word.endswith(("ly", "mente")) for word in meant if not word.isdigit())
    return named and any(_is_new(word, asked) for word in meant)


_TO_CALL = (
    r"['’]s (?:phone )?extension\b|\bextension number\b|\bqual (?:e )?(?:o )?(?:numero d[eo] )?ramal\b"
    r"|\b(?:what(?: is|['’]?s)?|which) (?:(?!(?:fee|price|cost|charge|for|to|of|per|an?)\b)[\w'’-]+ ){0,4}?"
    r"(?:tele)?phone number\b|\bqual (?:e )?o (?:numero d[eo] )?telefone\b(?! mais| que)|\bpara que (?:numero|ramal)\b"
)
"""A telephone extension is somebody's: that of a river or of a deadline is no number to call."""
_DISCOUNT = (
    r"\b(?:what(?: is|['’]?s)?|which|how (?:much|big|large|high)(?: is| of)?|qual(?: e)?|quanto(?: de| e)?|de quanto e)"
    r" (?:(?:the|an?|o) )?(?:\w+ (?:of |de )?)?(?:discount|desconto)\b(?! code)|\bque desconto\b"
)
_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[str, str], bool]], ...] = (
    (re.compile(r"\bquant[oa]s\b|\bhow many\b"), "number", _number),
    (re.compile(r"\bhow much (?:does|do|did) .*\bweigh|\bquanto pesa|\bqual (?:e )?o peso\b|\bwhat is the weight\b"),
     "mass", _quantity(_MASS)),
    (re.compile(r"\bhow much (?:does|do|did) .*\bcost\b|\bquanto custa|\bqual (?:e )?o preco\b|\bwhat is the price\b"),
     "amount of money", _quantity(_MONEY)),
    (re.compile(r"\bhow long (?:is|are|does|do|did|will|was)\b|\b(?:por )?quanto tempo (?:dura|leva|tenho|temos)\b"),
     "length of time", _quantity(_TIME | _LENGTH, in_numbers=False)),
    (re.compile(r"\bqual (?:e |era |foi )?(?:hoje )?o prazo\b|\bwhat (?:is|was) the (?:\w+ )?(?:period|deadline)\b"),
     "length of time", _no_other_quantity(_TIME)),
    (re.compile(r"\bqual (?:e |era |foi )?o valor\b|\bhow much (?:is|was|are|were|do|does|did)\b|\bquanto custa"),
     "amount", _not_only_time),
    (re.compile(_SUM), "amount", _sum),
    (re.compile(_TO_CALL), "number to call", _no_other_quantity(set())),
    (re.compile(r"\b(?:noise level|how (?:loud|noisy)|nivel de ruido)\b"), "loudness", _quantity({"db"})),
    (re.compile(_DISCOUNT), "discount", _quantity({"%"} | _MONEY)),
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
