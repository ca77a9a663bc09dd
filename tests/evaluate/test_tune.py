"""Tuning: a planted best value is found, luck is not reported as a gain."""

import itertools
import re

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from rag.cli import lastro
from rag.errors import FolderError, InputError
from rag.evaluate.dataset import read_dataset
from rag.evaluate.intervals import Estimate
from rag.evaluate.report.tuning import plot, write_plot
from rag.evaluate.sweep import sweep_alpha
from rag.evaluate.tune import Tuned, choose, cross_validate, tune
from rag.search.remember import Remembering
from tests.evaluate.product import QUESTIONS, Shared, product, write_questions


def test_of_a_plateau_the_middle_is_taken():
    assert choose(np.array([0.2, 0.8, 0.8, 0.8, 0.3])) == 2
    assert choose(np.array([0.2, 0.5, 0.9])) == 2


def test_where_more_costs_each_unit_must_add_something():
    # From 0.90 on nothing adds 0.005 a passage; before it 0.5 → 0.9 does.
    assert choose(np.array([0.5, 0.9, 0.902, 0.904]), [1, 2, 3, 4]) == 1
    assert choose(np.array([0.5, 0.6, 0.7]), [1, 2, 3]) == 2
    # 0.9 → 0.92 is 0.02 for eight passages more: not worth them, though it would be for two.
    assert choose(np.array([0.5, 0.9, 0.92]), [1, 2, 10]) == 1
    assert choose(np.array([0.5, 0.9, 0.92]), [1, 2, 4]) == 2


def test_a_planted_best_value_is_found_and_its_gain_is_beyond_chance():
    generator = np.random.default_rng(0)
    scores = np.clip(np.array([[0.5], [0.55], [0.8]]) + generator.normal(0, 0.1, (3, 60)), 0, 1)
    found = cross_validate("search.alpha", (0.0, 0.5, 1.0), scores, 0.5)
    assert found.best == 1.0
    assert found.worth_it
    assert found.gain.value == pytest.approx((scores[2] - scores[1]).mean())
    assert found.agreement == 1.0


def test_values_that_differ_by_luck_alone_promise_no_gain():
    called = 0
    for seed in range(60):
        scores = np.random.default_rng(seed).random((5, 40))
        called += cross_validate("search.alpha", [0, 0.25, 0.5, 0.75, 1], scores, 0.5).worth_it
    assert called <= stats.binom.ppf(0.999, 60, 0.05)


def test_a_present_value_that_is_best_stays(index, tmp_path):
    rows = [QUESTIONS[i % 3] | {"id": str(i)} for i in range(12)]
    dataset = read_dataset(write_questions(tmp_path / "q.jsonl", rows))
    found = tune(product(index), dataset, "k")
    assert found.best == 1.0
    assert [estimate.value for estimate in found.means] == [1.0] * len(found.values)
    assert not found.worth_it


def test_too_few_labelled_questions_are_refused(index, dataset):
    with pytest.raises(InputError, match="3 questions with evidence"):
        tune(product(index), dataset, "alpha")


def test_each_alpha_is_what_a_search_with_it_finds(index, dataset):
    app = product(index)
    found = sweep_alpha(app, dataset)
    for row, alpha in enumerate(found.values):
        settings = app.settings.model_copy(
            update={"search": app.settings.search.model_copy(update={"alpha": alpha, "rerank": False})}
        )
        for column, question in enumerate(q for q in dataset.questions if q.evidence):
            first = app.search(question.question, settings=settings)[0].source
            assert found.recall[1][row, column] == float(first == question.evidence[0].source)


def test_a_remembering_reranker_judges_each_text_once():
    asked: list[str] = []
    remembering = Remembering(lambda question, texts: asked.extend(texts) or Shared().relevance(question, texts))
    first = remembering.relevance("a garantia", ["a garantia", "o frete", "a garantia"])
    assert remembering.relevance("a garantia", ["o frete"])[0] == first[1]
    assert asked == ["a garantia", "o frete"]


def tuned(present, best, *, values=(0.0, 0.5, 1.0), setting="search.alpha", p=0.5):
    score = Estimate(0.8, 0.7, 0.9, 20)
    return Tuned(setting, values, (score,) * len(values), present, best, Estimate(0.02, -0.01, 0.05, 20), p, 1.0)


def test_what_is_said_is_what_was_found():
    assert tuned(0.5, 1.0).verdict == "no gain beyond chance over the present 0.5 (+0.020, p = 0.500)"
    assert tuned(0.5, 1.0, p=0.01).verdict == "1 gains +0.020, p = 0.010, on questions it was not chosen on"
    assert tuned(0.5, 0.5).verdict == "the present 0.5 is the best of those tried"


TEXT = re.compile(r'<text class="(tick|label \w+)" x="([\d.]+)" y="[\d.]+" text-anchor="middle">([^<]+)<')


@pytest.mark.parametrize(
    ("present", "best", "values", "setting"),
    [
        (0.5, 0.7, (0.0, 0.3, 0.5, 0.55, 0.6, 0.7, 1.0), "search.alpha"),
        (0.9, 1.0, (0.0, 0.9, 0.95, 1.0), "search.alpha"),
        (0.0, 0.05, (0.0, 0.05, 1.0), "search.alpha"),
        (200, 6, (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 200), "search.k"),
        (8, 8, (1, 2, 8, 16), "search.k"),
    ],
)
def test_no_label_of_the_plot_lies_on_another_or_outside(present, best, values, setting):
    drawn = plot(tuned(present, best, values=values, setting=setting))
    for row in ("tick", "label"):
        spans = sorted(
            (float(x) - 3 * len(said), float(x) + 3 * len(said))
            for kind, x, said in TEXT.findall(drawn)
            if kind.startswith(row)
        )
        assert spans
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        assert spans[0][0] >= 0
        assert spans[-1][1] <= 380
    assert f": {present:g}<" in drawn
    assert f">{best:g}<" in drawn


@pytest.mark.parametrize(("name", "said"), [("absent/x.svg", "there is no folder"), (".", "is a folder")])
def test_a_plot_that_cannot_be_written_is_refused_before_anything_is_tried(tmp_path, monkeypatch, name, said):
    monkeypatch.setattr("rag.facade.Lastro.open", lambda *_: pytest.fail("the sweep began"))
    asked = ["tune", "k", "--index", str(tmp_path), "--dataset", str(write_questions(tmp_path / "q.jsonl"))]
    result = CliRunner().invoke(lastro, [*asked, "--plot", str(tmp_path / name)], standalone_mode=False)
    assert isinstance(result.exception, FolderError)
    assert said in str(result.exception)


def test_the_plot_is_an_image_of_its_own(tmp_path):
    scores = np.random.default_rng(1).random((3, 20))
    found = cross_validate("search.alpha", (0.0, 0.5, 1.0), scores, 0.5)
    write_plot(tmp_path / "alpha.svg", found)
    text = (tmp_path / "alpha.svg").read_text()
    assert text == plot(found)
    assert text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    with pytest.raises(FolderError, match="--plot"):
        write_plot(tmp_path / "absent" / "alpha.svg", found)
