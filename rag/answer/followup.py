"""A follow-up ("e no segundo ano?") → a question that stands alone, by rule where one is sure, else by the decoder.

A small decoder told to rewrite adds and drops things, so what it writes is taken only when every term of it was said
before and every term of the follow-up is still there. Failing that both questions are asked together: searching for
too much finds the passage, where a wrong rewrite loses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from rag.answer.generate import Decoding, Generator
from rag.answer.prompt import Message
from rag.errors import GeneratorFailed
from rag.text import detect_language, query_terms, terms
from rag.types import Language

__all__ = ["Turn", "follows_up", "standalone"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked before, standing alone, and what was answered."""

    question: str
    answer: str


_OPENS = re.compile(
    r"^(?:(?:e|mas|ou|então)\s+(?:quanto\s+(?:a|ao|à|aos|às)\s+|que\s+tal\s+|se\s+for\s+)?"
    r"|(?:and|but|or|so)\s+(?:what|how)\s+about\s+|(?:what|how)\s+about\s+|(?:and|but|or|so)\s+)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:(?P<whose>his|her|its|their)(?=\s+\w)"
    r"|(?P<this>this|these|those)(?=\s+\w)"
    r"|(?P<subject>ele|ela|eles|elas|isso|isto|aquilo|it|they|he|she)"
    r"|dele|dela|deles|delas|nele|nela|neles|nelas|disso|disto|nisso|(?:n|d)?ess[ea]s?|them|theirs|those|these|this"
    r"|that one|him|his|her|its)\b",
    re.IGNORECASE,
)
_NO_POINTER = re.compile(
    r"(?:this|these|those)\s+(?:(?:calendar|fiscal)\s+)?"
    r"(?:year|month|week|quarter|semester|morning|afternoon|time|who|whose|that|of|with|without|in|from)\b",
    re.IGNORECASE,
)
"""Today's, or explained by what follows: "this year", "those who travel"."""
_CLAUSE = re.compile(
    r"[,;](?!\s+(?:the|an?|os?|as?|uma?)\b)"
    r"|\b(?:when|whenever|if|because|while|once|unless|although|though|quando|se|porque|enquanto|caso)\b"
    r"|\b(?:and|or|but|e|ou|mas)\b(?!\s+(?:the|an?|os?|as?|uma?)\b)"
    r"|\b(?:before|after|until|since|to|for|by|without|antes|depois|até|desde|para|por|sem)\b(?=\s+\w)",
    re.IGNORECASE,
)
"""Where another clause begins, in what stands before a pronoun: there it may have the subject of the one before. No
clause begins where an article follows "and" (the weight and the price), or at once the pronoun (a price for it)."""
_TIME_BEFORE = re.compile(r"\b(?:before|after|until|since)\s+$", re.IGNORECASE)
_MEASURE = re.compile(r"\bhow\s+(?:much|many|long|often|far|old)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=\s)[A-ZÀ-Ý][\wà-ÿ]+|\b[A-Za-z]+-?\d")
_SELF_CONTAINED = 3
"""Terms from which a question that the decoder leaves as it is may be one that needs nothing added."""
_PREPOSITIONS = {
    "in": ("em", "no", "na", "nos", "nas", "num", "numa", "in", "on", "at", "during"),
    "of": ("de", "do", "da", "dos", "das", "of", "from"),
    "for": ("para", "pra", "pro", "ao", "à", "aos", "às", "for", "to"),
    "by": ("por", "pelo", "pela", "pelos", "pelas", "by"),
    "with": ("com", "with"),
    "without": ("sem", "without"),
}
_KIND_OF = {word: kind for kind, words in _PREPOSITIONS.items() for word in words}
_JOINS = {"e", "ou", "and", "or"}
_ASKS_FOR = re.compile(
    r"\b(?:quando|quant[oa]s?|quem|onde|como|quais|qual|porqu[eê]|por qu[eê]|when|how|who|where|which|what|why)\b",
    re.IGNORECASE,
)
_ARTICLES = {"o", "a", "os", "as", "um", "uma", "the", "an"}
_WORDS = re.compile(r"[\w$€%]+(?:[-./,][\w]+)*")
_SHORT = 1
"""A question of no more than so many terms says too little by itself: "Why?", "Por quanto tempo?"."""


def follows_up(question: str) -> bool:
    """Whether ``question`` needs the one before it: it opens with "and", points back with "it", or says too little."""
    return bool(_OPENS.match(question) or _points_back(question) or len(set(query_terms(question))) <= _SHORT)


def _points_back(question: str) -> bool:
    """Whether a pronoun has nothing in the question itself that it can refer to."""
    language = detect_language(question)
    return any(not _has_antecedent(question, found, language) for found in _POINTS_BACK.finditer(question))


def _has_antecedent(question: str, pronoun: re.Match[str], language: Language) -> bool:
    """Whether a name, or a noun beside a verb, stands before the ``pronoun`` where it may refer to it: anywhere for
    "their", in an earlier clause for "they", which its own clause's nouns cannot be."""
    before, after = question[: pronoun.start()], question[pronoun.end() :]
    if _NO_POINTER.match(question, pronoun.start()):
        return True
    if pronoun["whose"] or pronoun["this"]:
        return _names_something(before, language)
    clauses = [match.start() for match in _CLAUSE.finditer(before)]
    opened = _TIME_BEFORE.search(before)
    if opened and pronoun["subject"] and re.match(r"\s+\w", after):  # "before she joined", but not "before it?"
        clauses.append(opened.start())
    return any(_names_something(before[:start], language) for start in clauses)


def _names_something(text: str, language: Language) -> bool:
    return bool(_NAME.search(text)) or len(terms(_MEASURE.sub(" ", text), language)) > 1


def standalone(question: str, before: Turn, generator: Generator | None) -> str:
    """``question`` as it would be asked by somebody who had not asked ``before``. One that stands alone is returned
    as it is."""
    if not follows_up(question):
        return question
    replaced = _replaced(question, before.question)
    if replaced is not None:
        return replaced
    written = None if generator is None else _written(question, before, generator)
    return written or _both(question, before.question)


def _replaced(question: str, before: str) -> str | None:
    """``before`` with the one phrase exchanged that ``question`` puts another in the place of; None when unsure."""
    opening = _OPENS.match(question)
    if opening is None:
        return None
    new = question[opening.end() :].strip().rstrip("?!. ")
    words = _WORDS.findall(new)
    if not words or len(words) > 6:
        return None
    kind = _KIND_OF.get(words[0].lower())
    named = [word for word in words if word.lower() not in _ARTICLES | _KIND_OF.keys()]
    if len(named) == 1 and any(c.isdigit() for c in named[0]):
        return _token_replaced(named[0], before)
    if kind is None:
        return None
    found = [
        (start, end)
        for start, end in _phrases(before, kind)
        if _shape(_WORDS.findall(before[start:end])) == _shape(words)
    ]
    if len(found) != 1:
        return None
    start, end = found[0]
    return before[:start] + new + before[end:]


def _token_replaced(new: str, before: str) -> str | None:
    """For "e a P-330?": the one word of ``before`` that is an identifier, a year or a number as ``new`` is."""
    found = [m for m in _WORDS.finditer(before) if _shape_of(m[0]) == _shape_of(new)]
    if len(found) != 1:
        return None
    return before[: found[0].start()] + new + before[found[0].end() :]


def _phrases(text: str, kind: str) -> list[tuple[int, int]]:
    """Spans from a preposition of ``kind`` up to the next preposition, conjunction, comma or end."""
    words = [m for m in _WORDS.finditer(text) if m[0]]
    spans = []
    for i, word in enumerate(words):
        if _KIND_OF.get(word[0].lower()) != kind:
            continue
        end = word.end()
        for after in words[i + 1 :]:
            if after[0].lower() in _KIND_OF.keys() | _JOINS or re.search(r"[,;:?!]", text[end : after.start()]):
                break
            end = after.end()
        spans.append((word.start(), end))
    return spans


def _shape(words: Sequence[str]) -> tuple[str, ...]:
    """What a phrase is by its last word: two phrases of a shape name two of one kind (years, models, "… ano")."""
    named = [word for word in words[1:] if word.lower() not in _ARTICLES]
    return (_shape_of(named[-1]),) if named else ()


def _shape_of(word: str) -> str:
    """``2023`` → ``dddd``, ``P-220`` → ``L-ddd``; a word without digits is itself."""
    if not any(c.isdigit() for c in word):
        return word.lower()
    return re.sub(r"[A-Za-z]+", "L", re.sub(r"\d", "d", word))


_REWRITE = (
    "Rewrite the follow-up as one question that can be understood alone, in the follow-up's language. Use only words "
    "of the conversation. Write the question and nothing else."
)
_EXAMPLES = (
    ("Qual é o preço do ingresso do museu?", "O ingresso custa R$ 20.", "E quem não paga?"),
    ("Who is in charge of the library?", "Marta Reis is in charge of it.", "How long has she been there?"),
)
_REWRITTEN = (
    "Quem não paga o ingresso do museu?",
    "How long has Marta Reis been in charge of the library?",
)


def _written(question: str, before: Turn, generator: Generator) -> str | None:
    """What the decoder makes of it, when it says nothing new and leaves nothing out; else None."""
    messages: list[Message] = [{"role": "system", "content": _REWRITE}]
    for (asked, answer, follow_up), rewritten in zip(_EXAMPLES, _REWRITTEN, strict=True):
        messages += [{"role": "user", "content": _shown(asked, answer, follow_up)}]
        messages += [{"role": "assistant", "content": rewritten}]
    messages.append({"role": "user", "content": _shown(before.question, before.answer, question)})
    try:
        with closing(generator.stream(messages, Decoding(max_tokens=64, stop=("\n",)))) as pieces:
            written = " ".join("".join(pieces).split())
    except GeneratorFailed:  # answering from it will say so; both questions together need no decoder
        return None
    return written if _says_the_same(written, question, before) else None


def _says_the_same(written: str, question: str, before: Turn) -> bool:
    said = set(query_terms(written))
    known = set(query_terms(f"{before.question} {before.answer} {question}"))
    asked = set(query_terms(_OPENS.sub("", _POINTS_BACK.sub(" ", question))))
    added = said - set(query_terms(question))
    language = detect_language(question, detect_language(before.question))
    asks_for = {word.lower() for word in _ASKS_FOR.findall(question)}
    return (
        written.endswith("?")
        and asked <= said <= known
        and (bool(added) or _left_as_it_is(written, question, language))
        and asks_for <= {word.lower() for word in _ASKS_FOR.findall(written)}
        and detect_language(written) == language
    )


def _left_as_it_is(written: str, question: str, language: Language) -> bool:
    """Whether the decoder found nothing to add. Of a short question that is more likely a failure to do so."""
    same = " ".join(question.split()).rstrip("? ").casefold() == written.rstrip("? ").casefold()
    return same and not _OPENS.match(question) and len(terms(question, language)) >= _SELF_CONTAINED


def _shown(asked: str, answer: str, follow_up: str) -> str:
    return f"Question: {asked}\nAnswer: {' '.join(answer.split())[:400]}\nFollow-up: {follow_up}"


def _both(question: str, before: str) -> str:
    """Both questions, the earlier one first, within what a question may have."""
    return f"{before.strip()} {question.strip()}"[-1_900:]
