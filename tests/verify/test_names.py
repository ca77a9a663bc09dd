"""Names of the question, and whether the evidence has them."""

import pytest

from rag.verify.names import missing_names


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
