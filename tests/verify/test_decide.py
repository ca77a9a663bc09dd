"""Answers taken apart into claims, and what their verdicts come to."""

import pytest

from rag.config import VerifySettings
from rag.types import Sentence, Verdict
from rag.verify.claims import claims, echoes
from rag.verify.decide import decide, groundedness


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("São 30 dias [2]. Depois há multa [1][3].", [("São 30 dias.", (2,)), ("Depois há multa.", (1, 3))]),
        ("São 30 dias. [2] Depois há multa.", [("São 30 dias.", (2,)), ("Depois há multa.", ())]),
        ("São 30 dias [1, 2].", [("São 30 dias.", (1, 2))]),
    ],
)
def test_markers_belong_to_their_sentences(answer, expected):
    found = claims(answer, "pt")
    assert [(claim.text, claim.citations) for claim in found] == expected
    assert all(claim.asserts for claim in found)


def test_questions_and_courtesies_assert_nothing():
    assert [c.asserts for c in claims("Claro! Quer saber mais? Segue a lista:", "pt")] == [False, False, False]


def test_a_claim_that_only_repeats_the_question_is_no_answer():
    assert echoes("Como se chama a diretora de vendas?", "A diretora de vendas é vendas.", "pt")
    assert not echoes("Como se chama a diretora de vendas?", "A diretora de vendas é Ana.", "pt")
    assert not echoes("Can the pump run dry?", "The pump can run dry.", "en")
    assert echoes("A pack came out wet. What now?", "The pack came out wet.", "en")
    assert echoes("Why does Recife use twice as much?", "Recife uses twice as much.", "en")
    assert echoes("After the meeting, who has to try the messages?", "The messages have to be tried.", "en")
    assert not echoes("Which is louder, the P-200 or the P-220?", "The P-220 is louder.", "en")
    assert not echoes("If it rains, does the pump stop?", "The pump stops if it rains.", "en")


def sentence(label) -> Sentence:
    return Sentence("x", 0, 1, (), Verdict(label, 0.9, {}))


def test_an_answer_is_shown_only_when_enough_of_it_survives():
    settings = VerifySettings(answerable=0.5)
    good, bad, denied = sentence("supported"), sentence("not_found"), sentence("contradicted")
    chat = sentence("not_a_claim")
    assert decide([good, bad], 0.9, settings).show
    assert decide([good, bad, bad], 0.9, settings).reason == "unsupported"
    assert decide([denied, good, good], 0.9, settings).reason == "contradicted"
    assert decide([good], 0.4, settings).reason == "not_answerable"
    assert decide([good], None, settings).show
    assert decide([chat], 0.9, settings).reason == "no_claim"
    assert groundedness([good, bad, chat]) == 0.5
