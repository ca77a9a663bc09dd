"""Evidence windows: what of a passage is shown to the entailment model at a time.

A passage is not judged whole: long premises dilute a small model's attention. Its windows are single sentences, runs of
two and of three, each under the document's title and headings.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.text import contextualise, sentences
from rag.types import Citation, Language
from rag.verify.rows import has_row

__all__ = ["FEW", "Source", "Window", "joined", "overlap", "windows"]

FEW = 5
"""Windows, as two sentences have at most: what the model says of so few is taken as it is; of many one or other looks
like a contradiction by chance."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage to look for evidence in: the citation, and the context (headings, language) its windows are read in."""

    citation: Citation
    headings: tuple[str, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sentences of one passage: offsets into the document's text; ``premise`` is it in its context, and
    ``context`` the whole passage in it. ``several``: it has more than one sentence. ``parts``: the windows it joins,
    when it joins any."""

    citation: Citation
    language: Language
    context: str
    start: int
    end: int
    text: str
    premise: str
    several: bool = False
    parts: tuple[Window, ...] = ()


def windows(source: Source, *, longest: int = 3) -> list[Window]:
    """Every run of one to ``longest`` sentences of the passage, but each row of a table alone, and every part of a
    sentence between semicolons: of "the one makes 62 dB; the other makes 65 dB" a small model finds neither."""
    passage = source.citation
    spans = sentences(passage.text, source.language)
    context = contextualise(passage.title, source.headings, passage.text)
    # A row says what it says of its own subject: of two rows read as one, each value is of either.
    are_rows = [has_row(passage.text[start:end]) for start, end in spans]
    runs = [
        (spans[i][0], spans[i + n - 1][1], n > 1)
        for n in range(1, longest + 1)
        for i in range(len(spans) - n + 1)
        if n == 1 or not any(are_rows[i : i + n])
    ]
    found = []
    for start, end, several in [*runs, *((a, b, False) for a, b in _clauses(passage.text, spans))]:
        text = passage.text[start:end]
        premise = contextualise(passage.title, source.headings, text)
        first, last = passage.start + start, passage.start + end
        found.append(Window(passage, source.language, context, first, last, text, premise, several))
    return found


def _clauses(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    clauses = []
    for start, end in spans:
        cuts = [start, *(start + match.end() for match in re.finditer(r";\s+", text[start:end])), end]
        if len(cuts) > 2:
            clauses += [(a, a + len(text[a:b].rstrip())) for a, b in itertools.pairwise(cuts) if text[a:b].strip()]
    return clauses


def overlap(one: Window, other: Window) -> bool:
    same = one.citation.doc_id == other.citation.doc_id
    return same and one.start < other.end and other.start < one.end


def joined(one: Window, other: Window) -> Window:
    """Both windows read as one premise; its offsets are those of the first."""
    return replace(
        one,
        context=f"{one.context}\n{other.context}",
        text=f"{one.text}\n{other.text}",
        premise=f"{one.premise}\n{other.premise}",
        several=True,
        parts=(one, other),
    )
