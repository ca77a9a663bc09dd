"""What the letters of an OpenDocument file stand on decides whether they are seen: cells, sections, frames, slides."""

import pytest
from odfdo import Cell, Document, Element, Paragraph, Row, Span, Table

from ingest.read import Extract
from tests.ingest.test_hidden_opendocument import LEFT_OUT, SECRET, read


def coloured(document: Document, family: str, name: str, **attributes: str) -> str:
    """The name of an automatic style whose properties say this: ``draw__fill`` is ``draw:fill``."""
    said = " ".join(f'{key.replace("__", ":").replace("_", "-")}="{value}"' for key, value in attributes.items())
    properties = f"<style:{family}-properties {said}/>"
    style = f'<style:style style:name="{name}" style:family="{family}">{properties}</style:style>'
    document.insert_style(Element.from_tag(style), automatic=True)
    return name


WHITE_LETTERS = {"fo__color": "#ffffff"}


def around(markup: str, **styles: dict[str, str]) -> Extract:
    """A text with this markup: ``{}`` is the span in white letters; the styles are by family."""
    document = Document("text")
    document.body.clear()
    coloured(document, "text", "Branco", **WHITE_LETTERS)
    for family, attributes in styles.items():
        coloured(document, family.replace("_", "-"), "Atrás", **attributes)
    span = f'<text:span text:style-name="Branco">{SECRET}</text:span>'
    for element in ("<text:p>O prazo é de 30 dias.</text:p>", markup.format(span)):
        document.body.append(Element.from_tag(element))
    return read(document, "x.odt")


TABLE = (
    '<table:table table:name="T" {0}><table:table-column/><table:table-row table:style-name="Atrás">'
    '<table:table-cell table:style-name="Atrás"><text:p>{{}}</text:p></table:table-cell></table:table-row>'
    "</table:table>"
)
SECTION = '<text:section text:name="s" text:style-name="Atrás"><text:p>{}</text:p></text:section>'
FRAME = (
    '<text:p><draw:frame draw:style-name="Atrás" svg:width="5cm" svg:height="2cm"><draw:text-box><text:p>{}</text:p>'
    "</draw:text-box></draw:frame></text:p>"
)
NAVY, WHITE = {"fo__background_color": "#1f3864"}, {"fo__background_color": "#ffffff"}


@pytest.mark.parametrize(
    ("markup", "styles"),
    [
        (TABLE.format(""), {}),
        (TABLE.format(""), {"table_cell": WHITE, "table_row": NAVY}),
        (SECTION, {}),
        (SECTION, {"section": WHITE}),
        (FRAME, {"graphic": {"draw__fill": "solid", "draw__fill_color": "#ffffff"}}),
        (FRAME, {"graphic": WHITE}),
    ],
)
def test_white_letters_go_where_a_cell_a_section_or_a_frame_of_a_text_is_white(markup, styles):
    found = around(markup, **styles)
    assert (found.text, found.warnings) == ("O prazo é de 30 dias.", LEFT_OUT)


@pytest.mark.parametrize(
    ("markup", "styles"),
    [
        (TABLE.format(""), {"table_cell": NAVY}),
        (TABLE.format(""), {"table_row": NAVY}),
        (TABLE.format('table:style-name="Atrás"'), {"table": NAVY}),
        (TABLE.format('table:template-name="Elegante"'), {}),
        (SECTION, {"section": NAVY}),
        (FRAME, {"graphic": {"draw__fill": "solid", "draw__fill_color": "#1f3864"}}),
        (FRAME, {"graphic": {"draw__fill": "gradient", "draw__fill_color": "#ffffff"}}),
        (FRAME, {"graphic": {"draw__fill": "solid", "draw__fill_color": "#ffffff", "draw__opacity": "20%"}}),
        (FRAME, {"graphic": {"draw__fill": "none"}}),
        ("<text:p>{}</text:p>", {"graphic": {"style__wrap": "run-through", "style__run_through": "background"}}),
    ],
)
def test_white_letters_stay_where_a_cell_a_section_or_a_frame_of_a_text_may_be_dark(markup, styles):
    found = around(markup, **styles)
    assert found.text.removeprefix("O prazo é de 30 dias.").strip() == SECRET
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("letters", "shown"),
    [
        ({"fo__color": "#000000", "loext__opacity": "0%"}, False),
        ({"fo__color": "#ffffff", "style__use_window_font_color": "true"}, True),
        ({"fo__color": "#ffffff", "style__text_outline": "true"}, True),
        ({"fo__color": "#ffffff", "fo__text_shadow": "1pt 1pt"}, True),
    ],
)
def test_letters_without_ink_go_and_those_with_another_colour_or_an_outline_stay(letters, shown):
    document = Document("text")
    document.body.clear()
    coloured(document, "text", "Letras", **letters)
    made = Paragraph("O prazo é de 30 dias. ")
    made.append(Span(SECRET, style="Letras"))
    document.body.append(made)
    found = read(document, "x.odt")
    assert found.warnings == (() if shown else LEFT_OUT)
    assert (SECRET in found.text) is shown


def test_a_white_word_of_a_sheet_s_cell_goes_and_the_rest_of_the_cell_stays():
    for paper, shown in (({"fo__background_color": "#ffffff"}, False), (NAVY, True)):
        document = Document("spreadsheet")
        document.body.clear()
        coloured(document, "text", "Branco", **WHITE_LETTERS)
        coloured(document, "table-cell", "Papel", **paper)
        table, row = Table("Folha"), Row()
        made = Cell(style="Papel")
        paragraph = Paragraph("nova ")
        paragraph.append(Span(SECRET, style="Branco"))
        made.append(paragraph)
        row.append_cell(made)
        table.append_row(row)
        document.body.append(table)
        found = read(document, "x.ods")
        assert found.text == "Folha\n\nnova" + (f" {SECRET}" if shown else "")
        assert found.warnings == (() if shown else LEFT_OUT)


SLIDE_TEXT = "O prazo é de 30 dias."


def slide(shape: dict[str, str], page: dict[str, str] | None = None, extra: str = "", letters: str = "#ffffff", *,
          of_shape: bool = False) -> Extract:  # fmt: skip
    """A slide with a text in sight and, after ``extra``, a box with the secret in letters that it or its shape
    colours."""
    document = Document("presentation")
    document.body.clear()
    master = document.styles.get_element("//style:master-page").name
    coloured(document, "drawing-page", "Fundo", **(page or {}))
    coloured(document, "text", "Letras", **({} if of_shape else {"fo__color": letters}))
    graphic = coloured(document, "graphic", "Caixa", **shape)
    if of_shape:
        style = document.get_style("graphic", graphic)
        style.append(Element.from_tag(f'<style:text-properties fo:color="{letters}"/>'))
    box = '<draw:custom-shape draw:style-name="Caixa" svg:x="2cm" svg:y="{}cm" svg:width="9cm" svg:height="2cm">'
    spans = f'<text:p><text:span text:style-name="Letras">{SECRET}</text:span></text:p></draw:custom-shape>'
    drawn = [box.format(1) + f"<text:p>{SLIDE_TEXT}</text:p></draw:custom-shape>", extra, box.format(5) + spans]
    if of_shape:
        drawn[0] = drawn[0].replace("Caixa", "")
    made = f'<draw:page draw:style-name="Fundo" draw:master-page-name="{master}">{"".join(drawn)}</draw:page>'
    document.body.append(Element.from_tag(made))
    return read(document, "x.odp")


CLEAR = {"draw__fill": "none"}
NAVY_FILL = {"draw__fill": "solid", "draw__fill_color": "#1f3864"}
PICTURE = '<draw:frame svg:x="{}cm" svg:y="4cm" svg:width="20cm" svg:height="9cm"><draw:image/></draw:frame>'


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        (CLEAR, {}),
        (CLEAR, {"of_shape": True}),
        (NAVY_FILL, {"letters": "#203865"}),
        (CLEAR, {"page": NAVY_FILL, "letters": "#1f3864"}),
        (CLEAR, {"extra": PICTURE.format(12)}),
    ],
)
def test_letters_that_a_slide_of_an_opendocument_does_not_show_are_left_out_and_counted(shape, options):
    found = slide(shape, **options)
    assert (found.text, found.warnings) == (SLIDE_TEXT, LEFT_OUT)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        (NAVY_FILL, {}),
        (NAVY_FILL, {"of_shape": True}),
        ({}, {}),
        ({"draw__fill": "bitmap"}, {}),
        (CLEAR, {"page": NAVY_FILL}),
        (CLEAR, {"page": {"draw__fill": "gradient"}}),
        (CLEAR, {"page": {"presentation__background_visible": "false"}}),
        (CLEAR, {"extra": PICTURE.format(1)}),
        (CLEAR, {"extra": f"<draw:g>{PICTURE.format(1)}</draw:g>"}),
        (CLEAR, {"letters": "#c0c0c0"}),
    ],
)
def test_letters_that_a_slide_of_an_opendocument_shows_stay(shape, options):
    found = slide(shape, **options)
    assert (found.text, found.warnings) == (f"{SLIDE_TEXT}\n\n{SECRET}", ())


@pytest.mark.parametrize(
    ("first", "second", "own", "shown"),
    [
        ("#000000", "#ffffff", "", ["Primeiro"]),
        ("#ffffff", "#000000", "", ["Segundo"]),
        ("#000000", "#ffffff", 'fo:color="#000000"', ["Primeiro", "Segundo"]),
    ],
)
def test_each_level_of_an_outline_is_of_the_colour_of_its_own_style(first, second, own, shown):
    document = Document("presentation")
    document.body.clear()
    master = document.styles.get_element("//style:master-page").name
    for name, parent, letters in (
        ("Plano-outline1", "", f'fo:color="{first}"'),
        ("Plano-outline2", "Plano-outline1", f'fo:color="{second}"'),
        ("Pontos", "Plano-outline1", own),
    ):
        properties = f'<style:graphic-properties draw:fill="none"/><style:text-properties {letters}/>'
        named = f'style:name="{name}" style:family="presentation" style:parent-style-name="{parent}"'
        document.insert_style(Element.from_tag(f"<style:style {named}>{properties}</style:style>"), automatic=True)
    inner = "<text:list><text:list-item><text:p>Segundo</text:p></text:list-item></text:list>"
    points = f"<text:list><text:list-item><text:p>Primeiro</text:p>{inner}</text:list-item></text:list>"
    frame = '<draw:frame presentation:style-name="Pontos" svg:x="1cm" svg:y="1cm" svg:width="9cm" svg:height="5cm">'
    page = f'<draw:page draw:master-page-name="{master}">{frame}<draw:text-box>{points}</draw:text-box></draw:frame>'
    document.body.append(Element.from_tag(f"{page}</draw:page>"))
    assert read(document, "x.odp").text == "\n".join(f"- {point}" for point in shown)
