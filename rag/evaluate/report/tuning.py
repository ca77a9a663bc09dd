"""The plot of a tuning run: a score by a setting's value, with its band, the present value and the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.errors import FolderError
from rag.evaluate.report.plots import Frame
from rag.evaluate.tune import Tuned

__all__ = ["plot", "write_plot"]

_LOOKS = (
    "<style>svg{background:#fff}text{font:11px system-ui,sans-serif;fill:#6b7178}.grid{stroke:#e4e2dc}"
    ".line{fill:none;stroke:#2f6f6a;stroke-width:2}.band{fill:#2f6f6a;opacity:.14}.dot{fill:#2f6f6a}"
    ".dot.present{fill:#b98a2f}.line.present{stroke:#b98a2f;stroke-width:1;stroke-dasharray:3 4}</style>"
)


def plot(found: Tuned) -> str:
    """A stand-alone SVG: it carries its own colours, on white."""
    values = [float(value) for value in found.values]
    bottom = float(np.floor(10 * min(score.low for score in found.means)) / 10)
    name = "recall@k" if found.setting == "search.k" else "nDCG@10"
    ticks = [(value, f"{value:.1f}") for value in np.arange(bottom, 1.01, 0.1 if bottom >= 0.4 else 0.2).tolist()]
    frame = Frame(
        (values[0], values[-1]), (bottom, 1), found.setting, name, [(value, f"{value:g}") for value in values], ticks
    )
    points = [(value, score.value) for value, score in zip(values, found.means, strict=True)]
    low, high = (
        [(value, getattr(score, end)) for value, score in zip(values, found.means, strict=True)]
        for end in ("low", "high")
    )
    told = [f"{found.setting} = {value:g}: {name} {score:.3f}" for value, score in points]
    marks = [
        frame.band(low, high, "main"),
        frame.line([(found.present, bottom), (found.present, 1)], "present"),
        frame.line(points, "main"),
        frame.dots(points, "main", told),
    ]
    drawn = frame.draw(f"{name} by {found.setting}", marks)
    start = drawn.index(">") + 1
    return (
        drawn[:start].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="570" ')
        + _LOOKS
        + drawn[start:]
        + "\n"
    )


def write_plot(path: Path, found: Tuned) -> None:
    """Raises FolderError when ``path`` cannot be written."""
    try:
        path.write_text(plot(found), encoding="utf-8")
    except OSError as error:
        raise FolderError(
            f"--plot: {path} cannot be written ({error.strerror}).", subject="--plot", hint="Name another file."
        ) from error
