"""Document → chunks: sentence-aligned, inside one heading's section, about N tokens, with exact character offsets.

Where a chunk ends depends on what stands around, not on how much stood before (``ingest.borders``), and is rather where
a paragraph ends than where a sentence does. So the chunks around an edit stay what they were, and are not embedded
again.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.borders import ends
from rag.config import ChunkSettings
from rag.pages import page_at
from rag.text import sentences
from rag.types import Chunk, Document, Heading

__all__ = ["TokenCounter", "split"]


_REPEATED = 1 / 3
"""Share of the budget that a chunk repeats of the one before at most, where it has room."""
_KEPT_FREE = 1 / 5
"""Share of the budget up to which room is kept for that: kept for all of it, there would be many more chunks."""
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
    """``(first, last)`` indices of the pieces of each chunk, its overlap with the one before among them."""
    packed: list[tuple[int, int]] = []
    for _, group in itertools.groupby(range(len(pieces)), key=lambda at: pieces[at].section):
        section = list(group)
        chunks = _chunks_of(text, pieces[section[0] : section[-1] + 1], settings)
        packed += [(section[0] + first, section[0] + last) for first, last in chunks]
    return packed


def _chunks_of(text: str, pieces: Sequence[_Piece], settings: ChunkSettings) -> Iterator[tuple[int, int]]:
    """The same of one section. A chunk of a single piece is not repeated whole by the next."""
    sizes = [piece.tokens for piece in pieces]
    repeated = _repeated(sizes, settings)
    before = begin = 0
    kept_free = [tokens if tokens <= _KEPT_FREE * settings.tokens else 0 for _, tokens in repeated]
    for last in ends(sizes, kept_free, _ranks(text, pieces), settings.tokens):
        number, tokens = repeated[begin]
        has_room = sum(sizes[begin : last + 1]) + tokens <= settings.tokens
        yield begin - (min(number, max(begin - before - 1, 0)) if has_room else 0), last
        before, begin = begin, last + 1


def _repeated(sizes: Sequence[int], settings: ChunkSettings) -> list[tuple[int, int]]:
    """How many sentences a chunk that begins with each repeats of the one before, and their tokens: the overlap asked
    for, as far as ``_REPEATED`` allows."""
    found: list[tuple[int, int]] = []
    for at in range(len(sizes)):
        before = list(itertools.accumulate(reversed(sizes[max(0, at - settings.overlap_sentences) : at])))
        kept = [tokens for tokens in before if tokens <= _REPEATED * settings.tokens]
        found.append((len(kept), kept[-1] if kept else 0))
    return found


def _ranks(text: str, pieces: Sequence[_Piece]) -> list[tuple[bool, bytes]]:
    """Paragraphs' ends before those of other sentences; among either, the least hash of what the sentence says."""
    between = [text[piece.end : after.start] for piece, after in itertools.pairwise(pieces)]
    said = [" ".join(text[piece.start : piece.end].split()).encode("utf-8", "surrogatepass") for piece in pieces]
    digests = [hashlib.blake2b(sentence, digest_size=8).digest() for sentence in said]
    return [("\n\n" not in gap, digest) for gap, digest in zip([*between, ""], digests, strict=True)]


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
