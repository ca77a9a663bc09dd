"""Whom a claim names, and whom its evidence does."""

import pytest

from rag.verify.names import exchanged_names, missing_names


def test_a_name_of_the_question_that_the_evidence_lacks_is_missing():
    assert missing_names("Quanto a região Norte vendeu?", "A região Nordeste vendeu 198") == ["Norte"]
    assert missing_names("Quem é Renato?", "RENATO Vidal") == []


SIGNED = "The maintenance contract was signed in March by Rui Alves. A week later Ana Lima was away."


@pytest.mark.parametrize(
    ("claim", "evidence", "exchanged"),
    [
        ("The maintenance contract was signed in March by Ana Lima.", SIGNED, ["Ana", "Lima"]),
        ("The maintenance contract was signed in March by Rui Alves.", SIGNED, []),
        ("The maintenance contract was signed in March by Alves.", SIGNED, []),
        # Other words than the sentence's: that is for the entailment model to judge.
        ("In her stead somebody called Ana Lima put her name to it.", SIGNED, []),
        # A pronoun in the evidence, and no other name: the claim says whom it means.
        ("A new plant was opened by Ana Lima.", "Later a new plant was opened by her.", []),
        # Of two sentences alike, the one about whom the claim names counts.
        (
            "The prize for research went to Ana Lima.",
            "The prize for research went to Rui Alves. The prize for research went to Ana Lima.",
            [],
        ),
    ],
)
def test_a_name_that_stands_where_the_evidence_has_another_is_exchanged(claim, evidence, exchanged):
    assert exchanged_names(claim, "", evidence, "en") == exchanged


def test_a_name_that_title_or_question_gives_may_stand_for_a_pronoun():
    claim, evidence = "O contrato de Marta Reis vence em maio.", "O contrato vence em maio, diz Rui Alves."
    assert exchanged_names(claim, "", evidence, "pt") == ["Marta", "Reis"]
    assert exchanged_names(claim, "Quando vence o contrato de Marta Reis?", evidence, "pt") == []
