"""What stands where on a slide → the order in which a person reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Box", "Placed", "hidden_shapes", "hidden_slides", "in_reading_order", "overlap"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; any unit, the same for all that are compared."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape and where its upper left corner is; any unit, the same for all that are compared."""

    shape: Any
    top: float
    left: float
    height: float


def in_reading_order(shapes: Iterable[Placed]) -> list[Any]:
    """The shapes from top to bottom, those side by side from left to right.

    Two are side by side when the lower one begins above the middle of the upper: columns are hardly ever level.
    """
    row: list[Placed] = []
    out: list[Any] = []
    for placed in sorted(shapes, key=lambda placed: (placed.top, placed.left)):
        if row and placed.top > row[0].top + row[0].height / 2:
            out += [each.shape for each in sorted(row, key=lambda each: each.left)]
            row = []
        row.append(placed)
    return out + [each.shape for each in sorted(row, key=lambda each: each.left)]


def overlap(box: Box, other: Box | None) -> bool:
    """Whether two shapes may lie one on the other: what is of no known place may lie anywhere."""
    return other is None or (box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3])


def hidden_slides(count: int) -> list[str]:
    """The warning that slides were left out; none for none."""
    return [f"{count} hidden slide{'s' if count > 1 else ''} left out"] if count else []


def hidden_shapes(count: int) -> list[str]:
    """The warning that shapes which no slide shows were left out; none for none."""
    return [f"{count} hidden shape{'s' if count > 1 else ''} left out"] if count else []
