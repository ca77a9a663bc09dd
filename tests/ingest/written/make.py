"""The sample files beside this one, made by the programs that people make theirs with.

    python -m tests.ingest.written.make

LibreOffice writes ``contrato.*`` from ``contrato.fodt``, ``precos.*`` from ``precos.fods``, ``formacao.*`` and
``cores.*`` from what python-pptx makes here; Chromium prints ``relatorio.pdf`` from ``relatorio.html``. They are
committed, so that the tests need neither program.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.slide import Slide
from pptx.util import Cm

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
HERE = Path(__file__).parent
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_TABS = "tsv:Text - txt - csv (StarCalc):9,34,76"
"""LibreOffice's filter for text: tabs (9) between cells, quotes (34) around them, UTF-8 (76)."""


def presentation(path: Path) -> None:
    """Two slides and one that is hidden; the first has notes, the second a table."""
    made = Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "Segurança na casa das bombas"
    body = first.placeholders[1].text_frame
    body.text = "Corte a corrente antes de abrir a tampa"
    body.add_paragraph().text = "Espere dez minutos pela descarga"
    first.notes_slide.notes_text_frame.text = "Mostrar o cadeado vermelho."
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Contactos"
    rows = (("Turno", "Extensão"), ("Manhã", "214"), ("Noite", "219"))
    table = second.shapes.add_table(3, 2, Cm(2), Cm(5), Cm(16), Cm(3)).table
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    hidden = made.slides.add_slide(made.slide_layouts[5])
    hidden.shapes.title.text = "Rascunho que ninguém vê"
    hidden.element.set("show", "0")
    made.save(str(path))


def colours(path: Path) -> None:
    """Three slides of letters in sight and out of it: on white, on a layout of navy and white letters, and on one whose
    contents are white on white."""
    made = Presentation()
    white, navy = RGBColor(255, 255, 255), RGBColor(0, 32, 96)
    dark, blank = made.slide_layouts[5], made.slide_layouts[1]
    dark.background.fill.solid()
    dark.background.fill.fore_color.rgb = navy
    for pattern in (dark.placeholders[0], blank.placeholders[1]):
        styles = next(pattern.element.iter("{*}lstStyle"))
        level = etree.SubElement(etree.SubElement(styles, f"{_A}lvl1pPr"), f"{_A}defRPr")
        etree.SubElement(etree.SubElement(level, f"{_A}solidFill"), f"{_A}srgbClr", val=str(white))

    def box(slide: Slide, top: int, text: str, ink: RGBColor, fill: RGBColor | None = None) -> None:
        shape = slide.shapes.add_textbox(Cm(2), Cm(top), Cm(14), Cm(2))
        shape.text_frame.text = text
        shape.text_frame.paragraphs[0].runs[0].font.color.rgb = ink
        if fill is not None:
            shape.fill.solid()
            shape.fill.fore_color.rgb = fill

    first, second, third = (made.slides.add_slide(layout) for layout in (made.slide_layouts[6], dark, blank))
    box(first, 2, "Azul sobre branco", navy)
    box(first, 5, "Segredo branco", white)
    box(first, 8, "Branco sobre azul", white, navy)
    box(first, 11, "Segredo azul", navy, navy)
    second.shapes.title.text = "Título branco sobre azul"
    box(second, 8, "Texto branco sobre azul", white)
    box(second, 11, "Segredo no escuro", navy)
    third.shapes.title.text = "Título preto"
    third.placeholders[1].text_frame.text = "Segredo herdado"
    made.save(str(path))


def converted(source: Path, kind: str, folder: Path) -> None:
    command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def printed(source: Path, target: Path) -> None:
    """With Chromium's own header and footer, which name the page: from where no other machine has another path."""
    page = Path(shutil.copy(source, tempfile.gettempdir()))
    program = next(filter(None, map(shutil.which, _CHROMIUM)))
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={target}"]
    subprocess.run([program, *options, page.as_uri()], check=True, capture_output=True, timeout=120)
    page.unlink()


def main() -> None:
    for kind in ("odt", "docx", "rtf", "pdf", "epub", "html"):
        converted(HERE / "contrato.fodt", kind, HERE)
    for kind in ("ods", "xlsx", "csv", _TABS):
        converted(HERE / "precos.fods", kind, HERE)
    with tempfile.TemporaryDirectory() as folder:
        presentation(Path(folder) / "formacao.pptx")
        colours(Path(folder) / "cores.pptx")
        for name in ("formacao.pptx", "cores.pptx"):
            for kind in ("odp", "pptx", "pdf"):
                converted(Path(folder) / name, kind, HERE)
    printed(HERE / "relatorio.html", HERE / "relatorio.pdf")


if __name__ == "__main__":
    main()
