"""Text that a page of HTML holds and does not show: kept out, because no reader could ever check it.

On a page of the web only what stands on the element itself is believed (``hidden``, ``style``, ``bgcolor``): a style
sheet hides the answers of a list of questions until somebody clicks, and what a folder's people look for is among them.
In a book nothing is clicked, and its style sheets are believed (``cascade``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ingest.read.builder import count
from ingest.read.colours import BLACK, WHITE, Rgb, alike, from_hex

__all__ = ["drop_hidden"]

_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_LENGTH = re.compile(r"(-?[\d.]+)(px|pt|em|rem|%)?$")
_NUMBERS = re.compile(r"[\d.]+")
_USUAL_SIZE = 16.0
_PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "rem": _USUAL_SIZE, "em": _USUAL_SIZE, "%": _USUAL_SIZE / 100}
"""Of a unit; those of the letters around are taken at their usual size where those are not known."""
_SMALLEST = 1.0
"""Pixels. Smaller letters are no letters."""
_AWAY = -500.0
"""Pixels to the left or above: nothing there is seen."""
_FAINT = 0.1
"""Of 1: letters less opaque are not seen."""
_SAID_BY_ATTRIBUTES = ("style", "hidden", "bgcolor")
_MARKED_TAGS = frozenset({"font", "a"})
_VISIBILITY = {"visible": True, "hidden": False, "collapse": False}
_CODE = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element hands on to those inside it. ``ink`` is None where nobody set it, ``paper``, what the letters
    stand on, where it cannot be known; ``opacity`` is of the ink, of 1; ``size`` is in pixels."""

    ink: Rgb | None = None
    opacity: float = 1.0
    paper: Rgb | None = WHITE
    size: float = _USUAL_SIZE
    visible: bool = True

    @property
    def is_lost(self) -> bool:
        if not self.visible or self.size < _SMALLEST or self.opacity < _FAINT:
            return True
        return self.ink is not None and self.paper is not None and alike(self.ink, self.paper)


def drop_hidden(tree: Any, *, styled: bool = False) -> int:
    """Take out of ``tree`` the text that is not shown; how many characters it had, white space not counted.

    ``styled`` says that its style sheets have been written onto its elements; where they have not, the colour of what
    an element stands on is not known.
    """
    known = styled or not tree.xpath("//style | //link[@rel='stylesheet']")
    hidden = 0
    waiting = [(tree, _Look() if known else _Look(paper=None))]
    while waiting:
        element, look = waiting.pop()
        if _is_marked(element):
            style = _style(element)
            if element is not tree and _is_gone(element, style):
                hidden += count([element.text_content()])
                element.drop_tree()
                continue
            look = _own(element, style, look)
        if look.is_lost and element.tag not in _CODE:
            hidden += _blank(element)
        waiting += [(child, look) for child in element if isinstance(child.tag, str)]
    return hidden


def _blank(element: Any) -> int:
    """Take out the letters that stand in the element itself, not in those inside it; how many they were."""
    hidden = count([element.text, *(child.tail for child in element)])
    element.text = None
    for child in element:
        child.tail = None
    return hidden


def _is_marked(element: Any) -> bool:
    return element.tag in _MARKED_TAGS or any(element.get(name) is not None for name in _SAID_BY_ATTRIBUTES)


def _is_gone(element: Any, style: dict[str, str]) -> bool:
    """Whether nothing of the element is shown, whatever those inside it say."""
    if element.get("hidden") is not None or style.get("display") == "none" or _number(style.get("opacity")) == 0.0:
        return True
    if any((_pixels(style.get(side)) or 0.0) <= _AWAY for side in ("text-indent", "left", "top", "margin-left")):
        return True
    return style.get("overflow") == "hidden" and 0.0 in {_pixels(style.get(side)) for side in ("height", "width")}


def _own(element: Any, style: dict[str, str], around: _Look) -> _Look:
    """How the element's own letters look."""
    look = around
    if said := style.get("background-color") or style.get("background") or element.get("bgcolor"):
        look = replace(look, paper=_opaque(said, look.paper))
    said = style.get("color") or (element.get("color") if element.tag == "font" else None)
    if said and said != "inherit":
        colour = _colour(said)
        look = replace(look, ink=colour[:3] if colour else None, opacity=colour[3] if colour else 1.0)
    elif not said and element.tag == "a" and element.get("href") is not None:  # links have a colour of their own
        look = replace(look, ink=None, opacity=1.0)
    if (said := style.get("visibility")) in _VISIBILITY:
        look = replace(look, visible=_VISIBILITY[said])
    if said := style.get("font-size") or _size_in(style.get("font")):
        look = replace(look, size=_size(said, look.size))
    return look


def _opaque(said: str, behind: Rgb | None) -> Rgb | None:
    """The paper that a background makes: what is behind it where it lets that through."""
    if said in {"transparent", "none", "inherit", "initial"}:
        return behind
    colour = _colour(said)
    return None if colour is None or 0.0 < colour[3] < 1.0 else colour[:3] if colour[3] else behind


def _style(element: Any) -> dict[str, str]:
    """The declarations of its ``style``, in small letters."""
    said = (element.get("style") or "").lower().replace("!important", "")
    return {name: value.strip() for name, value in _DECLARATION.findall(said)}


def _size_in(font: str | None) -> str | None:
    """The size in ``font: italic 12px/1.5 Arial``."""
    sizes = (word.partition("/")[0] for word in (font or "").split())
    return next((size for size in sizes if size and size[0].isdigit() and _LENGTH.match(size)), None)


def _size(said: str, around: float) -> float:
    """Pixels. A word (``medium``, ``larger``) is a size that is read."""
    match = _LENGTH.match(said)
    number = _number(match.group(1)) if match else None
    if match is None or number is None:
        return around if said == "inherit" else _USUAL_SIZE
    return number * {**_PIXELS, "em": around, "%": around / 100}[match.group(2)]


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"\d*\.?\d+", value) else None


def _pixels(value: str | None) -> float | None:
    match = _LENGTH.match(value or "")
    number = _number(match.group(1).lstrip("-")) if match else None
    if match is None or number is None:
        return None
    return (-number if value and value.startswith("-") else number) * _PIXELS[match.group(2)]


def _colour(value: str) -> tuple[float, float, float, float] | None:
    """Red, green and blue of 255, and how opaque, of 1; None for what is no plain colour: an image, a gradient, a name
    that is not known here."""
    value = value.strip().lower()
    named = {"white": (*WHITE, 1.0), "black": (*BLACK, 1.0), "transparent": (*BLACK, 0.0)}
    if value in named:
        return named[value]
    if match := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", value):
        digits = match.group(1)
        plain = from_hex("".join(2 * digit for digit in digits) if len(digits) == 3 else digits)
        return (*plain, 1.0) if plain else None
    numbers = [_number(number) for number in _NUMBERS.findall(value)] if value.startswith("rgb") else []
    channels = [number for number in numbers if number is not None]
    if len(channels) not in {3, 4} or "%" in value:
        return None
    return channels[0], channels[1], channels[2], (channels[3] if len(channels) == 4 else 1.0)
