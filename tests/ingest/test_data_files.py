"""CSV and JSON: every cell and every value is in the text, on a line that says what it is."""

import csv
import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.read import extract
from rag.errors import UnreadableFile
from rag.text import sentences

LETTERS = "abcçãéíõúÁÊZ0159 "


def table(text: str, name: str = "t.csv", encoding: str = "utf-8") -> list[str]:
    return extract(text.encode(encoding), name)[1].text.split("\n")


def values(document: object) -> list[str]:
    return extract(json.dumps(document, ensure_ascii=False).encode(), "d.json")[1].text.split("\n")


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_rows_say_their_columns_whatever_the_delimiter_and_the_encoding(delimiter, encoding):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([["Peça", "Preço"], ["válvula", "12"], ["êmbolo", "9"]])
    media_type, found = extract(file.getvalue().encode(encoding), "peças.csv")
    assert media_type == "text/csv"
    assert found.text == "Peça: válvula | Preço: 12\nPeça: êmbolo | Preço: 9"
    assert found.warnings == (() if encoding.startswith("utf-8") else (f"read as {encoding}",))


def test_tab_separated_values_have_their_own_media_type():
    assert extract(b"a\tb\nx\ty\n", "t.tsv")[0] == "text/tab-separated-values"


def test_decimal_commas_do_not_separate():
    assert table("nome;preço\nA;1,50\nB;2,00\n") == ["nome: A | preço: 1,50", "nome: B | preço: 2,00"]
    assert table("1,5;2,5\n3,5;4,5\n") == ["1,5 | 2,5", "3,5 | 4,5"]


def test_quoted_cells_keep_delimiters_quotes_and_the_words_of_all_their_lines():
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([["obs", "n"], ["pago; com\ndesconto", "1"], ['tubo de 3/4"', "2"]])
    assert table(file.getvalue()) == ["obs: pago; com desconto | n: 1", 'obs: tubo de 3/4" | n: 2']


def test_a_quotation_mark_that_is_not_closed_costs_no_row_and_is_said():
    _, found = extract(b'tubo,n\n"3/4,1\nmeia,2\n', "t.csv")
    assert found.text == 'tubo: "3/4 | n: 1\ntubo: meia | n: 2'
    assert found.warnings == ("its quotation marks do not balance: read as characters",)


def test_a_delimiter_that_the_file_declares_is_believed():
    assert table("sep=,\r\na,b\r\n1,x;y\r\n2,z;w\r\n") == ["a: 1 | b: x;y", "a: 2 | b: z;w"]


def test_what_stands_above_a_table_comes_before_it():
    text = "Relatório de vendas\n\nloja;mês;total\nPorto;maio;9,5\nFaro;maio;8\n"
    assert table(text) == [
        "Relatório de vendas",
        "",
        "loja: Porto | mês: maio | total: 9,5",
        "loja: Faro | mês: maio | total: 8",
    ]


def test_rows_longer_and_shorter_than_the_header_keep_every_cell():
    assert table("a;b\n1;2;extra\n3\n\n;;\n4;5\n") == ["a: 1 | b: 2 | extra", "a: 3", "a: 4 | b: 5"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Ana;12;Porto\nRui;13;Faro\n", ["Ana | 12 | Porto", "Rui | 13 | Faro"]),
        ("2024-05-01;pago\n2024-05-02;pago\n", ["2024-05-01 | pago", "2024-05-02 | pago"]),
        ("Porto;Faro\nPorto;Lisboa\n", ["Porto | Faro", "Porto | Lisboa"]),
        ("x;ana@x.pt\ny;rui@x.pt\n", ["x | ana@x.pt", "y | rui@x.pt"]),
        ("Região;2023;2024\nSul;1;2\n", ["Região: Sul | 2023: 1 | 2024: 2"]),
        ("temperatura\n21,5\n22\n", ["temperatura: 21,5", "temperatura: 22"]),
        ("Olá, mundo\num\ndois\n", ["Olá, mundo", "um", "dois"]),
        ("nome;cidade\n", ["nome | cidade"]),
        ("nome;fax\nAna;\n", ["nome: Ana", "", "fax"]),
        (";sim;não\ncasa;1;2\n", ["casa | sim: 1 | não: 2"]),
    ],
)
def test_a_first_row_names_the_columns_only_where_it_can(text, lines):
    assert table(text) == lines


def test_a_table_of_many_thousands_of_rows_names_its_columns_in_each():
    rows = "".join(f"{n};Vila {n}\n" for n in range(3000))
    lines = [line for line in table("número;nome\n" + rows) if line]
    assert lines == [f"número: {n} | nome: Vila {n}" for n in range(3000)]


def test_a_cell_of_a_million_characters_is_read():
    assert extract(b'a,b\n"' + b"x" * 1_000_000 + b'",y\n', "t.csv")[1].text.endswith(" | b: y")


@settings(deadline=None, max_examples=60)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.text(LETTERS + '"\n,', max_size=8), min_size=width, max_size=width), min_size=1, max_size=6
        )
    )
)
@example([["", "Z"], ["0", ""]])
@example([[",", "\n0", ","]])
def test_every_cell_of_a_table_is_in_the_text(rows):
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    try:
        text = squeezed(extract(file.getvalue().encode(), "t.csv")[1].text)
    except UnreadableFile as error:
        assert error.message == "no text in it"  # noqa: PT017 — cells of commas alone
        return
    assert all(squeezed(cell) in text for row in rows for cell in row)


def test_a_value_says_its_path():
    order = {"pedido": {"cliente": {"nome": "Ana Conceição"}, "pago": True, "fim": None}, "n": 2}
    assert values(order) == ["pedido › cliente › nome: Ana Conceição", "pedido › pago: true", "pedido › fim: null", "",
                             "n: 2"]  # fmt: skip


def test_each_value_with_a_path_is_a_sentence_of_its_own():
    text = "\n".join(values({"loja": {"nome": "Porto", "morada": {"rua": "Nova. Norte", "n": 3}}}))
    found = [text[start:end] for start, end in sentences(text, "pt")]
    assert found == ["loja › nome: Porto", "loja › morada › rua: Nova.", "Norte", "loja › morada › n: 3"]


def test_objects_in_a_list_are_rows_that_say_their_keys():
    items = {"itens": [{"sku": "A1", "cores": ["azul", "cinza"]}, {"sku": "B2", "peso": 3}]}
    assert values(items) == ["itens › sku: A1 | cores: azul; cinza", "itens › sku: B2 | peso: 3"]
    assert values([{"a": 1}, {"b": 2}]) == ["a: 1", "b: 2"]


def test_elements_with_objects_inside_are_numbered():
    orders = [{"id": 7, "cliente": {"nome": "Ana"}}, {"id": 8, "cliente": {"nome": "Rui"}}]
    assert values({"pedidos": orders}) == [
        "pedidos › 1 › id: 7",
        "pedidos › 1 › cliente › nome: Ana",
        "",
        "pedidos › 2 › id: 8",
        "pedidos › 2 › cliente › nome: Rui",
    ]


def test_numbers_stay_as_written_and_a_key_said_twice_is_kept_twice():
    data = b'{"p": 1.10, "n": 12345678901234567890123, "p": -0.0, "x": NaN}'
    assert extract(data, "d.json")[1].text == "p: 1.10\nn: 12345678901234567890123\np: -0.0\nx: NaN"


def test_a_number_of_ten_thousand_digits_is_read():
    assert extract(b'{"n": ' + b"7" * 10_000 + b"}", "d.json")[1].text == "n: " + "7" * 10_000


@pytest.mark.parametrize("name", ["d.jsonl", "d.ndjson", "d.json"])
def test_a_record_of_json_lines_is_a_block_whatever_the_files_name(name):
    data = '{"nome": "Ana", "cidade": "Évora"}\n\n{"nome": "Rui", "morada": {"rua": "Nova"}}\n'.encode()
    assert extract(data, name)[1].text == "nome: Ana | cidade: Évora\n\nnome: Rui\nmorada › rua: Nova"


def test_a_line_that_is_no_record_is_kept_and_said():
    media_type, found = extract(b'{"a": 1}\n{"a": 2}\n{"a": "cut sh', "log.jsonl")
    assert media_type == "application/x-ndjson"
    assert found.text == 'a: 1\n\na: 2\n\n{"a": "cut sh'
    assert found.warnings == ("line 3 is not valid JSON (Unterminated string starting at): kept as it is",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1,\n "b" 2}', "Expecting ':' delimiter at line 2, column 6"),
        (b'[{"a": 1},\n{"a": 2},\n{"a":', "Expecting value at line 3, column 6"),
        (b"nome: Ana", "Expecting value at line 1, column 1"),
    ],
)
def test_what_is_not_json_is_refused_by_line_and_column(data, reason):
    with pytest.raises(UnreadableFile, match=f"not valid JSON: {reason}"):
        extract(data, "d.json")


@pytest.mark.parametrize("depth", [110, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_nested_absurdly_is_refused(depth, opening, closing):
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        extract((opening * depth + "1" + closing * depth).encode(), "d.json")


@settings(deadline=None, max_examples=60)
@given(
    st.recursive(
        st.text(LETTERS + '\n":|', max_size=12) | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=6), inner, max_size=4),
        max_leaves=12,
    )
)
@example({"a": ["x\ny", {"b": "x" * 300}]})
def test_every_string_of_a_document_is_in_the_text(document):
    def strings(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for key, inner in value.items() for text in [key, *strings(inner)]]
        if isinstance(value, list):
            return [text for inner in value for text in strings(inner)]
        return [value] if isinstance(value, str) else []

    try:
        text = squeezed(extract(json.dumps(document).encode(), "d.json")[1].text)
    except UnreadableFile as error:
        assert error.message == "no text in it"  # noqa: PT017 — strings of signs alone
        return
    assert all(squeezed(string) in text for string in strings(document))
