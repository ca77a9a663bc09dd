import pytest

from rag.verify.asked import lacks_asked_kind, leaves_out
from rag.verify.events import unspoken_events


@pytest.mark.parametrize(
    ("question", "claim", "kind"),
    [
        ("How much does the P-220 weigh?", "The P-220 weighs 1.1 kW.", "mass"),
        ("Quanto pesa a P-220?", "A P-220 pesa 11 kg.", None),
        ("How much does the P-220 cost?", "The P-220 costs 210 hours.", "amount of money"),
        ("Quanto custa a P-220?", "A P-220 custa R$ 210,00.", None),
        ("Quanto custa a P-220?", "Está na lista: 210.", None),
        ("How long does the warranty last?", "The warranty is 24 months.", None),
        ("How long is the warranty?", "The warranty is 24 euros.", "length of time"),
        ("How long is the warranty?", "It lasts as long as the lease.", None),
        ("Quantas bombas foram vendidas em 2024?", "Em 2024 vendeu bombas.", None),
        ("Quantas bombas foram vendidas?", "Vendeu bombas a região Sul.", "number"),
        ("Qual é o prazo de garantia do SV-1?", "O prazo de garantia do SV-1 é de 198 euros.", "length of time"),
        ("Qual é o prazo de garantia do SV-1?", "O prazo é de 24 meses.", None),
        ("Qual o prazo de entrega?", "O prazo é 15 de março.", None),
        ("Qual o prazo de entrega?", "Sexta-feira.", None),
        ("What is the notice period?", "The notice period is 7 %.", "length of time"),
        ("How many tests were run?", "Three tests were run.", None),
        ("How many days off are there?", "There are no days off.", None),
        ("Como se chama a diretora?", "O pedido é analisado pela diretora em 15 dias.", "name"),
        ("Como se chama a diretora?", "A diretora se chama Ana.", None),
        ("What is the name of the auditor?", "Camila Duarte.", None),
        ("What is the noise level of the P-300?", "The noise level of the P-300 is 2,2 kW.", "loudness"),
        ("What is the noise level of the P-300?", "The noise level of the P-300 is 11 m³/h.", "loudness"),
        ("How loud is the P-300?", "The noise level of the P-300 is zero.", "loudness"),
        ("How loud is the P-300?", "Na P-300, o eixo gira no sentido dos ponteiros.", "loudness"),
        ("How many people answered the survey?", "52% of the people answered it.", "number"),
        ("How many people answered the survey?", "412 people answered it, or 52%.", None),
        ("How many days do we have to pay?", "We have to pay 30 euros.", "number"),
        ("How many days do we have to pay?", "We have two weeks, that is 336 hours.", None),
        ("How many kgs were brought back?", "382 kg.", None),
        ("How many times more did they pay?", "They paid 300 percent.", None),
        ("Qual o valor mínimo do seguro?", "O valor mínimo do seguro é de 48 horas.", "amount"),
        ("Qual o valor mínimo do seguro?", "É de 500 mil euros.", None),
        ("Qual o valor da pressão?", "É de 6 bar.", None),
        ("What's Priya's extension?", "Priya's extension is 480 euros.", "number to call"),
        ("What's Priya's extension?", "It is 34.", None),
        ("What discount do we get?", "There is no discount.", None),
        ("What discount do we get?", "The discount is zero.", None),
        ("How long is a part covered?", "Parts are covered.", "length of time"),
        ("How long is a part covered?", "Until the warranty ends.", None),
        ("How much does the P-220 weigh?", "The pump is grey.", "mass"),
        ("How much does the P-220 weigh?", "The seals of the P-200 and the P-220 are not the same.", "mass"),
        ("How loud is the P-220?", "It makes 65 dB at one metre.", None),
        ("Qual o desconto para 60 bombas?", "O desconto é de 18 %.", None),
        ("Who approves it?", "The director.", None),
    ],
)
def test_a_claim_gives_the_kind_of_thing_that_was_asked_for(question, claim, kind):
    assert lacks_asked_kind(question, claim) == kind


@pytest.mark.parametrize(
    ("question", "answer", "left_out"),
    [
        ("Que selos levam a P-200 e a P-220?", "A P-200 leva o SM-16.", ["p-220"]),
        ("Que selos levam a P-200 e a P-220?", "A P-200 leva o SM-16; a P-220, o SM-20.", []),
        ("Which is heavier, the P-200 or the P-220?", "The P-220.", []),
        ("How much lighter is the P-200 than the P-220?", "By 1.6 kg.", []),
        ("What does the P-200 cost in 2024?", "The P-200 costs 310 euros.", []),
    ],
)
def test_an_answer_about_one_of_several_things_asked_leaves_the_others_out(question, answer, left_out):
    assert leaves_out(question, answer) == left_out


@pytest.mark.parametrize(
    ("question", "evidence", "unspoken"),
    [
        ("When was Augusto Prates born?", "Augusto Prates founded Nascente in 1987.", ["born"]),
        ("Quando nasceu Augusto Prates?", "Augusto Prates fundou a Nascente em 1987.", ["nasceu"]),
        ("When was he born?", "Augusto nasceu em 1950.", []),
        ("When was Nikola Tesla born?", "Nikola Tesla (10 July 1856 – 7 January 1943) was an inventor.", []),
        ("When was Nikola Tesla born?", "Nikola Tesla (* 1856) war Erfinder.", []),
        ("Where was she born?", "Tools (pipes, pumps) are sold since 1987.", ["born"]),
        ("When did the founder die?", "The founder left the firm in 1999.", ["die"]),
        ("When did the founder die?", "O fundador faleceu em 1999.", []),
        ("When did King John die?", "King John was murdered in 1216.", []),
        ("Quando morreu o fundador?", "O fundador deixou a empresa em 1999.", ["morreu"]),
        ("When was Nascente founded?", "Nascente was set up in 1987.", []),
    ],
)
def test_a_year_of_something_else_is_no_birth_and_no_death(question, evidence, unspoken):
    assert unspoken_events(question, evidence) == unspoken
