"""The main job on real weights: the sample folder, answers with their backing, abstention."""

import json
import socket

import pytest

from rag import Lastro
from rag.config import load_settings
from rag.errors import FingerprintMismatch, UsageError
from tests.conftest import SAMPLE

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def app(sample_index):
    return Lastro.open(sample_index)


@pytest.mark.parametrize("item", json.loads((SAMPLE.parent / "demo.json").read_text(encoding="utf-8")))
def test_the_demo_questions_are_answered_as_expected(app, item):
    answer = app.ask(item["question"])
    assert answer.abstained == (item["expects"] is None)
    if item["expects"]:
        assert item["expects"] in answer.answer
        assert any(sentence.verdict.label == "supported" for sentence in answer.sentences)


def test_every_citation_and_every_evidence_is_to_the_letter(app):
    answer = app.ask("Qual é o prazo de garantia das bombas da linha P?")
    with app.index.pin() as snapshot:
        for citation in answer.citations:
            text = snapshot.document(citation.doc_id).text
            assert text[citation.start : citation.end] == citation.text
        for sentence in answer.sentences:
            assert answer.answer[sentence.start : sentence.end] == sentence.text
            evidence = sentence.verdict.evidence
            if evidence is not None:
                cited = next(c for c in answer.citations if c.n == evidence.citation)
                text = snapshot.document(cited.doc_id).text
                assert text[evidence.start : evidence.end] == evidence.text
                assert cited.start <= evidence.start < evidence.end <= cited.end
    assert answer.index["generation"] > 0
    assert answer.timings_ms["total"] > 0


def test_events_come_in_order(app):
    kinds = [event.kind for event in app.stream("How loud is the P-220?")]
    assert kinds[0] == "citations"
    assert kinds[-1] == "answer"
    assert kinds.index("answer") == len(kinds) - 1


def test_without_a_decoder_the_answer_is_in_the_documents_own_words(sample_index):
    app = Lastro.open(sample_index, load_settings(models={"generator": "none"}))
    answer = app.ask("Who founded Nascente?")
    assert answer.extractive
    assert "Augusto Prates" in answer.answer
    assert answer.models["generator"].startswith("none")


def test_questions_too_short_and_too_long_are_refused(app):
    for question in ("", "  ?! ", "a" * 20_000):
        with pytest.raises(UsageError, match="question"):
            app.ask(question)


def test_the_index_of_another_encoder_is_refused(sample_index, tmp_path, monkeypatch):
    from rag.models.encoder import OnnxEncoder

    monkeypatch.setattr(OnnxEncoder, "passage_prefix", "documento: ")
    with pytest.raises(FingerprintMismatch, match="passage_prefix"):
        Lastro.open(sample_index)


def test_the_suite_cannot_leave_this_machine():
    with pytest.raises(Exception, match=r"192\.0\.2\.1"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
