"""The figures of a run in plain sentences, for a terminal and for the head of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.evaluate.compare import Comparison
from rag.evaluate.measures import MEASURES

__all__ = ["change", "percent", "sentences_of", "verdict"]

_NAMED = 3
_LANGUAGES = {"pt": "Portuguese", "en": "English"}


def percent(value: float) -> str:
    """``93 %``; one decimal below 10 % that is not whole."""
    share = 100 * value
    return f"{share:.1f} %" if 0 < share < 10 and abs(share - round(share)) >= 0.05 else f"{share:.0f} %"


def sentences_of(summary: Mapping[str, Any]) -> list[str]:
    """What a person asks of a run, one sentence each, those that its labels can answer."""
    metrics, data = summary["metrics"], summary["dataset"]
    said = []
    if "passage.recall@5" in metrics:
        said.append(
            f"The expected passage is among the first five hits {_of(metrics['passage.recall@5'])} of the time."
        )
    if "answer.correct" in metrics:
        said.append(f"Of the {data['answerable']} questions with an answer, {_of(metrics['answer.correct'])} got it.")
    if "answer.risk" in metrics:
        found = metrics["answer.risk"]
        said.append(f"Of the {found['n']} answers given that could be checked, {_of(found)} were wrong.")
    if "abstention.recall" in metrics:
        found = metrics["abstention.recall"]
        said.append(f"Of the {found['n']} questions that nothing answers, {_of(found)} were declined.")
    if "abstention.false" in metrics:
        said.append(f"It declined {_of(metrics['abstention.false'])} of the questions it should have answered.")
    if "triad.groundedness" in metrics:
        said.append(f"{_of(metrics['triad.groundedness'])} of what it claims is backed by a span of the documents.")
    if "answer.correct" not in metrics and "answer.coverage" in metrics:
        said.append(f"It gave an answer to {_of(metrics['answer.coverage'])} of the {data['questions']} questions.")
    said += _languages(summary)
    if summary["unresolved"]:
        said.append(_unresolved(summary["unresolved"]))
    return said


def change(row: Comparison) -> str:
    """One metric's change in a sentence: what it was, what it is, and whether chance explains it."""
    alike = "no difference beyond chance" if row.difference.value else "the same"
    told = f"{_way(row)}, beyond chance" if row.significant else alike
    return f"{row.metric}: {row.before:.3f} → {row.after:.3f}, {told} (p = {row.p:.3f})"


def verdict(comparisons: Sequence[Comparison]) -> str:
    """Whether a run is better than another, in one sentence."""
    ways = [_way(row) for row in comparisons if row.significant]
    if not ways:
        return "Against the other run, nothing differs beyond chance."
    counted = ", ".join(f"{ways.count(way)} {way}" for way in ("better", "worse", "changed") if way in ways)
    return f"Against the other run, of {len(comparisons)} figures beyond chance: {counted}."


def _way(row: Comparison) -> str:
    better = MEASURES[row.metric].better
    return (
        "changed"
        if better == "neither"
        else "better"
        if (row.difference.value > 0) == (better == "higher")
        else "worse"
    )


def _of(found: Mapping[str, float]) -> str:
    return f"{percent(found['value'])} ({percent(found['low'])} to {percent(found['high'])})"


def _unresolved(missing: Mapping[str, Sequence[str]]) -> str:
    """``missing``: by the question's id, the sources of evidence that the index does not hold."""
    questions = "1 question names" if len(missing) == 1 else f"{len(missing)} questions name"
    named = [f"{name} ({', '.join(dict.fromkeys(sources))})" for name, sources in list(missing.items())[:_NAMED]]
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return (
        f"The index does not hold what {questions} as evidence: {', '.join(named)}{more}. "
        f"Name sources by the paths that `lastro status` shows, and copy the text as it stands there."
    )


def _languages(summary: Mapping[str, Any]) -> Sequence[str]:
    """A sentence where the languages' intervals of right answers do not meet."""
    by_language = {
        language: figures["answer.correct"]
        for language, figures in summary["by_language"].items()
        if "answer.correct" in figures
    }
    if len(by_language) != 2:
        return []
    (first, one), (second, other) = sorted(by_language.items(), key=lambda item: -item[1]["value"])
    if one["low"] <= other["high"]:
        return []
    return [f"It answers {_LANGUAGES[first]} better than {_LANGUAGES[second]}: {_of(one)} right against {_of(other)}."]
