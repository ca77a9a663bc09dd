"""Answer → claims: its sentences, each with its citation markers taken out and said whether it asserts anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text import fold, sentences, terms
from rag.types import Language

__all__ = ["CITATION", "Claim", "answers_yes_or_no", "claims", "echoes", "strip_citations"]

CITATION = re.compile(r"\s*\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]")
"""``[2]`` or ``[1, 3]`` with the white space before it."""

_HEDGES = (
    "aqui esta", "aqui estao", "segue", "seguem", "com base n", "de acordo com as passagens", "espero ter ajudado",
    "here is", "here are", "based on the passages", "i hope this helps", "sure", "claro", "certainly",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the answer: ``answer[start:end]`` is it, markers included; ``text`` is it without them.

    ``asserts`` is False for questions, list lead-ins and courtesies, which have no verdict.
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


def answers_yes_or_no(claim: str) -> bool:
    """Whether ``claim`` is or begins with a yes or a no: what it asserts then stands in its question."""
    return re.match(r"(?:sim|nao|yes|no)(?:[.,;:!]|$)", fold(claim.strip())) is not None


def claims(answer: str, language: Language) -> tuple[Claim, ...]:
    """The sentences of ``answer`` in order. A marker that follows the full stop belongs to the sentence before it."""
    found = []
    for start, end in _sentences_with_markers(answer, language):
        raw = answer[start:end]
        numbers = [int(n) for match in CITATION.finditer(raw) for n in re.split(r"\s*[,;]\s*", match.group(1))]
        text = strip_citations(raw)
        found.append(Claim(text, start, end, tuple(dict.fromkeys(numbers)), _asserts(text)))
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


def _asserts(text: str) -> bool:
    folded = fold(text).strip(" -*•")
    if not re.search(r"\w", folded) or text.rstrip().endswith(("?", ":")):
        return False
    return not (folded.startswith(_HEDGES) and len(folded.split()) <= 12 and not re.search(r"\d", folded))
