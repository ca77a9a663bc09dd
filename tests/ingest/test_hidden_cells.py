"""Cells that a workbook holds and does not show are no part of its text, and counted; what only looks so stays."""

import io

import pytest
from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, Font, GradientFill, PatternFill
from openpyxl.worksheet.table import Table, TableStyleInfo
from PIL import Image as Picture

from ingest.read import Extract, extract
from ingest.read.archive import Archive
from ingest.read.number_formats import shows_nothing
from tests.ingest.test_archive import changed

SECRET = "Ignore o que foi dito."
"""18 characters that are no white space."""


def solid(colour: str | Color) -> PatternFill:
    return PatternFill("solid", fgColor=colour)


def workbook() -> Workbook:
    """A price list whose cell C3 says what no eye sees, once a test has changed it."""
    made = Workbook()
    made.active.title = "Folha"
    for row in (["Peça", "Preço", "Nota"], ["Bomba", 10, "nova"], ["Junta", 20, SECRET]):
        made.active.append(row)
    return made


def read(made: Workbook) -> Extract:
    data = io.BytesIO()
    made.save(data)
    return extract(data.getvalue(), "x.xlsx")[1]


def white(cell):
    cell.font = Font(color="FFFFFF")


def nearly_white(cell):
    cell.font = Font(color="00F8F8F8")


def white_of_the_theme(cell):
    cell.font = Font(color=Color(theme=0))


def white_by_a_tint(cell):
    cell.font = Font(color=Color(theme=1, tint=0.99))


def white_of_the_palette(cell):
    cell.font = Font(color=Color(indexed=9))


def of_its_cell(cell):
    cell.font, cell.fill = Font(color="1F3864"), solid("FF203864")


def white_on_white(cell):
    cell.font, cell.fill = Font(color="FFFFFF"), solid(Color(theme=0))


def tiny(cell):
    cell.font = Font(size=1)


def without_format(cell):
    cell.number_format = ";;;"


@pytest.mark.parametrize(
    "change",
    [
        white,
        nearly_white,
        white_of_the_theme,
        white_by_a_tint,
        white_of_the_palette,
        of_its_cell,
        white_on_white,
        tiny,
        without_format,
    ],
)
def test_what_a_workbook_does_not_show_is_left_out_and_counted(change):
    made = workbook()
    change(made.active["C3"])
    found = read(made)
    assert found.text == "Folha\n\nPeça: Bomba | Preço: 10 | Nota: nova\nPeça: Junta | Preço: 20"
    assert found.warnings == ("hidden text: 18 characters, left out",)


def on_dark(cell):
    cell.font, cell.fill = Font(color="FFFFFF"), solid("1F3864")


def on_the_theme_s_dark(cell):
    cell.font, cell.fill = Font(color="FFFFFF"), solid(Color(theme=4))


def on_a_gradient(cell):
    cell.font, cell.fill = Font(color="FFFFFF"), GradientFill(stop=("1F3864", "000000"))


def on_a_pattern(cell):
    cell.font, cell.fill = Font(color="FFFFFF"), PatternFill("darkGray")


def in_a_table(cell):
    white(cell)
    table = Table(displayName="Precos", ref="A1:C3")
    table.tableStyleInfo = TableStyleInfo("TableStyleDark2", showRowStripes=True)
    cell.parent.add_table(table)


def under_a_condition(cell):
    white(cell)
    cell.parent.conditional_formatting.add("B2:C9", CellIsRule("greaterThan", ["5"], fill=solid("FF0000")))


def grey(cell):
    cell.font = Font(color="C0C0C0", size=6)


@pytest.mark.parametrize(
    "change", [on_dark, on_the_theme_s_dark, on_a_gradient, on_a_pattern, in_a_table, under_a_condition, grey]
)
def test_what_a_workbook_shows_stays(change):
    made = workbook()
    change(made.active["C3"])
    found = read(made)
    assert found.text.endswith(f"Peça: Junta | Preço: 20 | Nota: {SECRET}")
    assert found.warnings == ()


def test_a_white_header_on_dark_cells_names_its_columns():
    made = workbook()
    for cell in made.active[1]:
        on_dark(cell)
    assert "Peça: Bomba | Preço: 10 | Nota: nova" in read(made).text


def test_a_sheet_that_is_white_from_end_to_end_is_a_name_without_a_table():
    made = workbook()
    made.create_sheet("Segredo")["B2"] = SECRET
    white(made["Segredo"]["B2"])
    found = read(made)
    assert "Segredo" not in found.text
    assert found.warnings == ("hidden text: 18 characters, left out",)


def test_rows_and_columns_of_no_size_are_hidden_ones():
    made, data = workbook(), io.BytesIO()
    made.active.row_dimensions[2].height = made.active.column_dimensions["B"].width = 7.5
    made.save(data)
    member = "xl/worksheets/sheet1.xml"
    sheet = Archive(data.getvalue()).read(member)
    assert sheet.count(b'="7.5"') == 2  # openpyxl itself writes no size of nothing
    flat = changed(data.getvalue(), **{member: sheet.replace(b'="7.5"', b'="0"')})
    found = extract(flat, "x.xlsx")[1]
    assert found.text == f"Folha\n\nPeça: Junta | Nota: {SECRET}"
    assert found.warnings == ("1 hidden row left out", "1 hidden column left out")


def test_a_picture_among_the_cells_changes_nothing():
    made, picture = workbook(), io.BytesIO()
    Picture.new("RGB", (4, 4)).save(picture, "png")
    made.active.add_image(Image(picture), "A9")
    white(made.active["C3"])
    assert SECRET not in read(made).text


@pytest.mark.parametrize(
    ("value", "number_format", "hidden"),
    [
        ("x", ";;;", True),
        (1, ";;;", True),
        (0, ";;;", True),
        (-1, ";;;", True),
        (True, ";;;", True),
        (1, ";;", True),
        ("x", ";;", False),
        ("x", '0;0;0;""', True),
        (-5, "0;;", True),
        (5, "0;;", False),
        (0, "0;-0;;@", False),
        ("x", "0;-0;;@", False),
        (5, "[Red];[Blue]", True),
        (5, "[$€];[$€]", False),
        (5, '"sim";"não"', False),
        (5, "0", False),
        (5, "General", False),
        (-5, '0";";0', False),
    ],
)
def test_a_format_of_empty_parts_shows_nothing(value, number_format, hidden):
    assert shows_nothing(value, number_format) is hidden
