"""What stands in another column than the one asked for is no answer: by hand."""

import pytest

from rag.text import detect_language
from rag.verify.clauses import other_clauses
from rag.verify.columns import other_cells, other_rows

_FEES = "Procedimento: Raio-X | Particular: R$ 130 | Plano Família: R$ 105 | Plano Sênior: R$ 90"
_SITES = "Training money | Braga: €500 | Recife: R$ 2,300"
_CONTRACTS = (
    "Supplier: Denta | Notice: 60 days | Payment: 30 days\nSupplier: Limpa | Ends on: 31 October 2025 | Notice: 30 days"
)
_LIMPA = _CONTRACTS.splitlines()[1]
_ORDERS = "Orders in the quarter: €6,000 to €9,999 | Discount: 7%"


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        ("She has the Plano Sênior. What does she pay for an x-ray?", "She pays R$ 130.", _FEES, ["plano senior"]),
        ("She has the Plano Sênior. What does she pay for an x-ray?", "She pays R$ 90.", _FEES, []),
        ("Quanto custa o raio-x?", "Custa R$ 130.", _FEES, []),
        ("training money in Braga?", "It is R$ 2,300.", _SITES, ["braga"]),
        ("training money in Braga?", "It is €500.", _SITES, []),
        ("training money in Braga and in Recife?", "€500 and R$ 2,300.", _SITES, []),
        ("What is the order code of the SV-1?", "198.", "Item: SV-1 | Order code: 300001 | Price: 198", ["order code"]),
        ("What is the order code of the SV-1?", "300001.", "Item: SV-1 | Order code: 300001 | Price: 198", []),
        ("Which item has the order code 300001?", "The SV-1.", "Item: SV-1 | Order code: 300001 | Price: 198", []),
        ("Which item costs most?", "The SV-1.", "Item: SV-1 | Order code: 300001 | Price: 198", []),
        ("Who owns the action to label the pails?", "Rita Farias.",
         "No.: 3 | Action: Label every pail | Owner at Lubrisul: Rita Farias", []),
        ("What discount on orders of 6800 euros this quarter?", "It is 7%.", _ORDERS, []),
        ("How much off on orders of 6800 euros this quarter?", "It is 7%.", _ORDERS, []),
        ("Qual é o número de série da cadeira?", "É EQ-006.",
         "codigo: EQ-006 | equipamento: Cadeira | n_serie: X9-1", ["n serie"]),
        ("Qual é o número de série da cadeira?", "É X9-1.",
         "codigo: EQ-006 | equipamento: Cadeira | n_serie: X9-1", []),
        ("Qual é a data da compra?", "É 02/09/2024.", "data_compra: 30/06/2014 | revisao: 02/09/2024", []),
        ("Em que data foi a compra?", "Foi em 30/06/2014.", "codigo: 7 | data_compra: 30/06/2014 | local: Recife", []),
        ("Qual é a data da compra?", "É 02/09/2024.",
         "codigo: 7 | data_compra: 30/06/2014 | revisao: 02/09/2024", ["data compra"]),
        ("How much does it weigh?", "It weighs 11,4 kg.", "Modelo: P-220 | Peso: 11,4 kg | Vazão: 6 m³/h", []),
        ("Quem aprova?", "O gestor.", "O gestor aprova tudo.", []),
    ],
)  # fmt: skip
def test_what_stands_in_another_column_is_missing_in_the_one_asked_for(question, claim, window, missing):
    assert other_cells(question, claim, window, window, detect_language(question)) == missing


def test_a_column_that_the_row_lacks_is_known_from_the_other_rows():
    question = "How many days do we have to pay Limpa?"
    assert other_cells(question, "We have 30 days.", _CONTRACTS, _LIMPA, "en") == ["payment"]
    assert other_cells("What is the notice at Limpa?", "30 days.", _CONTRACTS, _LIMPA, "en") == []


_CYCLES_ROW = "Machine: Vaporis 18 | Load: Wrapped instruments | Drying: 20 min"
_CYCLES = (
    "Machine: Vaporis 18 | Load: Wrapped instruments | Drying: 20 min\n"
    "Machine: Vaporis 18 | Load: Handpieces | Drying: 15 min\n"
    "Machine: Vaporis 23 | Load: Unwrapped | Temperature: 134 °C"
)


@pytest.mark.parametrize(
    ("question", "claim", "rows", "missing"),
    [
        ("How long do handpieces dry in the Vaporis 18?", "20 minutes.", slice(0, 1), ["handpieces"]),
        ("How long do handpieces dry in the Vaporis 18?", "15 minutes.", slice(1, 2), []),
        ("How long do handpieces dry in the Vaporis 18?", "15 minutes.", slice(0, 3), []),
        ("How long do things dry in the Vaporis 18?", "20 minutes.", slice(0, 1), []),
        ("How long is the drying of unwrapped loads?", "20 minutes.", slice(0, 1), ["unwrapped"]),
        ("How long is the drying of unwrapped loads?", _CYCLES_ROW, slice(0, 1), ["unwrapped"]),
    ],
)
def test_what_stands_in_another_row_is_missing_in_the_one_asked_about(question, claim, rows, missing):
    window = "\n".join(_CYCLES.splitlines()[rows])
    assert other_rows(question, claim, _CYCLES, window, "en") == missing


_LOGS = "Ana Peixe checks the Braga log every Friday; in Recife this is done by Rui Soutinho."
_LAB = "Tesla moved to Colorado; there he built a laboratory in 1899."


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        ("Who goes over the log at Recife?", "Ana Peixe.", _LOGS, ["recife"]),
        ("who goes over the log at recife?", "Ana Peixe goes over it.", _LOGS, ["recife"]),
        ("Who goes over the log at Recife?", "Rui Soutinho.", _LOGS, []),
        ("Who goes over the log in Braga?", "Ana Peixe.", _LOGS, []),
        ("Who goes over the log in Braga?", "Rui Soutinho does.", _LOGS, ["braga"]),
        ("When did Tesla build a laboratory?", "In 1899.", _LAB, []),
        ("Who goes over the log at Recife?", "Ana Peixe.", "Ana Peixe checks the Recife log.", []),
    ],
)
def test_what_stands_in_another_clause_is_missing_in_the_one_asked_about(question, claim, window, missing):
    assert other_clauses(question, claim, window, "en") == missing
