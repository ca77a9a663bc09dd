"""Whom a claim names, and whom its evidence does."""

import pytest

from rag.verify.names import exchanged_names, missing_names


@pytest.mark.parametrize(
    ("question", "evidence", "missing"),
    [
        ("Quanto a região Norte vendeu?", "A região Nordeste vendeu 198.", ["Norte"]),
        ("Quem é Renato?", "RENATO Vidal", []),
        ("Quem é Renato Vidal?", "Ontem falou o Renato.", []),
        ("Quem é Renato Vidal?", "Ontem falou Renato Alves.", ["Renato Vidal"]),
        ("Who coached the Carolina Panthers?", "Panthers coach Ron Rivera was pleased.", []),
        ("O que se vende no Tibete?", "In Tibet, barley is sold.", []),
        ("Which Comic Book sold best?", "The comic book of 1963.", []),
    ],
)
def test_a_name_of_the_question_is_missing_where_neither_it_nor_a_part_of_it_stands(question, evidence, missing):
    assert missing_names(question, evidence) == missing


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
