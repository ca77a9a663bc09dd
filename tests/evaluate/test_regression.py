"""The gate: the golden questions on real weights must be found, answered and declined as well as they were.

And the other way round: what is made worse on purpose must be reported as worse, beyond chance.
"""

from dataclasses import replace

import numpy as np
import pytest

from rag.config import load_settings
from rag.evaluate.dataset import Dataset, read_dataset
from rag.evaluate.evaluation import evaluate
from rag.evaluate.junit import parse_requirement
from rag.facade import Lastro
from tests.conftest import SAMPLE
from tests.evaluate.product import Shared, build, product, write_questions

FOUND = ("passage.recall@5>=0.94", "passage.ndcg@10>=0.88", "document.recall@1>=0.90")
SAID = ("answer.correct>=0.75", "abstention.recall>=0.75", "verdict.supported>=0.9", "citation.recall>=0.75")
ASKED = "pt-02 pt-04 pt-06 pt-10 pt-20 en-02 en-03 en-10 en-16 en-21 un-pt-02 un-pt-05 un-en-03 un-en-04".split()


@pytest.fixture(scope="module")
def golden() -> Dataset:
    return read_dataset(SAMPLE.parent / "golden.jsonl")


@pytest.mark.weights
def test_the_golden_questions_are_found_as_well_as_they_were(sample_index, golden, tmp_path):
    required = [parse_requirement(text) for text in FOUND]
    done = evaluate(Lastro.open(sample_index), golden, tmp_path, answers=False, requirements=required)
    assert done.failures == ()


@pytest.mark.weights
@pytest.mark.slow
def test_a_fixed_part_of_them_is_answered_and_declined_as_well_as_it_was(sample_index, golden, tmp_path):
    part = replace(golden, questions=tuple(q for q in golden.questions if q.id in ASKED))
    assert len(part.questions) == len(ASKED)
    required = [parse_requirement(text) for text in SAID]
    done = evaluate(Lastro.open(sample_index), part, tmp_path, requirements=required)
    assert done.failures == ()


@pytest.mark.weights
def test_the_question_s_words_alone_are_reported_as_worse_than_both_legs(sample_index, golden, tmp_path):
    whole = Lastro.open(sample_index, load_settings(search={"rerank": False}))
    evaluate(whole, golden, tmp_path / "both", answers=False)
    alone = Lastro.open(sample_index, load_settings(search={"rerank": False, "alpha": 0.0}))
    done = evaluate(alone, golden, tmp_path / "words", answers=False, other=tmp_path / "both")
    worse = [row for row in done.comparisons if row.significant]
    assert worse
    assert all(row.difference.value < 0 for row in worse)


MODELS = [f"M-{i}{j}" for i in range(1, 7) for j in range(5)]
FILES = {
    f"{name}.txt": f"O modelo {name} da fábrica do Sul pesa {place + 20} quilos." for place, name in enumerate(MODELS)
}
ROWS = [
    {
        "id": name,
        "question": f"Quantos quilos pesa o modelo {name}?",
        "answers": [f"{place + 20} quilos"],
        "evidence": [{"source": f"{name}.txt", "text": f"pesa {place + 20} quilos"}],
    }
    for place, name in enumerate(MODELS)
]


class Reversed(Shared):
    """A reranker whose best is its worst."""

    def relevance(self, question, texts):
        return 1 - super().relevance(question, texts)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A good run over thirty questions: (its folder, the index, the data set)."""
    folder = tmp_path_factory.mktemp("planted")
    dataset = read_dataset(write_questions(folder / "q.jsonl", ROWS))
    index = build(folder / "product", FILES)
    done = evaluate(product(index), dataset, folder / "out")
    assert done.summary["metrics"]["passage.mrr"]["value"] > 0.9
    return folder / "out", index, dataset


def significant(done) -> dict[str, float]:
    return {row.metric: row.difference.value for row in done.comparisons if row.significant}


def test_a_reversed_reranker_is_reported(before, tmp_path):
    out, index, dataset = before
    app = product(index, search={"rerank": True, "rerank_weight": 1.0})
    app.__dict__["reranker"] = Reversed()
    app.__dict__["parts"] = replace(app.parts, reranker=Reversed())
    found = significant(evaluate(app, dataset, tmp_path, other=out))
    assert found["passage.mrr"] < 0


def test_swapped_passages_are_reported(before, tmp_path):
    out, _, dataset = before
    texts = np.roll(list(FILES.values()), 1).tolist()
    swapped = build(tmp_path / "product", dict(zip(FILES, texts, strict=True)))
    found = significant(evaluate(product(swapped), dataset, tmp_path / "out", other=out))
    assert found["passage.recall@1"] == pytest.approx(-1.0, abs=0.1)


def test_the_same_again_is_reported_as_no_difference(before, tmp_path):
    out, index, dataset = before
    done = evaluate(product(index), dataset, tmp_path, other=out)
    assert significant(done) == {}
    assert all(row.wins == row.losses == 0 for row in done.comparisons)
