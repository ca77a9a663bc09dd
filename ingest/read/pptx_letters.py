"""How the letters of a slide look: what their own run says, or what they inherit from their shape, the placeholder of
the layout and of the master that it is like, and the styles of master and presentation (ECMA-376 part 1, 19.3.1.51 and
21.1.2.4)."""

from __future__ import annotations

from typing import Any

from ingest.read.colours import Rgb
from ingest.read.pptx_papers import P, kind_on_master, patterns
from ingest.read.scheme import FILLS, A, Scheme, drawn

__all__ = ["Letters"]


class Letters:
    """The letters of one shape of a slide; those of a table inherit from its style, which is not looked into."""

    def __init__(self, shape: Any, slide: Any, scheme: Scheme) -> None:
        self._scheme = scheme
        self._near: list[Any] = []
        self._far: list[Any] = []
        if shape.element.tag != f"{P}sp":
            return
        layout = slide.slide_layout
        likes = patterns(shape, layout)
        found = (each.element.find(f"{P}txBody/{A}lstStyle") for each in (shape, *likes))
        self._near = [style for style in found if style is not None]
        styled = shape.element.find(f"{P}style/{A}fontRef")
        self._near += [] if styled is None else [styled]
        styles = layout.slide_master.element.find(f"{P}txStyles")
        if not shape.is_placeholder:
            # PowerPoint takes the one, other programs the other.
            presentation = slide.part.package.presentation_part.presentation.element
            far = [presentation.find(f"{P}defaultTextStyle"), _style(styles, "other")]
        else:
            far = [_style(styles, _kind(likes[-1]))] if likes else []
        self._far = [style for style in far if style is not None]

    def ink(self, run: Any) -> tuple[Rgb, float] | None:
        """The colour of the run's letters and how opaque it is, of 1; None where that is not known."""
        for properties in self._of(run, self._near):
            if (fill := _fill(properties)) is not None:
                return self._drawn(fill)
        fills = (_fill(properties) for properties in self._of(run, self._far))
        found = {self._drawn(fill) for fill in fills if fill is not None}
        return found.pop() if len(found) == 1 else None

    def says(self, run: Any, *names: str) -> Any:
        """The nearest element of one of these names (``ln``, ``effectLst``), or None."""
        chain = self._of(run, [*self._near, *self._far])
        elements = (element.find(f"{A}{name}") for element in chain for name in names)
        return next((element for element in elements if element is not None), None)

    def size(self, run: Any) -> int | None:
        """Hundredths of a point; None where nothing says."""
        sizes = (element.get("sz") for element in self._of(run, [*self._near, *self._far]))
        return next((int(size) for size in sizes if size), None)

    def _of(self, run: Any, inherited: list[Any]) -> list[Any]:
        """What says how the run looks, the nearest first: its own properties, then those of its paragraph's level."""
        paragraph = run.getparent().find(f"{A}pPr")
        level = 1 + int((paragraph.get("lvl") if paragraph is not None else None) or 0)
        own = run.find(f"{A}rPr")
        levels = (each if each.tag == f"{A}fontRef" else each.find(f"{A}lvl{level}pPr/{A}defRPr") for each in inherited)
        return [each for each in (own, *levels) if each is not None]

    def _drawn(self, fill: Any) -> tuple[Rgb, float] | None:
        if fill.tag == f"{A}noFill":
            return (0.0, 0.0, 0.0), 0.0
        said = fill[0] if len(fill) and fill.tag in {f"{A}solidFill", f"{A}fontRef"} else None
        return None if said is None else drawn(said, self._scheme)


def _fill(properties: Any) -> Any:
    """What colours the letters; None where these properties do not."""
    if properties.tag == f"{A}fontRef":
        return properties if len(properties) else None
    return next((child for child in properties if child.tag in FILLS), None)


def _style(styles: Any, kind: str) -> Any:
    return styles.find(f"{P}{kind}Style") if styles is not None else None


def _kind(pattern: Any) -> str:
    """Which of a master's styles the placeholder has, also where the master has no placeholder like it."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    return {KIND.TITLE: "title", KIND.BODY: "body"}.get(kind_on_master(pattern), "other")
