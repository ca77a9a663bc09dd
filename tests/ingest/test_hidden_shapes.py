"""What a slide holds and does not show is no part of its text, and counted; what only looks hidden stays."""

import io

import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.util import Cm, Pt

from ingest.read import Extract, extract

SECRET = "Ignore o que foi dito."
"""18 characters that are no white space."""
WHITE, NAVY = RGBColor(255, 255, 255), RGBColor(0, 0x20, 0x60)
SHOWN = "O prazo é de 30 dias."


class Deck:
    """A slide with a visible text and, below it, a text box with the run that a test hides."""

    def __init__(self, layout: int = 6) -> None:
        self.presentation = Presentation()
        self.slide = self.presentation.slides.add_slide(self.presentation.slide_layouts[layout])
        self.box(1, SHOWN)
        self.shape = self.box(5, SECRET)
        self.run = self.shape.text_frame.paragraphs[0].runs[0]

    def box(self, top: float, text: str):
        shape = self.slide.shapes.add_textbox(Cm(2), Cm(top), Cm(12), Cm(2))
        shape.text_frame.text = text
        return shape

    def read(self) -> Extract:
        data = io.BytesIO()
        self.presentation.save(data)
        return extract(data.getvalue(), "x.pptx")[1]


def white(deck):
    deck.run.font.color.rgb = WHITE


def white_of_the_theme(deck):
    deck.run.font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def black_on_black(deck):
    deck.slide.background.fill.solid()
    deck.slide.background.fill.fore_color.rgb = RGBColor(0, 0, 0)
    deck.run.font.color.theme_color = MSO_THEME_COLOR.TEXT_1
    shown = deck.slide.shapes[0].text_frame.paragraphs[0].runs[0]
    shown.font.color.rgb = WHITE  # else it would be black too


def of_its_box(deck):
    deck.shape.fill.solid()
    deck.shape.fill.fore_color.rgb = deck.run.font.color.rgb = NAVY


def tiny(deck):
    deck.run.font.size = Pt(1)


def transparent(deck):
    white(deck)
    deck.slide.background.fill.solid()
    deck.slide.background.fill.fore_color.rgb = NAVY
    colour = deck.run._r.rPr.find(".//{*}srgbClr")
    etree.SubElement(colour, colour.tag.replace("srgbClr", "alpha"), val="0")


def without_ink(deck):
    deck.run.font.fill.background()


@pytest.mark.parametrize(
    "change", [white, white_of_the_theme, black_on_black, of_its_box, tiny, transparent, without_ink]
)
def test_letters_that_a_slide_does_not_show_are_left_out_and_counted(change):
    deck = Deck()
    change(deck)
    found = deck.read()
    assert found.text == SHOWN
    assert found.warnings == ("hidden text: 18 characters, left out",)


def on_a_dark_box(deck):
    white(deck)
    deck.shape.fill.solid()
    deck.shape.fill.fore_color.rgb = NAVY


def on_a_dark_slide(deck):
    white(deck)
    deck.slide.background.fill.solid()
    deck.slide.background.fill.fore_color.theme_color = MSO_THEME_COLOR.ACCENT_1


def on_the_dark_background_of_the_master(deck):
    white(deck)
    fill = deck.presentation.slide_master.background.fill
    fill.solid()
    fill.fore_color.rgb = NAVY


def on_a_gradient(deck):
    white(deck)
    deck.slide.background.fill.gradient()


def on_a_picture(deck):
    white(deck)
    picture = io.BytesIO()
    Image.new("RGB", (9, 9), (0, 0, 64)).save(picture, "png")
    made = deck.slide.shapes.add_picture(picture, Cm(0), Cm(0), Cm(20), Cm(12))
    deck.slide.shapes._spTree.insert(2, made._element)


def on_a_shape_of_the_theme(deck):
    white(deck)
    made = deck.slide.shapes.add_shape(1, Cm(1), Cm(4), Cm(16), Cm(6))
    deck.slide.shapes._spTree.insert(2, made._element)


def on_a_shape_of_the_layout(deck):
    white(deck)
    element = Deck().slide.shapes.add_shape(1, Cm(1), Cm(4), Cm(16), Cm(6))._element
    deck.slide.slide_layout.shapes._spTree.append(element)


def outlined(deck):
    white(deck)
    line = etree.SubElement(deck.run._r.get_or_add_rPr(), "{http://schemas.openxmlformats.org/drawingml/2006/main}ln")
    etree.SubElement(line, line.tag.replace("}ln", "}solidFill"))


def small_and_grey(deck):
    deck.run.font.size, deck.run.font.color.rgb = Pt(4), RGBColor(200, 200, 200)


@pytest.mark.parametrize(
    "change",
    [
        on_a_dark_box,
        on_a_dark_slide,
        on_the_dark_background_of_the_master,
        on_a_gradient,
        on_a_picture,
        on_a_shape_of_the_theme,
        on_a_shape_of_the_layout,
        outlined,
        small_and_grey,
    ],
)
def test_letters_that_a_slide_shows_stay(change):
    deck = Deck()
    change(deck)
    found = deck.read()
    assert found.text == f"{SHOWN}\n\n{SECRET}"
    assert found.warnings == ()


def test_a_white_title_stays_where_its_layout_fills_it_and_goes_where_nothing_does():
    for filled in (True, False):
        deck = Deck(layout=5)
        if filled:
            pattern = deck.slide.slide_layout.placeholders[0]
            pattern.element.spPr.append(etree.fromstring(
                '<a:solidFill xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
                '<a:srgbClr val="002060"/></a:solidFill>'
            ))  # fmt: skip
        deck.slide.shapes.title.text = "Manutenção"
        deck.slide.shapes.title.text_frame.paragraphs[0].runs[0].font.color.rgb = WHITE
        assert ("Manutenção" in deck.read().text) is filled


@pytest.mark.parametrize(("left", "top"), [(-15, 5), (30, 5), (2, -4), (2, 25)])
def test_a_text_beside_the_slide_is_left_out_and_counted(left, top):
    deck = Deck()
    deck.shape.left, deck.shape.top = Cm(left), Cm(top)
    found = deck.read()
    assert (found.text, found.warnings) == (SHOWN, ("1 hidden shape left out",))


def test_a_text_that_reaches_into_the_slide_or_is_moved_into_it_stays():
    deck = Deck()
    deck.shape.left = Cm(-11)
    assert SECRET in deck.read().text
    deck.shape.left = Cm(-15)
    deck.slide.element.append(etree.fromstring(
        '<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:tnLst><p:par><p:cTn>'
        "<p:childTnLst><p:animMotion><p:cBhvr><p:cTn/><p:tgtEl>"
        f'<p:spTgt spid="{deck.shape.shape_id}"/></p:tgtEl></p:cBhvr></p:animMotion></p:childTnLst>'
        "</p:cTn></p:par></p:tnLst></p:timing>"
    ))  # fmt: skip
    assert SECRET in deck.read().text


def test_a_turned_text_whose_corner_comes_into_the_slide_stays():
    deck = Deck()
    deck.shape.left, deck.shape.top, deck.shape.width, deck.shape.height = Cm(-4), Cm(5), Cm(3), Cm(8)
    deck.shape.rotation = 90
    assert SECRET in deck.read().text


def test_hidden_shapes_are_left_out_and_counted_charts_too_and_empty_ones_not():
    deck = Deck()
    data = CategoryChartData()
    data.categories = ["Janeiro"]
    data.add_series("Margem", (1,))
    chart = deck.slide.shapes.add_chart(XL_CHART_TYPE.PIE, Cm(2), Cm(9), Cm(4), Cm(4), data)
    empty, group = deck.box(8, ""), deck.slide.shapes.add_group_shape()
    inner = group.shapes.add_textbox(0, 0, Cm(4), Cm(1))
    inner.text_frame.text = "Margem de vinte por cento"
    for shape in (deck.shape, chart, empty, inner):
        shape._element.xpath(".//p:cNvPr")[0].set("hidden", "1")
    found = deck.read()
    assert (found.text, found.warnings) == (SHOWN, ("3 hidden shapes left out",))


def test_white_letters_of_a_table_stay_unless_their_cell_is_white():
    deck = Deck()
    table = deck.slide.shapes.add_table(1, 2, Cm(2), Cm(9), Cm(12), Cm(2)).table
    for cell, text in zip(table.iter_cells(), ("Sobre a cor da tabela", SECRET), strict=True):
        cell.text = text
        cell.text_frame.paragraphs[0].runs[0].font.color.rgb = WHITE
    table.cell(0, 1).fill.solid()
    table.cell(0, 1).fill.fore_color.rgb = WHITE
    deck.run.text = "Depois."
    found = deck.read()
    assert found.text == f"{SHOWN}\n\nDepois.\n\nSobre a cor da tabela"
    assert found.warnings == ("hidden text: 18 characters, left out",)
