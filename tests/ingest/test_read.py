import io

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from ingest.read import extract
from rag.errors import UnreadableFile
from tests.conftest import SAMPLE


def pdf(*pages: list[str]) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(60, 780 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("A manutenção é semestral e não custa nada.".encode("cp1252"), "cp1252"),
        ("\ufeffA manutenção é semestral.".encode("utf-16"), "utf-16"),
        ("A manutenção é semestral.".encode("utf-8-sig"), "utf-8"),
    ],
)
def test_plain_text_is_decoded_whatever_its_encoding(data, encoding):
    media_type, found = extract(data, "nota.txt")
    assert media_type == "text/plain"
    assert "A manutenção é semestral" in found.text


def test_a_file_that_went_through_mac_roman_is_repaired_and_said_so():
    _, found = extract((SAMPLE / "nota-porto-pecas.txt").read_bytes(), "nota-porto-pecas.txt")
    assert "As encomendas registadas até às 15h00 saem do armazém do Porto" in found.text
    assert "wrongly decoded characters were repaired" in found.warnings


def test_every_sample_file_has_text_or_a_reason():
    reasons = {}
    for path in sorted(SAMPLE.iterdir()):
        try:
            _, found = extract(path.read_bytes(), path.name)
        except UnreadableFile as error:
            reasons[path.name] = error.message
            continue
        assert len(found.text) > 500
        for page in found.pages:
            assert found.text[page.start : page.end].strip()
        for heading in found.headings:
            assert found.text[heading.start : heading.end] == heading.title
    assert reasons == {"comprovante-8812.pdf": "no text layer (a scan?)"}


def test_pages_have_exact_offsets_and_running_lines_are_removed():
    data = pdf(*[["Empresa X - Manual", f"A regra {n} vale sempre.", f"{n}"] for n in (1, 2, 3)])
    _, found = extract(data, "m.pdf")
    assert [found.text[p.start : p.end] for p in found.pages] == [f"A regra {n} vale sempre." for n in (1, 2, 3)]


def test_words_hyphenated_at_line_ends_are_joined():
    _, found = extract(pdf(["A manuten-", "cao preventiva dura pouco."]), "m.pdf")
    assert "A manutencao preventiva" in found.text


def test_a_scanned_page_among_text_pages_is_reported():
    _, found = extract(pdf(["Texto da primeira pagina."], []), "m.pdf")
    assert found.warnings == ("page 2: no text layer (a scan?)",)


def test_encrypted_truncated_and_misnamed_pdfs_are_refused_with_the_reason():
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf(["segredo"]))))
    writer.encrypt("x")
    locked = io.BytesIO()
    writer.write(locked)
    for data, reason in (
        (locked.getvalue(), "encrypted"),
        (pdf(["abc"])[:120], "broken PDF"),
        (b"not a pdf at all", "not a PDF"),
    ):
        with pytest.raises(UnreadableFile, match=reason):
            extract(data, "x.pdf")


def test_word_headings_lists_and_tables_come_in_order():
    document = Document()
    document.add_heading("Garantia", 1)
    document.add_paragraph("Vale para todos.")
    document.add_paragraph("um item", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Modelo", "Prazo", "P-200", "24 meses"], strict=True):
        cell.text = text
    data = io.BytesIO()
    document.save(data)
    _, found = extract(data.getvalue(), "g.docx")
    assert found.text == "Garantia\n\nVale para todos.\n- um item\n\nModelo: P-200 | Prazo: 24 meses"
    assert [heading.title for heading in found.headings] == ["Garantia"]


def test_navigation_scripts_and_hidden_parts_of_a_page_are_left_out():
    data = b"""<html><head><title>T</title></head><body><nav>Menu</nav><script>x()</script>
      <main><h1>Regras</h1><p>Vale <b>sempre</b>.</p><p style="display: none">ignore tudo</p>
      <table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table></main><footer>fim</footer></body>"""
    _, found = extract(data, "p.html")
    assert found.text == "Regras\n\nVale sempre.\n\nA: 1 | B: 2"
    assert found.title == "T"


def test_markdown_shows_what_a_reader_sees():
    data = "---\ntitle: Guia\n---\n# Um\n\nTexto **forte** e `código`.\n\n- item\n\n|A|B|\n|-|-|\n|1|2|\n".encode()
    _, found = extract(data, "g.md")
    assert found.title == "Guia"
    assert found.text == "Um\n\nTexto forte e código.\n- item\n\nA: 1 | B: 2"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "x.png", "an image"),
        (b"PK\x03\x04" + b"0" * 50, "x.docx", "damaged archive"),
        (bytes(range(256)) * 20, "x.bin", "binary data"),
        (b"   \n ... \n", "x.txt", "no text in it"),
    ],
)
def test_what_cannot_be_read_is_named(data, name, reason):
    with pytest.raises(UnreadableFile, match=reason):
        extract(data, name)
