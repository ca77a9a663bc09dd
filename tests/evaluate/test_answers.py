"""Whether an answer is right: normalisation in both languages, exact match, token F1."""

import pytest

from rag.evaluate.answers import comparable, correct, exact_match, says, token_f1, token_recall


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("R$ 8.400,00 [2].", ["r", "$", "8400"]),
        ("8,400.50 €", ["8400.50", "€"]),
        ("Expedição às 7,5 %", ["expedicao", "as", "7.5", "%"]),
        ("12.03.2024", ["12.03", "2024"]),
    ],
)
def test_numbers_and_accents_are_made_comparable(text, tokens):
    assert comparable(text) == tokens


def test_a_form_counts_only_as_whole_tokens_in_a_row():
    assert says("São 30 dias [1].", "30 dias")
    assert not says("São 300 dias.", "30 dias")
    assert not says("Please note it.", "no")
    assert not says("30 working days", "30 days")


def test_a_list_needs_one_form_of_every_group():
    groups = [["20 dias", "vinte dias"], ["15 dias"]]
    assert correct("Eram vinte dias, agora são 15 dias.", groups)
    assert not correct("Eram vinte dias.", groups)


def test_exact_match_leaves_out_articles_case_and_punctuation():
    assert exact_match("The Lab.", ["lab"]) == 1.0
    assert exact_match("O laboratório", ["laboratorio"]) == 1.0
    assert exact_match("The old lab", ["lab"]) == 0.0


def test_token_f1_is_that_of_the_best_form():
    # 2 shared of 4 said and 3 wanted: P = 1/2, R = 2/3, F1 = 4/7.
    assert token_f1("red pump weighs nine", ["nine red boxes"]) == pytest.approx(4 / 7)
    assert token_f1("red pump weighs nine", ["nine red boxes", "red pump weighs nine"]) == 1.0
    assert token_f1("nothing alike", ["nine"]) == 0.0


def test_a_repeated_token_is_shared_only_as_often_as_both_have_it():
    # "9" twice against once: 1 shared of 2 and of 1: F1 = 2/3.
    assert token_f1("9 9", ["9"]) == pytest.approx(2 / 3)


def test_what_is_said_besides_takes_nothing_from_recall():
    # Of "nine red boxes" two tokens are said; articles are no tokens in either language.
    assert token_recall("the red pump weighs nine, or so they say", ["nine red boxes"]) == pytest.approx(2 / 3)
    assert token_recall("a bomba pesa nove", ["o motor", "bomba"]) == 1.0
    assert token_recall("x", ["the"]) == 0.0
