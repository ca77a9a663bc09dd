"""All questions' values → the figures of a run with their intervals, the same to the last digit for the same results.

Times are no part of it: they go beside it, in ``latency.json``, since no two runs take the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import rag
from rag.errors import InputError
from rag.evaluate.abstention import area_under, risk_coverage
from rag.evaluate.compare import Comparison, compare
from rag.evaluate.dataset import Dataset
from rag.evaluate.intervals import Estimate, Sample, bootstrap, mean
from rag.evaluate.measures import MEASURES
from rag.evaluate.run import Configuration
from rag.evaluate.score import OUTCOMES, Scored
from rag.evaluate.verdicts import calibration_error, reliability

__all__ = ["STAGES", "against", "changes", "estimates", "latencies", "read_summary", "summarise"]

STAGES = ("embed", "dense", "sparse", "fuse", "rerank", "prompt", "first_token", "generate", "verify", "total")


def summarise(dataset: Dataset, config: Configuration, scored: Sequence[Scored], grader: str) -> dict[str, Any]:
    """The object of ``summary.json``; ``grader`` says in words who graded."""
    languages = sorted({one.question.language for one in scored})
    outcomes = Counter(one.outcome for one in scored)
    return {
        "version": rag.__version__,
        "dataset": {
            "name": dataset.name,
            "digest": dataset.digest,
            "questions": len(dataset.questions),
            "answerable": sum(q.unanswerable is False for q in dataset.questions),
            "unanswerable": sum(q.unanswerable is True for q in dataset.questions),
            "unlabelled": sum(q.unanswerable is None for q in dataset.questions),
        },
        "configuration": asdict(config) | {"digest": config.digest},
        "grader": grader,
        "metrics": _figures(scored),
        "by_language": {
            language: _figures([one for one in scored if one.question.language == language]) for language in languages
        },
        "outcomes": {name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        "unresolved": {one.question.id: list(one.unresolved) for one in scored if one.unresolved},
        "questions": [_row(one) for one in scored],
    }


def estimates(scored: Sequence[Scored]) -> dict[str, Estimate]:
    """Every measure that some question allows, in the order of ``MEASURES``."""
    found: dict[str, Estimate | None] = {}
    for name in MEASURES:
        found[name] = mean([one.values[name] for one in scored if name in one.values])
    judged = [(one.confidence, one.right) for one in scored if one.right is not None and one.confidence is not None]
    confidence, right = np.array(judged, np.float64).reshape(-1, 2).T
    found["abstention.aurc"] = _of_judged(
        len(judged), lambda some: area_under(risk_coverage(confidence[some], right[some] == 0, len(scored)))
    )
    found["abstention.ece"] = _of_judged(
        len(judged), lambda some: calibration_error(reliability(confidence[some], right[some] == 1))
    )
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def against(summary: Mapping[str, Any], other: Mapping[str, Any]) -> list[Comparison]:
    """``summary`` against an earlier run, over the questions that both have (the same id and the same words).

    Raises InputError when they share none.
    """
    before, after = _values(other), _values(summary)
    shared = [key for key in after if key in before]
    if not shared:
        raise InputError(
            "--against: the two runs have no question in common.",
            subject="--against",
            hint="Name the --out folder of a run over the same data set.",
        )
    pairs = {
        name: [(before[key][name], after[key][name]) for key in shared if name in before[key] and name in after[key]]
        for name in MEASURES
    }
    return compare(pairs, lower=[name for name, measure in MEASURES.items() if measure.better == "lower"])


def changes(summary: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, dict[str, tuple[float, float]]]:
    """By question, then by metric: (before, after) where they differ."""
    before, after = _values(other), _values(summary)
    found = {
        key[0]: {
            name: (before[key][name], value)
            for name, value in values.items()
            if name in before[key] and before[key][name] != value
        }
        for key, values in after.items()
        if key in before
    }
    return {question: moved for question, moved in found.items() if moved}


def _values(summary: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, float]]:
    return {(row["id"], row["question"]): row["values"] for row in summary["questions"]}


def latencies(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Milliseconds by stage, 50th and 95th percentile over the questions answered."""
    timings = [one.result.answer["timings_ms"] for one in scored if one.result.answer is not None]
    if not timings:
        return {}
    return {
        stage: {
            "p50": float(np.percentile([timing[stage] for timing in timings], 50)),
            "p95": float(np.percentile([timing[stage] for timing in timings], 95)),
        }
        for stage in STAGES
    }


def read_summary(folder: Path) -> dict[str, Any]:
    """The ``summary.json`` of an earlier run. Raises InputError when the folder holds none."""
    path = folder / "summary.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        _ = found["questions"], found["metrics"], found["configuration"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder} holds no finished evaluation.",
            subject=str(path),
            hint="Name the --out folder of an earlier run.",
        ) from error
    summary: dict[str, Any] = found
    return summary


def _figures(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    return {name: asdict(estimate) for name, estimate in estimates(scored).items()}


def _row(one: Scored) -> dict[str, Any]:
    return {
        "id": one.question.id,
        "question": one.question.question,
        "language": one.question.language,
        "outcome": one.outcome,
        "right": one.right,
        "confidence": one.confidence,
        "values": {name: one.values[name] for name in MEASURES if name in one.values},
    }


def _of_judged(judged: int, statistic: Callable[[Sample], float | None]) -> Estimate | None:
    value = statistic(np.arange(judged))
    return None if value is None else Estimate(value, *bootstrap(statistic, judged), judged)
