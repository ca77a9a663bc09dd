"""The maximum is no minimum: by hand, in both languages and across them."""

import pytest

from rag.text import detect_language
from rag.verify.counterparts import counterparts


@pytest.mark.parametrize(
    ("question", "claim", "window", "missing"),
    [
        ("Qual é a altura máxima?", "É de 3 m.", "A altura mínima é de 3 m.", ["maxima"]),
        ("What is the minimum stay?", "Three nights.", "Guests may stay three nights at most.", ["minimum"]),
        ("What is the minimum stay?", "Three nights.", "Guests stay at least three nights.", []),
        ("What was the mean flow of the P-200?", "4.5 m³/h.", "Modelo: P-200 | Vazão máxima: 4,5 m³/h", ["the mean"]),
        ("Qual é a vazão média?", "É de 4,5 m³/h.", "A vazão máxima é de 4,5 m³/h.", ["media"]),
        ("Qual é a vazão máxima?", "É de 4,5 m³/h.", "A vazão média é de 4,5 m³/h.", ["maxima"]),
        ("What does E4 mean?", "The rotor is blocked.", "E4: rotor blocked at maximum flow.", []),
        ("O que se estuda no ensino médio?", "Física.", "A idade máxima para estudar física é 20 anos.", []),
        ("Qual é o salário bruto?", "São 3.000 reais.", "O salário líquido é de 3.000 reais.", ["bruto"]),
        ("Which campus is on the right bank?", "The Center.", "The Center is on the left bank.", ["on the right"]),
        ("Who has the right to vote?", "Members.", "Members who left the club may vote.", []),
        ("Quem tem direito a férias?", "Os sócios.", "Na margem esquerda, os sócios têm férias.", []),
        ("What does a child's ticket cost?", "It costs 10 euros.", "Adult tickets cost 10 euros.", ["child"]),
        ("Quanto custa o bilhete infantil?", "Custa 10 euros.", "Adult tickets cost 10 euros.", ["infantil"]),
        ("Qual é o horário de verão?", "Das 9h às 20h.", "No inverno abre das 9h às 20h.", ["verao"]),
        ("Domestic or international calls?", "Both.", "International calls cost more.", []),
        ("How long is the stay?", "At most three nights.", "Guests stay a minimum of three nights.", ["at most"]),
        ("Qual é o desconto no segundo ano?", "É de 10%.", "No primeiro ano o desconto é de 10%.", ["segundo ano"]),
        ("Qual é o desconto no segundo ano?", "É de 10%.", "No primeiro e no segundo ano é de 10%.", []),
        ("Qual é o desconto no primeiro ano?", "É de 10%.", "No primeiro ou segundo ano é de 10%.", []),
        ("Who ranked it 22nd most liveable?", "The EIU.", "The EIU ranked it 32nd most liveable.", ["22nd most"]),
        ("O que diz o artigo 5?", "Que o prazo é de 30 dias.", "Artigo 7: o prazo é de 30 dias.", ["artigo 5"]),
        ("O que diz o artigo 5?", "Que o prazo é de 30 dias.", "Artigo 5: o prazo é de 30 dias.", []),
        ("Quanto se recebe por semana?", "São 420 euros.", "Allowance per month: €420", ["por semana"]),
        ("Quanto se recebe por semana?", "São 110 euros.", "The allowance is €110 a week, paid per month.", []),
        ("What is the monthly fee?", "8 euros.", "The fee is 96 euros per year.", ["monthly"]),
        ("What is the monthly fee?", "8 euros.", "The fee is 8 euros.", []),
        ("Quanto custa o implante com a coroa?", "R$ 3.400.", "Implante sem coroa: R$ 3.400", ["com a coroa"]),
        ("Quanto custa o implante sem coroa?", "R$ 3.400.", "Implante sem coroa: R$ 3.400", []),
        ("Com e sem coroa, quanto custa?", "R$ 3.400.", "Implante sem coroa: R$ 3.400; com coroa: R$ 5.000", []),
        ("Is it sold without a stand?", "It costs 9 euros.", "With a stand it costs 9 euros.", ["without a stand"]),
        ("What happens on the second floor?", "Meetings.", "Meetings are held upstairs.", []),
        ("What is on the 2nd floor?", "Archives.", "The archive is on the second floor, not the first floor.", []),
    ],
)  # fmt: skip
def test_what_a_window_has_only_the_counterpart_of_is_missing_there(question, claim, window, missing):
    assert counterparts(question, claim, window, window, detect_language(window)) == missing


def test_what_the_passage_or_its_heading_says_is_not_missing():
    window = "Up to three nights at most are paid."
    assert counterparts("What is the minimum stay?", "Three nights.", f"Minimum stay\n{window}", window, "en") == []
