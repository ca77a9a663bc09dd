"""How well an answer points at its evidence: precision and recall of its spans, and how far they overlap.

A span is ``(document, start, end)``, character offsets into the document's text, end exclusive. Two spans meet when
they share a character. Citation precision and recall follow ALCE (Gao et al., EMNLP 2023), with the labelled evidence
in the place of its entailment model.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Span", "citation_precision", "citation_recall", "covers", "meets", "overlap"]

Span = tuple[str, int, int]
Need = Sequence[Span]
"""The places that say one expected thing: any one will do."""


def meets(one: Span, other: Span) -> bool:
    """Whether the spans share a character."""
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def covers(one: Span, other: Span, share: float = 0.5) -> bool:
    """Whether ``one`` holds at least ``share`` of the characters of ``other``."""
    return _shared(one, other) >= share * (other[2] - other[1]) > 0


def citation_precision(cited: Sequence[Span], needs: Sequence[Need]) -> float:
    """Share of the ``cited`` spans that meet expected evidence; 0 when nothing is cited."""
    if not cited:
        return 0.0
    return sum(any(meets(span, place) for need in needs for place in need) for span in cited) / len(cited)


def citation_recall(cited: Sequence[Span], needs: Sequence[Need]) -> float:
    """Share of ``needs`` that a cited span meets."""
    return sum(any(meets(span, place) for span in cited for place in need) for need in needs) / len(needs)


def overlap(found: Sequence[Span], needs: Sequence[Need]) -> float:
    """Character F1 = 2 |A ∩ B| / (|A| + |B|) of the evidence found (A) and expected (B), as sets of characters.

    Of a need with several places the one that shares most counts; one with none adds nothing.
    """
    marked = _characters(found)
    expected: set[tuple[str, int]] = set()
    for need in needs:
        expected |= max((_characters([place]) for place in need), key=lambda place: len(place & marked), default=set())
    total = len(marked) + len(expected)
    return 2 * len(marked & expected) / total if total else 0.0


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one[2], other[2]) - max(one[1], other[1])) if one[0] == other[0] else 0


def _characters(spans: Sequence[Span]) -> set[tuple[str, int]]:
    return {(document, place) for document, start, end in spans for place in range(start, end)}
