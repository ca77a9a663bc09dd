"""PPTX and PPTM: python-pptx opens the package and knows what a shape inherits from its layout.

A slide is a page: its title as a heading, its text in the order in which it is read, then the speaker's notes. Diagrams
(SmartArt) and charts hold words too, in parts of their own. Footers, dates and slide numbers are left out on purpose.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Any

from ingest.read.archive import check, parse_xml
from ingest.read.builder import Builder, Extract
from ingest.read.pptx_hidden import drop_hidden
from ingest.read.slides import Placed, hidden_shapes, hidden_slides, in_reading_order
from ingest.read.tables import Cell, grid
from rag.errors import UnreadableFile

__all__ = ["read"]

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_LETTERS = frozenset({f"{_A}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_BROKEN = (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError)
"""What python-pptx raises, besides errors of its own, for a package that is not as it should be."""
_BULLETS = frozenset({f"{_A}buChar", f"{_A}buAutoNum", f"{_A}buBlip"})


def read(data: bytes) -> Extract:
    """The visible slides in order; each is a page of its number.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    check(data)
    from lxml.etree import XMLSyntaxError
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    try:
        presentation = Presentation(io.BytesIO(data))
        builder = Builder(title=presentation.core_properties.title or "")
        _slides(presentation, builder)
    except (PythonPptxError, XMLSyntaxError, zipfile.BadZipFile, *_BROKEN) as error:
        raise UnreadableFile(
            f"not a readable PowerPoint file ({error})", hint="Open it in PowerPoint and save it again."
        ) from error
    return builder.extract()


def _slides(presentation: Any, builder: Builder) -> None:
    hidden = gone = 0
    size = presentation.slide_width, presentation.slide_height
    for number, slide in enumerate(presentation.slides, start=1):
        if slide.element.get("show") in {"0", "false"}:
            hidden += 1
            continue
        _unwrap(slide.element)
        shapes, characters = drop_hidden(slide, *size)
        gone += shapes
        builder.hidden += characters
        start = builder.begin_page()
        title = slide.shapes.title
        if title is not None:
            builder.heading(1, title.text_frame.text.replace("\v", " "))
        for shape in in_reading_order(map(_placed, slide.shapes)):
            if title is None or shape.shape_id != title.shape_id:
                _shape(shape, builder)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
                builder.block(_text(paragraph))
        builder.end_page(number, start)
    builder.warnings += [*hidden_slides(hidden), *hidden_shapes(gone)]


def _unwrap(slide: Any) -> None:
    """Put shapes that newer versions draw where they belong: python-pptx passes over a text that holds an equation."""
    for alternate in list(slide.iter(_ALTERNATE)):
        for shape in alternate[0] if len(alternate) else ():
            alternate.addprevious(shape)
        alternate.getparent().remove(alternate)


def _placed(shape: Any) -> Placed:
    return Placed(shape, shape.top or 0, shape.left or 0, shape.height or 0)


def _shape(shape: Any, builder: Builder) -> None:
    from pptx.enum.shapes import PP_PLACEHOLDER
    from pptx.shapes.group import GroupShape

    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER}:
        return
    if isinstance(shape, GroupShape):
        for inner in in_reading_order(map(_placed, shape.shapes)):
            _shape(inner, builder)
    elif shape.has_text_frame:
        listed = kind in {PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY}
        _paragraphs(shape.text_frame.paragraphs, builder, listed=listed)
    elif getattr(shape, "has_table", False):
        builder.table(grid(_rows(shape.table)))
    elif getattr(shape, "has_chart", False):
        _chart(shape, builder)
    else:
        _diagram(shape, builder)


def _paragraphs(paragraphs: Iterable[Any], builder: Builder, *, listed: bool) -> None:
    """Paragraphs as list items or as blocks; ``listed`` is what they inherit. A list of one item is a sentence."""
    shown = [(paragraph, text) for paragraph in paragraphs if (text := _text(paragraph))]
    for paragraph, text in shown:
        marks = {child.tag for child in paragraph._p.pPr} if paragraph._p.pPr is not None else set()
        inherited = (listed and len(shown) > 1) or paragraph.level > 0
        if f"{_A}buNone" not in marks and (marks & _BULLETS or inherited):
            builder.block(f"- {text}", separator="\n")
        else:
            builder.block(text)


def _text(paragraph: Any) -> str:
    """The text with its equations, which are runs of another kind."""
    parts = ("\n" if each.tag == f"{_A}br" else each.text or "" for each in paragraph._p.iter(f"{_A}br", *_LETTERS))
    return "".join(parts).strip()


def _rows(table: Any) -> list[list[Cell]]:
    """The rows without the cells that a merged one covers."""
    return [
        [
            Cell(
                cell.text_frame.text.replace("\v", " "),
                cell.span_width if cell.is_merge_origin else 1,
                cell.span_height if cell.is_merge_origin else 1,
                header=bool(table.first_row) and number == 0,
            )
            for cell in row.cells
            if not cell.is_spanned
        ]
        for number, row in enumerate(table.rows)
    ]


def _chart(shape: Any, builder: Builder) -> None:
    """A chart as the table it was drawn from: a row a category, a column a series."""
    try:
        chart = shape.chart
        title = chart.chart_title.text_frame.text if chart.has_title and chart.chart_title.has_text_frame else ""
        tables = [_plotted(plot) for plot in chart.plots]
    except (ValueError, KeyError, AttributeError):  # a kind that python-pptx does not know
        builder.warnings.append("a chart was not read")
        return
    builder.block(title)
    for rows in tables:
        builder.table(rows if len(rows) > 1 else [])


def _plotted(plot: Any) -> list[list[Cell]]:
    series = list(plot.series)
    rows = [[Cell(""), *(Cell(each.name, header=True) for each in series)]]
    for index, category in enumerate(plot.categories):
        values = [each.values[index] if index < len(each.values) else None for each in series]
        rows.append([Cell(str(category)), *(Cell("" if value is None else f"{value:.15g}") for value in values)])
    return rows


def _diagram(shape: Any, builder: Builder) -> None:
    """The words of a SmartArt, a line each; a shape of any other kind has none."""
    for ids in shape.element.iter(f"{_DIAGRAM}relIds"):
        root = parse_xml(shape.part.related_part(ids.get(f"{_R}dm")).blob, "a diagram")
        for point in root.iter(f"{_DIAGRAM}pt"):
            for paragraph in point.iter(f"{_A}p"):
                builder.block("".join(text.text or "" for text in paragraph.iter(f"{_A}t")), separator="\n")
