"""One evaluation from a data set to its files: results, summary, latency, JUnit XML and the report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.durable import put
from rag.errors import FolderError
from rag.evaluate.compare import Comparison
from rag.evaluate.dataset import Dataset
from rag.evaluate.junit import Requirement, junit_xml
from rag.evaluate.locate import Library
from rag.evaluate.report.page import Story, page
from rag.evaluate.run import Configuration, Progress, Result, answer_all
from rag.evaluate.score import Scored, score
from rag.evaluate.summary import against, changes, latencies, read_summary, summarise
from rag.evaluate.sweep import Sweep, sweep_alpha
from rag.evaluate.triad import Grader, grade, told
from rag.facade import Lastro

__all__ = ["Evaluation", "evaluate", "score_all"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished run: ``summary`` and ``latency`` are what the files hold; ``comparisons`` is empty without
    ``against``; ``failures`` are the requirements that were not met, in words."""

    config: Configuration
    scored: tuple[Scored, ...]
    summary: Mapping[str, Any]
    latency: Mapping[str, Mapping[str, float]]
    comparisons: tuple[Comparison, ...]
    failures: tuple[str, ...]


def evaluate(
    app: Lastro,
    dataset: Dataset,
    out: Path,
    *,
    answers: bool = True,
    fresh: bool = False,
    other: Path | None = None,
    requirements: Sequence[Requirement] = (),
    grader: Grader | None = None,
    alphas: bool = True,
    progress: Progress = lambda done, of, question: None,
) -> Evaluation:
    """Ask, score and write everything to ``out``; ``other`` is the folder of a run to compare with.

    ``answers`` False evaluates retrieval alone; ``alphas`` False leaves out the plot of recall by alpha, for which
    every question is searched for eleven times. Raises InputError, FolderError, and what answering raises.
    """
    before = read_summary(other) if other is not None else None
    config, results = answer_all(app, dataset, out, answers=answers, fresh=fresh, progress=progress)
    scored = grade(score_all(app, dataset, results), app, grader)
    summary = summarise(dataset, config, scored, told(grader))
    comparisons = tuple(against(summary, before)) if before is not None else ()
    missed = [requirement.failure(summary["metrics"]) for requirement in requirements]
    done = Evaluation(
        config, scored, summary, latencies(scored), comparisons, tuple(words for words in missed if words is not None)
    )
    swept = sweep_alpha(app, dataset) if alphas and any("passage.mrr" in one.values for one in scored) else None
    _write(out, done, before, requirements, swept)
    return done


def score_all(app: Lastro, dataset: Dataset, results: Mapping[str, Result]) -> tuple[Scored, ...]:
    """Every question's values, against the documents as the index holds them."""
    with app.index.pin() as snapshot:
        library = Library(snapshot)
        k = app.settings.search.k
        return tuple(score(question, results[question.id], library, k) for question in dataset.questions)


def _write(
    out: Path,
    done: Evaluation,
    before: Mapping[str, Any] | None,
    requirements: Sequence[Requirement],
    swept: Sweep | None,
) -> None:
    files = {
        "summary.json": json.dumps(done.summary, ensure_ascii=False, indent=1) + "\n",
        "latency.json": json.dumps(done.latency, indent=1) + "\n",
        "junit.xml": junit_xml(done.summary, requirements),
        "report.html": page(Story(done.summary, done.scored, done.latency, done.comparisons, before, swept)),
    }
    if before is not None:
        compared = {
            "against": before["configuration"]["digest"],
            "metrics": [asdict(row) | {"significant": row.significant} for row in done.comparisons],
            "questions": changes(done.summary, before),
        }
        files["comparison.json"] = json.dumps(compared, ensure_ascii=False, indent=1) + "\n"
    for name, text in files.items():
        temporary = out / f".{name}.part"
        try:
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
            put(temporary, out / name)
        except OSError as error:
            raise FolderError(
                f"--out: {out / name} cannot be written ({error.strerror}).",
                subject="--out",
                hint="The answers stay: the same command writes it once it can.",
            ) from error
    if before is None:  # what an earlier run into this folder was compared with
        (out / "comparison.json").unlink(missing_ok=True)
