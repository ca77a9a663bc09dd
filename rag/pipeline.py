"""The whole way of a question: search, choose passages, generate, verify every sentence, show or withhold."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from rag.answer.cite import citation_of
from rag.answer.generate import declined
from rag.config import Settings
from rag.course import Checked, Course, Event, Parts
from rag.errors import UsageError
from rag.search import Searchable, search
from rag.text import detect_language
from rag.types import Filter, Passage
from rag.verify.asked import leaves_out
from rag.verify.decide import decide, is_sure

__all__ = ["Event", "Parts", "ask", "check_question"]

MAX_QUESTION = 2_000


def check_question(question: str) -> str:
    """The question without surrounding space. Raises UsageError when it is empty or too long."""
    return check_text(question, "question", MAX_QUESTION, ("Ask something.", "Ask one thing at a time."))


def check_text(text: str, what: str, most: int, hints: tuple[str, str]) -> str:
    """``text`` without surplus space. Raises UsageError about ``what`` it is when it is empty (the first of ``hints``)
    or has more than ``most`` characters (the second)."""
    plain = " ".join(text.split())
    if not any(c.isalnum() for c in plain):
        raise UsageError(f"the {what} is empty.", subject=what, hint=hints[0])
    if len(plain) > most:
        raise UsageError(f"the {what} has {len(plain)} characters; {most} is the most.", subject=what, hint=hints[1])
    return plain


def ask(
    question: str, index: Searchable, parts: Parts, settings: Settings, where: Filter | None = None
) -> Iterator[Event]:
    """The answer to ``question`` from ``index``, as events; the last one carries the whole ``Answer``."""
    question = check_question(question)
    course = Course(question, detect_language(question), parts, settings)
    found = search(index, parts.encoder, question, settings.search, reranker=parts.reranker, where=where)
    course.timings |= found.timings_ms
    passages = course.choose(found)
    citations = tuple(citation_of(passage) for passage in passages)
    yield Event("citations", citations)
    if not passages:
        yield Event("answer", course.withhold("no_passages", citations))
        return
    checked, reason = yield from _generated(course, passages)
    partial = checked is not None and bool(leaves_out(question, checked[0]))
    extracted = None
    if partial or (checked is None and reason != "declined"):
        doubted = partial or reason is not None
        extracted = course.extract(passages, least=settings.verify.sure if doubted else settings.verify.supported)
    if extracted is not None and not (partial and leaves_out(question, extracted[0])):
        checked = extracted
        if parts.generator is not None:
            yield Event("retry", "partial" if partial else reason or "generator")
    if checked is None:
        yield Event("answer", course.withhold(reason or "no_sentence", citations))
        return
    yield from course.give(course.answer(*checked, passages, extractive=checked is extracted))


def _generated(
    course: Course, passages: Sequence[Passage]
) -> Generator[Event, None, tuple[Checked | None, str | None]]:
    """What the decoder says and verification lets stand, or None and why: a code, None where there is no decoder.

    What holds without being sure is kept while the decoder is asked once more; only what is sure takes its place.
    """
    course.begin()
    reason: str | None = None
    unsure: Checked | None = None
    attempt = 0
    for attempt, given in enumerate(course.attempts(passages)):
        if attempt:
            yield Event("retry", reason or "unsure")
        text = yield from course.generate(given)
        if text is None or declined(text):
            reason = reason or ("declined" if text is not None and not attempt else None)
            break
        checked = course.verify(text, passages)
        decision = decide(checked[1], course.context_relevance, course.settings.verify, again=attempt > 0)
        if decision.show and (attempt or is_sure(checked[1], course.settings.verify)):
            return checked, None
        unsure = checked if decision.show else unsure
        reason = reason or decision.reason
        if reason == "not_answerable":  # of the passages, whatever is said from them
            break
    if unsure is not None and attempt:  # nothing surer was said: back to what was
        yield Event("retry", "unsure")
        yield Event("token", unsure[0])
    return unsure, reason
