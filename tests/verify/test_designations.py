"""A name with another number is another thing: by hand."""

import pytest

from rag.verify.designations import missing_designations

_OVENS = "The Vaporis 18 and 23 stand in Recife. The Orbix 5 was bought in 2024 for Sala 2."


@pytest.mark.parametrize(
    ("said", "window", "missing"),
    [
        ("How long is the cycle of the Vaporis 20? It takes 25 minutes.", _OVENS, ["vaporis 20"]),
        ("qual o ciclo da vaporis 23?", _OVENS, []),
        ("qual o ciclo da vaporis 20?", _OVENS, ["vaporis 20"]),
        ("Where is the Vaporis 18?", "The Vaporis 23 stands there.", ["vaporis 18"]),
        ("Where is the Vaporis 18?", "It stands in Recife.", []),
        ("Quanto custa o Orbix 4?", _OVENS, ["orbix 4"]),
        ("What happened in March 12?", "In March 14 the shop closed.", []),
        ("Who has 12 euros?", "The 30 members have 12 euros. Braga 2019.", []),
        ("Is Braga 5 km away?", "Braga 7 km, Porto 9 km.", []),
    ],
)
def test_a_name_with_another_number_is_missing(said, window, missing):
    assert missing_designations(said, f"{_OVENS}\n{window}", window) == missing
