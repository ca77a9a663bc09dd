"""What a PDF's pages and fonts say beyond its letters."""

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Extract, extract

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
