"""Files of LibreOffice and Chromium say what their pages show: the same contract, price list, slides in each format."""

import mailbox
import re
from email.message import EmailMessage

import pytest

from ingest.read import Extract, extract
from tests.ingest.written import written

HEADINGS = [
    (1, "Objeto do contrato"),
    (2, "O que está incluído"),
    (1, "Prazos de resposta"),
    (2, "Penalidades"),
    (1, "Fim do contrato"),
]
OBJECT = (
    "A fornecedora mantém as oito bombas da linha P instaladas em Aveiro. O contrato vigora por trinta e seis meses, "
    "contados da assinatura."
)
COLUMNS = (
    "Cada hora de atraso desconta um por cento da prestação seguinte. O desconto nunca passa de um quinto dela. Uma "
    "avaria oficialmente comunicada depois das dezoito horas conta do dia seguinte."
)
ROWS = (
    "Modelo: P-200 | Potência: 7,5 kW | Prazo: 24 horas\n"
    "Modelo: P-300 | Potência: 11 kW | Prazo: 36 horas\n"
    "Modelo: P-400 | Potência: 15 kW | Prazo: 48 horas"
)
NOTE = "Salvo a bomba de reserva, que não está instalada."
FORMATS = ["docx", "odt", "rtf", "html", "pdf"]


def read(name: str) -> Extract:
    return extract(written(name), name)[1]


@pytest.mark.parametrize("suffix", [*FORMATS, "epub"])
def test_a_contract_has_its_title_paragraphs_columns_and_note(suffix):
    found = read(f"contrato.{suffix}")
    assert found.title == "Contrato de manutenção"
    blocks = found.text.split("\n\n")
    assert OBJECT in blocks
    assert COLUMNS in blocks
    assert any(block.endswith(NOTE) for block in blocks)
    assert "Motores do Vouga" not in found.text  # the header of each page, and its number
    assert "Página" not in found.text


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_contract_has_its_headings_list_and_table(suffix):
    found = read(f"contrato.{suffix}")
    assert [(heading.level, heading.title) for heading in found.headings] == HEADINGS
    assert ROWS in found.text.split("\n\n")
    lines = found.text.splitlines()
    for item in ("Duas visitas de inspeção por ano", "Óleo, filtros e juntas"):
        assert f"- {item}" in lines


@pytest.mark.parametrize("suffix", [*FORMATS, "epub"])
def test_what_a_contract_hides_is_left_out_and_counted(suffix):
    found = read(f"contrato.{suffix}")
    assert "Margem interna" not in found.text
    # Not even exported to a PDF.
    assert found.warnings == (() if suffix == "pdf" else ("hidden text: 29 characters, left out",))


def test_pages_of_a_contract_begin_where_they_do_on_paper():
    found = read("contrato.pdf")
    begins = ["Objeto do contrato", "Prazos de resposta", "Fim do contrato"]
    assert [found.text[page.start :].startswith(title) for page, title in zip(found.pages, begins, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(("suffix", "price", "net"), [("ods", "1240.5", "1085.4375"), ("xlsx", "1240,5", "1085,4375")])
def test_a_price_list_has_its_sheets_title_formats_and_no_hidden_rows(suffix, price, net):
    """The decimal point is what LibreOffice, set to English, shows in the one; the other says numbers only."""
    found = read(f"precos.{suffix}")
    assert found.text.splitlines()[:5] == [
        "Preços",
        "",
        "Tabela de preços de 2024",
        "",
        f"Modelo: P-200 | Preço: {price} | Desconto: 12,5% | Desde: 05/03/2024 | Com desconto: {net}",
    ]
    assert [heading.title for heading in found.headings] == ["Preços", "Notas"]
    assert found.warnings == ("1 hidden sheet left out", "1 hidden row left out")


@pytest.mark.parametrize(("suffix", "since"), [("csv", "05-03-2024"), ("tsv", "05/03/2024")])
def test_a_price_list_as_text_says_its_columns_in_each_row(suffix, since):
    row = f"Modelo: P-200 | Preço: 1240.5 | Desconto: 12,5% | Desde: {since} | Com desconto: 1085.4375"
    assert row in read(f"precos.{suffix}").text.splitlines()


@pytest.mark.parametrize("suffix", ["odp", "pptx", "pdf"])
def test_slides_are_pages_with_titles_bullets_and_tables(suffix):
    found = read(f"formacao.{suffix}")
    assert [(page.number, found.text[page.start :].splitlines()[0]) for page in found.pages] == [
        (1, "Segurança na casa das bombas"),
        (2, "Contactos"),
    ]
    assert [heading.title for heading in found.headings] == ["Segurança na casa das bombas", "Contactos"]
    assert "- Corte a corrente antes de abrir a tampa" in found.text.splitlines()
    assert "Turno: Manhã | Extensão: 214\nTurno: Noite | Extensão: 219" in found.text
    assert ("Mostrar o cadeado vermelho." in found.text) == (suffix != "pdf")  # notes are not printed
    assert found.warnings == (() if suffix == "pdf" else ("1 hidden slide left out",))


@pytest.mark.parametrize(("suffix", "hidden"), [("odp", 53), ("pptx", 53), ("pdf", 54)])  # a bullet is printed
def test_letters_of_the_colour_of_their_slide_are_left_out_and_inherited_white_on_navy_stays(suffix, hidden):
    found = read(f"cores.{suffix}")
    assert [" ".join(found.text[page.start : page.end].split()) for page in found.pages] == [
        "Azul sobre branco Branco sobre azul",
        "Título branco sobre azul Texto branco sobre azul",
        "Título preto",
    ]
    # Segredo branco, Segredo azul, Segredo no escuro, Segredo herdado
    assert sum(map(int, re.findall(r"(\d+) characters", " ".join(found.warnings)))) == hidden


def test_a_page_that_chromium_printed_reads_like_the_page():
    found = read("relatorio.pdf")
    blocks = found.text.split("\n\n")
    assert found.title == "Relatório de ensaios"
    assert [(heading.level, heading.title) for heading in found.headings] == [
        (1, "Relatório de ensaios da bomba P-300"),
        (2, "Como se fez"),
        (2, "Resultados"),
        (2, "Anexo"),
    ]
    assert (
        "Ensaio: Primeiro | Pressão: 4,1 bar | Caudal: 31 m³/h\n"
        "Ensaio: Segundo | Pressão: 4,3 bar | Caudal: 30 m³/h\n"
        "Ensaio: Terceiro | Pressão: 4,2 bar | Caudal: 32 m³/h"
    ) in blocks
    assert "Manómetro calibrado em janeiro" in blocks  # the dots of its list are drawings
    assert any("Ninguém notou fugas durante o dia." in b and b.startswith("A válvula de descarga") for b in blocks)
    assert "pressao = leitura * 0.25\nif pressao > 4.5:\n    parar()" in blocks
    assert "Aprovar sem ler" not in found.text  # white on white
    assert "file:///" not in found.text  # the footer that Chromium prints on each page
    assert found.warnings == ("hidden text on page 1: 20 characters, left out",)


def test_a_page_of_the_web_keeps_its_content_and_leaves_out_the_sites():
    found = read("relatorio.html")
    assert found.text.startswith("Relatório de ensaios da bomba P-300\n\nO ensaio decorreu em Aveiro")
    assert "1. Encher o reservatório até à marca" in found.text.splitlines()
    assert "Motores do Vouga" not in found.text


def test_mail_brings_its_attachments_whatever_program_wrote_them(tmp_path):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Contrato assinado", "ana@vouga.example", "rui@vouga.example"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0000"
    message.set_content("Segue o contrato.")
    word = "application", "vnd.openxmlformats-officedocument.wordprocessingml.document"
    message.add_attachment(written("contrato.docx"), *word, filename="contrato.docx")
    message.add_attachment(written("contrato.pdf"), "application", "pdf", filename="contrato.pdf")
    box = mailbox.mbox(tmp_path / "caixa.mbox")
    box.add(message)
    box.close()
    for data, name in ((bytes(message), "a.eml"), ((tmp_path / "caixa.mbox").read_bytes(), "caixa.mbox")):
        text = extract(data, name)[1].text
        assert "Segue o contrato." in text
        assert text.count(OBJECT) == 2
        assert text.count("Modelo: P-300 | Potência: 11 kW | Prazo: 36 horas") == 2
