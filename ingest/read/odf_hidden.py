"""Letters that an OpenDocument file holds and does not show: hidden by their style, of no size, or of the colour of
what they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.read.colours import WHITE, Rgb, alike, from_hex

__all__ = ["Styles"]

_ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_STYLE, _TABLE, _TEXT, _DRAW = (_ODF % name for name in ("style", "table", "text", "drawing"))
_FO = _ODF % "xsl-fo-compatible"
_DEEPEST = 20
"""Styles that a style may be like, one through another."""
_POINTS = re.compile(r"([\d.]+)pt")
_SMALLEST = 1.0
_LETTERS = frozenset({f"{_TEXT}span", f"{_TEXT}p", f"{_TEXT}h"})
_ELSEWHERE = (f"{_TABLE}table", f"{_TEXT}section", _DRAW)
"""What may have a colour of its own behind its text."""


class Styles:
    """The styles of a file by their names: ``automatic`` are what a user changed by hand, ``common`` those they are
    like."""

    def __init__(self, automatic: Mapping[str, Any], common: Mapping[str, Any], *, on_white: bool) -> None:
        self._automatic = automatic
        self._common = common
        self._on_white = on_white
        """Whether its pages are."""

    def is_lost_cell(self, name: str | None) -> bool:
        """Whether a spreadsheet's cell of this style shows nothing of its letters."""
        chain = list(self._chain(name))
        if any(style.find(f"{_STYLE}map") is not None for style in chain):  # another style, where a condition holds
            return False
        return self._is_tiny(chain) or self._is_alike(chain, ("table-cell",))

    def hides(self, element: Any) -> bool:
        """Whether a paragraph, or a span of one, is not shown, whatever stands in it."""
        own = list(self._chain(element.get(f"{_TEXT}style-name")))
        if _said(own[:1], ("text",), f"{_TEXT}display") in {"none", "condition"}:
            return True
        inner = element.iter(f"{_TEXT}span")
        if any(self._sets_letters(span.get(f"{_TEXT}style-name")) for span in inner if span is not element):
            return False
        if self._is_tiny(own):
            return True
        around = list(element.iterancestors())
        if not self._on_white or any(each.tag.startswith(_ELSEWHERE) for each in around):
            return False
        paragraphs = (each for each in around if each.tag in _LETTERS)
        behind = [style for each in paragraphs for style in self._chain(each.get(f"{_TEXT}style-name"))]
        return self._is_alike(own, ("text", "paragraph"), behind)

    def _chain(self, name: str | None) -> Iterator[Any]:
        for _ in range(_DEEPEST):
            style = self._automatic.get(name or "", self._common.get(name or ""))
            if style is None:
                return
            yield style
            name = style.get(f"{_STYLE}parent-style-name")

    def _sets_letters(self, name: str | None) -> bool:
        chain = list(self._chain(name))
        return bool(_said(chain, ("text",), f"{_FO}color") or _said(chain, ("text",), f"{_FO}font-size"))

    def _is_tiny(self, chain: Iterable[Any]) -> bool:
        size = _POINTS.fullmatch(_said(chain, ("text",), f"{_FO}font-size"))
        return size is not None and float(size.group(1)) <= _SMALLEST

    def _is_alike(self, chain: list[Any], kinds: tuple[str, ...], behind: Iterable[Any] = ()) -> bool:
        ink = _colour(_said(chain, ("text",), f"{_FO}color"))
        paper = _said([*chain, *behind], kinds, f"{_FO}background-color")
        stands_on = WHITE if paper in {"", "transparent"} else _colour(paper)
        return ink is not None and stands_on is not None and alike(ink, stands_on)


def _said(chain: Iterable[Any], kinds: tuple[str, ...], attribute: str) -> str:
    """What the nearest style says; empty where none does."""
    for style in chain:
        for kind in kinds:
            found = style.find(f"{_STYLE}{kind}-properties")
            if found is not None and found.get(attribute):
                return str(found.get(attribute))
    return ""


def _colour(value: str) -> Rgb | None:
    return from_hex(value.removeprefix("#")) if value.startswith("#") else None
