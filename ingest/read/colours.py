"""Colours as office files and pages write them, and whether an eye could tell two of them apart."""

from __future__ import annotations

import colorsys
import re

__all__ = ["BLACK", "WHITE", "Rgb", "alike", "from_hex", "tinted"]

Rgb = tuple[float, float, float]
"""Red, green and blue, of 255."""

WHITE: Rgb = (255.0, 255.0, 255.0)
BLACK: Rgb = (0.0, 0.0, 0.0)
_ALIKE = 16
"""Of 255, in each of red, green and blue: nearer colours are one to the eye."""


def alike(one: Rgb, other: Rgb) -> bool:
    """Whether letters of the one cannot be read on the other."""
    return all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))


def from_hex(digits: str) -> Rgb | None:
    """``"FFFFFF"``, or ``"FFFFFFFF"`` as spreadsheets write it, whose first two digits say nothing; None for others."""
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})?[0-9A-Fa-f]{6}", digits):
        return None
    red, green, blue = (float(int(digits[at : at + 2], 16)) for at in (-6, -4, len(digits) - 2))
    return red, green, blue


def tinted(colour: Rgb, factor: float, offset: float) -> Rgb:
    """The colour with its luminance, of 1, multiplied and then raised: ``lumMod`` and ``lumOff`` of ECMA-376 part 1,
    20.1.2.3.20, and the ``tint`` of 18.8.19, which is ``(1 - t, t)`` where it is positive and ``(1 + t, 0)`` else."""
    hue, luminance, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    red, green, blue = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, luminance * factor + offset)), saturation)
    return 255 * red, 255 * green, 255 * blue
