import pytest

from rag.verify.asked import lacks_asked_kind
from rag.verify.events import unspoken_events

_COUNTED = [
    ("How many vacation days do I get?", "You get 25 days of annual leave.", None),
    ("How many sick days do I get?", "You get 25 days.", None),
    ("How many paid working days do I get?", "You get 25 days of annual leave.", None),
    ("How many business days does it take?", "It takes 3 weeks.", None),
    ("Quantas férias tenho?", "São 30 dias.", None),
    ("How many vacation days do I get?", "You get 30 euros.", "number"),
    ("How many people in ten days?", "It takes 3 weeks.", "number"),
    ("How many people answered the survey?", "52% answered it.", "number"),
    ("How many of the people answered?", "52% of them.", None),
    ("Quantos por cento responderam?", "52% responderam.", None),
    ("Equivale a quantos % da produção?", "Cerca de 80%.", None),
    ("Quantos funcionários tem a empresa?", "duzentos funcionários", None),
    ("Quantos funcionários tem a empresa?", "A empresa tem novecentas pessoas nas três fábricas.", None),
    ("How many people work there?", "hundreds", None),
    ("How many people work there?", "Several.", None),
    ("How many people work there?", "There are several shops for people in the centre of town.", "number"),
    ("How many of the three pumps failed?", "All three.", None),
    ("How many times a year is it inspected?", "It is inspected monthly.", None),
    ("How many times a year is it inspected?", "It is inspected annually.", None),
    ("Quantas vezes por ano é a vistoria?", "A vistoria é semestral.", None),
    ("Quantas vistorias por ano?", "São mensais.", None),
    ("How many times a year is it inspected?", "It is inspected by the director.", "number"),
    ("How many pumps were sold?", "Pumps are inspected monthly.", "number"),
]
_AMOUNTS = [
    ("Quanto custa o estacionamento?", "O estacionamento é gratuito.", None),
    ("Quanto custa o estacionamento?", "O estacionamento é gratuito nas primeiras 2 horas.", None),
    ("Quanto custa a segunda via?", "É isenta de taxa.", None),
    ("Quanto custa o café?", "O café está incluído na diária.", None),
    ("How much does breakfast cost?", "Breakfast is included.", None),
    ("How much does parking cost?", "Parking lasts 10 hours.", "amount of money"),
    ("Qual é o preço do telefone?", "O telefone custa R$ 900.", None),
    ("Qual é o preço do telefone?", "O telefone pesa 200 g.", "amount of money"),
    ("Qual é o valor da caução?", "É de 2 meses de aluguel.", None),
    ("How much is the deposit?", "The deposit is 2 months' rent.", None),
    ("How much is the deposit?", "The deposit is kept for 2 months.", "amount"),
    ("Which customers get a discount?", "Distributors.", None),
    ("Quais clientes têm desconto?", "Os distribuidores.", None),
    ("What is the discount?", "The discount is for distributors.", "discount"),
    ("Qual é o desconto?", "O desconto vale para distribuidores.", "discount"),
    ("Quanto de desconto recebem?", "Os distribuidores.", "discount"),
    ("How much discount do they get?", "Distributors get it.", "discount"),
    ("What volume discount do they get?", "Half price.", None),
    ("How much did Tesla weigh?", "142 pounds", None),
    ("How much does the P-220 weigh?", "It costs £51.", "mass"),
]
_TIMES = [
    ("How long does the visit take?", "an hour", None),
    ("How long does the visit take?", "It takes half an hour.", None),
    ("How long does the visit take?", "several weeks", None),
    ("Quanto tempo dura a visita?", "meia hora", None),
    ("Quanto tempo dura a visita?", "A visita dura uma hora.", None),
    ("How long is the visit?", "The visit is made once a year.", "length of time"),
    ("Quanto tempo dura a visita?", "A visita começa a hora marcada.", "length of time"),
    ("How long is the extension?", "The extension is 30 days.", None),
    ("How long is the extension?", "The extension is 30 euros.", "length of time"),
    ("How long does it take to change my phone number?", "It takes 2 days.", None),
]
_NUMBERS_TO_CALL = [
    ("Qual é a extensão do rio?", "O rio tem 6.992 km de extensão.", None),
    ("Qual é o telefone da recepção?", "A recepção custa R$ 900.", "number to call"),
    ("What is the reception's phone number?", "It takes 2 days.", "number to call"),
    ("Qual é o ramal da Priya?", "O ramal custa 480 euros.", "number to call"),
    ("Qual é o ramal da Priya?", "É o 34.", None),
]
_NAMES = [
    ("Qual é o nome da diretora?", "Camila é a diretora.", None),
    ("Qual é o nome da diretora?", "Camila.", None),
    ("What is the name of the CBS affiliate in Fresno?", "KGPE", None),
    ("What is the name of the CBS affiliate in Fresno?", "KGPE is in Fresno.", None),
    ("What is the name of the area?", "Hollywood", None),
    ("What is the name of the encryption system?", "VideoGuard", None),
    ("Como se chama o processo?", "O processo chama-se osmose.", None),
    ("Como se chama o processo?", "É a osmose.", None),
    ("What is it called when water passes a membrane?", "It is called osmosis.", None),
    ("What is the name of the process?", "The process is known as trial division.", None),
    ("What is the name of the process?", "trial division", None),
    ("Como se chama o processo?", "O processo leva 15 dias.", "name"),
    ("Como se chama o processo?", "O processo é analisado em 15 dias.", "name"),
    ("What is the name of the process?", "15 days", "name"),
    ("What is the name of the process?", "The process stopped.", "name"),
    ("What is the name of the process?", "Requests are analysed by the director.", "name"),
    ("What is the name of the process?", "The process is called for when the pump stops.", "name"),
    ("What is the name of the director?", "The director is absent.", "name"),
]


@pytest.mark.parametrize(("question", "claim", "kind"), [*_COUNTED, *_AMOUNTS, *_TIMES, *_NUMBERS_TO_CALL, *_NAMES])
def test_what_answers_in_other_words_is_not_refused_and_what_does_not_answer_is(question, claim, kind):
    assert lacks_asked_kind(question, claim) == kind


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("Quantos dias de licença tenho pelo nascimento do meu filho?", "A licença-paternidade é de 20 dias."),
        ("How many days do I get for the death of a parent?", "Bereavement leave is 3 days."),
        ("What leave do I get when a child was born?", "Parental leave is 20 days."),
        ("Quantos dias de folga tenho se meu pai morreu?", "São 3 dias."),
        ("Quando meu pai morreu, quantos dias tenho?", "São 3 dias."),
        ("Does the firm pay if an employee should die?", "Three salaries are paid."),
    ],
)
def test_a_birth_or_a_death_that_is_only_the_occasion_need_not_be_said(question, evidence):
    assert unspoken_events(question, evidence) == []


@pytest.mark.parametrize(
    ("question", "unspoken"),
    [
        ("What is the date of birth of Prates?", "birth"),
        ("What was Prates's birth date?", "birth date"),
        ("Qual é a data de nascimento do fundador?", "nascimento"),
        ("Qual é o local da morte do fundador?", "morte"),
        ("What is the date of Prates's death?", "death"),
        ("In what year did the founder die?", "die"),
        ("Em que ano o fundador morreu?", "morreu"),
        ("Onde nasceu o fundador?", "nasceu"),
        ("What city was Prates born in?", "born"),
        ("Who was born in Lisbon?", "born"),
    ],
)
def test_a_birth_or_a_death_that_is_asked_about_must_be_said(question, unspoken):
    assert unspoken_events(question, "Prates left Lisbon in 1999 and founded Nascente.") == [unspoken]


@pytest.mark.parametrize(
    ("question", "claim", "lacks"),
    [
        ("Qual é o salário da responsável técnica?", "Presentes: Marta Olival (responsável técnica).", "amount"),
        ("Qual é o salário da responsável técnica?", "Recebe 2.100 euros por mês.", None),
        ("Qual é o salário de um estagiário?", "É de um salário mínimo.", None),
        ("Qual é a multa por atraso?", "O dobro da taxa diária.", None),
        ("Qual é a taxa de ocupação?", "É de 82 %.", None),
        ("What is the entrance fee?", "Visitors meet at the entrance.", "amount"),
        ("What is the entrance fee?", "Entrance is free.", None),
        ("What was the annual budget of the library?", "It was two million euros.", None),
        ("What is the cost centre of the workshop?", "The workshop books on the cost centre of maintenance.", None),
        ("What is the fee schedule called?", "Table B.", None),
    ],
)
def test_a_sum_that_is_asked_for_is_given_in_some_way(question, claim, lacks):
    assert lacks_asked_kind(question, claim) == lacks


def test_what_is_free_is_not_none_of_it():
    said = "Members get two free night sessions a year and a discount of 20 percent in the shop."
    assert lacks_asked_kind("How many members does the observatory have?", said) == "number"
    assert lacks_asked_kind("How many members does the observatory have?", "It has no members.") is None
