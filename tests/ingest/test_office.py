"""Spreadsheets and presentations, written by the libraries that people write them with."""

import datetime as dt
import io
import zipfile

import pytest
from lxml import etree
from openpyxl import Workbook
from openpyxl.styles import Font
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.shapes.shapetree import GroupShapes, SlideShapes
from pptx.util import Inches

from ingest.read import Extract, extract
from ingest.read.number_formats import shown
from rag.errors import UnreadableFile


def read_workbook(workbook: Workbook) -> Extract:
    data = io.BytesIO()
    workbook.save(data)
    return checked(*extract(data.getvalue(), "x.xlsx"), "spreadsheetml.sheet")


def read_presentation(presentation: Presentation) -> Extract:
    data = io.BytesIO()
    presentation.save(data)
    return checked(*extract(data.getvalue(), "x.pptx"), "presentationml.presentation")


def checked(media_type: str, found: Extract, kind: str) -> Extract:
    assert media_type.endswith(kind)
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    assert all(found.text[p.start : p.end].strip() == found.text[p.start : p.end] for p in found.pages)
    return found


def sheet_of(*rows: list[object], title: str = "Folha") -> Workbook:
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    return workbook


def lines(workbook: Workbook) -> list[str]:
    """The lines under the heading of the first sheet."""
    return [line for line in read_workbook(workbook).text.split("\n")[1:] if line]


def test_each_sheet_is_a_heading_and_each_row_says_its_columns():
    workbook = sheet_of(["Peça", "Preço", "Início"], ["Junção", 12.5, dt.date(2024, 3, 15)], title="Preços")
    workbook.active["B2"].number_format = '#,##0.00\\ "€"'
    workbook.create_sheet("Prazos").append(["Manutenção", "24 meses"])
    workbook.create_sheet("Vazia")
    workbook.properties.title = "Tabela de 2024"
    found = read_workbook(workbook)
    assert found.text == (
        "Preços\n\nPeça: Junção | Preço: 12,50 € | Início: 15/03/2024\n\nPrazos\n\nManutenção | 24 meses"
    )
    assert [(h.level, h.title) for h in found.headings] == [(1, "Preços"), (1, "Prazos")]
    assert found.title == "Tabela de 2024"
    assert found.warnings == ()


def test_blank_rows_and_columns_part_tables_and_titles_stand_above_them():
    workbook = sheet_of(
        ["Vendas de peças e mão de obra"],
        ["Mês", "Total", None, "Cidade", "Lojas"],
        ["Janeiro", 10, None, "Porto", 3],
        ["Fevereiro", 20, None, "Évora", 1],
        [],
        ["Fonte: direção comercial"],
    )
    workbook.active.merge_cells("A1:E1")
    assert lines(workbook) == [
        "Vendas de peças e mão de obra",
        "Mês: Janeiro | Total: 10",
        "Mês: Fevereiro | Total: 20",
        "Cidade: Porto | Lojas: 3",
        "Cidade: Évora | Lojas: 1",
        "Fonte: direção comercial",
    ]


def test_a_merged_cell_says_what_it_holds_in_each_row():
    workbook = sheet_of(["Região", "Loja"], ["Norte", "Braga"], [None, "Porto"], ["Sul", "Faro"])
    workbook.active.merge_cells("A2:A3")
    assert lines(workbook) == ["Região: Norte | Loja: Braga", "Região: Norte | Loja: Porto", "Região: Sul | Loja: Faro"]


def test_what_is_hidden_is_left_out_and_counted_and_parts_no_table():
    workbook = sheet_of(["Peça", "Custo", "Preço"], ["A", 1, 2], ["B", 3, 4], ["C", 5, 6])
    workbook.active.row_dimensions[3].hidden = True
    workbook.active.row_dimensions[90].hidden = True
    workbook.active.column_dimensions["B"].hidden = True
    workbook.active.column_dimensions.group("F", "Z", hidden=True)
    for name, state in (("Oculta", "hidden"), ("Mais", "veryHidden")):
        secret = workbook.create_sheet(name)
        secret.append(["segredo"])
        secret.sheet_state = state
    found = read_workbook(workbook)
    assert found.text == "Folha\n\nPeça: A | Preço: 2\nPeça: C | Preço: 6"
    assert found.warnings == ("2 hidden sheets left out", "1 hidden row left out", "1 hidden column left out")


def test_a_formula_is_its_stored_value_and_one_without_is_counted():
    workbook = sheet_of(["Peça", "Total"], ["A", "=1+1"], ["B", "=2+2"], ["C", "=3+3"])
    data = io.BytesIO()
    workbook.save(data)
    with zipfile.ZipFile(data) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    for unstored in (b"<v></v>", b"<v/>", b"<v />"):
        sheet = sheet.replace(b"<f>1+1</f>" + unstored, b"<f>1+1</f><v>2</v>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (members | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(name, content)
    found = extract(out.getvalue(), "x.xlsx")[1]
    assert found.text == "Folha\n\nPeça: A | Total: 2\nPeça: B\nPeça: C"
    assert found.warnings == ("2 formulas without a stored value left out; open it in its program and save it again",)


def test_a_cell_far_away_costs_nothing():
    workbook = sheet_of(["Olá"])
    workbook.active["XFD1048576"] = "longe"
    workbook.active["A5"].font = Font(bold=True)
    assert lines(workbook) == ["Olá", "longe"]


def test_an_english_workbook_is_shown_in_english_notation():
    workbook = sheet_of(
        ["The name of the part", "Price of each", "Since when"], ["the pump", 1234.5, dt.datetime(2024, 3, 4, 15, 30)]
    )
    workbook.active["B2"].number_format = "#,##0.00"
    assert lines(workbook) == [
        "The name of the part: the pump | Price of each: 1,234.50 | Since when: 2024-03-04 15:30"
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "pt", "en"),
    [
        (1234567.891, "#,##0.00", "1.234.567,89", "1,234,567.89"),
        (0.125, "0.0%", "12,5%", "12.5%"),
        (0.5, "0%", "50%", "50%"),
        (2.5, "0", "3", "3"),
        (0.1 + 0.2, "General", "0,3", "0.3"),
        (2024, "General", "2024", "2024"),
        (-3.5, "0.00;[Red](0.00)", "-3,50", "-3.50"),
        (-0.001, "0.00", "0,00", "0.00"),
        (1e20, "General", "100000000000000000000", "100000000000000000000"),
        (0.3, "#,##0.##", "0,3", "0.3"),
        (7, "0000", "0007", "0007"),
        (5, '0 "kW"', "5 kW", "5 kW"),
        (1234.5, "[$R$-416] #,##0.00", "R$ 1.234,50", "R$ 1,234.50"),
        (1234.5, '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "1.234,50 €", "1,234.50 €"),
        (1500000, '0.0,,"M"', "1,5M", "1.5M"),
        (56300000, "00000-000", "56300-000", "56300-000"),
        (12345678901, "000\\.000\\.000\\-00", "123.456.789-01", "123.456.789-01"),
        (0.5, "# ?/?", "0,5", "0.5"),
        (1500, "0.00E+00", "1500", "1500"),
        (float("nan"), "0", "", ""),
        (True, "General", "VERDADEIRO", "TRUE"),
        ("12", "0.00", "12", "12"),
        (None, "0", "", ""),
        (dt.date(2024, 3, 4), "mm-dd-yy", "04/03/2024", "2024-03-04"),
        (dt.datetime(2024, 3, 4), "yyyy-mm-dd h:mm:ss", "04/03/2024", "2024-03-04"),
        (dt.datetime(2024, 3, 4), "mmm-yy", "03/2024", "2024-03"),
        (dt.datetime(2024, 3, 4), "yyyy", "2024", "2024"),
        (dt.datetime(2024, 3, 4, 9, 5), 'h:mm "de" ', "09:05", "09:05"),
        (dt.datetime(2024, 3, 4, 9, 5), "d/m/yy", "04/03/2024", "2024-03-04"),
        (dt.time(9, 5, 7), "h:mm:ss", "09:05:07", "09:05:07"),
        (dt.timedelta(hours=30, minutes=15), "[h]:mm", "30:15", "30:15"),
    ],
)
def test_a_value_is_shown_as_its_format_and_the_language_say(value, number_format, pt, en):
    assert shown(value, number_format, "pt") == pt
    assert shown(value, number_format, "en") == en


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<a", b"<a/>"])
def test_a_workbook_of_broken_parts_is_refused(member, content):
    data = io.BytesIO()
    sheet_of(["Olá", 1], [2, dt.date(2024, 1, 1)]).save(data)
    out = io.BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    with pytest.raises(UnreadableFile):
        extract(out.getvalue(), "x.xlsx")


def box(shapes: SlideShapes | GroupShapes, left: float, top: float, text: str) -> None:
    made = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    made.text_frame.text = text


def test_slides_are_pages_with_title_nested_bullets_and_notes():
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Manutenção\vpreventiva"
    frame = slide.placeholders[1].text_frame
    frame.text = "Óleo a cada 6 meses"
    inner = frame.add_paragraph()
    inner.text, inner.level = "Só sintético", 1
    slide.notes_slide.notes_text_frame.text = "Lembrar: a bomba não para."
    hidden = presentation.slides.add_slide(presentation.slide_layouts[5])
    hidden.shapes.title.text = "Segredo"
    hidden._element.set("show", "0")
    last = presentation.slides.add_slide(presentation.slide_layouts[5])
    last.shapes.title.text = "Conclusão"
    found = read_presentation(presentation)
    assert [(p.number, found.text[p.start : p.end]) for p in found.pages] == [
        (1, "Manutenção preventiva\n- Óleo a cada 6 meses\n- Só sintético\n\nLembrar: a bomba não para."),
        (3, "Conclusão"),
    ]
    assert [(h.level, h.title) for h in found.headings] == [(1, "Manutenção preventiva"), (1, "Conclusão")]
    assert found.warnings == ("1 hidden slide left out",)


def test_shapes_are_read_from_top_left_to_bottom_right_groups_too():
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    for left, top, text in ((1, 4, "quarto"), (5, 1, "segundo"), (1, 1.2, "primeiro")):
        box(slide.shapes, left, top, text)
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    box(inner.shapes, 1, 7, "sexto")
    box(group.shapes, 1, 6, "quinto")
    box(slide.shapes, 1, 2.5, "terceiro")
    assert read_presentation(presentation).text.split() == [
        "primeiro",
        "segundo",
        "terceiro",
        "quarto",
        "quinto",
        "sexto",
    ]


def test_a_text_that_holds_an_equation_is_read_whole():
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    box(slide.shapes, 1, 1, "antes")
    box(slide.shapes, 1, 3, "A potência é ")
    shape = slide.shapes[1]._element
    namespace = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    alternate, choice = etree.Element(f"{{{namespace}}}AlternateContent"), etree.Element(f"{{{namespace}}}Choice")
    shape.addprevious(alternate)
    alternate.append(choice)
    choice.append(shape)
    math = etree.SubElement(shape.txBody.p_lst[0], "{http://schemas.microsoft.com/office/drawing/2010/main}m")
    etree.SubElement(math, "{http://schemas.openxmlformats.org/officeDocument/2006/math}t").text = "P=UI"
    assert read_presentation(presentation).text == "antes\n\nA potência é P=UI"


def test_tables_and_charts_of_a_slide_are_rows_that_say_their_columns():
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(4, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
    for cell, text in zip(table.iter_cells(), ["País", "Cidade", "Brasil", "Caxias", "", "Petrolina"], strict=False):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(3, 1))
    table.cell(3, 0).text = "Fonte: direção"
    data = CategoryChartData()
    data.categories = ["Janeiro", "Março"]
    data.add_series("Vendas", (1.5, None))
    data.add_series("Custos", (1, 2))
    place = Inches(1), Inches(4), Inches(4), Inches(2)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Evolução"
    assert read_presentation(presentation).text.split("\n") == [
        "País: Brasil | Cidade: Caxias",
        "País: Brasil | Cidade: Petrolina",
        "Fonte: direção",
        "",
        "Evolução",
        "",
        "Janeiro | Vendas: 1.5 | Custos: 1",
        "Março | Custos: 2",
    ]
