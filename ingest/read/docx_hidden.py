"""Text that a Word file holds and does not show: hidden by its font, smaller than a point, or white on white."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.read.builder import count

__all__ = ["drop_hidden"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off"})
_SMALLEST = 2
"""Half points, as Word counts them."""
_LIGHT = 0xF0
"""Of 255 in each of red, green and blue: lighter is white to the eye."""
_COLOURED = frozenset({f"{_W}tbl", f"{_W}txbxContent"})
"""What may have a colour of its own behind its text, by a style that is not looked into."""


def drop_hidden(root: Any, styles: Mapping[str, Any]) -> int:
    """Take out of ``root`` the runs that are not shown; how many characters they had, white space not counted.

    ``styles`` are python-docx's, by the ids that paragraphs and runs name.
    """
    on_white = root.getparent() is None or root.getparent().find(f"{_W}background") is None
    hidden = 0
    for run in list(root.iter(f"{_W}r")):
        if _is_hidden(run, styles) or (on_white and _is_white(run, styles)):
            hidden += count(letters.text for letters in run.iter(f"{_W}t"))
            run.getparent().remove(run)
    return hidden


def _is_hidden(run: Any, styles: Mapping[str, Any]) -> bool:
    own = run.find(f"{_W}rPr")
    for properties in (own, *_of_styles(run, styles)):
        vanish = properties.find(f"{_W}vanish") if properties is not None else None
        if vanish is not None:  # the nearest decides
            return vanish.get(f"{_W}val", "1") not in _OFF
    size = own.find(f"{_W}sz") if own is not None else None
    said = size.get(f"{_W}val", "") if size is not None else ""
    return said.isdigit() and int(said) <= _SMALLEST


def _of_styles(run: Any, styles: Mapping[str, Any]) -> list[Any]:
    """The properties that the run's style and its paragraph's give it."""
    named = [run.find(f"{_W}rPr/{_W}rStyle")]
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    named += [paragraph.find(f"{_W}pPr/{_W}pStyle")] if paragraph is not None else []
    found = [styles.get(name.get(f"{_W}val")) for name in named if name is not None]
    return [style.element.find(f"{_W}rPr") for style in found if style is not None]


def _is_white(run: Any, styles: Mapping[str, Any]) -> bool:
    """Whether its letters are white and nothing says that what they stand on is not."""
    colour = run.find(f"{_W}rPr/{_W}color")
    said = colour.get(f"{_W}val", "") if colour is not None else ""
    try:
        light = len(said) == 6 and all(int(said[at : at + 2], 16) >= _LIGHT for at in (0, 2, 4))
    except ValueError:  # ``auto``, or nonsense
        light = False
    if not light or any(around.tag in _COLOURED for around in run.iterancestors()):
        return False
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    behind = [run.find(f"{_W}rPr/{_W}{name}") for name in ("shd", "highlight")]
    if paragraph is not None:
        behind.append(paragraph.find(f"{_W}pPr/{_W}shd"))
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        found = styles.get(style.get(f"{_W}val")) if style is not None else None
        behind.append(found.element.find(f"{_W}pPr/{_W}shd") if found is not None else None)
    return all(element is None or element.get(f"{_W}fill", "").upper() in {"FFFFFF", "AUTO"} for element in behind)
