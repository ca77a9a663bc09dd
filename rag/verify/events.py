"""A birth or a death that a question asks for, and evidence does not tell of: then its year is of something else."""

from __future__ import annotations

import re

from rag.text import fold

__all__ = ["unspoken_events"]

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
_SUBJECT = (
    r"(?:(?!\b(?:if|when|after|because|before|once|since|whose|that|for|my|our"
    r"|quando|se|apos|depois|caso|cuj[oa]|quem|meus?|minhas?|noss[oa])\b)[^?]){0,100}?"
)
"""Up to the verb, with no clause that makes the event a circumstance: "what leave do I get when my child was born"."""
_ASKING = (
    r"(?:(?:^|[^\w\s]\s?|\be )(?:quando|onde|quem|como|quant[oa]s)|\bfoi que|(?:^|\bem |\bde |\ba )(?:que|qual))\b"
    rf"{_SUBJECT}\b"
)
_DATE_OF = (
    r"\b(?:(?:dates?|place|day|year) of (?:[\w-]+(?:['’]s)? )?|when (?:is|was) the |(?:datas?|local|ano) d[aeo] )"
)
_EVENTS = (
    (re.compile(
        rf"\b(?:when|where|how|(?:who|what|which)\b{_SUBJECT}) (?:was|were)\b{_SUBJECT}\b(born)\b"
        rf"|\bborn (?:in|on|at) (?:what|which)\b|{_DATE_OF}(birth|nascimento)\b|\bbirth ?(?:date|place)\b"
        rf"|{_ASKING}(nasceu|nasceram)\b(?![^?]*,)"),
     re.compile(_BIRTH + _LIFETIME)),
    (re.compile(
        rf"\b(?:did|does) (?!die\b){_SUBJECT}\b(die)\b|{_DATE_OF}(death|morte)\b"
        rf"|{_ASKING}(morreu|morreram|faleceu|faleceram)\b(?![^?]*,)"),
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
