"""A claim beside the sentence that says nearly the same."""

import pytest

from rag.verify.aligned import exchanged, negations_apart

SIGNED = "The maintenance contract was signed in March by Rui Alves. A week later Ana Lima was away."
SEASON = "The league came to a 16-game season, the seventh in 15 years."


@pytest.mark.parametrize(
    ("claim", "passage", "others"),
    [
        ("The maintenance contract was signed in March by Ana Lima.", SIGNED, ["Ana Lima"]),
        ("The maintenance contract was signed in March by Rui Alves.", SIGNED, []),
        ("The maintenance contract was signed in March by Alves.", SIGNED, []),
        ("The maintenance contract was signed in March by Director Alves.", SIGNED, []),
        # Other words than the sentence's: that is for the entailment model to judge.
        ("In her stead somebody called Ana Lima put her name to it.", SIGNED, []),
        # A pronoun in the evidence: the claim says whom it means.
        ("A new plant was opened by Ana Lima.", "Later a new plant was opened by her.", []),
        ("In May the contract of Ana Lima ends.", "In May the contract ends, says Rui Alves.", []),
        ("Its engines were bought from the USA in May.", "Its engines were bought from the United States America.", []),
        # Of two sentences alike, the one about whom the claim names counts.
        (
            "The prize for research went to Ana Lima.",
            "The prize for research went to Rui Alves. The prize for research went to Ana Lima.",
            [],
        ),
        (
            "The schools of the east include the Lima, Sakya and Gelug.",
            "The schools of the east include the Karma Kagyu, Sakya and Gelug.",
            ["Lima"],
        ),
        # Said twice, exchanged once.
        (
            "The union kept the Porto works from the fair, the feast of the Lisboa works.",
            "The union kept the Lisboa works from the fair, the feast of the Lisboa works.",
            ["Porto"],
        ),
        ("The league came to a 15-game season, the seventh in 15 years.", SEASON, ["15"]),
        ("The league came to a 16-game season, the seventh in 15 years.", SEASON, []),
        ("The league came to a season of 16 games by May 5, 2015.", "The league came to a season by 2015-05-05.", []),
        # A name after a number is no part of it.
        (
            "The works contract of March 2023 Lima signed alone.",
            "The works contract of March 2023 Alves signed alone.",
            ["Lima"],
        ),
        # What is a digit and no number (a power, a footnote's mark).
        ("The hall of the old works has 40 m ² of room.", "The hall of the old works has 40 m ³ of room.", []),
        # Another sentence, in fewer words, has all that it names.
        ("The pump P-220 makes 65 dB at one metre.", "The pump P-200 makes 62 dB at one metre. P-220: 65 dB.", []),
        (
            "The audit of 2024 was led by Ana Lima in Porto.",
            "The audit of 2023 was led by Rui Alves in Porto. In 2024 the audit was led by Ana Lima.",
            [],
        ),
    ],
)
def test_a_name_or_number_that_stands_where_the_passage_has_another_is_exchanged(claim, passage, others):
    assert exchanged(claim, passage, "en") == others


VALID = "O reembolso vale para as viagens internacionais."
COVERED = "Batteries aren't covered by the warranty of the pump."


@pytest.mark.parametrize(
    ("claim", "evidence", "language", "apart"),
    [
        ("O reembolso não vale para as viagens internacionais.", VALID, "pt", ["“não”"]),
        ("O reembolso vale no caso das viagens de carro.", "O reembolso vale em caso das viagens de carro.", "pt", []),
        ("Batteries are covered by the warranty of the pump.", COVERED, "en", ["without “not”"]),
        ("Batteries are not covered by the warranty of the pump.", COVERED, "en", []),
        # No negation of the sentence itself: it stands in another part of it.
        ("Refunds are given for damaged goods.", "Refunds are not given late, except for damaged goods.", "en", []),
        ("The pump runs at night. It is not loud.", "The pump runs at night.", "en", []),
    ],
)
def test_the_same_sentence_with_a_negation_more_or_less_is_the_opposite(claim, evidence, language, apart):
    assert negations_apart(claim, evidence, language) == apart
