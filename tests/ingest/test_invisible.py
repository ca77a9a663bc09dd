"""Characters that show nothing are taken out of every format's text, and counted; what they divided is whole."""

import io

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.read import extract

ZERO = "\u200b\u200d\ufeff\U000e0041\ufe0f\u2060"
TURNED = "\u202e\u2066\u200f"


def word(text: str) -> bytes:
    document, data = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(data)
    return data.getvalue()


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "docx"])
def test_zero_width_and_bidirectional_characters_are_taken_out_and_counted(suffix):
    text = f"O prazo{ZERO} é de 30{TURNED} dias."
    data = {"docx": word, "html": lambda text: f"<html><p>{text}</p></html>".encode()}.get(suffix, str.encode)(text)
    found = extract(data, f"x.{suffix}")[1]
    assert found.text == "O prazo é de 30 dias."
    assert found.warnings == ("zero-width characters taken out: 6", "bidirectional control characters taken out: 3")


def test_soft_hyphens_decomposed_letters_and_ligatures_become_what_they_show_without_a_warning():
    found = extract("A manuten\u00ad\nção da va\u00adcina: o\ufb01cio e ac\u0327a\u0303o".encode(), "x.txt")[1]
    assert found.text == "A manutenção da vacina: oficio e ação"
    assert found.warnings == ()


def pdf(*lines: str) -> str:
    data = io.BytesIO()
    canvas = Canvas(data)
    for number, line in enumerate(lines):
        canvas.drawString(60, 780 - 14 * number, line)
    canvas.save()
    return extract(data.getvalue(), "m.pdf")[1].text


def test_a_word_divided_by_a_soft_hyphen_at_a_lines_end_is_whole():
    assert pdf("Faça-se, duas vezes por ano, a manuten\u00ad", "ção preventiva da bomba.") == (
        "Faça-se, duas vezes por ano, a manutenção preventiva da bomba."
    )


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        ("A manuten¸c˜ao do po¸co ´e necess´aria", "A manutenção do poço é necessária"),
        ("Santa Bárbara d´Oeste, e o ˜ sozinho", "Santa Bárbara d´Oeste, e o ˜ sozinho"),
    ],
)
def test_accents_drawn_beside_their_letters_are_put_on_them(drawn, meant):
    assert pdf(drawn) == meant
