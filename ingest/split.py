"""Document → chunks: sentence-aligned, inside one heading's section, about N tokens, with exact character offsets.

Where a chunk ends depends on what stands there, not on how much stood before it: of the places in its second half where
a paragraph ends, or a sentence where none does, it is the one whose last sentence has the least hash (content-defined
chunking, after Muthitacharoen et al., LBFS, 2001). So the chunks after an edit are soon what they were, and are not
embedded again. With each filled to the brim, the borders moved all the way down to the next heading.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.config import ChunkSettings
from rag.pages import page_at
from rag.text import sentences
from rag.types import Chunk, Document, Heading

__all__ = ["TokenCounter", "split"]


_LEAST_FULL = 0.5
"""Share of the budget that a chunk has at least before it may end short of it."""
_FILLED = 0.9
"""Share of the budget that a part of a long sentence aims at: no two of them have their tokens equally long."""
_CHARACTERS = 8
"""A part has at most so many for each token of the budget, about twice what Portuguese and English have."""


class TokenCounter(Protocol):
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by the encoder's own tokenizer."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of one that was too long: offsets into the document's text, tokens, section's number."""

    start: int
    end: int
    tokens: int
    section: int


@dataclass(frozen=True, slots=True)
class _Section:
    """Text under one path of headings, outermost first: offsets into the document's text."""

    start: int
    end: int
    path: tuple[Heading, ...]


def split(document: Document, counter: TokenCounter, settings: ChunkSettings) -> list[Chunk]:
    """Chunks in order: ``document.text[c.start:c.end] == c.text``; neighbours in a section share
    ``settings.overlap_sentences`` sentences. A heading is the path of the chunks below it, and a chunk's own text
    only where there are none."""
    sections = _sections(document)
    spans = [(a, b, number) for number, section in enumerate(sections) for a, b in _sentences(document, section)]
    pieces = _fitting(document.text, spans, counter, settings.tokens)
    chunks: list[Chunk] = []
    packed = _packed(document.text, pieces, settings)
    for first, last in _within(document.text, pieces, packed, counter, settings.tokens):
        start, end = pieces[first].start, pieces[last].end
        chunks.append(
            Chunk(
                doc_id=document.doc_id,
                ordinal=len(chunks),
                start=start,
                end=end,
                text=document.text[start:end],
                language=document.language,
                page=page.number if (page := page_at(document.pages, start)) else None,
                headings=tuple(heading.title for heading in sections[pieces[first].section].path),
            )
        )
    return chunks


def _sections(document: Document) -> list[_Section]:
    """The text between one heading and the next, and the headings that stand above no text, in order."""
    found: list[_Section] = []
    paths: list[tuple[Heading, ...]] = []
    path: tuple[Heading, ...] = ()
    start = 0
    for heading in [*document.headings, None]:
        end = heading.start if heading else len(document.text)
        if document.text[start:end].strip():
            found.append(_Section(start, end, path))
        if heading:
            path = (*(h for h in path if h.level < heading.level), heading)
            paths.append(path)
            start = heading.end
    said = {heading for section in found for heading in section.path}
    return sorted([*found, *_bare(paths, said)], key=lambda section: section.start)


def _bare(paths: Sequence[tuple[Heading, ...]], said: Collection[Heading]) -> list[_Section]:
    """Runs of headings that are in no chunk's path, each with the headings above its first; ``paths`` are those of
    all headings, in order, itself last."""
    runs: list[_Section] = []
    goes_on = False
    for *above, heading in paths:
        if heading in said or heading.start == heading.end:
            goes_on = False
        elif goes_on and len(above) >= len(runs[-1].path):
            runs[-1] = _Section(runs[-1].start, heading.end, runs[-1].path)
        else:
            runs.append(_Section(heading.start, heading.end, tuple(above)))
            goes_on = True
    return runs


def _sentences(document: Document, section: _Section) -> list[tuple[int, int]]:
    text = document.text[section.start : section.end]
    return [(section.start + a, section.start + b) for a, b in sentences(text, document.language)]


def _fitting(text: str, spans: Sequence[tuple[int, int, int]], counter: TokenCounter, budget: int) -> list[_Piece]:
    """``(start, end, section)`` spans as pieces of at most ``budget`` tokens: a longer one is cut at clause or word
    borders, and its parts are counted like sentences, and cut again where they are longer still."""
    pieces: list[_Piece] = []
    waiting = list(spans)
    while waiting:
        counts = counter.count_tokens([text[start:end] for start, end, _ in waiting])
        longer: list[tuple[int, int, int]] = []
        for (start, end, section), tokens in zip(waiting, counts, strict=True):
            if tokens <= budget or end - start == 1:
                pieces.append(_Piece(start, end, tokens, section))
            else:
                longer += [(a, b, section) for a, b in _parts(text, start, end, tokens / (_FILLED * budget), budget)]
        waiting = longer
    return sorted(pieces, key=lambda piece: piece.start)


def _parts(text: str, start: int, end: int, number: float, budget: int) -> list[tuple[int, int]]:
    """``[start, end)`` in about ``number`` parts, two at least, trimmed of white space."""
    # Counters stop at their model's limit, so that a count says little of a very long text: its length says more.
    size = max(1, min(math.ceil((end - start) / max(2, math.ceil(number))), _CHARACTERS * budget))
    cuts = [start]
    while end - cuts[-1] > size:
        cuts.append(_border(text, cuts[-1] + max(1, size // 2), cuts[-1] + size))
    trimmed = [_trimmed(text, a, b) for a, b in itertools.pairwise([*cuts, end])]
    return [(a, b) for a, b in trimmed if a < b]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _border(text: str, low: int, high: int) -> int:
    """The last place in ``[low, high]`` after a clause's punctuation, else after white space, else ``high``."""
    for pattern in (r"[;:,|]\s", r"\s"):
        places = [match.end() for match in re.finditer(pattern, text[low:high])]
        if places:
            return low + places[-1]
    return high


def _packed(text: str, pieces: Sequence[_Piece], settings: ChunkSettings) -> list[tuple[int, int]]:
    """``(first, last)`` indices of the pieces of each chunk."""
    packed: list[tuple[int, int]] = []
    first = 0
    while first < len(pieces):
        last = _last(text, pieces, first, settings.tokens)
        packed.append((first, last))
        following = last + 1
        if following < len(pieces) and pieces[following].section == pieces[first].section:
            following = _with_overlap(pieces, first, following, settings)
        first = following
    return packed


def _last(text: str, pieces: Sequence[_Piece], first: int, budget: int) -> int:
    """The piece that ends the chunk which begins with ``first``: the section's last, if there is room for all of it."""
    last, tokens = first, pieces[first].tokens
    ends: list[int] = []
    while last + 1 < len(pieces) and pieces[last + 1].section == pieces[first].section:
        if tokens >= _LEAST_FULL * budget:
            ends.append(last)
        if tokens + pieces[last + 1].tokens > budget:
            return _border_of(text, pieces, ends) if ends else last
        last += 1
        tokens += pieces[last].tokens
    return last


def _border_of(text: str, pieces: Sequence[_Piece], ends: Sequence[int]) -> int:
    """Of the pieces that a chunk may end with, the one whose hash is least among those that end a paragraph; among all
    where none does."""

    def digest(i: int) -> bytes:
        said = " ".join(text[pieces[i].start : pieces[i].end].split())
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()

    paragraphs = [i for i in ends if "\n\n" in text[pieces[i].end : pieces[i + 1].start]]
    return min(paragraphs or ends, key=digest)


def _within(
    text: str, pieces: Sequence[_Piece], packed: Sequence[tuple[int, int]], counter: TokenCounter, budget: int
) -> list[tuple[int, int]]:
    """``packed`` with the chunks halved that count more than their pieces do: joined, words may be cut elsewhere."""
    kept: list[tuple[int, int]] = []
    waiting = list(packed)
    while waiting:
        counts = counter.count_tokens([text[pieces[first].start : pieces[last].end] for first, last in waiting])
        longer: list[tuple[int, int]] = []
        for (first, last), tokens in zip(waiting, counts, strict=True):
            if tokens <= budget or first == last:
                kept.append((first, last))
            else:
                middle = (first + last) // 2
                longer += [(first, middle), (middle + 1, last)]
        waiting = longer
    return sorted(kept)


def _with_overlap(pieces: Sequence[_Piece], first: int, following: int, settings: ChunkSettings) -> int:
    """Step back by the overlap, as long as the next chunk still begins after this one and has room for new text."""
    start = following
    room = settings.tokens - pieces[following].tokens
    for _ in range(settings.overlap_sentences):
        before = pieces[start - 1]
        if start - 1 <= first or before.tokens > min(room, settings.tokens // 3):
            break
        start -= 1
        room -= before.tokens
    return start
