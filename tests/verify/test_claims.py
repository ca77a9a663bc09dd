"""What a sentence of an answer asserts, behind its courtesies."""

import pytest

from rag.verify.claims import claims


@pytest.mark.parametrize(
    ("sentence", "language", "asserted"),
    [
        ("Sure, the director may approve any trip abroad.", "en", "The director may approve any trip abroad."),
        ("Surety bonds are required of every tenant.", "en", "Surety bonds are required of every tenant."),
        (
            "Claro, o diretor aprova qualquer viagem ao exterior.",
            "pt",
            "O diretor aprova qualquer viagem ao exterior.",
        ),
        ("Based on the passages, refunds are paid by finance.", "en", "Refunds are paid by finance."),
        ("According to the provided documents, refunds are paid.", "en", "Refunds are paid."),
        ("Com base na tabela, quem aprova é a diretora.", "pt", "Quem aprova é a diretora."),
        ("Com base nas informações fornecidas, são 30 dias.", "pt", "São 30 dias."),
        ("De acordo com as passagens, o prazo é longo.", "pt", "O prazo é longo."),
        ("Here is the answer: the director.", "en", "The director."),
        ("Aqui está a resposta: quem aprova é a diretora.", "pt", "Quem aprova é a diretora."),
        ("Sure, based on the passages, iPads are lent.", "en", "iPads are lent."),
        ("- Sure, the director approves.", "en", "- The director approves."),
        ("Certainly the director approves it.", "en", "Certainly the director approves it."),
        ("Claramente o diretor aprova.", "pt", "Claramente o diretor aprova."),
        ("Certainly not.", "en", "Certainly not."),
        ("Claro, não.", "pt", "Não."),
        ("Segue para o diretor.", "pt", "Segue para o diretor."),
        ("Here is the price: R$ 310.", "en", "Here is the price: R$ 310."),
        ("Here are the keys, the badge and a map.", "en", "Here are the keys, the badge and a map."),
        ("Based on the 2023 report, revenue rose.", "en", "Based on the 2023 report, revenue rose."),
        ("Com base no contrato de 2019, o prazo é longo.", "pt", "Com base no contrato de 2019, o prazo é longo."),
        ("Claro, Vivo e TIM vendem linhas.", "pt", "Claro, Vivo e TIM vendem linhas."),
        ("It is.", "en", "It is."),
    ],
)
def test_what_stands_behind_a_courtesy_is_asserted(sentence, language, asserted):
    (claim,) = claims(f"{sentence[:-1]} [1].", language)
    assert claim.asserts
    assert claim.text == asserted
    assert (claim.start, claim.end, claim.citations) == (0, len(sentence) + 4, (1,))


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Sure.", "en"),
        ("Sure thing!", "en"),
        ("Of course!", "en"),
        ("Claro!", "pt"),
        ("Sure, it is.", "en"),
        ("Here is the answer.", "en"),
        ("Here's a summary.", "en"),
        ("Sure, here is the answer.", "en"),
        ("Based on the passages.", "en"),
        ("Based on the passages, here are the steps of a refund:", "en"),
        ("Aqui estão as informações solicitadas.", "pt"),
        ("Segue a resposta.", "pt"),
        ("Segue a lista de gerentes:", "pt"),
        ("Com base na tabela, a lista:", "pt"),
        ("I hope this helps!", "en"),
        ("Espero ter ajudado.", "pt"),
        ("Claro, quer saber mais?", "pt"),
    ],
)
def test_a_courtesy_alone_a_lead_in_and_a_question_assert_nothing(sentence, language):
    (claim,) = claims(sentence, language)
    assert (claim.asserts, claim.text) == (False, sentence)


def test_offsets_are_those_of_the_sentence_with_its_courtesy():
    answer = "Sure, refunds take a week [1]. Based on the passages [2], finance pays them."
    found = claims(answer, "en")
    assert [claim.text for claim in found] == ["Refunds take a week.", "Finance pays them."]
    assert [answer[claim.start : claim.end] for claim in found] == [
        "Sure, refunds take a week [1].",
        "Based on the passages [2], finance pays them.",
    ]
    assert [claim.citations for claim in found] == [(1,), (2,)]
