"""The colours of a theme, and those that drawings name by it (DrawingML: ECMA-376 part 1, 20.1.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.read.archive import parse_xml
from ingest.read.colours import BLACK, WHITE, Rgb, from_hex, tinted

__all__ = ["FILLS", "NAMES", "A", "Scheme", "backgrounds", "drawn", "theme_colours"]

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
FILLS = frozenset(f"{A}{kind}Fill" for kind in ("solid", "grad", "blip", "patt", "grp", "no"))
NAMES = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
"""In the order of their numbers in a spreadsheet (18.8.3; light and dark change places)."""
_PRESET = {"white": WHITE, "black": BLACK}
_LUMINANCE = {f"{A}lumMod", f"{A}lumOff"}

Scheme = Mapping[str, Rgb]
"""Colours by the names that drawings give them."""


def theme_colours(theme: bytes | None) -> dict[str, Rgb]:
    """The colours of a theme by their names; none where there is no theme."""
    found: dict[str, Rgb] = {}
    for element in parse_xml(theme, "its theme").iter(*(f"{A}{name}" for name in NAMES)) if theme else ():
        said = next((inner.get("lastClr") or inner.get("val") or "" for inner in element), "")
        if (colour := from_hex(said)) is not None:
            found.setdefault(element.tag.removeprefix(A), colour)
    return found


def backgrounds(theme: bytes | None) -> list[Any]:
    """The fills of a theme that the backgrounds of slides name by 1001 and on (20.1.4.1.7)."""
    fills = next(parse_xml(theme, "its theme").iter(f"{A}bgFillStyleLst"), None) if theme else None
    return [] if fills is None else list(fills)


def drawn(element: Any, scheme: Scheme) -> tuple[Rgb, float] | None:
    """The colour that an element such as ``a:srgbClr`` says, and how opaque it is, of 1; None where it is not known."""
    said = element.get("val") or ""
    kind = element.tag.removeprefix(A)
    plain = {
        "srgbClr": from_hex(said),
        "sysClr": from_hex(element.get("lastClr") or ""),
        "prstClr": _PRESET.get(said),
        "schemeClr": scheme.get(said),
    }.get(kind)
    changes = {change.tag: int(change.get("val") or 0) / 100_000 for change in element}
    opacity = changes.pop(f"{A}alpha", 1.0)
    if plain is None or not changes.keys() <= _LUMINANCE:
        return None
    factor, offset = changes.get(f"{A}lumMod", 1.0), changes.get(f"{A}lumOff", 0.0)
    return (tinted(plain, factor, offset) if changes else plain), opacity
