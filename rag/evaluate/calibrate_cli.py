"""``lastro calibrate``: bound the share of wrong answers among those given, and say what it costs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.errors import UsageError
from rag.terminal import print_json

if TYPE_CHECKING:
    from rag.evaluate.calibrate import Fit, Point
    from rag.facade import Lastro

__all__ = ["calibrate"]

_NOT_BOUNDED = 3
_STANDING = {
    "yes": "Contents, settings and models are those it was calibrated with.",
    "extractive": (
        "Contents, settings and models are those it was calibrated with, with --extractive: "
        "it holds of such answers, not of those that the decoder writes."
    ),
    "no": "Contents, settings or models have changed since: the promise no longer holds. Calibrate again.",
}
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
    if clear or show:
        from rag.index import Index

        Index.open(index_dir)  # a folder without an index is an error here as elsewhere
    if clear:
        (index_dir / "calibration.json").unlink(missing_ok=True)
        return 0
    if show:
        _tell(index_dir, extractive, as_json)
        return 0
    if dataset is None:
        raise UsageError("--dataset is missing.", subject="--dataset", hint="Name the questions to calibrate with.")
    done, points = _fit(index_dir, dataset, out, extractive, risk=risk, certainty=certainty, by_language=by_language)
    if as_json:
        found = None if done.calibration is None else asdict(done.calibration)
        tested = {name: asdict(one) for name, one in done.tested.items()}
        print_json({"calibration": found, "tested": tested, "curve": [asdict(point) for point in points]})
    else:
        _show(done, points, risk, certainty)
    return 0 if done.calibration is not None else _NOT_BOUNDED


def _opened(index_dir: Path, extractive: bool) -> Lastro:
    """The thresholds in force are no part of what is calibrated: every answer is looked at, however unsure."""
    from rag.config import load_settings
    from rag.facade import Lastro

    sections: dict[str, Any] = {"verify": {"confidence": {}}}
    return Lastro.open(index_dir, load_settings(**sections | ({"models": {"generator": "none"}} if extractive else {})))


def _fit(index_dir: Path, dataset: Path, out: Path | None, extractive: bool, **bound: Any) -> tuple[Fit, list[Point]]:
    """Ask the questions, fit, and write what could be bounded into the index."""
    from rag.calibration import write_calibration
    from rag.evaluate.calibrate import curve, fit, outcomes_of
    from rag.evaluate.cli import live_progress
    from rag.evaluate.dataset import read_dataset
    from rag.evaluate.evaluation import score_all
    from rag.evaluate.run import answer_all

    questions = read_dataset(dataset)
    app = _opened(index_dir, extractive)
    with live_progress() as progress:
        config, results = answer_all(app, questions, out or index_dir / "calibration", progress=progress)
    scored = score_all(app, questions, results)
    done = fit(scored, questions, config, **bound)
    if done.calibration is not None:
        write_calibration(index_dir, done.calibration)
    return done, curve(outcomes_of(scored))


def _tell(index_dir: Path, extractive: bool, as_json: bool) -> None:
    from rag.calibration import read_calibration

    found = read_calibration(index_dir)
    standing = None if found is None else _standing(index_dir, extractive, found.configuration)
    if as_json:
        print_json({"calibration": None if found is None else asdict(found), "holds": standing})
        return
    if found is None:
        click.echo("This index is not calibrated.")
        return
    thresholds = ", ".join(f"{least:.3f} {_LANGUAGES[language]}" for language, least in found.confidence.items())
    click.echo(
        f"At most {100 * found.risk:g} % of the answers given are wrong, with {100 * found.certainty:g} % certainty, "
        f"from a confidence of {thresholds} on ({found.dataset}, {found.given} of {found.tested} answered)."
    )
    click.echo(_STANDING[standing or "no"])
    if standing == "no" and extractive:
        click.echo("This looked at answers of --extractive alone: if it was calibrated without, ask without.")


def _standing(index_dir: Path, extractive: bool, digest: str) -> str:
    """Of which answers the promise holds: a key of ``_STANDING``. The documents' own words are tried first, since they
    load no decoder, and alone where ``extractive`` asks for them."""
    from rag.config import load_settings
    from rag.evaluate.run import configuration

    for own_words in (True,) if extractive else (True, False):
        if configuration(_opened(index_dir, own_words)).digest == digest:
            return "extractive" if own_words and load_settings().models.generator != "none" else "yes"
    return "no"


def _show(done: Fit, points: list[Point], risk: float, certainty: float) -> None:
    from rag.evaluate.risk_control import STARTS, fewest_answers

    delta = 1 - certainty
    for name, tested in done.tested.items():
        if tested.threshold is None:
            # A small enough p that no start reaches: a stricter threshold on the way was not passed.
            before = ", and so must those of stricter thresholds before it" if tested.p <= delta / STARTS else ""
            click.echo(
                f"No threshold keeps to {100 * risk:g} % wrong {_LANGUAGES[name]} with {100 * certainty:g} % certainty."
                f" The smallest p is {tested.p:.3g} and must be at most {delta / STARTS:.3g}, {delta:.3g} shared by "
                f"{STARTS} starts{before}. "
                f"It takes at least {fewest_answers(risk, delta)} answers without a wrong one among the "
                f"{tested.tested} questions tested: ask more questions, or allow more risk."
            )
            continue
        click.echo(
            f"From a confidence of {tested.threshold:.3f} on, at most {100 * risk:g} % of the answers given "
            f"{_LANGUAGES[name]} are wrong, with {100 * certainty:g} % certainty. {100 * tested.coverage:.0f} % of the "
            f"questions are answered: {tested.given} of {tested.tested} tested, {tested.wrong} of them wrong."
        )
    if done.calibration is not None and not done.calibration.by_language:
        for language, (given, wrong) in done.languages.items():
            click.echo(
                f"  {_LANGUAGES[language]} alone {wrong} of {given} were wrong, of all questions, tested or not; "
                f"of it alone nothing is promised"
            )
    click.echo("\nOf all questions, with the fifth of them that chose the thresholds and was not tested:")
    click.echo("confidence  answered  wrong")
    for point in points:
        bar = "▇" * round(40 * point.risk)
        click.echo(
            f"  ≥ {point.confidence:.3f}    {100 * point.coverage:4.0f} %  {100 * point.risk:4.1f} % "
            f"[{100 * point.low:.1f}, {100 * point.high:.1f}]  {bar}"
        )
    if done.calibration is None:
        click.echo("\nNothing was written.")
