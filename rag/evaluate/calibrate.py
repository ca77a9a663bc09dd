"""A data set's answers → how sure an answer must be, so that at most a stated share of those given is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.calibration import Calibration
from rag.evaluate.dataset import Dataset
from rag.evaluate.intervals import clopper_pearson
from rag.evaluate.risk_control import Outcomes, Tested, control
from rag.evaluate.run import Configuration
from rag.evaluate.score import Scored

__all__ = ["Fit", "Point", "curve", "fit", "outcomes_of"]

_POINTS = 10


@dataclass(frozen=True, slots=True)
class Point:
    """At ``confidence`` and above: the share answered and the share of those wrong, with its exact 95 % interval."""

    confidence: float
    coverage: float
    risk: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Fit:
    """``tested`` by group ("pt", "en", or "both"); ``calibration`` is None where some group could not be bounded.

    ``languages`` says of each language what was found at the threshold, over all questions, those not tested included:
    answers given, and how many were wrong.
    """

    tested: Mapping[str, Tested]
    calibration: Calibration | None
    languages: Mapping[str, tuple[int, int]]


def outcomes_of(scored: Sequence[Scored]) -> Outcomes:
    """The questions whose answer was withheld or can be judged. An answer is wrong when it does not say what was
    expected, when nothing answers its question, or when a claim in it is not supported."""
    judged = [one for one in scored if one.result.answer is not None and _judged(one)]
    confidence = [math.nan if one.confidence is None else one.confidence for one in judged]
    return Outcomes(np.array(confidence, np.float64), np.array([_wrong(one) for one in judged], bool))


def fit(
    scored: Sequence[Scored],
    dataset: Dataset,
    config: Configuration,
    *,
    risk: float,
    certainty: float,
    by_language: bool = False,
) -> Fit:
    """The thresholds for both languages together, or for each alone: then the promise is made of each."""
    groups = {language: [one for one in scored if one.question.language == language] for language in ("pt", "en")}
    groups = {language: part for language, part in groups.items() if part}
    parts = groups if by_language else {"both": list(scored)}
    tested = {name: control(outcomes_of(part), risk, 1 - certainty) for name, part in parts.items()}
    bounded = {name: found.threshold for name, found in tested.items() if found.threshold is not None}
    if len(bounded) < len(tested):
        return Fit(tested, None, {})
    thresholds = bounded if by_language else dict.fromkeys(("pt", "en"), bounded["both"])
    calibration = Calibration(
        risk=risk,
        certainty=certainty,
        confidence=thresholds,
        by_language=by_language,
        dataset=dataset.name,
        dataset_digest=dataset.digest,
        configuration=config.digest,
        tested=sum(found.tested for found in tested.values()),
        given=sum(found.given for found in tested.values()),
        wrong=sum(found.wrong for found in tested.values()),
        generation=int(config.index["generation"]),
    )
    return Fit(tested, calibration, {name: _at(part, thresholds[name]) for name, part in groups.items()})


def curve(outcomes: Outcomes) -> list[Point]:
    """The risk–coverage curve in at most ten points, from everything given to the surest tenth."""
    scores = outcomes.confidence[~np.isnan(outcomes.confidence)]
    if not len(scores):
        return []
    levels = np.quantile(scores, np.arange(_POINTS) / _POINTS, method="inverted_cdf")
    points = []
    for level in sorted({float(level) for level in levels}):
        given = outcomes.given(level)
        count, wrong = int(given.sum()), int(outcomes.wrong[given].sum())
        points.append(Point(level, count / len(outcomes), wrong / count, *clopper_pearson(wrong, count)))
    return points


def _judged(one: Scored) -> bool:
    return one.right is not None or bool(one.result.answer and one.result.answer["abstained"])


def _wrong(one: Scored) -> bool:
    return one.confidence is not None and (not one.right or one.values.get("triad.groundedness", 0.0) < 1.0)


def _at(scored: Sequence[Scored], threshold: float) -> tuple[int, int]:
    outcomes = outcomes_of(scored)
    given = outcomes.given(threshold)
    return int(given.sum()), int(outcomes.wrong[given].sum())
