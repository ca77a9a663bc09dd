"""A real server with the real models over a copy of the sample folder, and a real Chromium: one of each for the lot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, JSHandle, Page, expect, sync_playwright

from rag.models.catalogue import Store
from tests.conftest import SAMPLE

PATIENCE_MS = 300_000
"""For an answer of the decoder, on a machine that does something else besides."""
expect.set_options(timeout=20_000)  # milliseconds; a machine that builds something else meanwhile takes its time
SHORT = {"max_tokens": 40}
"""Answers of the sample's questions are shorter; a decoder that goes on is stopped there."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and the folder whose documents answer."""

    url: str
    folder: Path

    def query(self, question: str) -> dict[str, Any]:
        """The answer over HTTP, as any client gets it."""
        body = json.dumps({"question": question, **SHORT}).encode()
        request = urllib.request.Request(f"{self.url}/v1/query", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE_MS / 1000) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def link(self, answer: dict[str, Any]) -> str:
        """The link to an answer that the server keeps."""
        return f"{self.url}/#/answers/{answer['id']}?{urlencode({'q': answer['question']})}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on the path: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _serving(place: Path, **environment: str) -> Iterator[Server]:
    """A server of its own process over a copy of the sample folder, on a free port."""
    folder, index = place / "documents", place / "index"
    shutil.copytree(SAMPLE, folder)
    program = [sys.executable, "-m", "rag.cli"]
    env = {**os.environ, "LASTRO_CONFIG": str(place / "absent.toml"), **environment}
    env["LASTRO_SERVE__DEADLINE_S"] = str(PATIENCE_MS / 1000)
    ingested = subprocess.run([*program, "ingest", str(folder), "--index", str(index), "--json"], check=False, env=env)
    assert ingested.returncode == 3, "the scan is refused: there is no OCR in the suite"
    served = [*program, "serve", "--index", str(index), "--port", "0"]
    with (place / "log").open("w") as log, subprocess.Popen(served, stdout=log, stderr=log, env=env) as process:
        try:
            yield Server(_address(process, place / "log"), folder)
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def server(weights: Store, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With every model. Without a browser none is started."""
    with _serving(tmp_path_factory.mktemp("whole")) as server:
        yield server


@pytest.fixture(scope="session")
def extractive(weights: Store, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With every model but the decoder: answers in the documents' own words, in a tenth of the time, for what is
    about the page and not about who wrote the answer."""
    with _serving(tmp_path_factory.mktemp("extractive"), LASTRO_MODELS__GENERATOR="none") as server:
        yield server


@pytest.fixture(scope="session")
def on_a_page(extractive: Server) -> dict[str, Any]:
    """An answer whose evidence stands on page 1 of a PDF."""
    answer = extractive.query("Qual é a temperatura máxima da água para as bombas?")
    assert answer["sentences"][0]["evidence"]["page"] == 1
    return answer


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it listens, once it does."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while process.poll() is None and time.monotonic() < until:
        said = log.read_text()
        if "listening on " in said:
            return said.split("listening on ")[1].split()[0]
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Opens pages as one browser or another; ``mistakes`` are what any of them complained of."""

    browser: Browser
    url: str
    mistakes: list[str]
    contexts: list[BrowserContext]

    def visit(self, path: str = "/", *, settings: dict[str, Any] | None = None, **browser: Any) -> Page:
        """A page in a browser of its own: ``browser`` are its language, colours, width …"""
        given = {"locale": "pt-BR", "viewport": {"width": 1360, "height": 860}, **browser}
        context = self.browser.new_context(**given)
        self.contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        kept = json.dumps(json.dumps(SHORT if settings is None else settings))
        context.add_init_script(f"localStorage['lastro.settings'] ??= {kept}")
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        page.on("console", lambda said: self.mistakes.append(said.text) if said.type == "error" else None)
        page.goto(path if path.startswith("http") else self.url + path)
        expect(page.locator("html.ready")).to_be_attached()
        return page


@pytest.fixture
def visitor(chromium: Browser, extractive: Server) -> Iterator[Visitor]:
    """Whoever opens pages; a page that complains in its console fails the test."""
    visitor = Visitor(chromium, extractive.url, [], [])
    yield visitor
    for context in visitor.contexts:
        context.close()
    # What the server refuses is logged by the browser itself, whatever the page makes of it.
    assert [said for said in visitor.mistakes if "Failed to load resource" not in said] == []


def ask(page: Page, question: str) -> None:
    """Type the question and send it off."""
    page.get_by_role("textbox").first.fill(question)
    page.keyboard.press("Enter")


def answered(page: Page) -> None:
    """Wait until the last question has its answer."""
    expect(page.locator(".turn:last-child .actions")).to_be_visible(timeout=PATIENCE_MS)


def watched(page: Page, selector: str) -> JSHandle:
    """All that the element of ``selector`` in the conversation says, each time anything there changes: what is there
    for a moment only is not missed."""
    return page.evaluate_handle(
        """(selector) => {
            const seen = [];
            new MutationObserver(() => seen.push(document.querySelector(selector)?.textContent ?? ""))
                .observe(document.getElementById("turns"), {childList: true, subtree: true, characterData: true});
            return seen;
        }""",
        selector,
    )
