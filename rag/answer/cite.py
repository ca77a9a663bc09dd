"""Sentences with verified citations → the answer's text, and the citations it may point to.

The decoder's own markers are only proposals: a marker to a passage that does not exist is dropped, one to a passage
that does not support the sentence is replaced by the passage whose evidence does.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.pages import page_at, pages_within
from rag.types import Citation, Passage, Sentence, Verdict

__all__ = ["assemble", "citation_of", "valid"]


def citation_of(passage: Passage) -> Citation:
    """The passage as the answer may point to it, with the pages it stands on."""
    hit, start, end = passage.hit, passage.start, passage.end
    pages = pages_within(hit.section.pages, start, end) if hit.section else ()
    page = page_at(pages, start)
    number, label = (hit.page, "") if page is None else (page.number, page.label)
    return Citation(passage.n, hit.doc_id, hit.source, hit.title, number, start, end, passage.text, label, pages)


def valid(numbers: Sequence[int], passages: Sequence[Passage]) -> tuple[int, ...]:
    """Those of ``numbers`` that name a passage."""
    known = {passage.n for passage in passages}
    return tuple(n for n in numbers if n in known)


def assemble(parts: Sequence[tuple[str, tuple[int, ...], Verdict]]) -> tuple[str, tuple[Sentence, ...]]:
    """``(text, cited, verdict)`` of each sentence → the answer and its sentences with offsets into it.

    A supported sentence carries the marker of its evidence, before its full stop; others keep their valid ones.
    """
    answer = ""
    sentences: list[Sentence] = []
    for text, cited, verdict in parts:
        numbers = cited
        if verdict.label == "supported" and verdict.evidence is not None:
            rests_on = (verdict.evidence, *verdict.also)
            numbers = tuple(sorted({evidence.citation for evidence in rests_on}))
        marked = _marked(text, numbers)
        separator = "" if not answer else ("\n" if text.startswith(("- ", "* ", "• ")) else " ")
        start = len(answer) + len(separator)
        answer += separator + marked
        sentences.append(Sentence(marked, start, len(answer), numbers, verdict))
    return answer, tuple(sentences)


def _marked(text: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return text
    markers = " " + "".join(f"[{n}]" for n in numbers)
    body = text.rstrip()
    stop = body[-1] if body and body[-1] in ".!?;:" else ""
    return body[: len(body) - len(stop)].rstrip() + markers + stop
