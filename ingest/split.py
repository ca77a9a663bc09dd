"""Document → chunks: sentence-aligned, inside one heading's section, about N tokens, with exact character offsets."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.config import ChunkSettings
from rag.text import sentences
from rag.types import Chunk, Document, Heading

__all__ = ["TokenCounter", "split"]


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
    counts = counter.count_tokens([document.text[a:b] for a, b, _ in spans])
    pieces: list[_Piece] = []
    for (a, b, number), tokens in zip(spans, counts, strict=True):
        pieces += _fitting(document.text, _Piece(a, b, tokens, number), settings.tokens)
    chunks: list[Chunk] = []
    for first, last in _packed(pieces, settings):
        start, end = pieces[first].start, pieces[last].end
        chunks.append(
            Chunk(
                doc_id=document.doc_id,
                ordinal=len(chunks),
                start=start,
                end=end,
                text=document.text[start:end],
                language=document.language,
                page=_page(document, start),
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


def _fitting(text: str, piece: _Piece, budget: int) -> list[_Piece]:
    """The piece, cut at clause or word borders into parts of about ``budget`` tokens when it is longer."""
    if piece.tokens <= budget:
        return [piece]
    parts = -(-piece.tokens // budget)
    size = max(1, -(-(piece.end - piece.start) // parts))
    cuts = [piece.start]
    while piece.end - cuts[-1] > size:
        cuts.append(_border(text, cuts[-1] + max(1, size // 2), cuts[-1] + size))
    cuts.append(piece.end)
    out = []
    for a, b in itertools.pairwise(cuts):
        start, end = a, b
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            out.append(
                _Piece(
                    start, end, max(1, round(piece.tokens * (end - start) / (piece.end - piece.start))), piece.section
                )
            )
    return out


def _border(text: str, low: int, high: int) -> int:
    """The last place in ``[low, high]`` after a clause's punctuation, else after white space, else ``high``."""
    for pattern in (r"[;:,|]\s", r"\s"):
        places = [match.end() for match in re.finditer(pattern, text[low:high])]
        if places:
            return low + places[-1]
    return high


def _packed(pieces: Sequence[_Piece], settings: ChunkSettings) -> list[tuple[int, int]]:
    """``(first, last)`` indices of the pieces of each chunk."""
    packed: list[tuple[int, int]] = []
    first = 0
    while first < len(pieces):
        last, tokens = first, pieces[first].tokens
        while (
            last + 1 < len(pieces)
            and pieces[last + 1].section == pieces[first].section
            and tokens + pieces[last + 1].tokens <= settings.tokens
        ):
            last += 1
            tokens += pieces[last].tokens
        packed.append((first, last))
        following = last + 1
        if following < len(pieces) and pieces[following].section == pieces[first].section:
            following = _with_overlap(pieces, first, following, settings)
        first = following
    return packed


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


def _page(document: Document, offset: int) -> int | None:
    if not document.pages:
        return None
    at = bisect_right([page.start for page in document.pages], offset) - 1
    return document.pages[max(0, at)].number
