"""Garbled text layers, running lines that change, printed page numbers."""

import io
from pathlib import Path

import pytest
import reportlab
from pypdf import PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import DecodedStreamObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Extract, extract
from ingest.read.garbled import is_garbled
from rag.errors import UnreadableFile

PROSE = (
    "The warranty of the pump covers all spare parts for two years from the day",
    "on which it was delivered, but not the seals that wear out in ordinary use.",
)
PRIVATE = "<00> <FF> <E000>"
SHIFTED = "<3D> <7E> <0020>"
UNKNOWN = "<61> <7A> <FFFD>\n<41> <5A> <FFFD>"


def with_font(ranges: str, *, pages: int = 2) -> bytes:
    """Pages of prose: the first in Helvetica, the others in a font that says its letters are those of ``ranges``."""
    pdfmetrics.registerFont(TTFont("Vera", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"))
    data = io.BytesIO()
    canvas = Canvas(data)
    for number in range(pages):
        canvas.setFont("Vera" if number or pages == 1 else "Helvetica", 10)
        for line, text in enumerate(PROSE):
            canvas.drawString(60, 780 - 16 * line, text)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=io.BytesIO(data.getvalue()))
    many = ranges.split("\n")
    table = DecodedStreamObject()
    table.set_data(
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /X def\n/CMapType 2 def\n"
        b"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        + f"{len(many)} beginbfrange\n{ranges}\nendbfrange\n".encode()
        + b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            if "/ToUnicode" in font.get_object():
                font.get_object()["/ToUnicode"].get_object().set_data(table.get_data())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("ranges", [PRIVATE, SHIFTED, UNKNOWN])
def test_a_garbled_page_is_not_indexed_and_reported(ranges):
    found = extract(with_font(ranges), "m.pdf")[1]
    assert found.text == " ".join(PROSE)
    assert [page.number for page in found.pages] == [1]
    assert found.warnings == ("page 2: its text layer is garbled",)


@pytest.mark.parametrize("ranges", [PRIVATE, SHIFTED])
def test_a_file_of_garbled_pages_alone_is_refused_as_a_scan_is(ranges):
    with pytest.raises(UnreadableFile, match="its text layer is garbled"):
        extract(with_font(ranges, pages=1), "m.pdf")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"\uf0b7 item {n}" for n in range(9)),
        "\n".join(f"\uf0b7peça {n}" for n in range(9)),
        "P-200 BSPT NPT DN25 PN16 AISI 304 INOX VITON EPDM NBR PTFE DIN ISO ASTM KSB WEG ABNT CNPJ FPM VDC IP68 BSP",
        "Gwarancja obejmuje wszystkie części pompy i trwa dwa lata od daty zakupu w sklepie, chyba że umowa stanowi",
        "Гарантия распространяется на все части насоса и действует два года со дня покупки в магазине изготовителя",
        "12 345,00 7 890,10 2024 2025 33,3 % 18 % 1.234.567,89",
        "x",
        "",
    ],
)
def test_bullets_codes_figures_and_other_languages_are_no_garble(text):
    assert not is_garbled(text)


def book(*pages: tuple[str, str, str], labels: bool = False) -> Extract:
    """Pages of a header, a paragraph of eight lines of its own and a footer."""
    data = io.BytesIO()
    canvas = Canvas(data)
    for number, (header, word, footer) in enumerate(pages):
        canvas.drawString(60, 800, header)
        for line in range(8):
            canvas.drawString(60, 760 - 16 * line, f"{word}{'abcdefgh'[line]} {'ijklmnopqrst'[number]} fala da bomba e")
        canvas.drawString(60, 40, footer)
        canvas.showPage()
    canvas.save()
    if not labels:
        return extract(data.getvalue(), "m.pdf")[1]
    writer = PdfWriter(clone_from=io.BytesIO(data.getvalue()))
    writer.set_page_label(0, 1, PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(2, len(pages) - 1, PageLabelStyle.DECIMAL, start=1)
    out = io.BytesIO()
    writer.write(out)
    return extract(out.getvalue(), "m.pdf")[1]


WORDS = ("Bomba", "Crivo", "Rotor", "Poço", "Selo", "Eixo", "Tubo", "Cabo", "Fio", "Mola")


def test_page_x_of_y_and_headers_that_take_turns_are_removed():
    found = book(
        *(
            (f"{n} Manual da bomba" if n % 2 else f"Instalação e uso {n}", word, f"Página {n} de 10")
            for n, word in enumerate(WORDS, 1)
        )
    )
    assert not any(said in found.text for said in ("Manual", "Instalação", "Página"))
    assert all(f"{word}a" in found.text and f"{word}h" in found.text for word in WORDS)


def test_a_header_that_names_the_chapter_is_removed_and_a_title_said_once_is_not():
    chapters = ["Antes de usar"] * 3 + ["Limpeza"] * 4 + ["Descarte"] * 2 + ["Índice remissivo"]
    found = book(*((chapter, word, "") for chapter, word in zip(chapters, WORDS, strict=True)))
    assert not any(said in found.text for said in ("Antes de usar", "Limpeza", "Descarte"))
    assert "Índice remissivo" in found.text


def test_roman_page_numbers_are_removed():
    romans = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
    found = book(*(("", word, f"- {roman} -") for word, roman in zip(WORDS, romans, strict=True)))
    assert "iii" not in found.text
    assert "viii" not in found.text


def test_lines_of_the_text_that_come_back_stay():
    pages = [("Nota", word, "") if n in {1, 3} else (f"{word} abre", word, "") for n, word in enumerate(WORDS)]
    assert book(*pages).text.count("Nota") == 2


@pytest.mark.parametrize(
    "lines",
    [
        ("Vale uma troca", "na loja do Porto"),
        ("Vale uma troca", "na loja do Porto", "até ao fim do ano"),
    ],
)
def test_copies_of_a_short_page_are_text(lines):
    data = io.BytesIO()
    canvas = Canvas(data)
    for _ in range(3):
        for at, line in enumerate(lines):
            canvas.drawString(60, 800 - 20 * at, line)
        canvas.showPage()
    canvas.save()
    text = " ".join(extract(data.getvalue(), "m.pdf")[1].text.split())
    assert all(text.count(line) == 3 for line in lines)


def test_pages_keep_the_numbers_printed_on_them():
    found = book(*(("", word, "") for word in WORDS[:4]), labels=True)
    assert [(page.number, page.label) for page in found.pages] == [(1, "i"), (2, "ii"), (3, "1"), (4, "2")]
    assert [page.label for page in book(*(("", word, "") for word in WORDS[:4])).pages] == [""] * 4


def typed(*lines: str, font: str = "Courier") -> str:
    data = io.BytesIO()
    canvas = Canvas(data)
    canvas.setFont(font, 11)
    for number, line in enumerate(lines):
        canvas.drawString(60, 780 - 13 * number, line)
    canvas.save()
    return extract(data.getvalue(), "m.pdf")[1].text


def test_a_typewritten_page_is_prose_and_no_program():
    assert typed("A bomba foi levada ao caudal nominal três vezes,", "e a vibração ficou abaixo do limite.") == (
        "A bomba foi levada ao caudal nominal três vezes, e a vibração ficou abaixo do limite."
    )
