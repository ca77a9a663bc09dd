"""Text that a page of HTML holds and its own markup does not show: kept out, because no reader could ever check it.

Only what stands on the element itself is believed (``hidden``, ``style``, ``bgcolor``). A style sheet hides the answers
of a list of questions until somebody clicks, and what a folder's people look for is among them.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

__all__ = ["drop_hidden"]

_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_LENGTH = re.compile(r"(-?[\d.]+)(px|pt|em|rem|%)?$")
_NUMBERS = re.compile(r"[\d.]+")
_PIXELS = {None: 1.0, "px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
_SMALLEST = 1.0
"""Pixels. Smaller letters are no letters."""
_AWAY = -500.0
"""Pixels to the left or above: nothing there is seen."""
_FURTHEST = 100
"""Elements around one that are asked for a colour: pages made to harm are a hundred thousand deep."""
_ALIKE = 16
"""Of 255, in each of red, green and blue: nearer colours are one to the eye."""
_COLOURS = {"white": (255.0, 255.0, 255.0, 1.0), "black": (0.0, 0.0, 0.0, 1.0), "transparent": (0.0, 0.0, 0.0, 0.0)}
_WHITE = _COLOURS["white"]

Colour = tuple[float, float, float, float]
"""Red, green and blue of 255, and how opaque, of 1."""


def drop_hidden(tree: Any) -> int:
    """Take out of ``tree`` the elements that are not shown; how many characters they had, white space not counted."""
    plain = not tree.xpath("//style | //link[@rel='stylesheet']")
    hidden = 0
    waiting = [child for child in tree if isinstance(child.tag, str)]
    while waiting:
        element = waiting.pop()
        if _is_marked(element) and _is_hidden(element, plain=plain):
            hidden += sum(not c.isspace() for c in element.text_content())
            element.drop_tree()
        else:
            waiting += [child for child in element if isinstance(child.tag, str)]
    return hidden


def _is_marked(element: Any) -> bool:
    return element.get("style") is not None or element.get("hidden") is not None or element.tag == "font"


def _is_hidden(element: Any, *, plain: bool) -> bool:
    """``plain`` where no style sheet may have the last word on colours."""
    style = _style(element)
    if element.get("hidden") is not None or style.get("display") == "none":
        return True
    if style.get("visibility") in {"hidden", "collapse"} or _number(style.get("opacity")) == 0.0:
        return True
    if any((_pixels(style.get(side)) or 0.0) <= _AWAY for side in ("text-indent", "left", "top", "margin-left")):
        return True
    if style.get("overflow") == "hidden" and 0.0 in {_pixels(style.get(side)) for side in ("height", "width")}:
        return True
    return _is_tiny(element, style) or _is_lost(element, style, plain=plain)


def _is_tiny(element: Any, style: dict[str, str]) -> bool:
    """Whether its letters have no size, and nothing inside gives them one: lists set to 0 close the gaps of their
    items."""
    size = _pixels(style.get("font-size"))
    if size is None or size >= _SMALLEST:
        return False
    return not any("font" in (inner.get("style") or "") for inner in element.iterdescendants() if inner.get("style"))


def _is_lost(element: Any, style: dict[str, str], *, plain: bool) -> bool:
    """Whether its letters have the colour of what they stand on."""
    ink = _colour(style.get("color") or (element.get("color") if element.tag == "font" else None))
    if ink is None:
        return False
    if ink[3] < 0.1:
        return True
    paper = _paper(element, plain=plain)
    return paper is not None and all(abs(a - b) <= _ALIKE for a, b in zip(ink[:3], paper[:3], strict=True))


def _paper(element: Any, *, plain: bool) -> Colour | None:
    """What the element stands on: white where nothing says otherwise; None where it cannot be known."""
    for around in (element, *itertools.islice(element.iterancestors(), _FURTHEST)):
        style = _style(around)
        said = style.get("background-color") or style.get("background") or around.get("bgcolor")
        if said and said != "transparent":
            return _colour(said)
    return _WHITE if plain else None


def _style(element: Any) -> dict[str, str]:
    """The declarations of its ``style``, in small letters."""
    said = (element.get("style") or "").lower().replace("!important", "")
    return {name: value.strip() for name, value in _DECLARATION.findall(said)}


def _number(value: str | None) -> float | None:
    return float(value) if value and re.fullmatch(r"\d*\.?\d+", value) else None


def _pixels(value: str | None) -> float | None:
    match = _LENGTH.match(value or "")
    number = _number(match.group(1).lstrip("-")) if match else None
    if match is None or number is None:
        return None
    return (-number if value and value.startswith("-") else number) * _PIXELS[match.group(2)]


def _colour(value: str | None) -> Colour | None:
    """None for what is no plain colour: an image, a gradient, a name that is not known here."""
    value = (value or "").strip().lower()
    if value in _COLOURS:
        return _COLOURS[value]
    if match := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", value):
        digits = match.group(1)
        digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
        red, green, blue = (float(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
        return red, green, blue, 1.0
    numbers = [_number(number) for number in _NUMBERS.findall(value)] if value.startswith("rgb") else []
    channels = [number for number in numbers if number is not None]
    if len(channels) not in {3, 4} or "%" in value:
        return None
    return channels[0], channels[1], channels[2], (channels[3] if len(channels) == 4 else 1.0)
