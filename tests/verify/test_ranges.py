"""What holds in a range without the quantity asked about is no answer: by hand, in both languages."""

import pytest

from rag.text import detect_language
from rag.verify.ranges import other_ranges

_TIERS = "Distributors get 12 % on orders of 10 to 49 pumps and 18 % on orders of 50 pumps or more."
_DISCOUNT = "What discount do distributors get on an order of 60 pumps?"
_APPROVES = "Quem aprova uma viagem de R$ 11.000,00?"


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        (_DISCOUNT, "They get 12 % on orders of 10 to 49 pumps.", _TIERS, ["60 pumps"]),
        (_DISCOUNT, "They get a discount of 12 %.", _TIERS, ["60 pumps"]),
        (_DISCOUNT, "They get a discount of 18 %.", _TIERS, []),
        (_DISCOUNT, "12 % on orders of 10 to 49 pumps and 18 % on orders of 50 pumps or more.", _TIERS, []),
        ("What discount is there on 20 pumps?", "It is 18 %.", _TIERS, ["20 pumps"]),
        ("What discount is there on 20 pumps?", "It is 12 %.", _TIERS, []),
        ("What discount is there on 50 pumps?", "It is 18 %.", _TIERS, []),
        (_DISCOUNT, "It is 12 %.", "Pumps: 10–49 | Discount: 12 %", ["60 pumps"]),
        (_DISCOUNT, "It is 18 %.", "Pumps: 50 or more | Discount: 18 %", []),
        (_APPROVES, "Valor da viagem: até R$ 3.000,00 | Quem aprova: gestor direto",
         "Valor da viagem: até R$ 3.000,00 | Quem aprova: gestor direto", ["r$ 11.000,00"]),
        (_APPROVES, "O gestor direto.",
         "Valor da viagem: até R$ 3.000,00 | Quem aprova: gestor direto", ["r$ 11.000,00"]),
        (_APPROVES, "O gerente da área.",
         "Valor da viagem: de R$ 3.000,01 a R$ 12.000,00 | Quem aprova: gerente da área", []),
        (_APPROVES, "A diretora-geral.", "Valor da viagem: acima de R$ 12.000,00 | Quem aprova: diretora-geral",
         ["r$ 11.000,00"]),
        ("Gastei R$ 400,00 no hotel, quanto recebo?", "Recebe até R$ 340,00.", "A diária é paga até R$ 340,00.", []),
        ("How is a load of 30 kg lifted?", "By hand.", "Loads below 25 kg are lifted by hand.", ["30 kg"]),
        ("How is a load of 20 kg lifted?", "By hand.", "Loads below 25 kg are lifted by hand.", []),
        ("What is done with loads over 20 kg?", "They are lifted.", "Loads below 15 kg are lifted.", []),
        ("Who were 19% of the class?", "Swedes.", "Swedes were almost 19%, over 26% were Danes.", []),
        ("Who signs between 10 and 20 days?", "Ana.", "Ana signs from 30 to 40 days.", []),
        ("How heavy are the 3 pumps?", "They weigh 20 to 30 kg.", "The pumps weigh 20 to 30 kg.", []),
        ("When does the 2024 fair open?", "It opens at 9.", "From 2019 to 2023 the fair opened at 9.", []),
        ("What does the P-220 give at 40 m?", "2 m³/h.", "P-100 to P-200: 2 m³/h.", []),
        ("Qual é o frete de 5 caixas?", "É grátis.", "Entre 10 e 20 caixas o frete é grátis.", ["5 caixas"]),
        ("Qual é o frete de 15 caixas?", "É grátis.", "Entre 10 e 20 caixas o frete é grátis.", []),
        ("What discount is there on 20 pumps?", "It is 18 %.", "50+ pumps: 18 % discount", ["20 pumps"]),
        ("What discount is there on 60 pumps?", "It is 18 %.", "50+ pumps: 18 % discount", []),
        ("Quanto é o plano para 8 pessoas?", "R$ 89.", "Pessoas no plano: 2 pessoas | Preço: R$ 89", ["8 pessoas"]),
        ("Quanto é o plano para 2 pessoas?", "R$ 89.", "Pessoas no plano: 2 pessoas | Mensalidade: R$ 89", []),
        ("Qual é a multa de 8 dias?", "2 euros.", "Dias de atraso: < 5 dias | Multa: 2 euros", ["8 dias"]),
        ("What is the fee for 5 boxes?", "It is 8 euros.",
         "1 to 9 boxes cost 8 euros, 10 boxes or more cost 6 euros.", []),
        ("What is the fee for 12 boxes?", "It is 8 euros.",
         "1 to 9 boxes cost 8 euros, 10 boxes or more cost 6 euros.", ["12 boxes"]),
        ("When did oil drop to $10?", "In the 1980s.", "In the 1980s oil fell to less than $10.", []),
        ("How is a load of 25 kg lifted?", "By hand.", "Loads of up to 25 kg are lifted by hand.", []),
        ("How is a load of 25 kg lifted?", "By hand.", "Loads of not more than 25 kg are lifted by hand.", []),
        ("How is a load of 20 kg lifted?", "By crane.", "Loads of not less than 25 kg are lifted by crane.", ["20 kg"]),
        ("How is a load of 25 kg lifted?", "By hand.",
         "Loads below 25 kg are lifted by hand; loads of 25 kg or more by crane.", ["25 kg"]),
        ("How is a load of 25 kg lifted?", "By crane.",
         "Loads below 25 kg are lifted by hand; loads of 25 kg or more by crane.", []),
        ("Como se levanta uma carga de 25 kg?", "À mão.",
         "Cargas abaixo de 25 kg são levantadas à mão; cargas de 25 kg ou mais, com guindaste.", ["25 kg"]),
        ("Qual é a multa por 15 dias de atraso?", "A multa é de R$ 50.",
         "De 1 a 10 dias de atraso a multa é de R$ 50.", ["15 dias"]),
        ("What is the fine for 15 days of delay?", "The fine is 50 euros.",
         "From 1 to 10 days of delay the fine is 50 euros.", ["15 days"]),
        ("My trip lasts 10 days. When must it be booked?", "14 to 21 days before departure.",
         "Trips are booked 14 to 21 days before departure.", []),
        ("Num contrato de 12 meses, qual é o aviso?", "O aviso é de 1 a 3 meses.", "O aviso é de 1 a 3 meses.", []),
    ],
)  # fmt: skip
def test_what_holds_in_a_range_without_the_quantity_is_missing_there(question, claim, window, missing):
    assert other_ranges(question, claim, window, window, detect_language(window)) == missing


def test_the_bound_of_one_range_is_in_the_next():
    sentence = "Loads below 25 kg are lifted by hand; loads of 25 kg or more by crane."
    first, second = sentence.split("; ")
    asked = "How is a load of 25 kg lifted?"
    assert other_ranges(asked, "By hand.", sentence, first, "en") == ["25 kg"]
    assert other_ranges(asked, "By crane.", sentence, second, "en") == []
