"""The styles of an OpenDocument file: what is said of an element by its own, and by those that one is like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["DRAW", "FO", "OFFICE", "PRESENTATION", "STYLE", "SVG", "TABLE", "TEXT", "Styles", "said"]

_ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
DRAW, OFFICE, PRESENTATION = _ODF % "drawing", _ODF % "office", _ODF % "presentation"
STYLE, TABLE, TEXT = _ODF % "style", _ODF % "table", _ODF % "text"
FO = _ODF % "xsl-fo-compatible"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"

_DEEPEST = 20
"""Styles that a style may be like, one through another."""
_FAMILIES = {
    f"{TEXT}span": ("text", f"{TEXT}style-name"),
    f"{TEXT}p": ("paragraph", f"{TEXT}style-name"),
    f"{TEXT}h": ("paragraph", f"{TEXT}style-name"),
    f"{TEXT}section": ("section", f"{TEXT}style-name"),
    f"{TABLE}table": ("table", f"{TABLE}style-name"),
    f"{TABLE}table-row": ("table-row", f"{TABLE}style-name"),
    f"{TABLE}table-cell": ("table-cell", f"{TABLE}style-name"),
    f"{DRAW}page": ("drawing-page", f"{DRAW}style-name"),
    f"{STYLE}master-page": ("drawing-page", f"{DRAW}style-name"),
}


class Styles:
    """The styles of the parts of a file by family and name; of two of one name, that of the part given last."""

    def __init__(self, *parts: Any) -> None:
        self._named = {
            (style.get(f"{STYLE}family"), style.get(f"{STYLE}name")): style
            for part in parts
            for style in part.iter(f"{STYLE}style")
        }
        self._chains: dict[tuple[str, str | None], list[Any]] = {}

    def chain(self, family: str, name: str | None) -> list[Any]:
        """The style of this name and those it is like, the nearest first."""
        if (family, name) not in self._chains:
            found: list[Any] = []
            at = name
            while (style := self._named.get((family, at))) is not None and len(found) < _DEEPEST:
                found.append(style)
                at = style.get(f"{STYLE}parent-style-name")
            self._chains[family, name] = found
        return self._chains[family, name]

    def of(self, element: Any) -> list[Any]:
        """The chain of an element's styles: of letters, of a table and what it is made of, of a slide, of a shape."""
        if element.tag in _FAMILIES:
            family, attribute = _FAMILIES[element.tag]
            name = element.get(attribute)
            if name is None and element.tag == f"{TABLE}table-cell":
                name = element.getparent().get(f"{TABLE}default-cell-style-name")
            return self.chain(family, name)
        name = element.get(f"{PRESENTATION}style-name")
        return self.chain("presentation", name) if name else self.chain("graphic", element.get(f"{DRAW}style-name"))


def said(chain: Iterable[Any], kind: str, attribute: str) -> str:
    """What the nearest style says in its properties of a kind (``text``, ``paragraph`` …); empty where none does."""
    for style in chain:
        for properties in style:
            # LibreOffice's own namespace has properties of this name too.
            if isinstance(properties.tag, str) and properties.tag.endswith(f"}}{kind}-properties"):
                found = properties.get(attribute)
                if found:
                    return str(found)
    return ""
