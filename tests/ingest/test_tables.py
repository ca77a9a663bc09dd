import io

import docx
import pytest

from ingest.read import extract
from ingest.read.tables import Cell, grid, table_lines


def lines(*rows: list[str], headers: int = 0) -> list[str]:
    """``headers`` cells of the first row are marked as headers."""
    marked = [[Cell(text, header=n == 0 and at < headers) for at, text in enumerate(row)] for n, row in enumerate(rows)]
    return table_lines(marked)


def test_a_row_says_the_names_of_its_columns():
    assert lines(["Modelo", "Cor"], ["P-200", "azul"], ["P-220", ""]) == ["Modelo: P-200 | Cor: azul", "Modelo: P-220"]


def test_an_empty_corner_leaves_the_names_of_rows_bare():
    assert lines(["", "P-200", "P-220"], ["Peso", "9 kg", "11 kg"]) == ["Peso | P-200: 9 kg | P-220: 11 kg"]


def test_years_name_columns_and_other_numbers_do_not():
    assert lines(["Região", "2023", "2024"], ["Sul", "412", "655"]) == ["Região: Sul | 2023: 412 | 2024: 655"]
    assert lines(["P-200", "0,75 kW", "32 m"], ["P-220", "1,1 kW", "40 m"]) == [
        "P-200 | 0,75 kW | 32 m",
        "P-220 | 1,1 kW | 40 m",
    ]


def test_a_table_of_names_and_values_has_no_header():
    assert lines(["Peso", "9 kg"], ["Cor", "azul"]) == ["Peso: 9 kg", "Cor: azul"]
    marked = [[Cell("Cor", header=True), Cell("azul")], [Cell("Peso", header=True), Cell("9 kg")]]
    assert table_lines(marked) == ["Cor: azul", "Peso: 9 kg"]


def test_a_marked_header_is_one_whatever_its_cells():
    assert lines(["Pump", "0-5 bar", ""], ["P-200", "yes", "x"], headers=3) == ["Pump: P-200 | 0-5 bar: yes | x"]


def test_a_single_row_stands_as_it_is():
    assert lines(["a", "", "b"]) == ["a | b"]
    assert lines(["", ""], []) == []


def test_a_cell_across_the_table_is_a_line_of_its_own():
    rows = grid([[Cell("Modelo"), Cell("Cor")], [Cell("Linha P", columns=2)], [Cell("P-200"), Cell("azul")]])
    assert table_lines(rows) == ["Linha P", "Modelo: P-200 | Cor: azul"]


def test_equal_cells_that_do_not_span_are_each_said():
    assert lines(["Gás", "Luz"], ["sim", "sim"]) == ["Gás: sim | Luz: sim"]
    assert lines(["5", "5", "7"]) == ["5 | 5 | 7"]


def test_a_spanning_cell_of_a_single_row_is_said_once():
    assert table_lines(grid([[Cell("Total", columns=2), Cell("9")]])) == ["Total | 9"]


def test_cells_that_span_rows_are_said_in_each():
    rows = grid([[Cell("País"), Cell("Cidade")], [Cell("Brasil", rows=2), Cell("Caxias")], [Cell("Petrolina")]])
    assert table_lines(rows) == ["País: Brasil | Cidade: Caxias", "País: Brasil | Cidade: Petrolina"]


def test_spans_of_absurd_size_are_cut():
    assert len(grid([[Cell("x", columns=10**9)]])[0]) == 1000


def merged(text: str, columns: int, header: bool = False) -> list[Cell]:
    """A row of one cell across the table, as ``grid`` gives it."""
    return [Cell(text, columns, header=header)] * columns


@pytest.mark.parametrize("header", [False, True])
def test_a_title_merged_across_the_table_is_a_line_and_names_no_column(header):
    rows = [merged("Preços de 2024", 2, header), [Cell("Modelo"), Cell("Preço")], [Cell("P-200"), Cell("R$ 900")]]
    assert table_lines(rows) == ["Preços de 2024", "Modelo: P-200 | Preço: R$ 900"]


def test_two_rows_of_title_are_two_lines_and_a_table_of_titles_stands_as_it_is():
    rows = [merged("Lista", 2), merged("Sul", 2), [Cell("Modelo"), Cell("Cor")], [Cell("P-200"), Cell("azul")]]
    assert table_lines(rows) == ["Lista", "Sul", "Modelo: P-200 | Cor: azul"]
    assert table_lines([merged("Lista", 2), merged("Sul", 2)]) == ["Lista", "Sul"]


def test_the_title_of_a_word_table_and_of_a_page_is_no_header():
    document = docx.Document()
    table = document.add_table(3, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Preços de 2024"
    for row, texts in ((1, ("Modelo", "Preço")), (2, ("P-200", "R$ 900"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    data = io.BytesIO()
    document.save(data)
    page = (
        "<!doctype html><table><tr><th colspan=2>Preços de 2024</th></tr><tr><th>Modelo</th><th>Preço</th></tr>"
        "<tr><td>P-200</td><td>R$ 900</td></tr></table>"
    )
    for content, name in ((data.getvalue(), "x.docx"), (page.encode(), "x.html")):
        assert extract(content, name)[1].text == "Preços de 2024\nModelo: P-200 | Preço: R$ 900"
