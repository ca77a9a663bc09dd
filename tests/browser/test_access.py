"""The page for everybody: keyboard, telephone, dark rooms, two languages, and what axe finds."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import answered

pytestmark = [pytest.mark.weights, pytest.mark.browser]

SERIOUS = {"serious", "critical"}


def background(page: Page) -> int:
    """How light the page is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(re.findall(r"\d+", colour)[0])


def test_everything_is_reached_by_keyboard_and_the_focus_comes_back(visitor):
    page = visitor.visit(locale="en-GB")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("Qual é a temperatura máxima da água para as bombas?")
    page.keyboard.press("Enter")
    answered(page)
    sentence = page.locator(".sentence").first
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if sentence.evaluate("element => element === document.activeElement"):
            break
    expect(sentence).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence-title")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Page", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#evidence")).to_be_hidden()
    expect(sentence).to_be_focused()
    assert sentence.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_the_first_tab_leads_past_the_bar(visitor):
    page = visitor.visit("/#/documents", locale="en-GB")
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()


def test_a_telephone_shows_the_evidence_over_the_answer_and_nothing_is_wider_than_it(visitor, extractive, on_a_page):
    page = visitor.visit(extractive.link(on_a_page), viewport={"width": 360, "height": 740}, has_touch=True)
    expect(page.locator(".sentence").first).to_be_visible()
    expect(page.locator("#evidence")).to_be_hidden()  # it would cover the answer
    page.locator(".sentence").first.click()
    expect(page.locator("#sheet img")).to_be_visible()
    assert page.locator("#evidence").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    expect(page.locator("#evidence-title")).to_be_focused()
    page.get_by_role("button", name="Fechar a prova").click()
    expect(page.locator(".sentence").first).to_be_focused()
    for path in ("#/", "#/documents"):
        page.goto(f"{extractive.url}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_telephone_has_room_for_every_button_also_where_there_are_collections(visitor):
    page = visitor.visit(viewport={"width": 360, "height": 740}, has_touch=True)
    both = {"collections": [{"name": "default"}, {"name": "a-name-longer-than-the-screen-of-a-telephone"}]}
    page.route("**/v1/collections", lambda route: route.fulfill(json=both))
    page.reload()
    expect(page.get_by_label("Coleção")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for part in page.locator(".bar select, .bar .tools button, .bar nav a").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_dark_is_as_the_system_says_until_it_is_chosen_and_then_stays(visitor):
    page = visitor.visit(color_scheme="dark")
    assert background(page) < 40
    page.get_by_role("button", name="Claro ou escuro").click()
    assert background(page) > 230
    page.reload()
    expect(page.locator("html.ready")).to_be_attached()
    assert background(page) > 230


def test_the_language_is_the_browsers_until_it_is_chosen_and_then_stays(visitor, extractive, on_a_page):
    page = visitor.visit(extractive.link(on_a_page), locale="fr-FR")
    expect(page.locator(".verdict").first).to_have_text("supported")
    page.get_by_role("button", name="Português").click()
    expect(page.locator(".verdict").first).to_have_text("sustentada")
    expect(page.locator("html")).to_have_attribute("lang", "pt")
    expect(page.locator("#evidence-verdict")).to_contain_text("sustenta a frase")
    page.reload()
    expect(page.get_by_role("link", name="Documentos")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_view(visitor, extractive, on_a_page, colours):
    # Playwright brings axe in as a string, which the page's own policy rightly refuses to run.
    page = visitor.visit(extractive.link(on_a_page), color_scheme=colours, reduced_motion="reduce", bypass_csp=True)
    expect(page.locator("#sheet img")).to_be_visible()
    found = {"answer and page": findings(page)}
    page.get_by_role("button", name="Texto", exact=True).click()
    found["text"] = findings(page)
    for name in ("Histórico", "Ajustes"):
        page.get_by_role("button", name=name).click()
        found[name] = findings(page)
        page.keyboard.press("Escape")
    page.goto(f"{extractive.url}/#/documents")
    expect(page.locator("#documents .row").first).to_be_visible()
    found["documents"] = findings(page)
    withheld = extractive.query("Qual é a potência da bomba P-250?")
    page.goto(extractive.link(withheld))
    expect(page.locator(".withheld")).to_be_visible()
    found["withheld"] = findings(page)
    page.get_by_role("button", name="Nova conversa").click()
    found["first"] = findings(page)
    assert {view: what for view, what in found.items() if what} == {}


def findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in violations if one["impact"] in SERIOUS
    ]
