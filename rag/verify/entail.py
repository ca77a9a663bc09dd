"""Claim × evidence windows → verdict, with the exact span it rests on.

The hypothesis is "question claim", as in training, so that "It was 1999." can be judged and a true sentence about
another subject is not called an answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.config import VerifySettings
from rag.pages import page_at
from rag.text import query_terms
from rag.types import Evidence, Verdict
from rag.verify.claims import answers_yes_or_no
from rag.verify.gaps import gaps_of, on_the_matter
from rag.verify.literal import missing_quotations, restates
from rag.verify.windows import FEW, Source, Window, joined, overlap, windows

__all__ = ["SUPPORTED", "Entailer", "judge"]

SUPPORTED, CONTRADICTED, NOT_FOUND = 0, 1, 2
LABELS = ("supported", "contradicted", "not_found")
_LIKELY = 0.5
"""Support that a sentence to the letter has at least."""
_SURE = 0.6
"""Support at which other words than the evidence's are no gap, and that several sentences need where one needs
``verify.supported``: each more that is read for what one may say is one more chance to be wrong. By tests.bench.claims
it rejects more of both kinds, for better in Portuguese and for worse in English; over both nothing is decided."""
_BESIDE = 0.6
"""A sentence to the letter of the passage, but as an answer not found with this probability, is beside the point."""
_MANY, _NEAREST = 24, 8
"""Of more sentences than the one, runs are looked at only around so many as the other."""
_UNDER = 0.001
"""A probability that just does not suffice is so far under what does."""
_PAIRS = 8
"""Pairs of sentences looked at for a claim that no window supports."""
_SAYS_WHAT_IT_IS_ABOUT = 0.5
"""Share of the question's terms that a claim must have to be judged without it."""


class Entailer(Protocol):
    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(premise, hypothesis) pairs → float32[n, 3]: supported, contradicted, not found; rows sum to 1."""
        ...


def judge(
    entailer: Entailer,
    question: str,
    claim: str,
    sources: tuple[Sequence[Source], Sequence[Source]],
    settings: VerifySettings,
    *,
    as_answer: bool = True,
) -> Verdict:
    """The verdict on one claim. ``sources`` are the cited passages, looked at first, and the others, looked at when the
    cited ones do not support it. ``question`` may be empty. Not ``as_answer``, it tells what the claim is about, and a
    sentence of the passages is supported whether it answers or not."""
    found = []
    for some in sources:
        every = [window for source in some for window in windows(source)]
        if not every:
            continue
        heard = question if as_answer or not _is_a_sentence(claim, every) else ""
        verdict = _judge(entailer, (question, heard), claim, every, settings)
        if verdict.label == "supported":
            return verdict
        found.append(verdict)
    if not found:
        nothing = dict(zip(LABELS, (0.0, 0.0, 1.0), strict=True))
        return Verdict("not_found", 1.0, nothing, reason="no passage", reason_code="no_passage")
    if all(verdict.label == "not_found" for verdict in found):
        together = _together(entailer, question, claim, [source for some in sources for source in some], settings)
        if together is not None:
            return together
    return found[0]


def _judge(
    entailer: Entailer, asked_of: tuple[str, str], claim: str, every: Sequence[Window], settings: VerifySettings
) -> Verdict:
    """``asked_of``: the question for the literal checks, and for the model. Of windows there is one at least."""
    question, heard = asked_of
    looked, probs, asked = _looked_at(entailer, heard, claim, every)
    for row, window in enumerate(looked):
        beside = asked[row, NOT_FOUND] >= _BESIDE or asked[row, CONTRADICTED] >= settings.contradicted
        if not beside and restates(claim, window.text, window.language):
            probs[row] = _at_least(probs[row], max(_LIKELY, settings.supported))
    quotes = missing_quotations(claim, list(dict.fromkeys(window.citation.text for window in every)))
    sure = probs[:, SUPPORTED] >= _SURE
    gaps = gaps_of(question, claim, looked, sure.tolist())
    sound = np.array([not gap for gap in gaps])
    # Among windows that pass the literal checks, the shortest within 0.02 of the best support is the evidence.
    several = np.array([window.several for window in looked])
    least = np.where(several, max(_SURE, settings.supported), settings.supported)
    likely = (probs.argmax(1) == SUPPORTED) & (probs[:, SUPPORTED] >= least)
    support = np.where(sound & likely, probs[:, SUPPORTED], 0.0)
    best = int(np.argmax(support))
    if support[best] and not quotes:
        lengths = np.array([window.end - window.start for window in looked])
        near = np.flatnonzero(support >= max(1e-6, support[best] - 0.02))
        best = int(near[np.argmin(lengths[near])])
        return _verdict("supported", probs[best], looked[best])
    rejected = _rejected(probs, sound & (not quotes), settings.supported)
    # The window least neutral about the claim speaks for contradiction; the rest are about something else.
    about = on_the_matter(question, claim, looked)
    closest = int(np.argmin(np.where(about, probs[:, NOT_FOUND], 1.0)))
    enough = settings.contradicted if len(looked) > FEW else min(settings.contradicted, float(probs[closest].max()))
    if about[closest] and probs[closest, CONTRADICTED] >= enough and not _to_the_letter(claim, looked):
        return _verdict("contradicted", _with_support(probs[closest], float(rejected[SUPPORTED])), looked[closest])
    verdict = _verdict("not_found", rejected, None)
    if quotes:
        reason = f"not in the passages to the letter: “{quotes[0]}”"
        return replace(verdict, reason=reason, reason_code="not_quoted", reason_about=(quotes[0],))
    missing = tuple(gaps[int(np.argmax(probs[:, SUPPORTED]))])
    if missing:
        reason = f"not in the evidence: {', '.join(missing)}"
        return replace(verdict, reason=reason, reason_code="not_in_evidence", reason_about=missing)
    return verdict


def _together(
    entailer: Entailer, question: str, claim: str, sources: Sequence[Source], settings: VerifySettings
) -> Verdict | None:
    """Support by two sentences that only together say it all ("20 days in 2023", "15 days in 2024"), or None.

    The pairs tried are those whose terms together cover most of the claim's, each adding to the other. One doubtful
    step more than one window alone: it takes a model that is sure.
    """
    singles = [window for source in sources for window in windows(source, longest=1)]
    wanted = set(query_terms(claim))
    has = [wanted & set(query_terms(window.premise)) for window in singles]
    pairs = [
        (len(has[i] | has[j]), i, j)
        for i, j in itertools.combinations(range(len(singles)), 2)
        if has[i] - has[j] and has[j] - has[i] and not overlap(singles[i], singles[j])
    ]
    tried = [joined(singles[i], singles[j]) for _, i, j in sorted(pairs, reverse=True)[:_PAIRS]]
    gaps = gaps_of(question, claim, tried, [True] * len(tried))
    tried = [window for window, gap in zip(tried, gaps, strict=True) if not gap]
    if not tried or missing_quotations(claim, [source.citation.text for source in sources]):
        return None
    probs = _probabilities(entailer, question, claim, tried)[0]
    best = int(np.argmax(probs[:, SUPPORTED]))
    if probs[best, SUPPORTED] < max(_SURE, settings.supported):
        return None
    first, second = tried[best].parts
    verdict = _verdict("supported", probs[best], first)
    return replace(verdict, also=(_evidence(second),))


def _looked_at(
    entailer: Entailer, question: str, claim: str, every: Sequence[Window]
) -> tuple[list[Window], NDArray[np.float32], NDArray[np.float32]]:
    """The windows looked at, and their probabilities as ``_probabilities`` has them: all, but where sentences are many
    only the runs of those that are least neutral about the claim."""
    singles = [window for window in every if not window.several]
    probs, asked = _probabilities(entailer, question, claim, singles)
    order = np.argsort(probs[:, NOT_FOUND], kind="stable")
    near = singles if len(singles) <= _MANY else [singles[at] for at in order[:_NEAREST]]
    runs = [window for window in every if window.several and any(overlap(window, one) for one in near)]
    if not runs:
        return singles, probs, asked
    of_runs = _probabilities(entailer, question, claim, runs)
    return [*singles, *runs], np.concatenate([probs, of_runs[0]]), np.concatenate([asked, of_runs[1]])


def _probabilities(
    entailer: Entailer, question: str, claim: str, looked: Sequence[Window]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each window: those of the claim, and those of the claim after its question.

    The first are the second unless the claim itself says what it is about; then whichever of with and without the
    question finds more support. A claim that repeats its question is long for a small model; "It was 1999." means
    nothing alone, and of a true sentence about something else only the question tells.
    """
    if not question:
        alone = entailer.probabilities([(window.premise, claim) for window in looked])
        return alone.copy(), alone
    asked = entailer.probabilities([(window.premise, f"{question} {claim}") for window in looked])
    wanted = set(query_terms(question))
    told = len(wanted & set(query_terms(claim))) >= _SAYS_WHAT_IT_IS_ABOUT * len(wanted)
    if not told or answers_yes_or_no(claim):
        return asked.copy(), asked
    alone = entailer.probabilities([(window.premise, claim) for window in looked])
    better = alone[:, SUPPORTED] > asked[:, SUPPORTED]
    return np.where(better[:, None], alone, asked), asked


def _with_support(row: NDArray[np.float32], supported: float) -> NDArray[np.float32]:
    """The probabilities of a contradiction, where other windows leave so much support."""
    against = min(float(row[CONTRADICTED]), 1.0 - supported)
    return np.array((supported, against, 1.0 - supported - against), np.float32)


def _rejected(probs: NDArray[np.float32], sound: NDArray[np.bool_], supported: float) -> NDArray[np.float32]:
    """The probabilities of the window that comes nearest to support, of windows none of which gives it.

    They agree with that: less than ``supported`` is left, and where the literal checks speak against a window only so
    much of what the model said. What is taken from support is not found.
    """
    most = max(0.0, supported - _UNDER)
    left = np.where(sound, np.minimum(probs[:, SUPPORTED], most), supported * probs[:, SUPPORTED])
    best = int(np.argmax(left))
    row: NDArray[np.float32] = probs[best].copy()
    row[NOT_FOUND] += row[SUPPORTED] - left[best]
    row[SUPPORTED] = left[best]
    return row


def _is_a_sentence(claim: str, every: Sequence[Window]) -> bool:
    said = " ".join(claim.split())
    return any(" ".join(window.text.split()) == said for window in every)


def _to_the_letter(claim: str, looked: Sequence[Window]) -> bool:
    """Whether one of the windows says the claim word for word: beside the point it may be, contradicted it is not."""
    said = " ".join(claim.split())
    return any(said in " ".join(window.text.split()) for window in looked)


def _at_least(row: NDArray[np.float32], supported: float) -> NDArray[np.float32]:
    """The probabilities with that of support no lower than ``supported``, the others scaled."""
    if row[SUPPORTED] >= supported:
        return row
    raised: NDArray[np.float32] = row * (1.0 - supported) / max(1e-6, 1.0 - float(row[SUPPORTED]))
    raised[SUPPORTED] = supported
    return raised


def _verdict(label: str, probs: NDArray[np.float32], window: Window | None) -> Verdict:
    named = {name: float(p) for name, p in zip(LABELS, probs, strict=True)}
    evidence = None if window is None else _evidence(window)
    if label == "supported":
        return Verdict("supported", named["supported"], named, evidence)
    if label == "contradicted":
        return Verdict("contradicted", named["contradicted"], named, evidence)
    return Verdict("not_found", named["not_found"], named, evidence)


def _evidence(window: Window) -> Evidence:
    citation = window.citation
    page = page_at(citation.pages, window.start)
    number, label = (citation.page, citation.page_label) if page is None else (page.number, page.label)
    return Evidence(citation.n, window.start, window.end, window.text, number, label)
