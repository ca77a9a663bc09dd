from dataclasses import replace

import numpy as np
import pytest

from rag.config import VerifySettings, load_settings
from rag.errors import UsageError
from rag.facade import Verifier
from rag.types import Citation
from rag.verify.entail import judge
from rag.verify.windows import Source, windows

PASSAGE = "A bomba P-200 pesa 9,8 kg. A garantia é de 24 meses. O prazo conta da nota fiscal."


class Overlap:
    """Supports a hypothesis by the share of its words the premise has: an entailer whose answers are plain to see."""

    def probabilities(self, pairs):
        rows = []
        for premise, hypothesis in pairs:
            have, said = set(premise.lower().split()), set(hypothesis.lower().split())
            share = len(have & said) / max(1, len(said))
            rows.append((share, 0.0, 1 - share))
        return np.array(rows, np.float32)


class Against:
    """Finds everything contradicted."""

    def probabilities(self, pairs):
        return np.array([(0.1, 0.8, 0.1)] * len(pairs), np.float32)


def source(text: str = PASSAGE, n: int = 1, start: int = 100) -> Source:
    return Source(Citation(n, "d", "d.txt", "", None, start, start + len(text), text), (), "pt")


def check(claim: str, *, question: str = "", cited=None, others=()):
    return judge(Overlap(), question, claim, ([source()] if cited is None else cited, list(others)), VerifySettings())


def test_windows_are_all_runs_of_one_to_three_sentences():
    found = windows(source())
    assert [window.text for window in found][:3] == [
        "A bomba P-200 pesa 9,8 kg.",
        "A garantia é de 24 meses.",
        "O prazo conta da nota fiscal.",
    ]
    assert len(found) == 3 + 2 + 1
    for window in found:
        assert PASSAGE[window.start - 100 : window.end - 100] == window.text


def test_the_evidence_is_the_shortest_window_that_supports():
    verdict = check("A garantia é de 24 meses.")
    assert verdict.label == "supported"
    assert verdict.evidence is not None
    assert verdict.evidence.text == "A garantia é de 24 meses."
    assert PASSAGE[verdict.evidence.start - 100 : verdict.evidence.end - 100] == verdict.evidence.text


def test_a_number_that_the_evidence_lacks_is_not_supported_and_is_named():
    verdict = check("A garantia é de 36 meses.")
    assert verdict.label == "not_found"
    assert verdict.reason == "not in the evidence: 36"


def test_other_passages_are_tried_when_the_cited_one_does_not_support():
    verdict = check("A garantia é de 24 meses.", cited=[source("Nada disso.", 1)], others=[source(n=2)])
    assert verdict.label == "supported"
    assert verdict.evidence is not None
    assert verdict.evidence.citation == 2


def test_two_passages_may_support_what_neither_says_alone():
    weight, guarantee = source("A bomba P-200 pesa 9,8 kg.", 1), source("A garantia é de 24 meses.", 2, 300)
    claim = "A garantia é de 24 meses e a bomba P-200 pesa 9,8 kg."
    verdict = check(claim, cited=[weight], others=[source("O frete custa 40 reais.", 3), guarantee])
    assert verdict.label == "supported"
    assert verdict.evidence is not None
    rests_on = {evidence.citation: evidence.text for evidence in (verdict.evidence, *verdict.also)}
    assert rests_on == {1: weight.citation.text, 2: guarantee.citation.text}
    assert check(claim, cited=[weight, guarantee]).also, "all that it rests on may be cited"
    assert check(claim, cited=[weight]).label == "not_found"
    assert check(claim.replace("24", "36"), cited=[weight, guarantee]).label == "not_found"


def test_two_documents_support_together_only_where_each_is_about_something_the_question_names():
    audit = source("Camila Duarte chefiou a auditoria da fábrica.", 1)
    pay = source("O salário é de R$ 120,00 por mês.", 2, 300)
    apart = replace(pay, citation=replace(pay.citation, doc_id="e"))
    claim = "Camila Duarte chefiou a auditoria da fábrica. O salário é de R$ 120,00 por mês."
    asked = "Qual é o salário da Camila Duarte?"
    assert check(claim, cited=[audit, apart]).also, "where nothing is asked about her"
    assert check(claim, question=asked, cited=[audit, apart]).label == "not_found"
    assert check(claim, question=asked, cited=[audit, pay]).also, "one document"


class BesideThePoint:
    """Finds anything, but no answer to any question."""

    def probabilities(self, pairs):
        return np.array([(0.1, 0.0, 0.9) if "?" in said else (0.9, 0.0, 0.1) for _, said in pairs], np.float32)


def test_a_sentence_of_the_context_is_supported_though_it_is_no_answer():
    def label(claim: str, **how: bool) -> str:
        sources = ([source()], [])
        return judge(BesideThePoint(), "Quem vende a bomba?", claim, sources, VerifySettings(), **how).label

    assert label("A garantia é de\n24 meses.") == "not_found", "as an answer"
    assert label("A garantia é de\n24 meses.", as_answer=False) == "supported"
    assert label("A garantia é longa.", as_answer=False) == "not_found"


def test_what_is_not_supported_has_less_support_than_what_is():
    for claim in (
        "A garantia é de 36 meses.",
        "A garantia é “de 24 longos meses” aqui.",
        "O frete custa caro hoje em dia.",
    ):
        verdict = check(claim)
        assert verdict.label == "not_found"
        assert verdict.probs["supported"] < VerifySettings().supported, "whatever the model said of it"
        assert sum(verdict.probs.values()) == pytest.approx(1.0)
        assert verdict.score == verdict.probs["not_found"]


@pytest.mark.parametrize("claim", ["A garantia é de 5 anos.", "A bomba P-200 pesa 9,8 kg."])
def test_no_probability_falls_below_nothing_where_any_support_would_do(claim):
    verdict = judge(Overlap(), "", claim, ([source()], []), VerifySettings(supported=0.0))
    assert all(0.0 <= p <= 1.0 for p in verdict.probs.values())
    assert sum(verdict.probs.values()) == pytest.approx(1.0)


def test_of_many_windows_only_one_that_shares_the_claims_words_contradicts_it():
    claim = "A garantia é de 12 meses."
    long = "O frete é pago à parte. A loja abre às nove. O café é de graça. A garantia é de 24 meses."
    verdict = judge(Against(), "", claim, ([source(long)], []), VerifySettings())
    assert verdict.evidence is not None
    assert "A garantia é de 24 meses." in verdict.evidence.text
    elsewhere = long.replace("A garantia é de 24 meses", "O estacionamento fecha cedo")
    assert judge(Against(), "", claim, ([source(elsewhere)], []), VerifySettings()).label == "not_found"


class Counting(Overlap):
    def __init__(self):
        self.asked: list[str] = []

    def probabilities(self, pairs):
        self.asked += [premise for premise, _ in pairs]
        return super().probabilities(pairs)


def test_of_a_long_context_every_sentence_is_looked_at_and_runs_only_around_the_nearest():
    said = [f"A peça {n} custa {n} reais." for n in range(100)]
    entailer = Counting()
    verdict = judge(entailer, "", "A peça 70 custa 70 reais.", ([source(" ".join(said))], []), VerifySettings())
    assert verdict.evidence is not None
    assert verdict.evidence.text == said[70]
    assert set(said) <= set(entailer.asked)
    assert len(entailer.asked) < 150, "of about 300 windows"
    assert " ".join(said[69:72]) in entailer.asked


class Hardly:
    """Finds a contradiction likelier than anything else, and not likely."""

    def probabilities(self, pairs):
        return np.array([(0.3, 0.4, 0.3)] * len(pairs), np.float32)


def test_of_one_sentence_the_likeliest_is_taken_and_of_many_it_takes_more():
    def label(text: str) -> str:
        return judge(Hardly(), "", "A garantia é de 12 meses.", ([source(text)], []), VerifySettings()).label

    assert label("A garantia é de 24 meses.") == "contradicted"
    assert label(PASSAGE) == "not_found"


def test_a_claim_of_several_sentences_stands_or_falls_with_the_weakest():
    verifier = Verifier(load_settings(), Overlap())
    both = verifier.verify("A bomba P-200 pesa 9,8 kg. A garantia é de 24 meses.", PASSAGE)
    assert both.label == "supported"
    assert both.evidence is not None
    assert {both.evidence.text, *(also.text for also in both.also)} == {
        "A bomba P-200 pesa 9,8 kg.",
        "A garantia é de 24 meses.",
    }
    assert verifier.verify("A bomba P-200 pesa 9,8 kg. O frete custa caro.", PASSAGE).label == "not_found"
    assert verifier.verify("A bomba P-200 pesa 9,8 kg. Claro!", PASSAGE).label == "supported", "what claims nothing"


def test_a_claim_may_be_longer_than_a_question_but_not_empty_or_endless():
    verifier = Verifier(load_settings(), Overlap())
    assert verifier.verify("A garantia é de 24 meses. " * 100, PASSAGE).label == "supported"
    for claim, said in (("  ?", "the claim is empty"), ("a" * 20_001, "20000 is the most")):
        with pytest.raises(UsageError, match=said) as error:
            verifier.verify(claim, PASSAGE)
        assert error.value.subject == "claim"


def test_citation_marks_are_no_part_of_what_is_verified():
    verifier = Verifier(load_settings(), Overlap())
    assert verifier.verify("A garantia é de 24 meses. [3]", PASSAGE).label == "supported"
    assert verifier.verify("A garantia é de 24 meses [3].", PASSAGE).label == "supported"


def test_a_quotation_must_be_there_to_the_letter():
    assert check("Diz “A garantia é de 24 meses” ali.", question="").reason is None
    assert "to the letter" in (check("A garantia é “de 24 longos meses” aqui.").reason or "")


def test_evidence_about_another_model_is_no_evidence():
    assert check("A bomba P-200 pesa 9,8 kg.", question="Quanto pesa a P-200?").label == "supported"
    other = check("A bomba pesa 9,8 kg.", question="pesa bomba P-250?")
    assert other.label == "not_found"
    assert "p-250" in (other.reason or "")


def test_the_parts_of_a_sentence_between_semicolons_are_windows_with_exact_offsets():
    text = "The P-200 makes 62 dB; the P-220 makes 65 dB. Nothing else."
    source = Source(Citation(1, "d", "s", "t", None, 100, 100 + len(text), text), (), "en")
    found = windows(source)
    assert {window.text for window in found} >= {"The P-200 makes 62 dB;", "the P-220 makes 65 dB."}
    assert all(text[window.start - 100 : window.end - 100] == window.text for window in found)


def test_a_row_of_a_table_is_read_alone():
    text = "Two pumps:\nModel: P-200 | Noise: 62 dB\nModel: P-220 | Noise: 65 dB\nBoth are loud. Wear plugs."
    source = Source(Citation(1, "d", "s", "t", None, 0, len(text), text), (), "en")
    found = [window.text for window in windows(source)]
    assert [text for text in found if "|" in text] == ["Model: P-200 | Noise: 62 dB", "Model: P-220 | Noise: 65 dB"]
    assert "Both are loud. Wear plugs." in found


def test_a_claim_without_a_question_is_held_against_the_passage_in_its_own_language():
    passage = "O contrato de manutenção foi assinado em março por Rui Alves. Uma semana depois Ana Lima saiu."
    by_another = check("O contrato de manutenção foi assinado em março por Ana Lima.", cited=[source(passage)])
    assert (by_another.label, by_another.reason_about) == ("not_found", ("Ana Lima",))
    assert check("O contrato de manutenção foi assinado em março por Rui Alves.", cited=[source(passage)]).label == (
        "supported"
    )


def test_what_the_question_names_may_go_unsaid_in_a_passage_without_a_title_alone():
    question, claim = "Quanto pesa a bomba da Petrolina?", "A bomba pesa 9,8 kg."
    passage = "A bomba pesa 9,8 kg e vem com manual."
    untitled = source(passage)
    titled = replace(untitled, citation=replace(untitled.citation, title="Bombas da Recife"))
    assert check(claim, question=question, cited=[untitled]).reason is None
    assert check(claim, question=question, cited=[titled]).reason_about == ("Petrolina",)


def test_what_stands_in_the_passage_word_for_word_is_not_contradicted_by_another_sentence_of_it():
    claim = "A garantia é de 24 meses."
    assert judge(Against(), "", claim, ([source()], []), VerifySettings()).label == "not_found"
    assert judge(Against(), "", "A garantia é de 12 meses.", ([source()], []), VerifySettings()).label == "contradicted"
