"""Names of the question, and whether the evidence has them."""

import pytest

from rag.verify.names import missing_names, names_none


@pytest.mark.parametrize(
    ("question", "evidence", "missing"),
    [
        ("Quanto a região Norte vendeu?", "A região Nordeste vendeu 198.", ["Norte"]),
        ("Quem é Renato?", "RENATO Vidal", []),
        ("Quem é Renato Vidal?", "Ontem falou o Renato.", []),
        ("Quem é Renato Vidal?", "Ontem falou Renato Alves.", ["Renato Vidal"]),
        ("Who coached the Carolina Panthers?", "Panthers coach Ron Rivera was pleased.", []),
        ("O que se vende no Tibete?", "In Tibet, barley is sold.", []),
        ("Which Comic Book sold best?", "The comic book of 1963.", []),
    ],
)
def test_a_name_of_the_question_is_missing_where_neither_it_nor_a_part_of_it_stands(question, evidence, missing):
    assert missing_names(question, evidence) == missing


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("When does the pool close on Tuesday?", "The pool closes at 21:00 on weekdays."),
        ("Is the pool open on Sunday?", "It is open every day."),
        ("Who works on Mondays?", "Ana works every day."),
        ("A piscina abre na Segunda-feira?", "A piscina abre todos os dias."),
        ("Quanto se paga em Março?", "Paga-se o mesmo todo mês."),
    ],
)
def test_weekdays_and_months_are_no_names(question, evidence):
    assert missing_names(question, evidence) == []


def test_a_month_in_a_name_is_part_of_it():
    assert missing_names("Who is Theresa May?", "The prime minister resigned.") == ["Theresa May"]


@pytest.mark.parametrize(
    ("acronym", "spelled"),
    [
        ("CEO", "chief executive officer"),
        ("CEOs", "chief executive officers"),
        ("UMC", "United Methodist Church"),
        ("USA", "United States of America"),
        ("CLT", "Consolidação das Leis do Trabalho"),
        ("WWI", "World War I"),
        ("WWII", "World War II"),
        ("ESG", "environmental, social and governance"),
    ],
)
def test_an_acronym_is_there_where_words_begin_with_its_letters(acronym, spelled):
    assert missing_names(f"What of the {acronym}?", f"It is about the {spelled} alone.") == []


@pytest.mark.parametrize(
    ("acronym", "evidence"),
    [
        ("CEO", "The chief of each office."),  # other words between
        ("CEO", "She is chief. Executive officers stay."),  # another sentence
        ("CEO", "The executive chief officer."),
        ("UMC", "United Methodist"),
        ("WWI", "World War II"),
        ("CEO of Acme", "The chief executive officer of Beta."),
    ],
)
def test_an_acronym_of_other_words_is_missing(acronym, evidence):
    assert missing_names(f"What of the {acronym}?", evidence) == [acronym]


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("United Methodist Church", "The UMC meets every year."),
        ("Consolidação das Leis do Trabalho", "A CLT vale para todos."),
        ("Human Resources", "HR is led by Ana."),
        ("National Football League Commissioner", "The NFL commissioner is Roger Goodell."),
    ],
)
def test_a_name_is_there_where_its_initials_are(name, evidence):
    assert missing_names(f"What of the {name}?", evidence) == []


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("Ana Martins", "It opens at 9 AM."),
        ("United Methodist Church", "The UMA meets every year."),
        ("Ana Martins Costa", "AM is a band."),
    ],
)
def test_other_initials_are_another_name(name, evidence):
    assert missing_names(f"What of {name}?", evidence) == [name]


def test_of_several_names_a_weekday_is_none_that_could_be_missing():
    assert names_none("Does Renato work on Tuesday?", "Ana works every day.") == ["Renato"]
    assert names_none("Is it open on Tuesday?", "Ana works every day.") == []
