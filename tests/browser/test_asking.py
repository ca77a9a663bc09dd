"""Questions in a real browser to the real server: what comes when, and what it rests on."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import answered, ask, watched

pytestmark = [pytest.mark.weights, pytest.mark.browser]

GUARANTEE = "Qual é hoje o prazo de garantia das bombas da linha P?"
LOUD = "How loud is the P-220?"


def test_passages_come_first_then_a_draft_then_sentences_with_their_verdicts(visitor, server):
    page = visitor.visit(server.url)
    passages, draft, status, sentences = (watched(page, f".{name}") for name in ("passages", "draft", "status", "body"))
    ask(page, GUARANTEE)
    turn = page.locator(".turn")
    answered(page)
    came = [next(n for n, words in enumerate(seen.json_value()) if words) for seen in (passages, draft, sentences)]
    assert came == sorted(came)
    assert any("24 meses" in words for words in draft.json_value())
    assert any("não conferido" in words for words in status.json_value())
    expect(turn.locator(".draft")).to_be_empty()
    sentence = turn.locator(".sentence").first
    expect(sentence).to_contain_text("24 meses")
    expect(sentence.locator(".verdict")).to_have_text("sustentada")
    # The backing of the first sentence is shown beside it without being asked for.
    expect(page.locator("#evidence mark").first).to_contain_text("24 meses")
    expect(page.locator("#announce")).to_contain_text("24 meses")


def test_an_english_question_has_an_english_answer_and_goes_into_the_history(visitor, server):
    page = visitor.visit(server.url, locale="en-GB")
    ask(page, LOUD)
    answered(page)
    expect(page.locator(".sentence").first).to_contain_text("65 dB")
    expect(page.locator(".sentence .verdict").first).to_have_text("supported")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name=re.compile(re.escape(LOUD))).first.click()
    expect(page.locator(".sentence").first).to_contain_text("65 dB")
    expect(page.locator(".note").first).to_contain_text("From the history")
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Clear the history").click()
    expect(page.locator("#past")).to_have_text("Nothing yet.")


def test_a_question_the_folder_cannot_answer_says_why_and_shows_the_closest_passages(visitor):
    page = visitor.visit()
    ask(page, "Qual é a potência da bomba P-250?")
    answered(page)
    withheld = page.locator(".withheld")
    expect(withheld).to_contain_text("Resposta retida")
    expect(withheld).to_contain_text(re.compile("Motivo: .+"))
    expect(page.get_by_role("heading", name="As passagens mais próximas")).to_be_visible()
    expect(page.locator(".passage").first).to_contain_text("P-2")
    expect(page.locator(".sentence")).to_have_count(0)


def test_a_follow_up_is_understood_from_what_came_before(visitor):
    page = visitor.visit()
    ask(page, GUARANTEE)
    answered(page)
    ask(page, "E as da linha S?")
    answered(page)
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn:last-child .understood")).to_contain_text(re.compile("garantia.*linha S", re.IGNORECASE))


def test_stopping_ends_the_answer_and_leaves_the_page_ready_for_the_next(visitor):
    page = visitor.visit()
    ask(page, GUARANTEE)
    page.get_by_role("button", name="Parar").click()
    expect(page.locator(".turn .status")).to_contain_text("Parada.")
    expect(page.get_by_role("button", name="Perguntar", exact=True)).to_be_enabled()
