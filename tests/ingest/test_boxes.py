"""A span of a PDF's text is found where it stands on its pages."""

import io
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Extract, extract
from ingest.read.boxes import Box, boxes
from rag.errors import UnreadableFile

WIDTH, HEIGHT = 595.0, 842.0
SIZE = 10
Placed = tuple[float, float, str]
NEAR = 0.1
"""Points: pdfium keeps widths as whole thousandths of the font's size."""


def pdf(*pages: Sequence[Placed]) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(WIDTH, HEIGHT))
    for lines in pages:
        canvas.setFont("Helvetica", SIZE)
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def located(data: bytes, said: str) -> list[tuple[int, tuple[Box, ...]]]:
    found = extract(data, "m.pdf")[1]
    start = found.text.index(said)
    return [(p.number, p.boxes) for p in boxes(data, found.text, found.pages, start, start + len(said))]


def width(text: str) -> float:
    return float(stringWidth(text, "Helvetica", SIZE))


def assert_at(box: Box, line: Placed, part: str) -> None:
    """The box is that of ``part`` of the line: its ends to a tenth of a point, and the letters' height inside."""
    x, y, text = line
    left = x + width(text[: text.index(part)])
    assert box.left == pytest.approx(left, abs=NEAR)
    assert box.right == pytest.approx(left + width(part), abs=NEAR)
    assert box.top < HEIGHT - y - 0.6 * SIZE
    assert HEIGHT - y < box.bottom
    assert box.bottom - box.top < 1.5 * SIZE


FIRST: Placed = (60, 700, "A garantia da bomba cobre as peças de reposição durante")
SECOND: Placed = (60, 686, "dois anos, a contar do dia da entrega em casa do cliente.")


def test_part_of_a_line_has_one_box_as_wide_as_its_letters():
    [(number, [box])] = located(pdf([FIRST, SECOND]), "bomba cobre")
    assert number == 1
    assert_at(box, FIRST, "bomba cobre")


def test_a_span_over_two_lines_has_a_box_on_each():
    [(_, [upper, lower])] = located(pdf([FIRST, SECOND]), "reposição durante dois anos")
    assert_at(upper, FIRST, "reposição durante")
    assert_at(lower, SECOND, "dois anos")


def test_a_page_says_its_size():
    data = pdf([FIRST, SECOND])
    found = extract(data, "m.pdf")[1]
    [page] = boxes(data, found.text, found.pages, 0, 5)
    assert (page.width, page.height) == (WIDTH, HEIGHT)


LEFT = [
    (40.0, 780.0 - 14 * n, f"coluna esquerda, linha {word} da bomba") for n, word in enumerate(("um", "dois", "três"))
]
RIGHT = [
    (330.0, 780.0 - 14 * n, f"coluna direita, linha {word} da bomba") for n, word in enumerate(("um", "dois", "três"))
]


def test_in_two_columns_each_is_found_in_its_own():
    data = pdf([*LEFT, *RIGHT])
    for line in (*LEFT, *RIGHT):
        said = line[2].removesuffix(" da bomba")
        [(_, [box])] = located(data, said)
        assert_at(box, line, said)


def test_a_divided_word_has_a_box_on_either_line():
    upper, lower = (60, 700, "Faça-se duas vezes por ano a manuten-"), (60, 686, "ção preventiva da bomba.")
    [(_, [first, second])] = located(pdf([upper, lower]), "manutenção")
    assert first.left == pytest.approx(60 + width("Faça-se duas vezes por ano a "), abs=NEAR)
    assert_at(second, lower, "ção")


def test_a_span_over_two_pages_is_on_both():
    ending: Placed = (60, 60, "A garantia cobre as peças de reposição que forem")
    beginning: Placed = (60, 780, "compradas no Brasil. O frete é grátis.")
    found = located(pdf([FIRST, ending], [beginning, SECOND]), "que forem compradas no Brasil")
    assert [number for number, _ in found] == [1, 2]
    assert_at(found[0][1][0], ending, "que forem")
    assert_at(found[1][1][0], beginning, "compradas no Brasil")


def test_running_lines_and_hidden_text_move_nothing():
    def page(word: str, hidden: bool) -> list[Placed]:
        lines = [
            (60, 810, "Manual da bomba"),
            (60, 700, f"{word} deve ser instalada em lugar seco"),
            (300, 30, "Página 1"),
        ]
        return [*lines[:1], (900, 750, "instalada em lugar seco"), *lines[1:]] if hidden else lines

    pages = [page("A bomba", True), page("A torneira", False), page("A válvula", False)]
    found = located(pdf(*pages), "A bomba deve ser instalada em lugar seco")
    assert_at(found[0][1][0], pages[0][2], "A bomba deve ser instalada em lugar seco")


def test_the_cells_of_a_table_row_have_boxes_of_their_own():
    header, row = ("Código", "Causa", "Remédio"), ("E4", "rotor travado", "retire a sujeira")
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(WIDTH, HEIGHT))
    for number, cells in enumerate((header, ("E1", "falta de água", "veja o poço"), row)):
        canvas.setFont("Helvetica-Bold" if number == 0 else "Helvetica", SIZE)
        for x, cell in zip((60, 140, 260), cells, strict=True):
            canvas.drawString(x, 700 - 18 * number, cell)
    canvas.save()
    [(_, found)] = located(data.getvalue(), "E4 | Causa: rotor travado | Remédio: retire a sujeira")
    for box, x, cell in zip(found[-3:], (60, 140, 260), row, strict=True):
        assert_at(box, (x, 664, cell), cell)


def test_text_that_runs_up_the_page_has_one_box():
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(WIDTH, HEIGHT))
    canvas.setFont("Helvetica", SIZE)
    canvas.rotate(90)
    canvas.drawString(100, -300, FIRST[2])
    canvas.save()
    [(_, [box])] = located(data.getvalue(), "bomba cobre")
    begins = 100 + width("A garantia da ")
    assert (HEIGHT - box.bottom, HEIGHT - box.top) == (
        pytest.approx(begins, abs=NEAR), pytest.approx(begins + width("bomba cobre"), abs=NEAR)
    )  # fmt: skip
    assert box.left < 300 - 0.6 * SIZE < 300 < box.right


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_on_a_turned_page_boxes_are_where_the_text_is_shown(turn):
    writer = PdfWriter(clone_from=io.BytesIO(pdf([FIRST, SECOND])))
    writer.pages[0].rotate(turn)
    out = io.BytesIO()
    writer.write(out)
    [(_, [box])] = located(out.getvalue(), "bomba cobre")
    x = 60 + width(FIRST[2][: FIRST[2].index("bomba")])
    along = {90: box.top, 180: WIDTH - box.right, 270: WIDTH - box.bottom}[turn]
    assert along == pytest.approx(x, abs=NEAR)


def test_on_a_cropped_page_boxes_count_from_its_crop():
    writer = PdfWriter(clone_from=io.BytesIO(pdf([FIRST, SECOND])))
    writer.pages[0].cropbox.lower_left, writer.pages[0].cropbox.upper_right = (20, 30), (500, 800)
    out = io.BytesIO()
    writer.write(out)
    [(_, [box])] = located(out.getvalue(), "garantia")
    assert box.left == pytest.approx(60 + width("A ") - 20, abs=NEAR)
    assert box.top < 800 - 700 < box.bottom


@given(st.data())
def test_any_span_of_words_is_as_wide_as_its_letters(data):
    lines = [FIRST, SECOND, (60, 640, "O crivo limpa-se uma vez por semana, com água limpa e sem sabão.")]
    file, found = READ
    number = data.draw(st.integers(0, 2))
    words = lines[number][2].split(" ")
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    said = " ".join(words[first : last + 1])
    before = len(" ".join(words[:first])) + (first > 0)
    start = found.text.index(lines[number][2]) + before
    [page] = boxes(file, found.text, found.pages, start, start + len(said))
    [box] = page.boxes
    x = lines[number][0] + width(lines[number][2][:before])
    assert (box.left, box.right) == (pytest.approx(x, abs=NEAR), pytest.approx(x + width(said), abs=NEAR))


def _read() -> tuple[bytes, Extract]:
    data = pdf([FIRST, SECOND, (60, 640, "O crivo limpa-se uma vez por semana, com água limpa e sem sabão.")])
    return data, extract(data, "m.pdf")[1]


READ = _read()


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (5, 5), (7, 3), (0, 10_000)])
def test_a_span_outside_the_text_is_an_error(start, end):
    data, found = READ
    with pytest.raises(ValueError, match="no span"):
        boxes(data, found.text, found.pages, start, end)


def test_another_text_has_no_boxes_and_what_is_no_pdf_an_error():
    data, found = READ
    [page] = boxes(data, "W" * len(found.text), found.pages, 0, 9)
    assert page.boxes == ()
    with pytest.raises(UnreadableFile):
        boxes(b"x", found.text, found.pages, 0, 9)


def test_boxes_of_the_sample_are_in_reading_order_and_on_the_page():
    from tests.conftest import SAMPLE

    data = (SAMPLE / "manual-bombas-p.pdf").read_bytes()
    found = extract(data, "m.pdf")[1]
    for page in boxes(data, found.text, found.pages, 0, len(found.text)):
        assert page.boxes
        assert all(0 <= b.left < b.right <= page.width and 0 <= b.top < b.bottom <= page.height for b in page.boxes)
        assert sum(upper.top <= lower.top + 20 for upper, lower in pairwise(page.boxes)) > 0.8 * (len(page.boxes) - 1)
