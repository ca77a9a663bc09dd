"""Whose number it is of two in one sentence: by hand, in both languages."""

import pytest

from rag.text import detect_language
from rag.verify.parallels import other_parts

_FEES = "Members pay 3 euros and visitors pay 5 euros."
_CIDADES = "O valor da diária é R$ 340 em São Paulo e R$ 260 em Recife."
_TANKS = "The left tank holds 30 litres, the right tank holds 50 litres."


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        ("How much do members pay?", "Members pay 5 euros.", _FEES, ["member"]),
        ("How much do members pay?", "5 euros.", _FEES, ["member"]),
        ("How much do members pay?", "Members pay 3 euros.", _FEES, []),
        ("How much do visitors pay?", "Visitors pay 3 euros.", _FEES, ["visitor"]),
        ("How much do people pay?", "Members pay 3 euros and visitors 5.", _FEES, []),
        ("How much do guests pay?", "They pay 5 euros.", _FEES, []),
        ("Quanto pagam os sócios?", "Pagam 5 euros.",
         "Os sócios pagam 3 euros e os visitantes pagam 5 euros.", ["soci"]),
        ("Quanto pagam os sócios?", "Pagam 3 euros.", "Os sócios pagam 3 euros e os visitantes pagam 5 euros.", []),
        ("Quanto é a diária em Recife?", "A diária em Recife é R$ 340.", _CIDADES, ["recif"]),
        ("Quanto é a diária em Recife?", "A diária é R$ 260.", _CIDADES, []),
        ("Quanto é a diária em São Paulo?", "É R$ 260.", _CIDADES, ["paul"]),
        ("How much does the left tank hold?", "It holds 50 litres.", _TANKS, ["left"]),
        ("How much does the right tank hold?", "It holds 50 litres.", _TANKS, []),
        ("What is the fee in Braga?", "It is 45 euros.",
         "In Braga the fee is 30 euros, in Recife it is 45 euros.", ["braga"]),
        ("What is the fee in Braga?", "It is 30 euros.",
         "In Braga the fee is 30 euros, in Recife it is 45 euros.", []),
        ("What is a child's ticket?", "It costs 12 euros.", "Tickets: adults 12 euros, children 6 euros.", []),
        ("What do adults pay?", "They pay 6 euros.", "Adults pay 12 euros, children 6 euros.", ["adult", "pay"]),
        ("How much does a kid pay?", "5 euros.", "Adults pay 12 euros and children 5 euros.", []),
        ("What is the fee for kids?", "10 euros.", "The fee is 30 euros for adults, and children pay 10 euros.", []),
        ("Quanto pago por mês?", "A mensalidade é de 90 euros.",
         "A taxa de matrícula é de 150 euros e a mensalidade de 90 euros.", []),
        ("Qual era a população em 2022?", "Era de 1.500 pessoas.",
         "A população era de 1.200 pessoas em 2010 e de 1.500 pessoas em 2022.", []),
        ("How long is the trip?", "It takes 3 hours.", "The trip takes 3 to 5 hours.", []),
        ("How long is the visit to the castle?", "2 hours.", "The castle takes 2 hours, and lunch takes 1 hour.", []),
        ("How long is lunch?", "2 hours.", "The castle takes 2 hours, and lunch takes 1 hour.", ["lunch"]),
    ],
)  # fmt: skip
def test_a_number_beside_other_words_than_those_said_is_of_something_else(question, claim, window, missing):
    assert other_parts(question, claim, window, detect_language(window)) == missing
