"""``lastro calibrate``: bound the share of wrong answers among those given, and say what it costs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.errors import UsageError
from rag.terminal import print_json

if TYPE_CHECKING:
    from rag.calibration import Calibration
    from rag.evaluate.calibrate import Fit, Point

__all__ = ["calibrate"]

_NOT_BOUNDED = 3
_LANGUAGES = {"pt": "in Portuguese", "en": "in English", "both": "in both languages together"}


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--dataset", type=click.Path(path_type=Path), help="Questions with accepted answers, JSON Lines.")
@click.option("--risk", type=click.FloatRange(0.001, 0.5), default=0.05, show_default=True, help="Most to be wrong.")
@click.option("--certainty", type=click.FloatRange(0.5, 0.999), default=0.9, show_default=True, help="Of the bound.")
@click.option("--by-language", is_flag=True, help="Promise it of Portuguese and of English, each alone.")
@click.option("--extractive", is_flag=True, help="Calibrate answers in the documents' own words.")
@click.option("--out", type=click.Path(path_type=Path), help="Where answers are kept.  [default: INDEX/calibration]")
@click.option("--show", is_flag=True, help="What the index is calibrated to, and whether that still holds.")
@click.option("--clear", is_flag=True, help="Forget it: every answer is given again as before.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def calibrate(
    index_dir: Path,
    dataset: Path | None,
    risk: float,
    certainty: float,
    by_language: bool,
    extractive: bool,
    out: Path | None,
    show: bool,
    clear: bool,
    as_json: bool,
) -> int:
    """Fit how sure an answer must be, so that at most --risk of the answers given are wrong or not backed.

    The threshold is written into the index and held to from then on. It promises the bound with --certainty for
    questions like those of --dataset, about the same documents, with the same models and settings.

    \b
    lastro calibrate --risk 0.1 --dataset questions.jsonl --index docs.lastro
    """
    from rag.calibration import read_calibration, write_calibration
    from rag.config import load_settings
    from rag.evaluate.calibrate import curve, fit, outcomes_of
    from rag.evaluate.cli import live_progress
    from rag.evaluate.dataset import read_dataset
    from rag.evaluate.evaluation import score_all
    from rag.evaluate.run import answer_all, configuration
    from rag.facade import Lastro

    if clear:
        (index_dir / "calibration.json").unlink(missing_ok=True)
        return 0
    # The thresholds in force are no part of what is calibrated: every answer is looked at, however unsure.
    sections: dict[str, Any] = {"verify": {"confidence": {}}} | (
        {"models": {"generator": "none"}} if extractive else {}
    )
    app = Lastro.open(index_dir, load_settings(**sections))
    if show:
        found = read_calibration(index_dir)
        _tell(found, found is not None and configuration(app).digest == found.configuration)
        return 0
    if dataset is None:
        raise UsageError("--dataset is missing.", subject="--dataset", hint="Name the questions to calibrate with.")
    questions = read_dataset(dataset)
    with live_progress() as progress:
        config, results = answer_all(app, questions, out or index_dir / "calibration", progress=progress)
    scored = score_all(app, questions, results)
    done = fit(scored, questions, config, risk=risk, certainty=certainty, by_language=by_language)
    points = curve(outcomes_of(scored))
    if done.calibration is not None:
        write_calibration(index_dir, done.calibration)
    if as_json:
        print_json(
            {
                "calibration": None if done.calibration is None else asdict(done.calibration),
                "tested": {name: asdict(tested) for name, tested in done.tested.items()},
                "curve": [asdict(point) for point in points],
            }
        )
    else:
        _show(done, points, risk, certainty)
    return 0 if done.calibration is not None else _NOT_BOUNDED


def _tell(found: Calibration | None, holds: bool) -> None:
    if found is None:
        click.echo("This index is not calibrated.")
        return
    thresholds = ", ".join(f"{least:.3f} {_LANGUAGES[language]}" for language, least in found.confidence.items())
    click.echo(
        f"At most {100 * found.risk:g} % of the answers given are wrong, with {100 * found.certainty:g} % certainty, "
        f"from a confidence of {thresholds} on ({found.dataset}, {found.given} of {found.tested} answered)."
    )
    if holds:
        click.echo("Contents, settings and models are those it was calibrated with.")
    else:
        click.echo("Contents, settings or models have changed since: the promise no longer holds. Calibrate again.")


def _show(done: Fit, points: list[Point], risk: float, certainty: float) -> None:
    from rag.evaluate.risk_control import fewest_answers

    for name, tested in done.tested.items():
        if tested.threshold is None:
            click.echo(
                f"No threshold keeps to {100 * risk:g} % wrong {_LANGUAGES[name]} with {100 * certainty:g} % certainty "
                f"(smallest p {tested.p:.3f}). It takes at least {fewest_answers(risk, 1 - certainty)} answers without "
                f"a wrong one among {tested.tested} tested: ask more questions, or allow more risk."
            )
            continue
        click.echo(
            f"From a confidence of {tested.threshold:.3f} on, at most {100 * risk:g} % of the answers given "
            f"{_LANGUAGES[name]} are wrong, with {100 * certainty:g} % certainty. {100 * tested.coverage:.0f} % of the "
            f"questions are answered: {tested.given} of {tested.tested} tested, {tested.wrong} of them wrong."
        )
    if done.calibration is not None and not done.calibration.by_language:
        for language, (given, wrong) in done.languages.items():
            click.echo(f"  {_LANGUAGES[language]} alone {wrong} of {given} were wrong; of it alone nothing is promised")
    click.echo("\nconfidence  answered  wrong")
    for point in points:
        bar = "▇" * round(40 * point.risk)
        click.echo(
            f"  ≥ {point.confidence:.3f}    {100 * point.coverage:4.0f} %  {100 * point.risk:4.1f} % "
            f"[{100 * point.low:.1f}, {100 * point.high:.1f}]  {bar}"
        )
    if done.calibration is None:
        click.echo("\nNothing was written.")
