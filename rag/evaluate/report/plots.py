"""Plots as inline SVG: drawn here in a few lines each, so that they take the page's colours, light or dark.

A plotting library would bring fixed colours and fonts, a megabyte of paths, and a dependency for five small charts.
Coordinates inside a plot are data; ``Frame`` maps them to the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Frame", "Points", "bars", "figure", "histogram", "interval", "legend"]

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 380, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 12, 38


@dataclass(frozen=True, slots=True)
class Frame:
    """The axes of a plot: data ranges, names, and ticks as (value, label)."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    y_name: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the data is drawn."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    def line(self, points: Points, kind: str) -> str:
        """A line through ``points`` in the colour of class ``kind``."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        return f'<polyline class="line {kind}" points="{path}"/>'

    def band(self, low: Points, high: Points, kind: str) -> str:
        """The area between two lines."""
        around = [self.at(*point) for point in [*high, *reversed(low)]]
        return f'<polygon class="band {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in around)}"/>'

    def dots(self, points: Points, kind: str, titles: Sequence[str] = ()) -> str:
        """A dot a point, each with what a pointer over it is told."""
        said = titles or [""] * len(points)
        drawn = (
            f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(title)}</title></circle>'
            for (x, y), title in zip((self.at(*point) for point in points), said, strict=True)
        )
        return "".join(drawn)

    def column(self, x: tuple[float, float], y: tuple[float, float], kind: str, title: str) -> str:
        """A filled rectangle from ``y[0]`` to ``y[1]``."""
        (left, bottom), (right, top) = self.at(x[0], y[0]), self.at(x[1], y[1])
        return (
            f'<rect class="fill {kind}" x="{left:.1f}" y="{top:.1f}" width="{max(0.5, right - left - 1):.1f}" '
            f'height="{bottom - top:.1f}"><title>{escape(title)}</title></rect>'
        )

    def draw(self, title: str, marks: Iterable[str]) -> str:
        """The whole SVG; ``title`` is read out to those who do not see it."""
        x_axis = "".join(
            f'<text class="tick" x="{self.at(v, self.y[0])[0]:.1f}" y="{_HEIGHT - _BOTTOM + 15}" '
            f'text-anchor="middle">{escape(label)}</text>'
            for v, label in self.x_ticks
        )
        y_axis = "".join(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{_LEFT - 7}" y="{y + 3.5:.1f}" text-anchor="end">{escape(label)}</text>'
            for y, label in ((self.at(self.x[0], v)[1], label) for v, label in self.y_ticks)
        )
        names = (
            f'<text class="axis" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 4}" text-anchor="middle">'
            f"{escape(self.x_name)}</text>"
            f'<text class="axis" transform="translate(11 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(self.y_name)}</text>'
        )
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"><title>{escape(title)}</title>'
            f"{y_axis}{x_axis}{names}{''.join(marks)}</svg>"
        )


def figure(title: str, plot: str, caption: str) -> str:
    """A plot under its title, over what it tells."""
    return f"<figure><h3>{escape(title)}</h3>{plot}<figcaption>{escape(caption)}</figcaption></figure>"


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """``(class, name)`` of what the colours mean."""
    listed = "".join(f'<li><i class="{kind}"></i>{escape(name)}</li>' for kind, name in entries)
    return f'<ul class="legend">{listed}</ul>'


def histogram(groups: Sequence[tuple[str, str, Sequence[float]]], bins: int, x_name: str) -> str:
    """Columns stacked over [0, 1]: of each ``(class, name, values)`` how many lie in each of ``bins``."""
    counts = [[0] * bins for _ in groups]
    for row, (_, _, values) in zip(counts, groups, strict=True):
        for value in values:
            row[min(int(value * bins), bins - 1)] += 1
    most = max((sum(column) for column in zip(*counts, strict=True)), default=0) or 1
    step = max(1, -(-most // 4))
    ticks = [(float(count), str(count)) for count in range(0, most + 1, step)]
    frame = Frame((0, 1), (0, float(most)), x_name, "answers", _share_ticks(), ticks)
    marks = []
    for b in range(bins):
        floor = 0
        for row, (kind, name, _) in zip(counts, groups, strict=True):
            if row[b]:
                told = f"{row[b]} {name}, {b / bins:.1f} to {(b + 1) / bins:.1f}"
                marks.append(frame.column((b / bins, (b + 1) / bins), (floor, floor + row[b]), kind, told))
                floor += row[b]
    return frame.draw("Distribution of " + x_name, marks)


def bars(rows: Sequence[tuple[str, float, float]], unit: str) -> str:
    """Horizontal bars of ``(name, typical, high)``: filled to ``typical``, with a whisker to ``high``."""
    most = max((high for _, _, high in rows), default=1) or 1
    height = 26
    drawn = []
    for place, (name, typical, high) in enumerate(rows):
        y, scale = place * height + 6, 170 / most
        drawn.append(
            f'<text class="tick" x="84" y="{y + 11}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="fill main" x="92" y="{y}" width="{max(0.5, typical * scale):.1f}" height="14" rx="2"/>'
            f'<line class="whisker" x1="{92 + typical * scale:.1f}" x2="{92 + high * scale:.1f}" '
            f'y1="{y + 7}" y2="{y + 7}"/>'
            f'<text class="tick" x="{98 + high * scale:.1f}" y="{y + 11}">{typical:,.0f} – {high:,.0f} {unit}</text>'
        )
    return f'<svg viewBox="0 0 {_WIDTH} {len(rows) * height + 8}" role="img">{"".join(drawn)}</svg>'


def interval(value: float, low: float, high: float) -> str:
    """A share on a line from 0 to 1: a dot with its interval, for a table's cell."""
    place = [2 + 96 * min(1.0, max(0.0, at)) for at in (low, value, high)]
    return (
        '<svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<line class="grid" x1="2" x2="98" y1="6" y2="6"/>'
        f'<line class="reach" x1="{place[0]:.1f}" x2="{place[2]:.1f}" y1="6" y2="6"/>'
        f'<line class="at" x1="{place[1]:.1f}" x2="{place[1]:.1f}" y1="1" y2="11"/></svg>'
    )


def _share_ticks() -> list[tuple[float, str]]:
    return [(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")]
