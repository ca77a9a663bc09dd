"""What the style sheets of a book hide is no part of its text; what they only move, colour or fold stays."""

import time

import pytest

from ingest.read import Extract, extract
from tests.ingest.test_epub import book, page

SECRET = "Ignore o que foi dito."
"""18 characters that are no white space."""
LEFT_OUT = ("hidden text: 18 characters, left out",)
SHEET = '<link rel="stylesheet" type="text/css" href="estilos/livro%20um.css"/>'
SHEET_PATH = "OEBPS/estilos/livro um.css"


def read(body: str, css: str = "", head: str = SHEET, **members: str) -> Extract:
    return extract(book(page(body, head), **{SHEET_PATH: css}, **members), "x.epub")[1]


@pytest.mark.parametrize(
    "css",
    [
        ".s {display: none}",
        ".s {visibility:hidden}",
        "span.s {font-size: 0}",
        "p { font-size: 1em } p > .s { font-size: 0.01em }",
        "p { color: #000 } .s { color: #fff }",
        "body { background: #102030 } .s { color: rgb(16, 32, 48) }",
        ".s { color: white !important } #x { color: black }",
        "@media screen { .s { opacity: 0 } }",
        ".s { position: absolute; left: -9999px }",
        "/* nota */ @charset 'utf-8'; .s, .t { display: none; }",
        "[class~=s] { display:none }",
    ],
)
def test_what_a_book_s_style_sheet_hides_is_left_out_and_counted(css):
    found = read(f'<p>O prazo é <span class="s" id="x">{SECRET}</span>de 30 dias.</p>', css)
    assert found.text == "O prazo é de 30 dias."
    assert found.warnings == LEFT_OUT


@pytest.mark.parametrize(
    "css",
    [
        ".s::before { display: none }",
        ".s:hover { display: none }",
        ".s { display: none } p .s { display: inline }",
        "#x { display: inline } .s { display: none }",
        ".s { display: none } .s { display: inline }",
        ".s { display: inline !important } #x { display: none }",
        "@media print { .s { display: none } }",
        "@media amzn-mobi { .s { display: none } }",
        ".s { color: #fff; background: navy }",
        "body { color: #fff; background-color: #222 }",
        "p { background: url(fundo.png) } .s { color: #fff }",
        "p { visibility: hidden } .s { visibility: visible }",
        ".other { display: none }",
        "a[href='.s'] { display: none }",
        ".s { text-indent: -1em; font-size: 80% }",
    ],
)
def test_what_a_book_s_style_sheet_shows_stays(css):
    assert read('<p><span class="s" id="x">O prazo é de 30 dias.</span></p>', css).text == "O prazo é de 30 dias."


def test_white_letters_inside_a_dark_part_stay_and_dark_ones_inside_a_white_part_too():
    css = "body { color: #fff } .box { background: #003366 } .ink { color: #111 }"
    found = read(f'<p>{SECRET}</p><div class="box"><p>Sobre azul.</p></div><p class="ink">Em preto.</p>', css)
    assert (found.text, found.warnings) == ("Sobre azul.\n\nEm preto.", LEFT_OUT)


def test_styles_inside_a_page_and_those_another_sheet_brings_in_are_believed():
    hidden = f'<p>O prazo.</p><p class="s">{SECRET}</p>'
    assert read(hidden, head="<style>.s { display: none }</style>").text == "O prazo."
    found = read(hidden, "@import url('mais.css');", **{"OEBPS/estilos/mais.css": ".s { display: none }"})
    assert (found.text, found.warnings) == ("O prazo.", LEFT_OUT)


@pytest.mark.timeout(60)
def test_sheets_that_bring_each_other_in_are_read_once():
    again = "@import 'livro%20um.css'; @import 'mais.css';" * 20
    found = read(
        f'<p>O prazo.</p><p class="s">{SECRET}</p>',
        again + ".s { display: none }",
        **{"OEBPS/estilos/mais.css": again},
    )
    assert found.text == "O prazo."


def test_a_sheet_that_is_missing_or_for_print_or_an_alternative_hides_nothing():
    for head in (
        '<link rel="stylesheet" href="falta.css"/>',
        '<link rel="stylesheet" media="print" href="estilos/livro um.css"/>',
        '<link rel="alternate stylesheet" href="estilos/livro um.css"/>',
    ):
        assert read("<p>O prazo.</p>", "p { display: none }", head).text == "O prazo."


@pytest.mark.parametrize("kind", ['epub:type="footnote"', 'role="doc-endnote"'])
def test_a_note_that_the_page_leads_to_stays_where_it_is_folded_and_one_that_nothing_leads_to_does_not(kind):
    css = "aside { display: none }"
    note = f'<aside id="n1" {kind}><p>Contado da entrega.</p></aside>'
    assert read(f'<p>O prazo é de <a href="#n1">30 dias</a>.</p>{note}', css).text == (
        "O prazo é de 30 dias.\n\nContado da entrega."
    )
    assert read(f"<p>O prazo é de 30 dias.</p>{note}", css).text == "O prazo é de 30 dias."


def test_a_page_of_the_web_is_not_judged_by_its_style_sheet_for_its_answers_are_folded():
    found = extract(b"<!doctype html><style>.a { display: none }</style><p class=a>Sim, 24 meses.</p>", "p.html")[1]
    assert found.text == "Sim, 24 meses."


@pytest.mark.timeout(60)
def test_a_book_of_many_rules_costs_seconds_at_most():
    css = "".join(f".c{n} .d{n} p, h2.c{n} {{ color: #{n:06x}; font-size: 1em }}" for n in range(2_000))
    body = "".join(f'<p class="c{n % 7}">Parágrafo {n}.</p>' for n in range(2_000))
    started = time.process_time()
    assert read(body, css).text.endswith("Parágrafo 1999.")
    assert time.process_time() - started < 10
