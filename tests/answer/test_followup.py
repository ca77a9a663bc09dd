"""A follow-up becomes a question that stands alone."""

import pytest

from rag.answer.followup import Turn, follows_up, standalone

WARRANTY = "Qual é o prazo de garantia no primeiro ano?"


class Says:
    """A decoder that says one line, and keeps what it was asked."""

    def __init__(self, line):
        self.line = line
        self.asked = []

    def stream(self, messages, decoding):
        self.asked.append(messages[-1]["content"])
        yield self.line


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        (WARRANTY, "e no segundo ano?", "Qual é o prazo de garantia no segundo ano?"),
        ("Quanto pesa a bomba P-220?", "E a P-330?", "Quanto pesa a bomba P-330?"),
        ("How loud is the P-220?", "What about the P-330?", "How loud is the P-330?"),
        ("How loud is the P-220?", "and the P-330?", "How loud is the P-330?"),
        (
            "Quantos dias de férias havia em 2023 no Brasil?",
            "e em 2024?",
            "Quantos dias de férias havia em 2024 no Brasil?",
        ),
        ("What was the budget in 2023?", "and in 2024?", "What was the budget in 2024?"),
        ("What was the budget of 2023?", "How about 2024?", "What was the budget of 2024?"),
    ],
)
def test_what_one_phrase_is_exchanged_for_is_exchanged_by_rule(before, question, alone):
    decoder = Says("never asked?")
    assert standalone(question, Turn(before, ""), decoder) == alone
    assert decoder.asked == []


@pytest.mark.parametrize(
    "question",
    [
        "Qual é a potência da bomba P-250?",
        "Who approves travel expenses above 500 reais?",
        "Quem aprova despesas de viagem?",
        "Em que cidade fica a fábrica?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert not follows_up(question)
    assert standalone(question, Turn(WARRANTY, "24 meses."), Says("Something else?")) == question


@pytest.mark.parametrize("question", ["Why?", "E ela?", "Quem a aprova e quando ela vale?", "And when does it start?"])
def test_a_question_that_points_back_is_a_follow_up(question):
    assert follows_up(question)


def test_the_decoders_rewrite_is_taken_when_it_says_nothing_new_and_leaves_nothing_out():
    before = Turn("Quem aprova as despesas de viagem?", "O gerente da área aprova as despesas.")
    decoder = Says("Quando o gerente da área aprova as despesas de viagem?")
    assert standalone("E quando ele aprova?", before, decoder) == decoder.line
    assert "O gerente da área" in decoder.asked[0]


@pytest.mark.parametrize(
    "line",
    [
        "Quando o diretor aprova as despesas de viagem?",  # nobody spoke of a director
        "Quem aprova as despesas de viagem?",  # the follow-up is lost
        "When does the manager approve the expenses?",
        "Quando ele aprova?",  # still points back
        "O gerente aprova as despesas quando quer.",
        "",
    ],
)
def test_any_other_rewrite_is_refused_and_both_questions_are_asked_together(line):
    before = Turn("Quem aprova as despesas de viagem?", "O gerente da área aprova as despesas.")
    both = "Quem aprova as despesas de viagem? E quando ele aprova?"
    assert standalone("E quando ele aprova?", before, Says(line)) == both
    assert standalone("E quando ele aprova?", before, None) == both


def test_two_questions_together_never_pass_the_limit_of_one():
    assert len(standalone("E ela?", Turn("a" * 2000, ""), None)) <= 2000


def test_of_two_phrases_that_could_be_meant_none_is_exchanged():
    before = Turn("Qual é o preço em 2022 e em 2023?", "")
    assert standalone("e em 2024?", before, None) == "Qual é o preço em 2022 e em 2023? e em 2024?"
