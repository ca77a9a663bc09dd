"""What each format says beyond plain paragraphs: nothing lost, nothing glued, nothing twice."""

import contextlib
import io

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import extract
from ingest.read.plain import decode
from rag.errors import UnreadableFile

PORTUGUESE = [
    "café",
    "Não há nada",
    "pão e maçã, São João",
    "AÇÃO DE MANUTENÇÃO",
    "RELATÓRIO À DIREÇÃO",
    "A garantia cobre peças e mão de obra por 24 meses.",
    "“Ação” – já não é válida…",
    "It’s £5 – naïve résumé",
]


def html(body: str) -> str:
    return extract(f"<!doctype html><body>{body}</body>".encode(), "p.html")[1].text


def word(*blocks: str) -> bytes:
    """A Word file with these pieces of XML as its body."""
    document = Document()
    for block in blocks:
        document.element.body.insert_element_before(parse_xml(block.replace(">", f" {nsdecls('w')}>", 1)), "w:sectPr")
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("text", PORTUGUESE)
def test_short_notes_in_old_encodings_are_read_right(text, encoding):
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    "text",
    [
        "ação",
        "peça",
        "já",
        "NÃO",
        "última",
        "ÚLTIMA HORA",
        "O preço da peça sobe em março.",
        "às 15h, à sombra",
        "1.º lugar",
        "4,5 m³/h a 40 °C",
        "Not more than £86.00",
        "CÓDIGO E POTÊNCIA",
        "A PEÇA NÃO ESTÁ NO ARMAZÉM",
    ],
)
@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "mac_roman"])
def test_a_short_note_is_read_right_in_each_encoding_that_can_write_it(text, encoding):
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return
    assert decode(data)[0] == text


@pytest.mark.parametrize(
    "text",
    ["the cells—and under these conditions", "follow–up, don’t", "kept at 4 ± 1 °C", "Müller", "São Paulo", "CAFÉ"],
)
def test_a_dash_a_sign_or_a_name_of_windows_is_no_letter_of_another_encoding(text):
    assert decode(text.encode("cp1252")) == (text, "cp1252")


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(
        [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"# a\n|a|b|\n|-|-|\n|", b"<table><tr>"]
    ),
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["x.txt", "x.md", "x.html", "x.pdf", "x.docx", "x"]),
)
def test_any_bytes_are_text_or_refused_with_a_reason(start, rest, name):
    with contextlib.suppress(UnreadableFile):
        _, found = extract(start + rest, name)
        assert any(c.isalnum() for c in found.text)
        assert all(found.text[h.start : h.end] == h.title for h in found.headings)
        assert found.text.encode("utf-8").decode("utf-8") == found.text


def test_one_rare_character_does_not_make_a_note_unreadable():
    assert decode("A salinidade média anual: +1.15‰ (desvio)".encode("cp1252"))[1] == "cp1252"
    assert decode("The yearly mean was +1.15‰.".encode("cp1252"))[1] == "cp1252"
    with pytest.raises(UnreadableFile, match="not text"):
        decode(bytes(range(0x80, 0x100)) * 3)


def test_a_truncated_utf16_file_is_refused():
    with pytest.raises(UnreadableFile, match="utf-16"):
        extract("ação".encode("utf-16")[:-1], "x.txt")


def test_a_note_about_pdf_is_a_note():
    assert extract(b"A file that starts with %PDF-1.7 is a PDF.", "n.txt")[0] == "text/plain"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>um<br>dois <b>três </b>quatro<i>!</i></p>", "um dois três quatro!"),
        ("<ul><li>Vale <b>sempre</b> e aqui<ul><li>sub</ul> fim</ul>", "- Vale sempre e aqui\n- sub\n\nfim"),
        ("<ol start=3><li>abra<li><p>feche</p><p>espere</p></ol>", "3. abra\n4. feche\n\nespere"),
        ("antes <span>dentro</span> depois<p>bloco</p>cauda", "antes dentro depois\n\nbloco\n\ncauda"),
        ("<p>a<script>x()</script>b<svg><text>y</text></svg></p>", "ab"),
        ("<div>um<div>dois</div></div>", "um\n\ndois"),
        ("<article><p>um</p><article><p>dois</p></article></article>", "um\n\ndois"),
        ("<form><p>corpo</p></form>", "corpo"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<dl><dt>Prazo<dd>24 meses</dl>", "Prazo: 24 meses"),
        ("<table><tr><td><h1>T</h1><p>corpo</p><table><tr><th>A<th>B<tr><td>1<td>2</table></table>",
         "T\n\ncorpo\n\nA: 1 | B: 2"),
        ("<table><tr><td>Peso<td>9 kg<tr><td>Cor<td>azul</table>", "Peso: 9 kg\nCor: azul"),
        ("<header><h1>T</h1></header><header><p>menu</p></header><p>x</p>", "T\n\nx"),
    ],
)  # fmt: skip
def test_a_page_is_read_as_it_is_shown(body, text):
    assert html(body) == text


def test_a_page_that_says_latin1_is_windows_1252():
    data = '<html><meta charset="iso-8859-1"><p>“Ação”</p>'.encode("cp1252")
    assert extract(data, "p.html")[1].text == "“Ação”"


def test_a_page_whose_declaration_lies_is_read_by_its_bytes():
    data = '<html><meta charset="utf-8"><p>É uma ação já válida</p>'.encode("cp1252")
    assert extract(data, "p.html")[1].text == "É uma ação já válida"


def test_markdown_keeps_numbers_of_steps_html_and_line_breaks():
    data = (
        b"3. abra\n4. feche\n\n   e espere\n\n<div><p>em HTML</p></div>\n\n<!-- nada -->\n\n|A|B|\n|-|-|\n|1<br>2|3|\n"
    )
    assert extract(data, "g.md")[1].text == "3. abra\n4. feche\n\ne espere\n\nem HTML\n\nA: 1 2 | B: 3"


def test_a_word_file_is_read_with_insertions_and_controls_and_without_deletions():
    data = word(
        "<w:p><w:r><w:t>Prazo de </w:t></w:r><w:del><w:r><w:delText>30</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>45</w:t></w:r></w:ins><w:r><w:t> dias</w:t><w:br/><w:t>úteis</w:t></w:r></w:p>",
        f"<w:sdt><w:sdtContent>{paragraph('Em controle.')}</w:sdtContent></w:sdt>",
    )
    assert extract(data, "c.docx")[1].text == "Prazo de 45 dias\núteis\n\nEm controle."


def test_a_style_based_on_a_heading_is_a_heading_and_a_paragraph_in_one_is_text():
    document = Document()
    style = document.styles.add_style("Cláusula", 1)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Do prazo", style=style)
    document.add_paragraph("Palavra " * 60, style="Heading 1")
    data = io.BytesIO()
    document.save(data)
    found = extract(data.getvalue(), "c.docx")[1]
    assert [(h.level, h.title) for h in found.headings] == [(2, "Do prazo")]
    assert found.text.endswith("Palavra")


def test_merged_and_nested_cells_of_a_word_table_say_what_they_hold():
    document = Document()
    table = document.add_table(rows=3, cols=2)
    for cell, text in zip(table._cells, ["País", "Cidade", "Brasil", "Caxias", "", "Petrolina"], strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    inner = table.cell(2, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "CEP", "56300"
    data = io.BytesIO()
    document.save(data)
    assert extract(data.getvalue(), "c.docx")[1].text == (
        "País: Brasil | Cidade: Caxias\nPaís: Brasil | Cidade: Petrolina CEP; 56300"
    )
