"""What a run writes of itself beside its adapter: a model card and the curves of loss and accuracy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.train.calibration import Calibration
from rag.train.loop import read_log
from rag.train.pairs import Pair
from rag.train.recipe import Recipe

__all__ = ["draw_curves", "write_card"]

CARD, CURVES = "README.md", "curves.svg"


def write_card(
    out: Path, run: Path, name: str, recipe: Recipe, pairs: Sequence[Pair], licences: Mapping[str, str], of: Calibration
) -> None:
    """``README.md`` in the adapter folder ``out``, from the run's own records.

    ``licences`` by the name of a set (a pair's origin up to ``>`` or ``:``); a set that has none is said to have none.
    """
    sets = Counter((pair.set_name, pair.language, pair.task) for pair in pairs)
    rows = [
        f"| {origin} | {language} | {task} | {count:,} | {licences.get(origin, 'not stated')} |"
        for (origin, language, task), count in sorted(sets.items())
    ]
    figures = [
        f"| {head} | {of_head.pairs:,} | {of_head.accuracy:.3f} | {of_head.ece_before:.3f} | {of_head.ece_after:.3f} "
        f"| {of.temperature[head]:.2f} |"
        for head, of_head in of.figures.items()
    ]
    by_set = [f"| {head} | {name} | {said} | {n:,} | {right:.3f} |" for head, name, said, n, right in of.by_set]
    last: dict[str, Any] = next((line for line in reversed(read_log(run)) if "loss" in line), {})
    size = (out / "adapter.safetensors").stat().st_size / 1e6
    parameters = [f"| {key} | {value} |" for key, value in asdict(recipe).items()]
    text = "\n".join(
        [
            f"# {name}",
            "",
            f"{size:.1f} MB on the bilingual encoder `cnmoro/portuguese-multilingual-e5-small` (MIT). "
            f"Trained for {last.get('step', 0):,} of {last.get('of', 0):,} steps in {last.get('seconds', 0) / 60:.0f} "
            f"minutes; loss {last.get('loss', float('nan')):.3f} at the end.",
            "",
            f"![Loss and accuracy]({CURVES})",
            "",
            "## Figures",
            "",
            "On pairs whose passages were kept out of training; the temperature was fitted on another half of them.",
            "",
            "| head | pairs | right | calibration error before | after | temperature |",
            "|---|---|---|---|---|---|",
            *figures,
            "",
            "| head | set | language | pairs | right |",
            "|---|---|---|---|---|",
            *by_set,
            "",
            "## Data",
            "",
            "| set | language | task | pairs | licence |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "## Recipe",
            "",
            "| | |",
            "|---|---|",
            *parameters,
            "",
        ]
    )
    (out / CARD).write_text(text, encoding="utf-8")


def draw_curves(run: Path, out: Path) -> None:
    """``curves.svg`` in ``out`` from the log in ``run``: loss by step, and accuracy where it was judged."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    log = read_log(run)
    with mpl.rc_context({"svg.hashsalt": "lastro", "font.family": "sans-serif", "axes.spines.top": False}):
        figure = Figure(figsize=(7, 3), layout="constrained")
        axes: Any = figure.subplots()
        losses = [(line["step"], line["loss"]) for line in log if "loss" in line]
        axes.plot(*zip(*losses, strict=True), color="#2a5d84", linewidth=1.2)
        axes.set_xlabel("step")
        axes.set_ylabel("loss", color="#2a5d84")
        axes.set_ylim(bottom=0)
        judged = [(line["step"], line["accuracy"]) for line in log if "accuracy" in line]
        if judged:
            right = axes.twinx()
            right.plot(*zip(*judged, strict=True), color="#b3541e", marker="o", markersize=3, linewidth=1.2)
            right.set_ylabel("held-out accuracy", color="#b3541e")
            right.set_ylim(0, 1)
        figure.savefig(out / CURVES, metadata={"Date": None})
