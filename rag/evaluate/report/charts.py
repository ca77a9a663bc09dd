"""The five plots of a report, each from the run's own values: what a figure alone does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.evaluate.abstention import RiskCoverage, risk_coverage
from rag.evaluate.intervals import RESAMPLES, clopper_pearson
from rag.evaluate.report.plots import Frame, bars, figure, histogram, legend
from rag.evaluate.score import Scored
from rag.evaluate.summary import STAGES
from rag.evaluate.sweep import Sweep
from rag.evaluate.verdicts import reliability
from rag.evaluate.words import percent

__all__ = ["charts"]

_SHARES = [(0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")]


def charts(scored: Sequence[Scored], latency: Mapping[str, Mapping[str, float]], swept: Sweep | None) -> list[str]:
    """The plots that the run has values for."""
    judged = [one for one in scored if one.right is not None and one.confidence is not None]
    drawn = []
    if judged:
        drawn.append(_risk_coverage(judged, len(scored)))
    if swept is not None:
        drawn.append(_recall_by_alpha(swept))
    if judged:
        drawn += [_distribution(judged), _reliability(judged)]
    if latency:
        drawn.append(_latency(latency))
    return drawn


def _risk_coverage(judged: Sequence[Scored], questions: int) -> str:
    confidence = np.array([one.confidence for one in judged], np.float64)
    wrong = np.array([not one.right for one in judged])
    curve = risk_coverage(confidence.tolist(), wrong.tolist(), questions)
    low, high = _band(confidence, wrong, curve, questions)
    top = min(1.0, max(0.1, float(max(high)) * 1.1))
    step = 0.05 if top <= 0.25 else 0.1 if top <= 0.6 else 0.25
    ticks = [(value, f"{100 * value:.0f} %") for value in np.arange(0, top + 1e-9, step).tolist()]
    frame = Frame((0, 1), (0, top), "coverage: share of the questions answered", "risk", _SHARES, ticks)
    points = list(zip(curve.coverage.tolist(), curve.risk.tolist(), strict=True))
    told = [
        f"confidence ≥ {t:.2f}: {percent(c)} answered, {percent(r)} of them wrong"
        for t, c, r in zip(curve.threshold.tolist(), curve.coverage.tolist(), curve.risk.tolist(), strict=True)
    ]
    xs = curve.coverage.tolist()
    band = frame.band(list(zip(xs, low, strict=True)), list(zip(xs, high, strict=True)), "main")
    plot = frame.draw("Risk by coverage", [band, frame.line(points, "main"), frame.dots(points, "main", told)])
    return figure(
        "Risk–coverage",
        plot,
        "Answering only what it is surest of: the share of answers given that are wrong, and its 95 % band.",
    )


def _band(
    confidence: np.ndarray, wrong: np.ndarray, curve: RiskCoverage, questions: int
) -> tuple[list[float], list[float]]:
    """The 2.5th and 97.5th percentile of the risk at each coverage of ``curve``, over resamples of the answers."""
    generator = np.random.default_rng(0)
    at = np.maximum(1, np.rint(curve.coverage * questions).astype(int)) - 1
    rows = []
    for _ in range(RESAMPLES // 4):
        drawn = generator.integers(0, len(wrong), len(wrong))
        order = drawn[np.argsort(-confidence[drawn], kind="stable")]
        rows.append((np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1))[at])
    low, high = np.percentile(np.array(rows), [2.5, 97.5], axis=0)
    return low.tolist(), high.tolist()


def _recall_by_alpha(swept: Sweep) -> str:
    kinds = dict(zip(sorted(swept.recall), ("soft", "second", "main"), strict=False))
    lines = {k: swept.recall[k].mean(1) for k in kinds}
    floor = float(min(line.min() for line in lines.values()))
    low = max(0.0, np.floor(10 * floor - 0.5) / 10)
    step = 0.1 if 1 - low <= 0.6 else 0.25
    ticks = [(value, f"{100 * value:.0f} %") for value in np.arange(low, 1 + 1e-9, step).tolist()]
    frame = Frame(
        (0, 1),
        (low, 1),
        "alpha: sparse only ← → dense only",
        "recall",
        [(a, f"{a:g}") for a in (0, 0.25, 0.5, 0.75, 1)],
        ticks,
    )
    marks = []
    for k, kind in kinds.items():
        points = list(zip(swept.values, lines[k].tolist(), strict=True))
        told = [f"recall@{k} {percent(value)} at alpha {alpha:g}" for alpha, value in points]
        marks += [frame.line(points, kind), frame.dots(points, kind, told)]
    named = legend([(kind, f"recall@{k}") for k, kind in kinds.items()])
    return figure(
        "Recall by alpha",
        frame.draw("Recall at several cuts by alpha", marks) + named,
        f"The two legs and their fusion over {len(swept.ids)} questions, before reranking.",
    )


def _distribution(judged: Sequence[Scored]) -> str:
    groups = [
        ("good", "right", [one.confidence or 0.0 for one in judged if one.right]),
        ("bad", "wrong", [one.confidence or 0.0 for one in judged if not one.right]),
    ]
    plot = histogram(groups, 20, "confidence") + legend([("good", "right"), ("bad", "wrong")])
    return figure("Confidence of right and wrong answers", plot, "The further apart, the more a threshold can do.")


def _reliability(judged: Sequence[Scored]) -> str:
    found = reliability([one.confidence or 0.0 for one in judged], [bool(one.right) for one in judged], bins=5)
    frame = Frame((0, 1), (0, 1), "confidence", "share that is right", _SHARES, _SHARES)
    points = [(part.score, part.right) for part in found]
    told = [f"{part.count} answers of confidence {part.score:.2f}: {percent(part.right)} right" for part in found]
    reach = [clopper_pearson(round(part.right * part.count), part.count) for part in found]
    whiskers = [
        frame.line([(part.score, low), (part.score, high)], "reach")
        for part, (low, high) in zip(found, reach, strict=True)
    ]
    marks = [
        frame.line([(0, 0), (1, 1)], "ideal"),
        *whiskers,
        frame.line(points, "main"),
        frame.dots(points, "main", told),
    ]
    return figure(
        "Reliability",
        frame.draw("Share right by confidence", marks),
        "On the diagonal, confidence is the share that is right; above it, it is modest. Upright: 95 % intervals.",
    )


def _latency(latency: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (stage.replace("_", " "), latency[stage]["p50"], latency[stage]["p95"])
        for stage in STAGES
        if latency[stage]["p95"] > 0
    ]
    return figure(
        "Latency by stage",
        bars(rows, "ms"),
        "The median, with a line to the 95th percentile. Times are kept apart, in latency.json.",
    )
