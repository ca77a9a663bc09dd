"""The counterpart of what is meant: the maximum for the minimum, the left bank for the right, the first year for the
second, article 7 for article 5.

Sentences about the one read to a small entailment model like sentences about the other, and documents have both. Only
pairs whose two sides exclude each other are listed; a word is missed where the whole passage, its title and headings
have it nowhere and the window has its counterpart, which the question does not name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text import fold, terms
from rag.types import Language

__all__ = ["counterparts"]

_SIDED: dict[Language, str] = {
    "en": "hand|side|bank|shore|wing|arm|leg|foot|eye|ear|lane|corner|button|key|pedal|valve|door|panel|page|column|"
    "hemisphere|lung|kidney",
    "pt": "mao|lado|margem|ala|braco|perna|pe|olho|orelha|ouvido|faixa|canto|botao|tecla|pedal|valvula|porta|painel|"
    "pagina|coluna|hemisferio|pulmao|rim",
}
"""What has a left and a right: alone, "right" and "direito" are also what one has, and "left" is gone."""
_MINIMUM, _MAXIMUM = r"minim(?:um|al|[oa]s?)|at least|pelo menos", r"maxim(?:um|al|[oa]s?)|at most"
_MEAN = r"average|(?:the|a) mean|(?<!idade )(?<!classe )(?<!ensino )(?<!oriente )medi[oa]s?"
_OPPOSITES = (
    (_MINIMUM, _MAXIMUM),
    (_MEAN, _MINIMUM),
    (_MEAN, _MAXIMUM),
    (r"gross|brut[oa]s?", r"net|liquid[oa]s?"),
    (r"internal(?:ly)?|intern[oa]s?|indoors?", r"external(?:ly)?|extern[oa]s?|outdoors?"),
    (r"domestic|national|nacional|nacionais", r"international(?:ly)?|internacional|internacionais|abroad|exterior"),
    (r"north(?:ern)?|norte", r"south(?:ern)?|sul"),
    (r"east(?:ern)?|leste", r"west(?:ern)?|oeste"),
    (r"upper|superior(?:es)?", r"lower(?! (?:the|its|my|your)\b)|inferior(?:es)?"),
    (rf"left(?:[ -](?:{_SIDED['en']})s?)|(?:on|to) the left|(?:{_SIDED['pt']})s? esquerd[oa]s?",
     rf"right(?:[ -](?:{_SIDED['en']})s?)|(?:on|to) the right|(?:{_SIDED['pt']})s? direit[oa]s?"),
    (r"males?|men|homens?|masculin[oa]s?", r"females?|women|mulher(?:es)?|feminin[oa]s?"),
    (r"adults?|adult[oa]s?", r"child(?:ren)?|kids?|minors?|under \d+|criancas?|menores|infantil|infantis"),
    (r"full[ -]time|(?:tempo|periodo) integral", r"part[ -]time|(?:tempo|periodo) parcial|meio periodo"),
    (r"summer|verao", r"winter|inverno"),
    (r"imports?|imported|importers?|importa(?:cao|coes|d[oa]s?|dor(?:es)?)",
     r"exports?|exported|exporters?|exporta(?:cao|coes|d[oa]s?|dor(?:es)?)"),
)  # fmt: skip
_SIDES = tuple(
    (re.compile(rf"\b(?:{here})\b"), re.compile(rf"\b(?:{there})\b"))
    for pair in _OPPOSITES
    for here, there in (pair, pair[::-1])
)

_ORDINALS = {
    word: value
    for value, words in enumerate(
        "first|primeiro|primeira second|segundo|segunda third|terceiro|terceira fourth|quarto|quarta "
        "fifth|quinto|quinta sixth|sexto|sexta seventh|setimo|setima eighth|oitavo|oitava "
        "ninth|nono|nona tenth|decimo|decima".split(),
        1,
    )
    for word in words.split("|")
}
_ONE = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th|[oa]|\.?[ºª]))\b"
_SERIES = re.compile(rf"\b((?:{_ONE}(?:\s*,\s*|\s+(?:e|ou|a|ao|and|or|to)\s+))*{_ONE})\s+([a-z]{{3,}})")
_NUMBERED = re.compile(
    r"\b(articles?|sections?|chapters?|phases?|stages?|levels?|steps?|clauses?|annex|appendix|version|room|floor|class|"
    r"grade|group|zone|week|month|year|quarter|artigos?|secoes|secao|capitulos?|fases?|etapas?|nivel|niveis|passos?|"
    r"clausulas?|anexos?|versao|sala|andar|classe|grupo|zona|semana|mes|ano|trimestre|semestre)\s+(\d{1,3})\b(?![.,]\d)"
)


_PERIODS = tuple(
    (re.compile(rf"\b(?:per|each|every|por|cada|ao|a cada|p/)\s(?:cada\s)?(?:{nouns})\b|\b(?:{adverbs})\b"),
     re.compile(rf"\b(?:{nouns}|{adverbs})\b"))
    for nouns, adverbs in (
        ("hour|hora", "hourly"),
        ("day|night|dia|noite", "daily|nightly|diari[oa]s?|diariamente"),
        ("week|semana", "weekly|semanal|semanais|semanalmente"),
        ("month|mes", "monthly|mensal|mensais|mensalmente|mensalidades?"),
        ("year|ano", "yearly|annual(?:ly)?|anual|anuais|anualmente|anuidades?"),
    )
)  # fmt: skip
"""For each period how "once in it" is said, and any word for it."""
_THE = r"(?:\s(?:os?|as?|uma?|the|an?|any|its|seu|sua))?\s([a-z]{3,})"
_WITH, _WITHOUT = (
    re.compile(rf"\b(?:com|with|including|incluindo){_THE}"),
    re.compile(rf"\b(?:sem|without|excluding){_THE}"),
)


def counterparts(question: str, claim: str, context: str, window: str, language: Language) -> list[str]:
    """What question or claim says, the ``context`` (the passage under its title) does not, and the ``window`` has the
    counterpart of. ``language`` is the window's: ordinals and numbered parts are compared within it."""
    asked, said, whole, there = fold(question), fold(f"{question} {claim}"), fold(context), fold(window)
    missing = []
    for here, other in _SIDES:
        meant = here.search(said)
        if meant and not here.search(whole) and other.search(there) and not other.search(asked):
            missing.append(meant.group())
    missing += _other_periods(said, whole, there) + _without(asked, said, there, language)
    meant_by, have, named = _numbered(said, language), _numbered(whole, language), _numbered(asked, language)
    others = _numbered(there, language).keys() - named.keys()
    return missing + [
        words
        for (noun, number), words in sorted(meant_by.items())
        if (noun, number) not in have and any(noun == other for other, _ in others)
    ]


def _other_periods(said: str, whole: str, there: str) -> list[str]:
    """What is said once a week, say, where the window tells what is once a month and the passage has no week."""
    other = any(once.search(there) for once, _ in _PERIODS)
    return [
        meant.group()
        for once, ever in _PERIODS
        if other and (meant := once.search(said)) is not None and not ever.search(whole)
    ]


def _without(asked: str, said: str, there: str, language: Language) -> list[str]:
    """What is said to be with something, where the window has it without, or the other way round."""
    missing = []
    for here, other in ((_WITH, _WITHOUT), (_WITHOUT, _WITH)):
        neither = {_stem(found.group(1), language) for found in other.finditer(asked)}
        has = {_stem(found.group(1), language) for found in here.finditer(there)}
        lacks = {_stem(found.group(1), language) for found in other.finditer(there)}
        for meant in here.finditer(said):
            stem = _stem(meant.group(1), language)
            if stem in lacks - has - neither:
                missing.append(meant.group())
    return missing


@lru_cache(512)
def _numbered(folded: str, language: Language) -> dict[tuple[str, int], str]:
    """``(stem of the noun, number)`` of "the second year", "22nd city", "article 5", and the words for it."""
    found: dict[tuple[str, int], str] = {}
    for series in _SERIES.finditer(folded):
        ordinals, noun = series.groups()
        for ordinal in re.findall(_ONE, ordinals):
            number = _ORDINALS.get(ordinal) or int(re.sub(r"\D", "", ordinal))
            found[_stem(noun, language), number] = f"{ordinal} {noun}"
    for part in _NUMBERED.finditer(folded):
        found[_stem(part.group(1), language), int(part.group(2))] = part.group()
    return found


def _stem(noun: str, language: Language) -> str:
    return next(iter(terms(noun, language)), noun)
