"""What a question is about by identifier and year, by hand."""

import pytest

from rag.verify.subjects import missing_subjects, other_year


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


@pytest.mark.parametrize(
    ("question", "window", "missing"),
    [
        ("Quem era a diretora em 2022?", "Ana Lima foi diretora de 2020 a 2024.", []),
        ("Quem era a diretora em 2025?", "Ana Lima foi diretora de 2020 a 2024.", ["2025"]),
        ("Quem era a diretora em 2022?", "Ana Lima foi diretora em 2020 e 2024.", ["2022"]),
        ("Quem era a diretora em 2022?", "Entre 2020 e 2024 a diretora foi Ana Lima.", []),
        ("Quem era a diretora em 2022?", "Desde 2019 a diretora é Ana Lima.", []),
        ("Quem era a diretora em 2022?", "Desde 2019 a 2021 a diretora foi Ana Lima.", ["2022"]),
        ("Who was the director in 2018?", "Since 2019 the director has been Ana Lima.", ["2018"]),
        ("How much was sold in 2024?", "Fiscal year 2023/24: 140 pumps.", []),
        ("How much was sold in 2025?", "Fiscal year 2023/24: 140 pumps.", ["2025"]),
        ("How much did sales grow in 2024?", "Sales grew 12 % compared with 2023.", []),
        ("Quanto cresceram as vendas em 2024?", "Cresceram 12 % em relação a 2023.", []),
        ("How much did sales grow in 2024?", "In 2022 they grew 12 % compared with 2021.", ["2024"]),
        ("Quanto pesa a P220?", "A P-220 pesa 11 kg.", []),
        ("Quanto pesa a P-220?", "A P220 pesa 11 kg.", []),
        ("Is it certified to ISO9001?", "It is certified to ISO 9001.", []),
        ("Is it certified to ISO9001?", "It is certified to ISO 14001.", ["iso9001"]),
        ("Quanto pesa a P220?", "A P-200 pesa 9 kg.", ["p220"]),
    ],
)
def test_a_span_has_its_years_and_what_is_measured_against_is_not_told_of(question, window, missing):
    assert missing_subjects(question, window, window) == missing


def test_a_goal_set_in_one_year_may_be_of_another():
    assert other_year("What goal did the board set in 2023?", "To be carbon neutral by 2030.") == []
