"""The gate: the golden questions on real weights must be found, answered and declined as well as they were.

And the other way round: what is made worse on purpose must be reported as worse, beyond chance.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from ingest import ingest_folder
from rag.config import load_settings
from rag.evaluate.dataset import Dataset, read_dataset
from rag.evaluate.evaluation import evaluate
from rag.evaluate.junit import parse_requirement
from rag.facade import Lastro
from rag.search.remember import Remembering
from tests.conftest import SAMPLE
from tests.evaluate.product import Shared, build, product, write_questions

FOUND = ("passage.recall@5>=0.94", "passage.ndcg@10>=0.88", "document.recall@1>=0.90")
SAID = ("answer.correct>=0.75", "abstention.recall>=0.75", "verdict.supported>=0.9", "citation.recall>=0.75")
IN_THEIR_WORDS = ("answer.correct>=0.42", "answer.risk<=0.33", "abstention.recall>=0.60", "verdict.contradicted<=0.05")
ASKED = "pt-02 pt-04 pt-06 pt-10 pt-20 en-02 en-03 en-10 en-16 en-21 un-pt-02 un-pt-05 un-en-03 un-en-04".split()


@pytest.fixture(scope="module")
def golden() -> Dataset:
    return read_dataset(SAMPLE.parent / "golden.jsonl")


@pytest.mark.weights
def test_the_golden_questions_are_found_as_well_as_they_were(sample_index, golden, tmp_path):
    required = [parse_requirement(text) for text in FOUND]
    done = evaluate(Lastro.open(sample_index), golden, tmp_path, answers=False, alphas=False, requirements=required)
    assert done.failures == ()


@pytest.mark.weights
@pytest.mark.slow
def test_a_fixed_part_of_them_is_answered_and_declined_as_well_as_it_was(sample_index, golden, tmp_path):
    part = replace(golden, questions=tuple(q for q in golden.questions if q.id in ASKED))
    assert len(part.questions) == len(ASKED)
    required = [parse_requirement(text) for text in SAID]
    done = evaluate(Lastro.open(sample_index), part, tmp_path, alphas=False, requirements=required)
    assert done.failures == ()


@pytest.mark.weights
@pytest.mark.slow
def test_all_of_them_are_answered_in_the_documents_own_words_as_well_as_they_were(sample_index, golden, tmp_path):
    required = [parse_requirement(text) for text in IN_THEIR_WORDS]
    app = Lastro.open(sample_index, load_settings(models={"generator": "none"}))
    done = evaluate(app, golden, tmp_path, alphas=False, requirements=required)
    assert done.failures == ()


@pytest.mark.weights
def test_the_question_s_words_alone_are_reported_as_worse_than_both_legs(sample_index, golden, tmp_path):
    whole = Lastro.open(sample_index, load_settings(search={"rerank": False}))
    evaluate(whole, golden, tmp_path / "both", answers=False, alphas=False)
    alone = Lastro.open(sample_index, load_settings(search={"rerank": False, "alpha": 0.0}))
    done = evaluate(alone, golden, tmp_path / "words", answers=False, alphas=False, other=tmp_path / "both")
    worse = [row for row in done.comparisons if row.significant]
    assert worse
    assert all(row.difference.value < 0 for row in worse)


@pytest.mark.weights
@pytest.mark.slow
def test_the_decoder_says_the_same_twice_to_the_last_digit_of_the_summary(sample_index, golden, tmp_path):
    part = replace(golden, questions=tuple(q for q in golden.questions if q.id in {"pt-02", "un-en-03"}))
    app = Lastro.open(sample_index)
    for name in ("one", "two"):
        evaluate(app, part, tmp_path / name, alphas=False)
    one, two = (tmp_path / name / "summary.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    said = [json.loads(line)["answer"] for line in (tmp_path / "two" / "answers.jsonl").read_text().splitlines()]
    assert any(answer["timings_ms"]["generate"] > 0 for answer in said)  # it did speak


class Backwards:
    """A reranker whose best is its worst."""

    def __init__(self, judge):
        self.identity, self._judge = "backwards", judge

    def relevance(self, question, texts):
        return 1 - self._judge.relevance(question, texts)


@pytest.mark.weights
@pytest.mark.slow
def test_a_reranker_turned_round_is_reported_as_worse(sample_index, golden, tmp_path):
    settings = load_settings(search={"rerank_depth": 6})
    app = Lastro.open(sample_index, settings)
    judge = Remembering(app.reranker.relevance)
    judge.identity = app.reranker.identity
    app.models.reranker = judge
    evaluate(app, golden, tmp_path / "before", answers=False, alphas=False)
    app.models.reranker = Backwards(judge)
    found = significant(
        evaluate(app, golden, tmp_path / "after", answers=False, alphas=False, other=tmp_path / "before")
    )
    assert found["passage.mrr"] < -0.1
    assert all(difference < 0 for difference in found.values())


@pytest.mark.weights
@pytest.mark.slow
def test_documents_under_each_other_s_names_are_reported_as_worse(weights, golden, tmp_path):
    texts = sorted(path for path in SAMPLE.iterdir() if path.suffix in {".md", ".txt"})
    rotated = [*texts[1:], texts[0]]
    for name, sources in (("before", texts), ("after", rotated)):
        folder = tmp_path / name / "documents"
        folder.mkdir(parents=True)
        for path, source in zip(texts, sources, strict=True):
            (folder / path.name).write_bytes(source.read_bytes())
        ingest_folder(folder, tmp_path / name / "index")
    asked = tuple(q for q in golden.questions if any(SAMPLE / target.source in texts for target in q.evidence))
    part, apps = replace(golden, questions=asked), {}
    for name in ("before", "after"):
        apps[name] = Lastro.open(tmp_path / name / "index", load_settings(search={"rerank": False}))
    evaluate(apps["before"], part, tmp_path / "one", answers=False, alphas=False)
    found = significant(
        evaluate(apps["after"], part, tmp_path / "two", answers=False, alphas=False, other=tmp_path / "one")
    )
    assert found["document.recall@1"] < -0.3


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
    app.models.__dict__["reranker"] = Reversed()
    app.models.__dict__["parts"] = replace(app.parts, reranker=Reversed())
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
