"""Numbers as they are written: in words, with words that multiply them, with signs, as times of day; by hand."""

import pytest

from rag.text import fold
from rag.verify.literal import masked, measures, missing_numbers
from rag.verify.quantities import folded, numbers, quantities, scales, spelled_quantities
from rag.verify.spelled import spelled


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("vinte e cinco dias", [25]),
        ("vinte-e-quatro", [24]),
        ("forty-eight hours", [48]),
        ("forty eight", [48]),
        ("cento e vinte", [120]),
        ("cento e vinte e um", [121]),
        ("two hundred", [200]),
        ("one hundred and twenty", [120]),
        ("twelve hundred", [1200]),
        ("duzentas e cinco", [205]),
        ("novecentos e noventa e nove", [999]),
        ("mil e duzentos", [1200]),
        ("dois mil e vinte e quatro", [2024]),
        ("três mil duzentos e cinquenta", [3250]),
        ("vinte e um mil", [21000]),
        ("one hundred and twenty-five thousand", [125000]),
        ("dois milhões e meio de reais", [2500000]),
        ("mil milhões de euros", [10**9]),
        ("a million euros", [10**6]),
        ("half a million", []),
        ("milhões de pessoas", []),
        ("entre mil e dois mil", [1000, 2000]),
        ("entre vinte e trinta", [20, 30]),
        ("entre cem e duzentos", [100, 200]),
        ("twenty and five", [20, 5]),
        ("um, dois e três", [1, 2, 3]),
        ("one two three", [1, 2, 3]),
        ("vinte por cento", [20]),
        ("5 mil, 3 thousand, 2 hundred", []),
        ("dezembro, setembro, milho", []),
    ],
)
def test_a_number_of_several_words_is_one_number(words, values):
    assert [value for value, _, _ in spelled(fold(words))] == values


def test_a_number_in_words_has_a_unit_and_its_place():
    found = spelled_quantities("São quarenta e cinco dias, ou 10 % de dois milhões de reais.")
    assert [(one.value, one.kind) for one in found] == [(45, "day"), (2000000, "brl")]
    assert folded("São quarenta e cinco dias")[found[0].start : found[0].end] == "quarenta e cinco"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2 a 5 dias", {(2, ""), (5, "day")}),
        ("Corrente: 16 A.", {(16, "ampere")}),
        ("um fusível de 16A de vidro", {(16, "ampere")}),
        ("9 a month", {(9, "")}),
        ("a 1ª parcela", {(1, "")}),
        ("5t de aço e 3 toneladas", {(5, "tonne"), (3, "tonne")}),
        ("os anos 1960s", {(1960, "")}),
        ("espera de 35s", {(35, "second")}),
        ("5 µg, 6 μg", {(5, "µg"), (6, "µg")}),
        ("18 ºC, 19 °C, 20 graus Celsius", {(18, "celsius"), (19, "celsius"), (20, "celsius")}),
        ("64 °F, 65 degrees Fahrenheit", {(64, "fahrenheit"), (65, "fahrenheit")}),
        ("18 of 20", {(18, ""), (20, "")}),
        ("20 por cento", {(20, "%")}),
        ("5 kWh, 6 quilowatts-hora, 7 kW", {(5, "kwh"), (6, "kwh"), (7, "kw")}),
        ("5 mg 6 ml 7 psi 8 kPa", {(5, "mg"), (6, "ml"), (7, "psi"), (8, "kpa")}),
        ("5 kB, 6 MB, 7 GB, 8 TB", {(5, "kb"), (6, "mb"), (7, "gb"), (8, "tb")}),
        ("5 lb, 6 ft, 7 miles, 8 milhas", {(5, "lb"), (6, "foot"), (7, "mile"), (8, "mile")}),
        ("11 m3/h", {(11, "m³/h")}),
    ],
)
def test_a_unit_is_known_by_how_it_is_written(text, found):
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5 mil funcionários", {(5000, "")}),
        ("2 milhões de reais", {(2000000, "brl")}),
        ("1,5 milhão", {(1500000, "")}),
        ("US$ 1.1 billion", {(1100000000, "usd")}),
        ("$5m, R$ 2 bi", {(5000000, "usd"), (2000000000, "brl")}),
        ("5 mil milhões", {(5000000000, "")}),
        ("2 a 3 milhões", {(2000000, ""), (3000000, "")}),
        ("$2-3 million", {(2000000, "usd"), (3000000, "")}),
        ("12 e 3 milhões", {(12, ""), (3000000, "")}),
        ("Ano: 2024\nMil pessoas", {(2024, "")}),
        ("5 milhas, 5 million-dollar", {(5, "mile"), (5000000, "")}),
    ],
)
def test_a_word_that_multiplies_is_part_of_the_number(text, found):
    assert numbers(text) == found


def test_a_number_ends_after_the_word_that_multiplies_it_and_before_its_unit():
    text = folded("São 5 mil funcionários, -18 °C e R$ 2 bi.")
    assert [text[one.start : one.end] for one in quantities(text)] == ["5 mil", "-18", "r$ 2 bi"]


def test_what_multiplies_may_stand_in_the_name_of_a_column():
    assert scales("Receita (em milhões): 3,2 | Custo (mil euros): 40") == {10**6, 10**3}
    assert scales("It cost $5m.") == {10**6}
    assert scales("Uma milha, 5 m.") == {10**6}  # the last may be five million
    assert scales("Nada.") == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-18 °C", {(-18, "celsius")}),
        ("de −18 °C", {(-18, "celsius")}),
        ("R$ -500 e -R$ 20", {(-500, "brl"), (-20, "brl")}),
        ("(-3)", {(-3, "")}),
        ("10-49", {(10, ""), (49, "")}),
        ("10 -49", {(10, ""), (49, "")}),
        ("10 - 49", {(10, ""), (49, "")}),
        ("P-220", {(220, "")}),
        ("+/-5", {(5, "")}),
        ("(11) 5555-1234", {(11, ""), (5555, ""), (1234, "")}),
        ("- 5 kg", {(5, "kg")}),
    ],
)
def test_a_sign_touches_its_digits_and_follows_neither_digit_nor_word(text, found):
    assert numbers(text) == found


def test_the_hyphen_after_a_year_that_is_no_measure_is_no_sign():
    assert measures("em 2026-06-30 e 2025-07") == {(6, ""), (30, ""), (7, "")}
    assert len(masked("em 2026-06-30")) == len("em 2026-06-30")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("14h30", {(14, "hour"), (30, "minute")}),
        ("14h30min", {(14, "hour"), (30, "minute")}),
        ("14:30", {(14, ""), (30, "")}),
        ("14:00", {(14, "")}),
        ("9 pm", {(21, "")}),
        ("9 a.m.", {(9, "")}),
        ("9:30pm", {(21, ""), (30, "")}),
        ("9.30 p.m.", {(21, ""), (30, "")}),
        ("12 am", {(0, "")}),
        ("12 pm", {(12, "")}),
        ("12:30 am", {(0, ""), (30, "")}),
        ("9 horas da noite", {(21, "")}),
        ("3 da tarde", {(15, "")}),
        ("12 at night", {(0, "")}),
        ("9 in the evening", {(21, "")}),
        ("14 pm", {(14, "")}),
        ("9.30", {(9.3, "")}),
        ("12:75", {(12, ""), (75, "")}),
    ],
)
def test_a_time_of_day_is_hours_of_24_and_minutes(text, found):
    assert numbers(text) == found


def test_a_date_in_digits_is_three_numbers():
    assert numbers("05.03.2021") == numbers("05/03/2021") == numbers("05/03/21") == {(5, ""), (3, ""), (2021, "")}
    assert numbers("05/03/87") == {(5, ""), (3, ""), (1987, "")}


_SAME = [
    ("às 14:30", "14h30"),
    ("14:00", "14h"),
    ("1 hora e 30 minutos", "1h30"),
    ("5.000 funcionários", "5 mil funcionários"),
    ("2.000.000", "2 milhões"),
    ("3 million", "3,000,000"),
    ("1.500.000", "1,5 milhão"),
    ("1.500.000", "um milhão e meio"),
    ("45 dias", "quarenta e cinco dias"),
    ("forty-eight hours", "48 hours"),
    ("duzentos e cinquenta euros", "250 €"),
    ("two weeks", "2 semanas"),
    ("at 9 pm", "21:00"),
    ("at 9:30 pm", "21h30"),
    ("at 9 am", "às 9h"),
    ("at 9", "at 9 pm"),
    ("12 pm", "12:00"),
    ("das 9 às 11 da noite", "from 9 pm to 11 pm"),
    ("entre 2 milhões e 3 milhões", "2 a 3 milhões"),
    ("minus 18 °C", "-18 °C"),
    ("-18 °C", "18 °C abaixo de zero"),
    ("5 lb", "5 pounds"),
    ("1ª semana", "1 semana"),
    ("de 2 a 5 dias", "2 to 5 days"),
    ("5 µg", "5 mcg"),
    ("16 A", "16 ampères"),
]


@pytest.mark.parametrize(("claim", "evidence"), _SAME + [(two, one) for one, two in _SAME])
def test_a_number_is_said_however_it_is_written(claim, evidence):
    assert missing_numbers(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("São 500 mil euros.", "Valor (mil euros): 500"),
        ("As vendas caíram 12 %.", "Vendas | Variação: -12 %"),
        ("9 am to 5 pm", "9 to 5"),
        ("It takes two and a half years.", "It takes 2.5 years."),
        ("Os dois modelos são azuis.", "A P-200 e a P-220 são azuis. Há 5 modelos."),
        ("Three of them are blue.", "The red, the green and the grey one are blue; 5 are not."),
        ("It has three pumps.", "P-100, P-200 and P-220: pumps."),
        ("One day is given.", "The day is given."),
        ("Trinta (30) dias.", "30 dias"),
    ],
)
def test_what_another_way_of_writing_leaves_open_is_not_missing(claim, evidence):
    assert missing_numbers(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("20 dias", "vinte e cinco dias", ["20"]),
        ("5 dias", "vinte e cinco dias", ["5"]),
        ("5 mg", "5 g", ["5 mg"]),
        ("5 g", "5 mg", ["5 gram"]),
        ("500 MB", "500 GB", ["500 mb"]),
        ("2 MWh", "2 kWh", ["2 mwh"]),
        ("2 kW", "2 kWh", ["2 kw"]),
        ("18 °C", "-18 °C", ["18"]),
        ("-18 °C", "18 °C", ["-18"]),
        ("18 °C", "18 °F", ["18 celsius"]),
        ("9 pm", "9 am", ["21"]),
        ("9 am", "21:00", ["9"]),
        ("12 am", "12 pm", ["0"]),
        ("1h30", "1h45", ["30"]),
        ("thirty months", "sixty months", ["30"]),
        ("trinta meses", "sessenta meses", ["30"]),
        ("thirty-month warranty", "sixty-month warranty", ["30"]),
        ("quarenta e cinco dias", "40 a 50 dias", ["45"]),
        ("forty-eight hours", "48 days", ["48 hour"]),
        ("48 hours", "48 days", ["48 hour"]),
        ("três bombas", "cinco bombas", ["3"]),
        ("three pumps", "140 pumps", ["3"]),
        ("5 mil funcionários", "5 funcionários", ["5000"]),
        ("5 funcionários", "5 mil funcionários", ["5"]),
        ("2 milhões", "2 mil", ["2000000"]),
        ("100", "dez por cento", ["100"]),
        ("5 km", "5 miles", ["5 km"]),
        ("5 kg", "5 lb", ["5 kg"]),
    ],
)
def test_another_number_or_unit_is_missing(claim, evidence, missing):
    assert missing_numbers(claim, evidence) == missing
