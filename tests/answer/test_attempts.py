"""The course of a question with a decoder whose first answer does not hold."""

import re

import numpy as np
import pytest

from rag.answer.prompt import SENTINEL
from rag.config import load_settings
from rag.index.memory import MemoryIndex
from rag.pipeline import Parts, ask
from tests.doubles import HashingEncoder, document, whole

TEXTS = {
    "garantia": "A garantia da bomba dura 24 meses.",
    "frete": "O frete da bomba custa 40 reais.",
    "peso": "A bomba pesa 31 quilos.",
    "cor": "A bomba sai da fábrica em azul.",
}
QUESTION = "Quanto dura a garantia da bomba?"


class Script:
    """A decoder that says its lines in turn, and keeps the prompts."""

    identity = "script"

    def __init__(self, *lines):
        self.lines = list(lines)
        self.prompts = []

    def stream(self, messages, decoding):
        self.prompts.append(messages[-1]["content"])
        yield self.lines.pop(0)


class Numbers:
    """Supported when every number of the claim is in the premise and a word is shared, else not found. "Talvez" makes
    it less sure."""

    def probabilities(self, pairs):
        rows = []
        for premise, hypothesis in pairs:
            held = set(re.findall(r"\d+", hypothesis)) <= set(re.findall(r"\d+", premise))
            shared = set(re.findall(r"\w{5,}", hypothesis)) & set(re.findall(r"\w{5,}", premise))
            sure = (0.6, 0.2, 0.2) if "talvez" in hypothesis else (0.9, 0.05, 0.05)
            rows.append(sure if held and shared else (0.1, 0.1, 0.8))
        return np.array(rows, np.float32)


def shares_words(question, texts):
    asked = set(re.findall(r"\w{4,}", question.lower()))
    return np.array([len(asked & set(re.findall(r"\w{4,}", t.lower()))) / len(asked) for t in texts], np.float32)


@pytest.fixture
def index():
    documents = [document(name, text) for name, text in TEXTS.items()]
    vectors = HashingEncoder().encode([d.text for d in documents], "passage")
    return MemoryIndex(documents, [whole(d) for d in documents], vectors)


def events(index, script):
    parts = Parts(HashingEncoder(), Numbers(), shares_words, True, script, lambda text: len(text.split()))
    return list(ask(QUESTION, index, parts, load_settings(search={"rerank": False})))


def answered(index, *lines):
    script = Script(*lines)
    return events(index, script)[-1].data, script


def test_an_answer_that_does_not_hold_is_tried_again_from_the_nearest_passages(index):
    answer, script = answered(index, "A garantia da bomba dura 31 anos [1].", "A garantia da bomba dura 24 meses [1].")
    assert answer.answer.startswith("A garantia da bomba dura 24 meses [")
    assert not answer.extractive
    assert answer.signals["attempts"] == 2
    assert len(re.findall(r"^\[\d+\]", script.prompts[0], re.M)) == len(TEXTS)
    assert len(re.findall(r"^\[\d+\]", script.prompts[1], re.M)) == 2
    assert TEXTS["garantia"] in script.prompts[1]


def test_an_answer_that_holds_is_not_tried_again(index):
    answer, script = answered(index, "A garantia da bomba dura 24 meses [1].")
    assert "attempts" not in answer.signals
    assert len(script.prompts) == 1


def test_an_answer_that_is_not_sure_gives_way_to_one_that_is(index):
    answer, script = answered(index, "A garantia talvez dura 24 meses [1].", "A garantia da bomba dura 24 meses [1].")
    assert answer.answer.startswith("A garantia da bomba dura 24 meses [")
    assert len(script.prompts) == 2


def test_an_answer_that_is_not_sure_stands_when_nothing_surer_is_said(index):
    unsure = "A garantia talvez dura 24 meses [1]."
    for second in ("A garantia da bomba dura 31 anos [1].", "A garantia dura talvez 24 meses [1].", SENTINEL):
        course = events(index, Script(unsure, second))
        assert course[-1].data.answer.startswith("A garantia talvez dura 24 meses [")
        assert not course[-1].data.extractive
        after = [event for event in course if event.kind in {"retry", "token"}][-2:]
        assert [event.kind for event in after] == ["retry", "token"]
        assert after[1].data == course[-1].data.answer


def test_after_two_that_do_not_hold_the_documents_own_words_are_given(index):
    answer, _ = answered(index, "A garantia da bomba dura 31 anos [1].", "A garantia dura 40 dias [1].")
    assert answer.extractive
    assert TEXTS["garantia"].rstrip(".") in answer.answer


def test_a_decoder_that_declines_at_once_is_believed(index):
    answer, script = answered(index, SENTINEL)
    assert answer.abstained
    assert len(script.prompts) == 1
