"""The months a text names, and those of dates in digits; by hand, in both languages."""

import pytest

from rag.verify.literal import missing_numbers
from rag.verify.months import dated_months, named_months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("em 15 de março", {3}),
        ("15 de março de 2024", {3}),
        ("1º de maio", {5}),
        ("Foi em março.", {3}),
        ("March 15, 2024", {3}),
        ("15 Mar 2024", {3}),
        ("on 15 May", {5}),
        ("the 3rd of May", {5}),
        ("15/mar/24", {3}),
        ("out/2023", {10}),
        ("Mês: março | Vendas: 140", {3}),
        ("Month: March | Sales: 140", {3}),
        ("Month: May | Sales: 140", {5}),
        ("Março.", {3}),
        ("May", {5}),
        ("It ran from January to March.", {1, 3}),
        ("entre abril e junho", {4, 6}),
        ("late May", {5}),
        ("every July", {7}),
        ("You may march.", set()),
        ("All 5 may attend.", set()),
        ("It may take 5 days.", set()),
        ("9 out of 10 set 3 records 2 years ago.", set()),
        ("June Carter and Augusto met.", set()),
        ("dezembrada", set()),
    ],
)
def test_a_claim_is_held_to_the_months_it_surely_names(text, months):
    assert named_months(text, surely=True) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Every May since 1987 it is held.", {5}),
        ("The April figures", {4}),
        ("Sales of 15 mar.", {3}),
        ("You may march.", set()),
        ("It may be. March on.", set()),
        ("He set out.", set()),
    ],
)
def test_evidence_may_name_a_month_in_any_way(text, months):
    assert named_months(text, surely=False) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("05/03/2021", {3, 5}),
        ("15/03", {3}),
        ("15.03.2021", {3}),
        ("2026-06-30", {6}),
        ("03/2021, 2021-04", {3, 4}),
        ("Mês: 7 | Vendas: 3", {7}),
        ("month 8", {8}),
        ("3 bombas, 12,5 %, 4.2, P-220-3", set()),
    ],
)
def test_the_months_of_dates_in_digits_are_read_in_either_order(text, months):
    assert dated_months(text) == months


_SAME = [
    ("Foi em março.", "…em 15 de março de 2024."),
    ("Foram vendidas em março.", "Mês: março | Vendas: 140"),
    ("They were sold in March.", "Month: March | Sales: 140"),
    ("Foi em março.", "in March"),
    ("in June", "2026-06-30"),
]
_SAME_DATES = [
    ("March 15, 2024", "15 Mar 2024"),
    ("March 15, 2024", "15/mar/2024"),
    ("05/03/2021", "5 de março de 2021"),
    ("05/03/21", "5 de março de 2021"),
    ("03/05/2021", "March 5th, 2021"),
    ("05.03.2021", "5 March 2021"),
    ("2026-06-30", "June 30, 2026"),
    ("03/2021", "março de 2021"),
]


@pytest.mark.parametrize(("claim", "evidence"), [*_SAME, *_SAME_DATES, *((two, one) for one, two in _SAME_DATES)])
def test_a_month_is_said_however_the_date_is_written(claim, evidence):
    assert missing_numbers(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("Foi em março.", "em 15 de abril de 2024", ["month 3"]),
        ("Foram vendidas em março.", "Mês: abril | Vendas: 140", ["month 3"]),
        ("It was sold in March.", "You may march on 3 April.", ["month 3"]),
        ("Foi em março.", "Foram 3 bombas em abril.", ["month 3"]),
        ("15 de março de 2024", "15 de abril de 2024", ["month 3"]),
        ("5 de maio", "May 6", ["5"]),
        ("05/04/2021", "5 de março de 2021", ["4"]),
        ("2026-06-30", "July 30, 2026", ["6"]),
        ("June 30, 2026", "2026-07-30", ["month 6"]),
        ("It ran from January to March.", "It ran from April to June.", ["month 1", "month 3"]),
    ],
)
def test_another_month_is_missing(claim, evidence, missing):
    assert missing_numbers(claim, evidence) == missing
