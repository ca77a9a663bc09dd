"""Click a sentence, see what it rests on: on the page of a PDF, in the text, or why it cannot be shown."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import answered, ask

pytestmark = [pytest.mark.weights, pytest.mark.browser]


def test_the_evidence_of_a_pdf_is_marked_on_its_page(visitor, extractive, on_a_page):
    page = visitor.visit()
    # The first look fetches the page's picture; a later one finds it kept, so it is waited for here.
    with page.expect_response(re.compile(r"/pages/1\.png\?")) as fetched:
        page.goto(extractive.link(on_a_page))
    page.get_by_role("button", name="Fechar a prova").click()
    page.locator(".sentence").first.click()
    [box, *_] = fetched.value.headers["lastro-boxes"].split(";")
    left, top, right, bottom = map(float, box.split(","))
    assert 0 < left < right < 1
    assert 0 < top < bottom < 1
    image = page.locator("#sheet img")
    expect(image).to_be_visible()
    expect(image).to_have_attribute("alt", re.compile(r"Página 1 de manual-bombas-p\.pdf.*40 °C"))
    expect(page.locator("#evidence-verdict")).to_contain_text("sustenta a frase")
    page.get_by_role("button", name="Próxima página").click()
    expect(page.locator("#page-number")).to_have_text("2 de 4")
    page.get_by_role("button", name="Texto", exact=True).click()
    expect(page.locator("#evidence mark")).to_have_text([on_a_page["sentences"][0]["evidence"]["text"]])


def test_a_page_that_comes_when_the_text_was_chosen_does_not_take_its_place(visitor, extractive, on_a_page):
    page = visitor.visit(extractive.link(on_a_page))
    expect(page.locator("#sheet img")).to_be_visible()
    held = []
    page.route(re.compile(r"/pages/2\.png\?"), lambda route: held.append(route))  # noqa: PLW0108 - no builtins here
    with page.expect_request(re.compile(r"/pages/2\.png\?")):
        # At once, as fast fingers do: before there is anything to show of the page.
        page.evaluate("for (const id of ['page-next', 'as-text']) document.getElementById(id).click()")
    page.wait_for_timeout(300)  # longer than a page may be awaited with nothing in its place
    expect(page.locator("#evidence mark").first).to_be_visible()
    with page.expect_response(re.compile(r"/pages/2\.png\?")) as came:
        held.pop().continue_()
    came.value.finished()
    page.wait_for_timeout(500)  # longer than a picture takes to be decoded
    expect(page.locator("#evidence mark").first).to_be_visible()
    expect(page.locator("#sheet img")).to_have_count(0)


@pytest.mark.parametrize(("does", "says"), [("changes", "mudou desde que foi indexado"), ("goes", "não está mais")])
def test_a_pdf_that_is_not_what_it_was_is_shown_as_text_and_said_to_be(visitor, extractive, on_a_page, does, says):
    file = extractive.folder / "manual-bombas-p.pdf"
    before = file.read_bytes()
    try:
        file.unlink() if does == "goes" else file.write_bytes(before + b"\n% changed")
        page = visitor.visit(extractive.link(on_a_page))
        expect(page.locator("#evidence-note")).to_contain_text(says)
        expect(page.locator("#evidence mark")).to_have_text([on_a_page["sentences"][0]["evidence"]["text"]])
    finally:
        file.write_bytes(before)


def test_a_page_read_by_ocr_or_without_its_span_says_that_the_place_is_in_the_text(visitor, extractive, on_a_page):
    page = visitor.visit()
    page.route(re.compile(r"/pages/1\.png\?"), unmarked)
    page.goto(extractive.link(on_a_page))
    expect(page.locator("#evidence-note")).to_contain_text("o lugar exato só aparece no texto")


def unmarked(route):
    response = route.fetch()
    route.fulfill(response=response, headers={**response.headers, "lastro-boxes": ""})


def test_what_a_document_says_is_shown_as_text_and_never_becomes_part_of_the_page(visitor, tmp_path):
    name = "<img src=x onerror=document.title=1>"
    hostile = '<img src=x onerror="document.title=2"><script>document.title=3</script>'
    file = tmp_path / f"{name}.txt"
    file.write_text(f"{hostile}\n\n😀 A cor oficial do uniforme da expedição é verde-limão. {hostile}\n")
    page = visitor.visit("/#/documents")
    page.locator("#files").set_input_files(file)
    expect(page.locator("#uploads")).to_contain_text("Pronto: já responde.", timeout=60_000)
    expect(page.locator("#documents")).to_contain_text(name)
    page.get_by_role("link", name="Perguntar").click()
    ask(page, "Qual é a cor oficial do uniforme da expedição?")
    answered(page)
    # Offsets count characters, not UTF-16 units: after an emoji they differ by one.
    expect(page.locator("#evidence mark").first).to_have_text(
        re.compile("^(😀 )?A cor oficial do uniforme.*verde-limão")
    )
    expect(page.locator("#sheet")).to_contain_text("<script>")
    assert page.locator("main img[onerror], main script").count() == 0
    expect(page).to_have_title("Lastro")


def test_a_document_opens_from_the_list(visitor):
    page = visitor.visit("/#/documents", locale="en-GB")
    page.get_by_role("searchbox").fill("safety")
    page.get_by_role("button", name=re.compile("^Safety data sheet")).click()
    expect(page.locator("#sheet img")).to_have_attribute("alt", "Page 1 of safety-data-hg2.pdf")
    page.get_by_role("button", name="Close the evidence").click()
    expect(page.locator("#evidence")).to_be_hidden()
