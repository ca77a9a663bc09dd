"""The plot of a tuning run: a score by a setting's value with its band, and where the present one and the best lie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from rag.errors import FolderError
from rag.evaluate.report.plots import Frame
from rag.evaluate.tune import Tuned

__all__ = ["plot", "write_plot"]

_LOOKS = (
    "<style>svg{background:#fff}text{font:11px system-ui,sans-serif;fill:#6b7178}.grid{stroke:#e4e2dc}"
    ".title{font-weight:600;font-size:12px;fill:#24272b}.label.present{fill:#8a6414}.label.best{fill:#2f6f6a}"
    ".line{fill:none;stroke:#2f6f6a;stroke-width:2}.band{fill:#2f6f6a;opacity:.14}.dot{fill:#2f6f6a}"
    ".line.present,.line.best{stroke-width:1;stroke-dasharray:3 4}.line.present{stroke:#b98a2f}</style>"
)
_WIDE, _HEADER, _HEIGHT = 380, 58, 240
"""Of the drawing: its width, what stands above the axes, and the axes' own height, as ``Frame`` draws them."""
_LETTER, _DIGIT = 5.9, 6.6
"""Mean widths at 11 px, of the fonts that browsers take, on the wide side."""
_GAP = 8.0


def plot(found: Tuned) -> str:
    """A stand-alone SVG: it carries its own colours, on white."""
    name = "recall@k" if found.setting == "search.k" else "nDCG@10"
    places = [_place(found, value) for value in found.values]
    bottom = float(np.floor(10 * min(score.low for score in found.means)) / 10)
    step = 0.1 if bottom >= 0.4 else 0.2
    ticks = [(value, f"{value:.1f}") for value in np.arange(bottom, 1.01, step).tolist()]
    across = f"{found.setting}; {found.gain.n} questions, 95 % intervals"
    frame = Frame((places[0], places[-1]), (bottom, 1), across, name, _x_ticks(found), ticks)
    points = list(zip(places, (score.value for score in found.means), strict=True))
    low, high = ([(x, getattr(score, end)) for x, score in zip(places, found.means, strict=True)] for end in _ENDS)
    told = [f"{found.setting} = {value:g}: {name} {y:.3f}" for value, (_, y) in zip(found.values, points, strict=True)]
    marks = [
        frame.band(low, high, "main"),
        *(frame.line([(at, bottom), (at, 1)], kind) for kind, at, _ in _marked(found)),
        frame.line(points, "main"),
        frame.dots(points, "main", told),
        _header(found, frame, name),
    ]
    drawn = frame.draw(f"{name} by {found.setting}", marks)
    box = f'viewBox="0 -{_HEADER} {_WIDE} {_HEIGHT + _HEADER}"'
    opened = f'<svg xmlns="http://www.w3.org/2000/svg" width="{1.5 * _WIDE:.0f}" {box} role="img">{_LOOKS}'
    return opened + drawn[drawn.index(">") + 1 :] + "\n"


_ENDS = ("low", "high")


def write_plot(path: Path, found: Tuned) -> None:
    """Raises FolderError when ``path`` cannot be written."""
    try:
        path.write_text(plot(found), encoding="utf-8")
    except OSError as error:
        raise FolderError(
            f"--plot: {path} cannot be written ({error.strerror}).", subject="--plot", hint="Name another file."
        ) from error


def _place(found: Tuned, value: float) -> float:
    """Where a value lies across: numbers of passages by their doublings, since the first few decide."""
    return math.log2(value) if found.setting == "search.k" else value


def _marked(found: Tuned) -> list[tuple[str, float, str]]:
    """``(class, place, label)`` of the present value and the best, which may be one."""
    if found.best == found.present:
        return [("present", _place(found, found.present), f"present and best: {found.present:g}")]
    return [
        ("present", _place(found, found.present), f"present: {found.present:g}"),
        ("best", _place(found, found.best), f"best: {found.best:g}"),
    ]


def _header(found: Tuned, frame: Frame, name: str) -> str:
    marked = _marked(found)
    widths = [_LETTER * len(label) for _, _, label in marked]
    across = _apart([frame.at(place, 1)[0] for _, place, _ in marked], widths, (4, _WIDE - 4))
    labels = (
        f'<text class="label {kind}" x="{x:.1f}" y="4" text-anchor="middle">{escape(label)}</text>'
        for x, (kind, _, label) in zip(across, marked, strict=True)
    )
    title = f'<text class="title" x="10" y="-38">{escape(name)} by {escape(found.setting)}</text>'
    return f'{title}<text x="10" y="-21">{escape(found.verdict)}</text>{"".join(labels)}'


def _apart(centres: Sequence[float], widths: Sequence[float], within: tuple[float, float]) -> list[float]:
    """The centres of labels as near to the wanted ``centres`` as they can be ``within`` the drawing without touching.

    There are one or two.
    """
    low, high = within
    kept = [min(max(c, low + w / 2), high - w / 2) for c, w in zip(centres, widths, strict=True)]
    if len(kept) < 2:
        return kept
    left, right = sorted(range(2), key=lambda i: kept[i])
    need = sum(widths) / 2 + _GAP
    lacking = max(0.0, need - (kept[right] - kept[left]))
    kept[left] = max(low + widths[left] / 2, kept[left] - lacking / 2)
    kept[right] = min(high - widths[right] / 2, kept[left] + max(need, kept[right] - kept[left]))
    kept[left] = min(kept[left], kept[right] - need)
    return kept


def _x_ticks(found: Tuned) -> list[tuple[float, str]]:
    """A label for each value that has room for one; the best and the present value go first."""
    frame = Frame((_place(found, found.values[0]), _place(found, found.values[-1])), (0, 1), "", "", (), ())
    first = [found.best, found.present, found.values[0], found.values[-1]]
    taken: dict[float, tuple[float, float]] = {}
    for value in dict.fromkeys([*first, *found.values]):
        centre, half = frame.at(_place(found, value), 0)[0], _DIGIT * len(f"{value:g}") / 2 + 2
        if all(centre + half <= a or b <= centre - half for a, b in taken.values()):
            taken[value] = (centre - half, centre + half)
    return [(_place(found, value), f"{value:g}") for value in sorted(taken)]
