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
        "Quem aprova o reembolso quando ele passa de R$ 500?",
        "Posso pagar e receber no mesmo dia?",
        "What is the travel budget for this year?",
        "How do employees hand in their receipts?",
        "What did Ana Lima do before she joined?",
        "Who approves a refund when it exceeds 500 reais?",
        "If a motor overheats, who repairs it?",
        "How do I clean the pump without damaging it?",
        "How do I return a pump after using it?",
        "Quanto custa a P-200 e quanto ela pesa?",
        "What does the pump cost and how loud is it?",
        "What is the deadline for those who travel abroad?",
        "How does Ana submit her receipts?",
        "Can employees use their own phones?",
        "Se a bomba travar, o que se faz nesse caso?",
        "What is this year's budget?",
        "What does the P-200 cost and how long does it last?",
        "O que o funcionário entrega quando ele viaja?",
        "What do new employees sign when they start?",
        "Which hotels accept guests with their pets?",
        "Who keeps the keys until they are needed?",
        "Is a receipt needed for the company to refund it?",
        "Quem aprova o reembolso e quanto tempo isso leva?",
        "What was the budget of the sales department this month?",
        "Quais recibos o funcionário guarda depois que ele volta?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert not follows_up(question)
    assert standalone(question, Turn(WARRANTY, "24 meses."), Says("Something else?")) == question


@pytest.mark.parametrize(
    "question",
    [
        "E quanto custa?",
        "What about the P-220?",
        "How long does it last?",
        "E para ela?",
        "Quanto custa esse modelo?",
        "Why is that?",
        "Why?",
        "E ela?",
        "Quem a aprova e quando ela vale?",
        "And when does it start?",
        "How much does this model cost?",
        "What does this mean?",
        "Who approves these expenses?",
        "Qual é o prazo de entrega dela?",
        "What is the delivery time for it?",
        "What is the price of the filters for it?",
        "O que diz o manual sobre isso?",
        "O que acontece nesse caso?",
        "What are the weight limit and the price of it?",
        "Who was finance director before him?",
        "Quem era o diretor financeiro antes dele?",
        "How much does it cost and how loud is it?",
        "What does the manual say about this?",
        "Which of those are covered?",
        "Quanto pesa ela e qual é a cor?",
        "Qual é o prazo de entrega desse modelo?",
        "When was she hired?",
        "Are they refundable?",
        "Is it covered by the warranty?",
        "How far is it from the station?",
        "Does the warranty cover it?",
        "Can the director approve it?",
        "O gerente pode aprovar isso?",
        "What is its weight?",
        "Where is their office?",
        "How many days do they have?",
        "What about those?",
        "Qual é a garantia dele?",
        "Em quanto tempo eles respondem?",
    ],
)
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


@pytest.mark.parametrize(
    "question", ["Is it possible to return a pump?", "Before it leaves the factory, who tests the motor?"]
)
def test_a_question_that_the_decoder_leaves_as_it_is_is_asked_as_it_is(question):
    assert follows_up(question)
    assert standalone(question, Turn("How loud is the P-220?", "62 dB."), Says(question)) == question


@pytest.mark.parametrize(
    "question", ["Quanto custa esse modelo?", "How long does it last?", "And when does the P-9 run dry?"]
)
def test_a_short_question_that_the_decoder_leaves_as_it_is_is_asked_with_the_one_before(question):
    before = "How loud is the pump?"
    assert standalone(question, Turn(before, "62 dB."), Says(question)) == f"{before} {question}"
