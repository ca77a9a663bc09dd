"""What the page is made of, what it keeps, and how it takes what the server says."""

import json
import re
from typing import get_args

import pytest
from playwright.sync_api import expect

import ingest.refusals
import rag.errors
from rag.answer.withheld import REASONS
from rag.serve.page.assets import load_assets
from rag.types import ReasonCode
from rag.verify.asked import KINDS
from tests.browser.conftest import ask, watched

browser = [pytest.mark.weights, pytest.mark.browser]


def events(*steps):
    return "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in steps)


def serve(page, *steps):
    """Let the server's next stream say ``steps``."""
    headers = {"Content-Type": "text/event-stream"}
    page.route("**/v1/query/stream", lambda route: route.fulfill(body=events(*steps), headers=headers))


def test_our_code_and_style_are_under_150_kilobytes_and_name_no_other_host():
    own = {name: asset.body for name, asset in load_assets().items() if not name.startswith("fonts/")}
    assert sum(map(len, own.values())) < 150_000
    for name, body in own.items():
        hosts = set(re.findall(rb"(?:https?:)?//([\w.-]+\.\w+)/", body)) - {b"www.w3.org"}
        assert hosts == set(), name


def test_nothing_turns_a_string_into_html_or_code():
    for name, asset in load_assets().items():
        if name.endswith(".js"):
            assert not re.search(
                rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", asset.body
            )
        if name.endswith(".html"):
            assert not re.search(rb"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", asset.body)


def test_every_text_the_html_asks_for_is_there_in_both_languages():
    assets = load_assets()
    strings = assets["strings.js"].body.decode()
    known = set(re.findall(r"^  (\w+): \[", strings, re.MULTILINE))
    wanted = set(re.findall(r'data-t(?:-label|-placeholder)?="(\w+)"', assets["index.html"].body.decode()))
    for name, asset in assets.items():
        if name.endswith(".js"):
            wanted |= set(re.findall(r'\bt\("(\w+)"', asset.body.decode()))
    assert wanted - known == set()
    assert wanted


def test_every_reason_and_refusal_of_the_server_has_words_in_both_languages():
    known = set(re.findall(r"^  (\w+): \[", load_assets()["strings.js"].body.decode(), re.MULTILINE))
    assert {f"why_{code}" for code in REASONS} <= known
    assert {f"check_{code}" for code in get_args(ReasonCode)} <= known
    assert {f"kind_{kind.replace(' ', '_')}" for kind in KINDS} <= known
    named = {key.removeprefix("problem_") for key in known if key.startswith("problem_")}
    assert named - {"InternalError"} <= set(rag.errors.__all__)


def test_every_kind_of_refused_file_has_words_in_portuguese():
    said = load_assets()["refusals.js"].body.decode()
    assert {kind for _, kind, _ in ingest.refusals._KINDS} <= set(re.findall(r'^  "?(.+?)"?: "', said, re.MULTILINE))


class TestStream:
    pytestmark = browser

    def test_who_waits_is_told_how_many_are_ahead(self, visitor):
        page = visitor.visit()
        serve(page, ("queue", {"position": 2}), ("queue", {"position": 1}))
        seen = watched(page, ".status")
        ask(page, "Uma pergunta?")
        expect(page.locator(".turn .status")).to_contain_text("O servidor não responde.")
        waited = [words for words in dict.fromkeys(seen.json_value()) if "fila" in words]
        assert waited == ["Na fila: 2 antes da sua", "Na fila: 1 antes da sua"]

    def test_a_refusal_is_told_in_the_language_of_the_page(self, visitor):
        page = visitor.visit()
        problem = {"title": "Busy", "status": 503, "detail": "the queue is full (8 waiting).", "retryable": True}
        page.route(
            "**/v1/query/stream",
            lambda route: route.fulfill(status=503, body=json.dumps(problem), content_type="application/problem+json"),
        )
        ask(page, "Uma pergunta?")
        expect(page.locator(".turn .status")).to_contain_text("Sem resposta: O servidor está ocupado.")

    def test_the_check_that_decided_is_told_in_the_language_of_the_page(self, visitor, extractive, on_a_page):
        page = visitor.visit()
        rejected = {
            **on_a_page["sentences"][0],
            "verdict": "not_found",
            "evidence": None,
            "reason": "it gives no length of time",
            "reason_code": "lacks_kind",
            "reason_about": ["length of time"],
        }
        serve(page, ("citations", on_a_page["citations"]), ("answer", {**on_a_page, "sentences": [rejected]}))
        ask(page, "Uma pergunta?")
        page.locator(".sentence").click()
        verdict = page.locator("#evidence-verdict")
        expect(verdict).to_contain_text("não dá o que se pergunta: um prazo ou uma duração")
        page.get_by_role("button", name="English").click()
        expect(verdict).to_contain_text("it does not give what is asked for: a length of time")

    def test_a_draft_that_was_taken_back_is_gone_when_the_next_one_comes(self, visitor):
        page = visitor.visit()
        serve(page, ("citations", []), ("token", {"text": "Primeiro."}), ("retry", {}), ("token", {"text": "Segundo."}))
        seen = watched(page, ".draft")
        ask(page, "Uma pergunta?")
        expect(page.locator(".status")).to_contain_text("Sem resposta")
        assert "Primeiro." in seen.json_value()
        assert "Segundo." in seen.json_value()
        assert "Primeiro.Segundo." not in seen.json_value()

    def test_an_error_amid_the_stream_is_told_and_the_question_can_be_asked_again(self, visitor):
        page = visitor.visit()
        serve(page, ("queue", {"position": 2}), ("error", {"title": "Novel", "status": 503, "detail": "vai parar."}))
        ask(page, "Uma pergunta?")
        expect(page.locator(".status")).to_contain_text("Sem resposta: vai parar.")
        page.get_by_role("button", name="Tentar de novo").click()
        expect(page.locator(".turn")).to_have_count(2)

    def test_a_key_is_asked_for_where_one_is_wanted_and_sent_from_then_on(self, visitor):
        page = visitor.visit()
        problem = json.dumps({"title": "NotAuthenticated", "status": 401, "detail": "this server asks for an API key."})

        def guard(route):
            if route.request.headers.get("authorization") == "Bearer lastro_1_secret":
                route.continue_()
            else:
                route.fulfill(status=401, body=problem, headers={"Content-Type": "application/problem+json"})

        page.route("**/v1/**", guard)
        page.reload()
        dialog = page.get_by_role("dialog", name="Chave de acesso")
        dialog.get_by_label(re.compile("Este servidor pede")).fill("lastro_1_secret")
        dialog.get_by_role("button", name="Usar").click()
        expect(page.locator("#holdings")).to_contain_text("documentos à disposição")


class TestKept:
    pytestmark = browser

    def test_settings_go_with_the_question_and_are_those_of_the_server_again_when_reset(self, visitor):
        page = visitor.visit(settings={})
        page.get_by_role("button", name="Ajustes").click()
        page.get_by_label("Busca").fill("0.8")
        page.get_by_label("Passagens").fill("4")
        page.get_by_label("Temperatura").fill("7")  # out of its bounds: not sent
        page.get_by_label("Documentos em").select_option("pt")
        page.keyboard.press("Escape")
        page.reload()
        serve(page, ("error", {"detail": "fim"}))
        with page.expect_request("**/v1/query/stream") as sent:
            ask(page, "Uma pergunta?")
        assert sent.value.post_data_json == {
            "question": "Uma pergunta?", "alpha": 0.8, "k": 4, "filter": {"languages": ["pt"]}
        }  # fmt: skip
        page.get_by_role("button", name="Ajustes").click()
        page.get_by_role("button", name="Voltar aos ajustes do servidor").click()
        expect(page.get_by_label("Passagens")).to_have_value("8")

    def test_an_answer_is_copied_with_its_citations_and_its_link_shows_it_again(self, visitor, extractive, on_a_page):
        page = visitor.visit(extractive.link(on_a_page))
        page.get_by_role("button", name="Copiar com as citações").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(on_a_page["question"])
        assert on_a_page["answer"] in copied
        assert "[1] Manual das bombas P-200, P-220 e P-300 (manual-bombas-p.pdf, p. 1)" in copied
        page.get_by_role("button", name="Copiar um link").click()
        expect(page.locator(".told")).to_have_text("Link copiado.")
        other = visitor.visit(page.evaluate("navigator.clipboard.readText()"))
        expect(other.locator(".sentence").first).to_contain_text("40 °C")
        expect(other.locator(".note").first).to_contain_text("Como foi respondida")

    def test_a_link_to_an_answer_no_longer_kept_asks_again_and_says_whether_it_is_the_same(
        self, visitor, extractive, on_a_page
    ):
        gone = extractive.link({**on_a_page, "id": "0123456789abcdef"})
        page = visitor.visit(f"{gone}&is=00000000")
        expect(page.locator(".sentence").first).to_contain_text("40 °C", timeout=60_000)
        expect(page.locator(".body .note")).to_contain_text("mudou desde que o link foi feito")

    def test_thumbs_down_go_with_a_comment_to_the_server(self, visitor, extractive, on_a_page):
        page = visitor.visit(extractive.link(on_a_page))
        page.get_by_role("button", name="Resposta ruim").click()
        comment = page.get_by_label("O que faltou? (opcional)")
        expect(comment).to_be_focused()
        comment.fill("Faltou dizer em que bombas.")
        page.get_by_role("button", name="Enviar").click()
        expect(page.locator(".told")).to_have_text("Obrigado. Registrado.")
        expect(page.get_by_role("button", name="Resposta ruim")).to_have_attribute("aria-pressed", "true")
        kept = page.request.get(f"{extractive.url}/v1/feedback/export").text().splitlines()
        [given] = [row for row in map(json.loads, kept) if row["question"] == on_a_page["question"]]
        assert (given["thumbs"], given["comment"]) == ("down", "Faltou dizer em que bombas.")

    def test_what_the_collection_left_behind_says_late_is_not_shown(self, visitor):
        page = visitor.visit()
        both = {"collections": [{"name": "lenta"}, {"name": "vazia"}]}
        page.route("**/v1/collections", lambda route: route.fulfill(json=both))
        page.route("**/v1/documents?collection=vazia", lambda route: route.fulfill(json={"documents": []}))
        page.route("**/v1/documents?collection=lenta", lambda route: None)  # it never answers
        page.reload()
        page.get_by_label("Coleção").select_option("lenta")
        with page.expect_event("requestfailed", lambda request: request.url.endswith("lenta")):
            page.get_by_label("Coleção").select_option("vazia")
        expect(page.locator("#holdings")).to_contain_text("Ainda não há documentos")

    def test_another_collection_has_its_own_documents_and_is_what_is_asked(self, visitor, extractive):
        api = visitor.visit().request
        made = api.post(f"{extractive.url}/v1/collections", data={"name": "oficina"})
        assert made.status == 201
        try:
            note = {"name": "macaco.txt", "mimeType": "text/plain", "buffer": b"O macaco ergue 2 toneladas."}
            api.post(f"{extractive.url}/v1/documents?collection=oficina", multipart={"file": note})
            page = visitor.visit()
            page.get_by_label("Coleção").select_option("oficina")
            expect(page.locator("#holdings")).to_contain_text("um documento à disposição")
            page.get_by_role("link", name="Documentos").click()
            expect(page.locator("#documents .row")).to_have_count(1)
            page.get_by_role("link", name="Perguntar").click()
            ask(page, "Quantas toneladas o macaco ergue?")
            expect(page.locator(".sentence").first).to_contain_text("2 toneladas", timeout=60_000)
        finally:
            assert api.delete(f"{extractive.url}/v1/collections/oficina").ok


class TestQuick:
    pytestmark = browser

    def test_nothing_moves_while_an_answer_comes_and_the_first_paint_is_quick(self, visitor, extractive):
        page = visitor.visit()
        page.evaluate(
            """() => {
                window.moved = 0;
                new PerformanceObserver((list) => {
                    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
                }).observe({type: "layout-shift", buffered: true});
            }"""
        )
        ask(page, "Qual é a temperatura máxima da água para as bombas?")
        expect(page.locator("#sheet img")).to_be_visible(timeout=60_000)
        assert page.evaluate("window.moved") < 0.1  # what the field calls good
        paints = []
        for _ in range(3):
            page.reload()
            expect(page.locator("html.ready")).to_be_attached()
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9"))
        assert min(paints) < 1000
