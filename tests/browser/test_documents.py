"""Documents come and go in the page, and answers with them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import answered, ask

pytestmark = [pytest.mark.weights, pytest.mark.browser]

QUESTION = "Quem troca a senha da sala de testes?"


def test_what_is_uploaded_answers_and_what_is_deleted_does_not(visitor, tmp_path):
    note = tmp_path / "senhas.txt"
    note.write_text("A senha da sala de testes é trocada toda segunda-feira pela Marta Queiroz, às 8h.")
    page = visitor.visit()
    page.get_by_role("link", name="Documentos").click()
    page.locator("#files").set_input_files(note)
    expect(page.locator("#uploads")).to_contain_text("Pronto: já responde.", timeout=60_000)
    row = page.locator("#documents .row", has_text="senhas.txt")
    expect(row).to_be_visible()

    page.get_by_role("link", name="Perguntar").click()
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".sentence").first).to_contain_text("Marta Queiroz")

    page.get_by_role("link", name="Documentos").click()
    row.get_by_role("button", name="Excluir").click()
    page.get_by_role("dialog").get_by_role("button", name="Excluir").click()
    expect(row).to_have_count(0)

    page.get_by_role("link", name="Perguntar").click()
    page.get_by_role("button", name="Nova conversa").click()
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".withheld")).to_contain_text("Resposta retida")
    expect(page.locator(".turn")).not_to_contain_text("Marta")


def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_can_be_removed(visitor, tmp_path):
    broken = tmp_path / "quebrado.pdf"
    broken.write_bytes(b"%PDF-1.4 nada")
    page = visitor.visit("/#/documents")
    page.locator("#files").set_input_files(broken)
    expect(page.locator("#uploads .refused")).to_contain_text("Recusado", timeout=60_000)
    refused = page.locator("#refused .row", has_text="quebrado.pdf")
    expect(refused).to_contain_text("Danificado: abra-o no seu programa")
    refused.get_by_role("button", name="Excluir").click()
    page.get_by_role("dialog").get_by_role("button", name="Excluir").click()
    expect(refused).to_have_count(0)


def test_files_can_be_dropped_anywhere_on_the_page(visitor):
    page = visitor.visit()
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["A chave reserva fica com o porteiro."], "chave.txt", {type: "text/plain"}));
            return transfer;
        }"""
    )
    page.dispatch_event("#welcome", "dragenter", {"dataTransfer": transfer})
    expect(page.get_by_text("Solte para acrescentar aos documentos")).to_be_visible()
    page.dispatch_event("#welcome", "drop", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_be_hidden()
    expect(page.locator("#uploads")).to_contain_text("chave.txt")
    expect(page.locator("#uploads .done")).to_be_visible(timeout=60_000)
    row = page.locator("#documents .row", has_text="chave.txt")
    row.get_by_role("button", name="Excluir").click()
    page.get_by_role("dialog").get_by_role("button", name="Manter").click()
    expect(row).to_be_visible()


def test_a_document_is_found_by_its_name(visitor):
    page = visitor.visit("/#/documents")
    page.get_by_role("searchbox").fill("garantia")
    expect(page.locator("#documents .row")).to_have_count(1)
    page.get_by_role("searchbox").fill("nenhum assim")
    expect(page.locator("#documents-none")).to_have_text(re.compile("Nenhum documento"))
