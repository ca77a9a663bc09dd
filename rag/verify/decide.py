"""Verdicts → show, mark or withhold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.config import VerifySettings
from rag.types import Sentence, Verdict

__all__ = ["Decision", "confidence", "decide", "groundedness", "is_sure", "weakest"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the answer is shown, and when it is not, why (a code: ``not_answerable``, ``unsupported``, …)."""

    show: bool
    reason: str | None = None


def groundedness(sentences: Sequence[Sentence]) -> float | None:
    """Share of the claims that are supported; None when nothing is claimed."""
    judged = [sentence for sentence in sentences if sentence.verdict.label != "not_a_claim"]
    if not judged:
        return None
    return sum(sentence.verdict.label == "supported" for sentence in judged) / len(judged)


def confidence(sentences: Sequence[Sentence], backing_relevance: float | None) -> float:
    """How sure an answer is, in [0, 1]: the geometric mean of the support of its weakest claim and of the probability
    that what it rests on answers the question, or the support alone where that was not measured.

    Of what it rests on, because an answer repeats its question, and so looks like one whatever it says. It orders
    answers; that 0.8 is right in 80 of 100 is what `lastro calibrate` is for.
    """
    support = min((s.verdict.probs["supported"] for s in sentences if s.verdict.label != "not_a_claim"), default=0.0)
    return support if backing_relevance is None else math.sqrt(support * backing_relevance)


def decide(
    sentences: Sequence[Sentence], answerable: float | None, settings: VerifySettings, *, again: bool = False
) -> Decision:
    """Withhold an answer that claims nothing, of which under half survives, whose first claim is contradicted, or
    whose passages are judged not to answer the question (``answerable`` is that probability, None if not measured).

    What is tried ``again``, after an answer that did not hold, must be surer: of several tries one may look right.
    """
    if answerable is not None and answerable < settings.answerable:
        return Decision(False, "not_answerable")
    share = groundedness(sentences)
    if share is None:
        return Decision(False, "no_claim")
    first = next(s for s in sentences if s.verdict.label != "not_a_claim")
    if first.verdict.label == "contradicted":
        return Decision(False, "contradicted")
    doubtful = again and first.verdict.probs["supported"] < settings.sure
    return Decision(True) if share >= 0.5 and not doubtful else Decision(False, "unsupported")


def is_sure(sentences: Sequence[Sentence], settings: VerifySettings) -> bool:
    """Whether every claim has a support of ``settings.sure``: then there is nothing to gain by trying again."""
    judged = [sentence for sentence in sentences if sentence.verdict.label != "not_a_claim"]
    return all(sentence.verdict.probs["supported"] >= settings.sure for sentence in judged)


_WORST = ("contradicted", "not_found", "supported")


def weakest(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on what several sentences say together, one at least: that of the worst of them, and of equally bad
    ones of the least supported; it rests on what the others rest on, too."""
    worst = min(verdicts, key=lambda verdict: (_WORST.index(verdict.label), verdict.probs["supported"]))
    others = [verdict for verdict in verdicts if verdict is not worst]
    rests_on = [one for verdict in others for one in (verdict.evidence, *verdict.also) if one is not None]
    return replace(worst, also=(*worst.also, *rests_on)) if worst.label == "supported" else worst
