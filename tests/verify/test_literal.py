"""The literal checks by hand."""

import pytest

from rag.verify.literal import (
    contrasted_words,
    foreign_words,
    missing_numbers,
    missing_quotations,
    restates,
)
from rag.verify.quantities import numbers


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("São 24 meses", "the warranty is 24 months", []),
        ("São 2 anos", "two years", []),
        ("São 24 meses", "São 24 dias", ["24 month"]),
        ("R$ 1.234,56", "R$ 1234.56", []),
        ("custa 8.400", "meta de 8,400 bombas", []),
        ("em 5 de abril", "April 5", []),
        ("em 5 de abril", "March 5", ["month 4"]),
        ("1.100 W", "1100 W", []),
        ("0,75 kW", "0.75 kW", []),
        ("cerca de 140", "140 bombas", []),
        ("a vazão é de 11 m³/h", "Vazão máxima: 11 m3/h", []),
        ("a vazão é de 11 m³/h", "Vazão (m³/h): 11", []),
        ("são 11 m³", "são 11 m²", ["11 m³"]),
        ("são 5 km²", "são 5 m²", ["5 km²"]),
        ("são 5 m³/s", "são 5 l/s", ["5 m³/s"]),
        ("sem número", "qualquer", []),
    ],
)
def test_numbers_units_and_months_are_compared_across_notations(claim, evidence, missing):
    assert missing_numbers(claim, evidence) == missing


def test_numbers_by_hand():
    assert numbers("R$ 1.234,56; 12.5 %; 3.000 horas; 0,8") == {
        (1234.56, "brl"),
        (12.5, "%"),
        (3000.0, "hour"),
        (0.8, ""),
    }


def test_a_claim_made_of_words_the_evidence_lacks_is_about_something_else():
    evidence = "A payment that arrives within eight days earns a further 2 %."
    assert foreign_words("Receipts may be handed in 8 days after the trip.", "", evidence, "en")
    assert foreign_words("A payment within eight days earns 2 % more.", "", evidence, "en") == []
    asked = "When may receipts be handed in after a trip?"
    assert foreign_words("Receipts may be handed in 8 days after the trip.", asked, evidence, "en") == []


def test_quotations_by_hand():
    assert missing_quotations("Diz “o prazo  conta” já.", ["O prazo; o prazo conta"]) == []
    assert missing_quotations('He said "we will not pay".', ["we will pay"]) == ["we will not pay"]


@pytest.mark.parametrize(
    ("claim", "sentence", "is_one"),
    [
        ("The P-220 makes 65 dB at one metre.", "The P-200 makes 62 dB at one metre; the P-220 makes 65 dB.", True),
        ("The P-200 makes 65 dB at one metre.", "The P-200 makes 62 dB at one metre; the P-220 makes 65 dB.", False),
        ("The P-220 makes 62 dB at one metre.", "The P-200 makes 62 dB at one metre; the P-220 makes 65 dB.", False),
        ("The P-200 makes 65 dB.", "The P-200 and the P-220 make 62 and 65 dB.", False),
        ("It is not paid after 30 days.", "It is paid after 30 days.", False),
        ("The pump is blue.", "The pump is blue.", False),
    ],
)
def test_a_claim_that_restates_a_sentence_keeps_its_numbers_beside_their_subject(claim, sentence, is_one):
    assert restates(claim, sentence, "en") is is_one


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        ("How many days of paternity leave?", "It is 180 days.", "Maternity leave is 180 days.", ["paternity"]),
        ("Qual a taxa de importação?", "É de 5%.", "A taxa de exportação é de 5%.", ["importacao"]),
        ("How many days of maternity leave?", "It is 180 days.", "Maternity leave is 180 days.", []),
        ("Maternity or paternity leave?", "Both.", "Maternity leave is 180 days.", []),
        ("Qual a manutenção?", "É anual.", "A retenção é anual.", []),
    ],
)
def test_a_word_whose_counterpart_stands_in_the_evidence_is_missing_there(question, claim, window, missing):
    assert contrasted_words(question, claim, window, window) == missing


def test_a_currency_may_stand_after_its_number():
    assert numbers("48 € e R$ 60, 12,50 €/ano") == {(48.0, "eur"), (60.0, "brl"), (12.5, "eur")}
    assert missing_numbers("It costs 48 €.", "Cancel 48 hours ahead.") == ["48 eur"]
