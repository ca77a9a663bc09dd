"""Answer → claims: its sentences, each with its citation markers taken out and said whether it asserts anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import fold, sentences, terms
from rag.types import Language

__all__ = ["CITATION", "Claim", "answers_yes_or_no", "beyond_yes_or_no", "claims", "echoes", "strip_citations"]

CITATION = re.compile(r"\s*\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]")
"""``[2]`` or ``[1, 3]`` with the white space before it."""

_ASIDE = re.compile(
    r"(?:sure|certainly|of course|claro|com certeza|based on|according to|com base (?:em|n[oa]s?)|de acordo com"
    r"|segundo)\b"
)
_LEAD_IN = re.compile(r"(?:here(?: is| are|['’]s)|aqui esta(?:o)?|seguem?|(?:i )?hope|espero)\b")
_FILLERS = frozenset(
    (
        "sure thing certainly of course claro com certeza here is are s aqui esta estao segue seguem i hope this that "
        "it helps espero ter ajudado que isso ajude based on according to base de acordo segundo em no na nos nas "
        "the a an o os as um uma your sua you me for from in below above following abaixo acima seguir "
        "provided given requested retrieved available asked fornecida fornecidas fornecido fornecidos dada dadas dado "
        "dados solicitada solicitadas solicitado solicitados recuperados recuperadas disponivel disponiveis "
        "answer summary list details information question passage passages excerpt excerpts text texts document "
        "documents context table tables resposta resumo lista detalhes informacao informacoes duvida pergunta passagem "
        "passagens trecho trechos texto textos documento documentos contexto tabela tabelas"
    ).split()
)
"""What courtesies and lead-ins are made of, folded; with any other word ("based on the 2023 report") one is said of
something, and stays in what is judged."""
_YES_OR_NO = frozenset("yes no not sim nao".split())


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer: ``answer[start:end]`` is it, whole; ``text`` is what it asserts, without markers and
    without a courtesy before it ("Sure, …", "Based on the passages, …"), which no passage says.

    ``asserts`` is False for questions, list lead-ins and courtesies, which have no verdict; their ``text`` is whole.
    """

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    asserts: bool


def strip_citations(text: str) -> str:
    """``text`` without ``[n]`` markers: "São 30 dias [2]." → "São 30 dias."."""
    return CITATION.sub("", text).strip()


_ASKS_FOR = re.compile(
    r"^(?:quem|qual|quais|quando|onde|quant|como se chama|who|whom|what|which|when|where|how (?:much|many))"
    r"|(?:^|[.;:!?]\s+(?:and |e )?)(?:quem|quando|onde|quant[oa]s?|por ?que|who|what|when|where|why|how)\b"
    r"|,\s+(?:and |e )?(?:quem|onde|por ?que|who|what|where|why)\b"
)
_CHOICE = re.compile(r"\b(?:or|ou)\b")


def echoes(question: str, claim: str, language: Language) -> bool:
    """Whether ``claim`` says nothing that the question, which asks for something by name, did not ("the director is
    the director")."""
    asked = fold(question.strip())
    if not _ASKS_FOR.search(asked) or _CHOICE.search(asked):
        return False
    return not set(terms(claim, language)) - set(terms(question, language))


_ANSWERED = re.compile(r"^(?:sim|n[ãa]o|yes|no)(?:[.,;:!]|$)", re.IGNORECASE)


def answers_yes_or_no(claim: str) -> bool:
    """Whether ``claim`` is or begins with a yes or a no: what it asserts then stands in its question."""
    return _ANSWERED.match(claim.strip()) is not None


def beyond_yes_or_no(claim: str) -> str:
    """``claim`` without the yes or no that it begins with: that is no word of the sentence it is held against."""
    return _ANSWERED.sub("", claim.strip()).lstrip()


def claims(answer: str, language: Language) -> tuple[Claim, ...]:
    """The sentences of ``answer`` in order. A marker that follows the full stop belongs to the sentence before it."""
    found = []
    for start, end in _sentences_with_markers(answer, language):
        raw = answer[start:end]
        numbers = [int(n) for match in CITATION.finditer(raw) for n in re.split(r"\s*[,;]\s*", match.group(1))]
        text = strip_citations(raw)
        said = _asserted(text, language)
        found.append(Claim(said or text, start, end, tuple(dict.fromkeys(numbers)), bool(said)))
    return tuple(found)


def _sentences_with_markers(answer: str, language: Language) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start, end in sentences(answer, language):
        only_markers = not re.search(r"\w", CITATION.sub("", " " + answer[start:end]))
        marker = re.match(r"(?:\s*\[\d{1,2}(?:\s*[,;]\s*\d{1,2})*\])+[.\s]*", answer[start:end])
        if spans and (only_markers or marker):
            cut = end if only_markers or marker is None else start + marker.end()
            previous = spans[-1]
            spans[-1] = (previous[0], start + len(answer[start:cut].rstrip()))
            if answer[cut:end].strip():
                spans.append((cut, end))
        else:
            spans.append((start, end))
    return spans


def _asserted(text: str, language: Language) -> str:
    """``text`` from behind its courtesies on, as a sentence; "" where nothing is asserted."""
    rest = whole = re.sub(r"^[\s*•-]+", "", text)
    if not re.search(r"\w", whole) or whole.rstrip(" *").endswith(("?", ":")):
        return ""
    while hedge := _hedge(rest):
        rest = rest[hedge:].lstrip()
    if rest == whole:
        return text
    if not terms(rest, language) and not _YES_OR_NO & set(re.findall(r"\w+", fold(rest))):
        return ""
    if re.match(r"[^\W\d_]+\b", rest) and rest.split(maxsplit=1)[0].islower():
        rest = rest[0].upper() + rest[1:]
    return text[: len(text) - len(whole)] + rest


def _hedge(text: str) -> int:
    """Characters of the courtesy or lead-in that ``text`` begins with, its comma or colon included; 0 where none is."""
    for opens, ends in ((_ASIDE, r"[,:!]"), (_LEAD_IN, ":")):
        head = re.split(ends, text, maxsplit=1)[0]
        folded, rest = fold(head), text[len(head) + 1 :].lstrip()
        # Claro is a company, too: "Claro, Vivo e TIM" is a list.
        listed = folded == "claro" and rest[:1].isupper()
        if opens.match(folded) and set(re.findall(r"\w+", folded)) <= _FILLERS and not listed:
            return len(head) + 1
    return 0
