"""The sample files beside this one, made by the programs that people make theirs with.

    python -m tests.ingest.written.make

LibreOffice writes ``contrato.*`` from ``contrato.fodt``, ``precos.*`` from ``precos.fods`` and ``formacao.*`` from what
python-pptx makes here; Chromium prints ``relatorio.pdf`` from ``relatorio.html``. They are committed, so that the tests
need neither program.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from pptx import Presentation
from pptx.util import Cm

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
        for kind in ("odp", "pptx", "pdf"):
            converted(Path(folder) / "formacao.pptx", kind, HERE)
    printed(HERE / "relatorio.html", HERE / "relatorio.pdf")


if __name__ == "__main__":
    main()
