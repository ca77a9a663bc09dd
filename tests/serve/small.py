"""A small Lastro with real parts: a real index of four files, real search, and models that behave, only simply."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import uvicorn

from ingest import ingest_folder
from rag.config import load_settings
from rag.facade import Lastro, Models
from rag.pipeline import Parts
from rag.serve.api import create_app
from rag.serve.protocol import patient_for
from tests.doubles import HashingEncoder

TEXTS = {
    "garantia.txt": "A garantia da bomba P-220 dura 24 meses. A garantia da bomba P-330 dura 36 meses.",
    "frete.txt": "O frete da bomba P-220 custa 40 reais.",
    "peso.txt": "A bomba P-220 pesa 31 quilos.",
    "noise.md": "# Noise\n\nThe pump P-220 reaches 68 decibels at full speed.",
}
QUESTION = "Quanto dura a garantia da bomba P-220?"


def words(text):
    return set(re.findall(r"[\w-]{4,}", text.lower()))


class Reader:
    """A decoder that says the sentence of the passages which shares most words with the question, a word at a time.

    ``pace`` seconds go by before each word, and none is said before ``going`` is set; ``said`` counts them, and
    ``closed`` the streams that were left early.
    """

    identity = "reader"

    def __init__(self, pace=0.0):
        self.pace = pace
        self.going = threading.Event()
        self.going.set()
        self.said = 0
        self.closed = 0
        self.asked = []
        self.at_work = 0
        self.most_at_work = 0

    def count_tokens(self, text):
        return len(text.split())

    def stream(self, messages, decoding):
        prompts = [message["content"] for message in messages if message["content"].startswith("Passages:")]
        if not prompts:
            return  # asked to rewrite a follow-up, which it cannot
        prompt = prompts[-1]
        self.asked.append(prompt)
        passages, _, question = prompt.rpartition("Question:")
        sentences = [
            (n, sentence)
            for n, text in re.findall(r"^\[(\d+)\] \([^)]*\) (.*)$", passages, re.M)
            for sentence in re.split(r"(?<=\.) ", text)
        ]
        n, sentence = max(sentences, key=lambda one: len(words(one[1]) & words(question)))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            for word in f"{sentence.rstrip('.')} [{n}].".split(" ")[: decoding.max_tokens]:
                time.sleep(self.pace)
                assert self.going.wait(120)
                self.said += 1
                yield f"{word} "
        except GeneratorExit:
            self.closed += 1
            raise
        finally:
            self.at_work -= 1


class Numbers:
    """Supported when every number of the claim is in the premise and half its words are, else not found."""

    identity = "numbers"

    def probabilities(self, pairs):
        rows = []
        for premise, hypothesis in pairs:
            held = set(re.findall(r"\d+", hypothesis)) <= set(re.findall(r"\d+", premise))
            shared = len(words(hypothesis) & words(premise)) * 2 >= len(words(hypothesis))
            rows.append((0.9, 0.05, 0.05) if held and shared else (0.1, 0.1, 0.8))
        return np.array(rows, np.float32).reshape(-1, 3)


def shares_words(question, texts):
    asked = words(question)
    return np.array([len(asked & words(text)) / max(1, len(asked)) for text in texts], np.float32)


def small_models(settings, generator):
    models = Models(settings)
    models.encoder = HashingEncoder()
    models.reranker = None
    names = {"encoder": "hashing-256", "entailment": "numbers", "reranker": "none", "relevance": "shared words"}
    models.parts = Parts(
        models.encoder,
        Numbers(),
        shares_words,
        True,
        generator,
        lambda text: len(text.split()),
        names=names | {"generator": generator.identity},
    )
    return models


@cache
def _built():
    """The index of TEXTS, made once: what a test changes is a copy."""
    folder = Path(tempfile.mkdtemp(prefix="lastro-small-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "documents").mkdir()
    for name, text in TEXTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    ingest_folder(folder / "documents", folder / "index", load_settings(), encoder=HashingEncoder())
    return folder / "index"


def small_lastro(folder, *, generator=None, **serve):
    """A Lastro over ``folder / "index"``, which holds TEXTS; ``serve`` are its settings."""
    settings = load_settings(
        search={"rerank": False}, answer={"prompt_tokens": 2000}, verify={"answerable": 0.3}, serve=serve
    )
    shutil.copytree(_built(), folder / "index")
    return Lastro.open(folder / "index", settings, small_models(settings, generator or Reader()))


@contextmanager
def running(lastro, **config):
    """A real server on a free port of loopback, in a thread: its address, and its uvicorn server."""
    app = create_app(lastro)
    http = patient_for(lastro.settings.serve.body_timeout_s)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, http=http, ws="none", **config))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def events_of(lines):
    """The (name, data) pairs of a stream of server-sent events."""
    name = None
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
