"""Make the sample's Word, PDF and oddly encoded files from ``data/source``: ``python data/build_sample.py [FOLDER]``.

The other files of ``data/sample`` are written by hand. A source is a title, then blocks between blank lines: a
paragraph, ``# `` a heading, ``- `` items, ``| `` a table with its header first, or a page to be scanned between
``` ```scan ``` and ``` ``` ```. What is made is the same to the byte each time, for the same versions of the libraries.
Needs python-docx, reportlab, Pillow and the fonts that matplotlib brings, which the development environment has.
"""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

DATA = Path(__file__).resolve().parent
WRITTEN = datetime(2024, 1, 8, tzinfo=UTC)
WORD = ("politica-despesas-2023", "politica-despesas-2024", "onboarding-guide")
PDF = ("manual-bombas-p", "safety-data-hg2", "supplier-audit-lubrisul", "comprovante-8812")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a source: its lines without the marks, or a table's rows of cells."""

    kind: Literal["heading", "items", "table", "scan", "paragraph"]
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def parse(source: str) -> tuple[str, list[Block]]:
    """``(title, blocks)`` of a source."""
    title, rest = source.split("\n", 1)
    pieces = re.findall(r"```scan\n[\s\S]*?\n```|(?:.+\n?)+", rest)
    return title, [_block(piece.strip("\n")) for piece in pieces]


def _block(piece: str) -> Block:
    lines = piece.split("\n")
    if piece.startswith("```scan"):
        return Block("scan", tuple(lines[1:-1]))
    if piece.startswith("# "):
        return Block("heading", (piece[2:],))
    if piece.startswith("- "):
        return Block("items", tuple(line[2:] for line in lines))
    if piece.startswith("|"):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Block("table", rows=(rows[0], *rows[2:]))
    return Block("paragraph", (piece,))


def word(source: str) -> bytes:
    """A Word file with real headings, lists and tables."""
    from docx import Document

    title, blocks = parse(source)
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = "Nascente Bombas"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    document.add_heading(title, 0)
    for block in blocks:
        if block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif block.kind == "heading":
            document.add_heading(block.lines[0], 1)
        else:
            for line in block.lines:
                document.add_paragraph(line, style="List Bullet" if block.kind == "items" else None)
    data = io.BytesIO()
    document.save(data)
    return _undated(data.getvalue())


def _undated(archive: bytes) -> bytes:
    """The same archive with one date on all its members: python-docx stamps them with the time of saving."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            dated = zipfile.ZipInfo(member.filename, WRITTEN.timetuple()[:6])
            new.writestr(dated, old.read(member), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pdf(source: str) -> bytes:
    """A PDF with a text layer, running header and page numbers, except for scanned pages; tables may cross pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    title, blocks = parse(source)
    _register_fonts()

    def running(canvas: Any, document: Any) -> None:
        canvas.setFont("Body", 8)
        canvas.drawString(22 * mm, 285 * mm, f"Nascente Bombas · {title}")
        canvas.drawRightString(188 * mm, 12 * mm, str(document.page))

    data = io.BytesIO()
    document = BaseDocTemplate(data, pagesize=A4, title=title, author="Nascente Bombas", invariant=1)
    margins = Frame(22 * mm, 18 * mm, 166 * mm, 262 * mm, id="text")
    whole = Frame(0, 0, *A4, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0, id="scan")
    written = PageTemplate("written", [margins], onPage=running)
    scanned = PageTemplate("scanned", [whole])
    first = scanned if blocks[0].kind == "scan" else written
    document.addPageTemplates([first, written if first is scanned else scanned])
    document.build(_story(title, blocks))
    return data.getvalue()


def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("Body", str(_font("DejaVuSans.ttf"))))
    pdfmetrics.registerFont(TTFont("Bold", str(_font("DejaVuSans-Bold.ttf"))))


def _font(name: str) -> Path:
    """A font file of matplotlib's, found without importing it (which would build a font cache)."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("The fonts come with matplotlib: pip install matplotlib")
    return Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf" / name


def _story(title: str, blocks: list[Block]) -> list[Any]:
    """What the pages hold, in order; a scanned page stands alone."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import NextPageTemplate, PageBreak, Paragraph

    body = ParagraphStyle("body", fontName="Body", fontSize=10.5, leading=16, spaceAfter=8)
    heading = ParagraphStyle(
        "heading", fontName="Bold", fontSize=12, leading=16, spaceBefore=8, spaceAfter=5, keepWithNext=1
    )
    large = ParagraphStyle("title", parent=heading, fontSize=15, leading=20, spaceAfter=10)
    if blocks[0].kind == "scan":
        return [_scan(blocks[0].lines)]
    story: list[Any] = [Paragraph(title, large)]
    for block in blocks:
        if block.kind == "scan":
            story += [NextPageTemplate("scanned"), PageBreak(), _scan(block.lines)]
            story += [NextPageTemplate("written"), PageBreak()]
        elif block.kind == "table":
            story += _table(block.rows)
        elif block.kind == "heading":
            story.append(Paragraph(block.lines[0], heading))
        else:
            mark = "- " if block.kind == "items" else ""
            story += [Paragraph(mark + line, body) for line in block.lines]
    return story


def _table(rows: tuple[tuple[str, ...], ...]) -> list[Any]:
    """A ruled table whose columns are as wide as their text; its header is printed again on each page."""
    from reportlab.lib import colors
    from reportlab.platypus import Spacer, Table, TableStyle

    ruled = TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
            ("FONT", (0, 0), (-1, 0), "Bold", 9),
            ("FONT", (0, 1), (-1, -1), "Body", 9),
        ]
    )
    return [Table(rows, repeatRows=1, style=ruled), Spacer(1, 10)]


def _scan(lines: tuple[str, ...]) -> Any:
    """A page as a scanner gives it: a slightly turned grey picture of text, without a text layer."""
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import Image

    page = Picture.new("L", (826, 1169), 246)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(_font("DejaVuSansMono.ttf")), 21)
    for number, line in enumerate(lines):
        draw.text((80, 120 + 46 * number), line, font=font, fill=45)
    file = io.BytesIO()
    page.rotate(0.6, fillcolor=246).save(file, "PNG")
    return Image(file, A4[0], A4[1] - 1)


def misread(text: str) -> bytes:
    """UTF-8 that an old program took for Mac Roman and saved again: ``é`` has become ``√©``."""
    return text.encode("utf-8").decode("mac_roman").encode("utf-8")


def build(folder: Path) -> None:
    """Write all the made files into ``folder``."""
    source = {path.stem: path.read_text(encoding="utf-8") for path in (DATA / "source").iterdir()}
    for name in WORD:
        (folder / f"{name}.docx").write_bytes(word(source[name]))
    for name in PDF:
        (folder / f"{name}.pdf").write_bytes(pdf(source[name]))
    (folder / "termos-de-garantia.txt").write_bytes(source["termos-de-garantia"].encode("cp1252"))
    (folder / "nota-porto-pecas.txt").write_bytes(misread(source["nota-porto-pecas"]))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "sample")
