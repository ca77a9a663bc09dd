"""What a PDF's pages and fonts say beyond its letters."""

import io
import itertools

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Extract, extract
from ingest.split import split
from rag.config import ChunkSettings
from rag.types import Document
from tests.doubles import HashingEncoder

BODY = ("Helvetica", 10)
BOLD = ("Helvetica-Bold", 10)
LARGE = ("Helvetica-Bold", 14)
TITLE = ("Helvetica", 20)
Font = tuple[str, float]


def pdf(*pages: list[str | tuple[str, Font]], scale: float = 1) -> bytes:
    """Lines from the top of each page down, in the body's font or their own; all set in a space ``scale`` times as
    large, as some programs do."""
    data = io.BytesIO()
    canvas = Canvas(data)
    for lines in pages:
        canvas.scale(scale, scale)
        y = 780.0
        for line in lines:
            text, (name, size) = line if isinstance(line, tuple) else (line, BODY)
            canvas.setFont(name, size / scale)
            canvas.drawString(60 / scale, y / scale, text)
            y -= 1.6 * size
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def read(*pages: list[str | tuple[str, Font]], scale: float = 1) -> Extract:
    found = extract(pdf(*pages, scale=scale), "m.pdf")[1]
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    return found


def headings(*lines: str | tuple[str, Font], scale: float = 1) -> list[tuple[int, str]]:
    return [(h.level, h.title) for h in read(list(lines), scale=scale).headings]


PROSE = "A bomba deve ser instalada em lugar seco, ventilado e perto da água."


def test_a_sentence_that_runs_over_a_page_is_one_and_its_chunk_is_of_the_page_it_begins_on():
    first = ["Nascente - Manual", PROSE, "A garantia cobre as peças de reposição que forem", "Página 1"]
    second = ["Nascente - Manual", "compradas no Brasil. O frete é grátis.", "Terceira frase.", "Página 2"]
    third = ["Nascente - Manual", PROSE, "Fim do manual da bomba.", "Página 3"]
    found = read(first, second, third)
    sentence = "A garantia cobre as peças de reposição que forem compradas no Brasil."
    assert sentence in found.text
    pages = [found.text[page.start : page.end] for page in found.pages]
    assert pages[0].endswith("que forem")
    assert pages[1].startswith("compradas no Brasil.")
    document = Document("d", "m.pdf", "", "application/pdf", "pt", found.text, "x", found.pages, found.headings)
    chunks = split(document, HashingEncoder(), ChunkSettings(tokens=32, overlap_sentences=0))
    assert [chunk.page for chunk in chunks if sentence in chunk.text] == [1]
    assert next(chunk.page for chunk in chunks if "Terceira" in chunk.text) in {1, 2}


def test_a_word_divided_by_a_page_is_whole():
    assert "duas vezes por ano, a manutenção preventiva" in read(
        [PROSE, "Faça-se, duas vezes por ano, a manuten-"], ["ção preventiva da bomba."]
    ).text  # fmt: skip


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("A regra vale sempre.", "e também aqui, diz o texto."),
        ("Uma frase sem o seu ponto final", "Outra frase, que começa por si."),
        ("Uma frase sem o seu ponto final", "- um item da lista de peças"),
        ("Uma frase sem o seu ponto final", "2 Instalação"),
        ("Uma frase sem o seu ponto final", ("nota de rodapé em letra miúda", ("Helvetica", 6))),
    ],
)
def test_a_page_that_begins_anew_is_a_block_of_its_own(last, first):
    text = first if isinstance(first, str) else first[0]
    found = read([PROSE, "1 Uso", PROSE, last], [first, PROSE])
    assert f"{last}\n" in found.text
    assert found.text[found.pages[1].start :].startswith(text)


def test_a_scanned_page_between_two_pages_keeps_them_apart():
    assert "peças que\n\nforem" in read([PROSE, "A garantia cobre as peças que"], [], ["forem compradas."]).text


@pytest.mark.parametrize("scale", [1, 10])
def test_lines_larger_than_the_body_are_headings_by_their_size(scale):
    lines = [("Manual da bomba", TITLE), PROSE, ("Limpeza do crivo", LARGE), PROSE, PROSE, ("Descarte", LARGE), PROSE]
    assert headings(*lines, scale=scale) == [(1, "Manual da bomba"), (2, "Limpeza do crivo"), (2, "Descarte")]


def test_a_bold_line_alone_is_a_heading_and_a_bold_paragraph_or_sentence_is_not():
    assert headings(
        PROSE, ("Limpeza do crivo", BOLD), PROSE, ("Nunca ligue a bomba sem água.", BOLD), PROSE, PROSE,
        ("Atenção: leia tudo isto com", BOLD), ("muito cuidado antes de ligar", BOLD), ("a bomba pela 1ª vez", BOLD),
        PROSE, PROSE, PROSE,
    ) == [(1, "Limpeza do crivo")]  # fmt: skip


def test_a_heading_of_two_lines_is_one():
    wide = ("Regras para a instalação de bombas em poços", ("Helvetica-Bold", 16))
    assert headings(wide, ("profundos e lagos", wide[1]), PROSE, PROSE) == [
        (1, "Regras para a instalação de bombas em poços profundos e lagos")
    ]


def test_numbers_of_headings_that_stand_out_deepen_them_and_plain_numbers_make_none():
    assert headings(
        ("1 Uso", LARGE), PROSE, ("1.1 Limpeza", LARGE), PROSE, "2 Parafusos de aço", PROSE, ("2 Descarte", LARGE),
        PROSE, PROSE,
    ) == [(1, "1 Uso"), (2, "1.1 Limpeza"), (1, "2 Descarte")]  # fmt: skip


def test_large_figures_and_tables_of_contents_are_no_headings():
    assert headings(("82 %", TITLE), ("1 Uso . . . . . . . 3", LARGE), PROSE, PROSE, PROSE) == []


def test_a_drop_cap_does_not_make_its_line_a_heading():
    data = io.BytesIO()
    canvas = Canvas(data)
    canvas.setFont("Helvetica", 30)
    canvas.drawString(60, 700, "A")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(82, 700, "bomba deve ser instalada em lugar seco")
    canvas.drawString(60, 684, PROSE)
    canvas.save()
    assert extract(data.getvalue(), "m.pdf")[1].headings == ()


HEADER = ["Código", "Causa", "O que fazer"]
ROWS = [["E1", "falta de água", "veja o nível do poço"], ["E4", "rotor travado", "retire a sujeira"]]
LINES = (
    "Código: E1 | Causa: falta de água | O que fazer: veja o nível do poço\n"
    "Código: E4 | Causa: rotor travado | O que fazer: retire a sujeira"
)


def table(*rows: list[str], header: str = "Helvetica-Bold", steps: tuple[float, ...] = (), below: str = PROSE) -> str:
    """The text of a page with these rows, cells at the same places, ``steps`` apart; a paragraph above and below."""
    data = io.BytesIO()
    canvas = Canvas(data)
    canvas.setFont(*BODY)
    canvas.drawString(60, 800, PROSE)
    height = 760.0
    for row, step in itertools.zip_longest(rows, steps, fillvalue=18.0):
        canvas.setFont(header if row is rows[0] else "Helvetica", 10)
        for text, left in zip(row, (60, 120, 260), strict=True):
            canvas.drawString(left, height, text)
        height -= step
    canvas.setFont(*BODY)
    canvas.drawString(60, height - 30, below)
    canvas.save()
    return extract(data.getvalue(), "m.pdf")[1].text


def test_a_table_says_the_names_of_its_columns_in_each_row():
    assert table(HEADER, *ROWS) == f"{PROSE}\n\n{LINES}\n\n{PROSE}"


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, ROWS[0]],  # one row is no column
        [HEADER, ROWS[0], ["", "", "e escorve de novo"], ROWS[1]],  # a cell of two lines
        [HEADER, *ROWS, ["", "", "pelo bocal de saída"]],
        [HEADER, *ROWS, ["E5", "", "procure a assistência"]],  # an empty cell, or a cell that wraps
        [["", "", "O que"], HEADER, *ROWS],
        [HEADER, ["E1", "uma causa tão longa que entra na outra", "veja"], ROWS[1]],
    ],
)
def test_rows_that_are_not_plainly_a_table_stay_lines(rows):
    assert ": E1" not in table(*rows)


def test_a_table_without_a_header_that_stands_out_stays_lines():
    assert ": E1" not in table(HEADER, *ROWS, header="Helvetica")


def test_rows_at_uneven_distances_stay_lines():
    assert ": E1" not in table(HEADER, *ROWS, ["E5", "sensor", "veja"], steps=(18, 12, 24))


def test_prose_in_two_columns_under_bold_titles_stays_prose():
    data = io.BytesIO()
    canvas = Canvas(data)
    for number in range(10):
        canvas.setFont("Helvetica" if number else "Helvetica-Bold", 10)
        canvas.drawString(
            40, 780 - 12 * number, "A bomba deve ser instalada em lugar seco, arejado e" if number else "Uso"
        )
        canvas.drawString(320, 780 - 12 * number, "O prazo de entrega das peças é" if number else "Peças")
    canvas.save()
    assert "Uso: " not in extract(data.getvalue(), "m.pdf")[1].text
