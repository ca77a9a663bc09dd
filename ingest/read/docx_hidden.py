"""Text that a Word file holds and does not show: hidden by its font, smaller than a point, or of the colour of what it
stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.read.builder import count
from ingest.read.colours import BLACK, WHITE, Rgb, alike, from_hex

__all__ = ["drop_hidden", "page_colour"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_VML = "{urn:schemas-microsoft-com:vml}"
_OFF = frozenset({"0", "false", "off"})
_SMALLEST = 2
"""Half points, as Word counts them."""
_EFFECTS = frozenset({"outline", "shadow", "emboss", "imprint", "textOutline", "textFill", "glow", "props3d"})
"""They draw letters that their colour alone would not show."""
_HIGHLIGHTS: Mapping[str, Rgb] = {"white": WHITE, "black": BLACK}
_TALL = 1_800_000
"""Five centimetres, in the units of a drawing: what is as tall in a header may reach below it."""


def page_colour(document: Any) -> Rgb | None:
    """What the letters of python-docx's ``document`` stand on; None where its pages may be of another colour than
    white, or something is drawn behind their text."""
    element = document.element
    if element.find(f"{_W}background") is not None or next(_behind(element), None) is not None:
        return None
    related = (each for each in document.part.rels.values() if each.reltype.endswith(("/header", "/footer")))
    parts = [each.target_part.element for each in related if not each.is_external]
    return None if any(_is_tall(drawing) for part in parts for drawing in _behind(part)) else WHITE


def drop_hidden(root: Any, styles: Mapping[str, Any], page: Rgb | None) -> int:
    """Take out of ``root`` the runs that are not shown; how many characters they had, white space not counted.

    ``styles`` are python-docx's, by the ids that paragraphs and runs name; ``page`` is what the text stands on.
    """
    hidden = 0
    for run in list(root.iter(f"{_W}r")):
        looks = list(_looks(run, styles))
        if _is_hidden(looks) or _is_lost(run, looks, styles, page):
            hidden += count(letters.text for letters in run.iter(f"{_W}t"))
            run.getparent().remove(run)
    return hidden


def _behind(root: Any) -> Iterator[Any]:
    """The drawings that lie behind the text, of Word as it is and as it was until 2007."""
    yield from (anchor for anchor in root.iter(f"{_DRAWING}anchor") if anchor.get("behindDoc", "0") not in _OFF)
    yield from (shape for shape in root.iter(f"{_VML}*") if "z-index:-" in shape.get("style", "").replace(" ", ""))


def _is_tall(drawing: Any) -> bool:
    """Whether a drawing of a header or a footer may reach out of it; a watermark of former times, of letters, does not
    count."""
    extent = drawing.find(f"{_DRAWING}extent")
    height = extent.get("cy", "") if extent is not None else ""
    return height.isdigit() and int(height) > _TALL


def _looks(run: Any, styles: Mapping[str, Any]) -> Iterator[Any]:
    """What says how the run looks, the nearest first: itself, its style, its paragraph's, and what those are like."""
    own = run.find(f"{_W}rPr")
    if own is not None:
        yield own
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    named = [run.find(f"{_W}rPr/{_W}rStyle")]
    named += [paragraph.find(f"{_W}pPr/{_W}pStyle")] if paragraph is not None else []
    for name in named:
        for style in _chain(name, styles):
            properties = style.find(f"{_W}rPr")
            if properties is not None:
                yield properties


def _chain(name: Any, styles: Mapping[str, Any]) -> Iterator[Any]:
    """The elements of a named style and of those it is based on; of a circle of them, each once."""
    seen = set()
    while name is not None and (said := name.get(f"{_W}val")) in styles and said not in seen:
        seen.add(said)
        yield styles[said].element
        name = styles[said].element.find(f"{_W}basedOn")


def _nearest(looks: list[Any], name: str) -> Any:
    return next((found for each in looks if (found := each.find(f"{_W}{name}")) is not None), None)


def _is_hidden(looks: list[Any]) -> bool:
    vanish, size = _nearest(looks, "vanish"), _nearest(looks, "sz")
    if vanish is not None and vanish.get(f"{_W}val", "1") not in _OFF:
        return True
    said = size.get(f"{_W}val", "") if size is not None else ""
    return said.isdigit() and int(said) <= _SMALLEST


def _is_lost(run: Any, looks: list[Any], styles: Mapping[str, Any], page: Rgb | None) -> bool:
    """Whether its letters are of the colour of what they stand on."""
    colour = _nearest(looks, "color")
    ink = from_hex(colour.get(f"{_W}val", "")) if colour is not None else None
    if ink is None or any(str(mark.tag).rpartition("}")[2] in _EFFECTS for each in looks for mark in each):
        return False
    paper = _paper(run, looks, styles, page)
    return paper is not None and alike(ink, paper)


def _paper(run: Any, looks: list[Any], styles: Mapping[str, Any], page: Rgb | None) -> Rgb | None:
    """What its letters stand on; None where that is not known: a table's style, say, may colour it."""
    marked = _nearest(looks, "highlight")
    if marked is not None and (said := marked.get(f"{_W}val")) != "none":
        return _HIGHLIGHTS.get(said)
    paragraph = next(run.iterancestors(f"{_W}p"), None)
    around = [] if paragraph is None else [paragraph, *_chain(paragraph.find(f"{_W}pPr/{_W}pStyle"), styles)]
    shades = [_nearest(looks, "shd"), *(each.find(f"{_W}pPr/{_W}shd") for each in around)]
    shade = next((each for each in shades if _is_filled(each)), None)
    if shade is not None:
        return _filled(shade)
    within = next(run.iterancestors(f"{_W}tc", f"{_W}txbxContent"), None)
    if within is None:
        return page
    cell = within.find(f"{_W}tcPr/{_W}shd")
    return _filled(cell) if _is_filled(cell) else None


def _is_filled(shade: Any) -> bool:
    if shade is None or shade.get(f"{_W}val") == "nil":
        return False
    return (shade.get(f"{_W}val", "clear"), shade.get(f"{_W}fill", "auto")) != ("clear", "auto")


def _filled(shade: Any) -> Rgb | None:
    """The colour of a shading; None for a pattern."""
    fill = {"clear": "fill", "solid": "color"}.get(shade.get(f"{_W}val", "clear"))
    return from_hex(shade.get(f"{_W}{fill}", "")) if fill else None
