"""The literal checks by hand."""

import pytest

from rag.verify.literal import (
    contrasted_words,
    foreign_words,
    missing_numbers,
    missing_quotations,
    missing_subjects,
    other_year,
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


def test_identifiers_of_the_question():
    assert missing_subjects("Qual o erro E4 da P-250 em 2024?", "E4 da P-200, 2023", "E4") == ["p-250", "2024"]
    assert missing_subjects("Quem aprova R$ 15.000,00?", "nada", "nada") == []
    table = "P-200, P-220\nModelo: P-200 | Peso: 9,8 kg"
    assert missing_subjects("Quanto pesa a P-220?", table, "Modelo: P-200 | Peso: 9,8 kg") == ["p-220"]
    assert missing_subjects("Quanto pesa a P-220?", "P-220\nO peso é de 9,8 kg.", "O peso é de 9,8 kg.") == []
    assert missing_subjects("O que mudou de 2021 para 2023?", "74 pontos em 2021", "74 pontos em 2021") == []


@pytest.mark.parametrize(
    ("question", "window", "missing"),
    [
        ("What was convened in June 1745?", "It was convened in June and July, 1754.", ["1745"]),
        ("O que houve em maio de 1822?", "Foi em setembro de 1822.", []),
        ("O que houve em 1808?", "A corte chegou em 1822.", ["1808"]),
        ("Who was king in 1350?", "Edward reigned from 1327 to 1377.", []),
        ("How far in 1500 metres?", "It was run in 1200 m.", []),
        ("Quem ganhou os 1500 metros?", "Ganhou em 1896.", []),
    ],
)
def test_years_before_1900_are_told_by_where_they_stand(question, window, missing):
    assert missing_subjects(question, window, window) == missing


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


def test_a_year_of_its_own_makes_a_sentence_one_about_that_year():
    question, title = "How many came in 2024?", "News of spring 2024"
    assert missing_subjects(question, f"{title}\nIn 2023 nine came.", "In 2023 nine came.") == ["2024"]
    assert missing_subjects(question, f"{title}\nNine came.", "Nine came.") == []


@pytest.mark.parametrize(
    ("question", "claim", "missing"),
    [
        ("How many came in 2024?", "Nine came in 2023.", ["2024"]),
        ("How many came in 2024?", "Nine came.", []),
        ("When did the firm of the 2019 fair close?", "It closed in 2021.", []),
        ("O que mudou desde 2019?", "Em 2021 mudou o prazo.", []),
        ("How did sales change from 2023 to 2024?", "They fell in 2024.", []),
    ],
)
def test_an_answer_about_another_year_is_none(question, claim, missing):
    assert other_year(question, claim) == missing


def test_a_currency_may_stand_after_its_number():
    assert numbers("48 € e R$ 60, 12,50 €/ano") == {(48.0, "eur"), (60.0, "brl"), (12.5, "eur")}
    assert missing_numbers("It costs 48 €.", "Cancel 48 hours ahead.") == ["48 eur"]
