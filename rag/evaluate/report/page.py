"""The report: figures in plain sentences, plots, what went wrong, every question; one file, no host, light or dark."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from rag.evaluate.compare import Comparison
from rag.evaluate.measures import FAMILIES, HEADLINES, MEASURES
from rag.evaluate.report.charts import charts
from rag.evaluate.report.plots import interval
from rag.evaluate.report.questions import KINDS, question_list
from rag.evaluate.score import OUTCOMES, Scored
from rag.evaluate.sweep import Sweep
from rag.evaluate.words import change, percent, sentences_of, verdict

__all__ = ["Story", "page"]

_HEADLINES = dict(
    zip(
        HEADLINES,
        ("expected passages found", "questions answered right", "of its answers wrong", "of the unanswerable declined"),
        strict=True,
    )
)
_LANGUAGES = {"pt": "Portuguese", "en": "English"}


@dataclass(frozen=True, slots=True)
class Story:
    """What the page tells of. ``before`` is the summary of the run that ``comparisons`` are against, None without."""

    summary: Mapping[str, Any]
    scored: Sequence[Scored]
    latency: Mapping[str, Mapping[str, float]]
    comparisons: Sequence[Comparison] = ()
    before: Mapping[str, Any] | None = None
    swept: Sweep | None = None


def page(story: Story) -> str:
    """The page as text. The same run gives the same page, but for the times in its chart of latency."""
    summary = story.summary
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in _told(story))
    sections = [_section("In plain words", f'<ul class="words">{said}</ul>' + _outcomes(summary["outcomes"]))]
    if story.before is not None:
        sections.append(_section("Against the other run", _against(story)))
    drawn = charts(story.scored, story.latency, story.swept)
    if drawn:
        sections.append(_section("Plots", f'<div class="plots">{"".join(drawn)}</div>'))
    sections.append(_section("Questions", question_list(story.scored)))
    sections.append(_section("All figures", _figures(summary)))
    sections.append(_section("What was evaluated", _configuration(summary)))
    looks, script = (
        files("rag.evaluate.report").joinpath(f"report.{kind}").read_text("utf-8") for kind in ("css", "js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _PAGE.format(
        css=looks,
        script=script,
        digest=digest,
        name=escape(summary["dataset"]["name"]),
        note=escape(_note(summary)),
        headlines=_headlines(summary["metrics"]),
        sections="".join(sections),
        version=escape(summary["version"]),
        digest_run=escape(summary["configuration"]["digest"]),
    )


def _told(story: Story) -> list[str]:
    """The run's figures, how long answers took, and what another run changes, a sentence each."""
    said = sentences_of(story.summary)
    if story.latency:
        half, most = (story.latency["total"][at] / 1000 for at in ("p50", "p95"))
        said.append(f"Half of the questions took {half:.1f} s or less, 19 of 20 at most {most:.1f} s.")
    return said + ([verdict(story.comparisons)] if story.before is not None else [])


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>\n"


def _note(summary: Mapping[str, Any]) -> str:
    data, index = summary["dataset"], summary["configuration"]["index"]
    kinds = [f"{data[kind]} {kind}" for kind in ("answerable", "unanswerable", "unlabelled") if data[kind]]
    return f"{data['questions']} questions: {', '.join(kinds)}. Index generation {index['generation']}."


def _headlines(metrics: Mapping[str, Mapping[str, float]]) -> str:
    shown = [(name, said) for name, said in _HEADLINES.items() if name in metrics]
    if len(shown) < 2:
        rest = ("answer.coverage", "triad.context_relevance", "triad.groundedness", "triad.answer_relevance")
        family = rest if "answer.coverage" in metrics else ("passage.recall@1", "passage.recall@5", "passage.recall@10")
        shown = [(name, name.split(".")[1].replace("_", " ")) for name in family if name in metrics]
    cells = []
    for name, said in shown:
        found = metrics[name]
        reach = f"{percent(found['low'])} – {percent(found['high'])}"
        cells.append(f"<div><dt>{said}<small>{reach}</small></dt><dd>{percent(found['value'])}</dd></div>")
    return "".join(cells)


def _outcomes(outcomes: Mapping[str, int]) -> str:
    """A bar whose parts are as long as the outcomes are frequent, and what each means; each shows its questions."""
    parts = "".join(
        f'<span class="{KINDS[name]}" style="flex-grow:{count}" title="{name}: {count}"></span>'
        for name, count in outcomes.items()
        if name in KINDS
    )
    legend = "".join(
        f'<li><button type="button" data-pick="{name}"><i class="{KINDS[name]}"></i><b>{outcomes[name]}</b> {name}'
        f"<small>{OUTCOMES[name]}</small></button></li>"
        for name in OUTCOMES
        if name in outcomes
    )
    return f'<div class="bar">{parts}</div><ul class="outcomes">{legend}</ul>'


def _against(story: Story) -> str:
    assert story.before is not None
    differs = _differences(story.before, story.summary)
    told = [change(row) for row in story.comparisons if row.significant]
    said = told or ["No metric differs beyond chance."]
    rows = "".join(
        f'<tr class="{_direction(row)}"><th scope="row">{row.metric}</th>'
        f"<td>{row.before:.3f}</td><td>{row.after:.3f}</td>"
        f"<td>{row.difference.value:+.3f}</td><td>{row.difference.low:+.3f} – {row.difference.high:+.3f}</td>"
        f"<td>{row.p:.3f}</td><td>{row.wins}</td><td>{row.losses}</td><td>{row.difference.n}</td></tr>"
        for row in story.comparisons
        if row.wins or row.losses
    )
    heads = ("metric", "before", "after", "change", "95 %", "p", "wins", "losses", "questions")
    table = (
        f'<p class="note">{_PAIRED}</p><div class="wide"><table>'
        f"<thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        if rows
        else ""
    )
    return (
        f'<p class="note">{escape(differs)}</p>'
        f'<ul class="words">{"".join(f"<li>{escape(one)}</li>" for one in said)}</ul>{table}{_moved(story)}'
    )


_PAIRED = (
    "Each metric is compared over the questions for which both runs have it, so that it may differ from the runs' own "
    "figures: how often an answer is wrong, over what both answered."
)


def _direction(row: Comparison) -> str:
    """The colour of a change: only one beyond chance has any."""
    better = MEASURES[row.metric].better
    if not row.significant or better == "neither":
        return ""
    return "good" if (row.difference.value > 0) == (better == "higher") else "bad"


_ALIKE = "Both runs have the same questions, labels, index, settings, models and grader."
_OF_THE_RUN: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "questions or labels": lambda summary: summary["dataset"]["digest"],
    "grader": lambda summary: summary["grader"],
    "version of Lastro": lambda summary: summary["version"],
}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What besides the answers differs between two runs, in words: settings, models, index, labels, grader."""
    found = [f"the {name}" for name, of in _OF_THE_RUN.items() if of(before) != of(after)]
    before, after = before["configuration"], after["configuration"]
    for part in ("index", "models"):
        for name in sorted({*before[part], *after[part]}):
            if before[part].get(name) != after[part].get(name):
                found.append(f"{part} {name}: {before[part].get(name)} → {after[part].get(name)}")
    for section in sorted({*before["settings"], *after["settings"]}):
        old, new = before["settings"].get(section, {}), after["settings"].get(section, {})
        found += [
            f"{section}.{name}: {old.get(name)} → {new.get(name)}"
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    return "What differs: " + "; ".join(found) + "." if found else _ALIKE


def _moved(story: Story) -> str:
    """The questions whose outcome is another than before."""
    assert story.before is not None
    earlier = {(row["id"], row["question"]): row["outcome"] for row in story.before["questions"]}
    rows = []
    for one in story.scored:
        was = earlier.get((one.question.id, one.question.question))
        if was is not None and was != one.outcome:
            rows.append(
                f'<li><span class="chip {KINDS.get(was, "soft")}">{escape(was)}</span> → '
                f'<span class="chip {KINDS[one.outcome]}">{one.outcome}</span> '
                f'<span dir="auto">{escape(one.question.question)}</span></li>'
            )
    return f'<h3>Questions that went another way</h3><ul class="moved">{"".join(rows)}</ul>' if rows else ""


def _figures(summary: Mapping[str, Any]) -> str:
    languages = list(summary["by_language"])
    heads = "".join(f'<th class="number">{_LANGUAGES.get(language, language)}</th>' for language in languages)
    bodies = []
    for family, title in FAMILIES.items():
        names = [name for name in MEASURES if name.startswith(family + ".") and name in summary["metrics"]]
        rows = "".join(_figure_row(name, summary, languages) for name in names)
        if rows:
            bodies.append(
                f'<tbody><tr class="family"><th colspan="{5 + len(languages)}">{title}</th></tr>{rows}</tbody>'
            )
    return (
        '<div class="wide"><table class="figures"><thead><tr><th></th><th class="number">all</th><th></th>'
        f'<th class="number">95 %</th>{heads}<th class="number">n</th></tr></thead>{"".join(bodies)}</table></div>'
    )


def _figure_row(name: str, summary: Mapping[str, Any], languages: Sequence[str]) -> str:
    found = summary["metrics"][name]
    parts = (summary["by_language"][language].get(name) for language in languages)
    by_language = "".join("<td>–</td>" if part is None else f"<td>{part['value']:.3f}</td>" for part in parts)
    return (
        f'<tr><th scope="row">{name.split(".", 1)[1].replace("_", " ")}<small>{MEASURES[name].tells}</small></th>'
        f"<td>{found['value']:.3f}</td><td>{interval(found['value'], found['low'], found['high'])}</td>"
        f'<td class="soft">{found["low"]:.3f} – {found["high"]:.3f}</td>{by_language}'
        f'<td class="soft">{found["n"]}</td></tr>'
    )


def _configuration(summary: Mapping[str, Any]) -> str:
    config = summary["configuration"]
    rows = [("index", config["index"]), ("models", config["models"]), *config["settings"].items()]
    listed = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>"
        + " ".join(f"<code>{escape(str(key))} {escape(str(value))}</code>" for key, value in part.items())
        + "</td></tr>"
        for name, part in rows
    )
    return f'<table class="configuration">{listed}</table><p class="note">{escape(summary["grader"])}</p>'


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'">
<title>Evaluation on {name}</title>
<style>{css}</style>
</head>
<body>
<header>
<p class="eyebrow">Lastro evaluation</p>
<h1>{name}</h1>
<p class="note">{note}</p>
<dl>{headlines}</dl>
</header>
<main>
{sections}</main>
<footer>Run {digest_run}. Lastro {version}. Intervals are of 95 %: by bootstrap over questions,
exact where all are alike.</footer>
<script>{script}</script>
</body>
</html>
"""
