"""A whole evaluation: resumed, the same to the last digit, compared, and gated."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from junitparser import Failure, JUnitXml

from rag.errors import FolderError, InputError, UsageError
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import evaluate
from rag.evaluate.junit import parse_requirement
from rag.evaluate.run import answer_all, configuration
from tests.evaluate.product import FILES, QUESTIONS, Shared, build, product, write_questions


def test_every_label_opens_its_metrics_and_every_question_has_an_outcome(index, dataset, tmp_path):
    done = evaluate(product(index), dataset, tmp_path / "out")
    outcomes = {row["id"]: row["outcome"] for row in done.summary["questions"]}
    assert outcomes == {"1": "right", "2": "right", "3": "right", "4": "declined", "5": "unlabelled"}
    metrics = done.summary["metrics"]
    assert metrics["passage.recall@1"]["n"] == 3
    assert metrics["answer.correct"]["value"] == 1.0
    assert metrics["abstention.recall"] == {"value": 1.0, "low": pytest.approx(0.025), "high": 1.0, "n": 1}
    assert {"grader.round_trip", "triad.groundedness", "citation.overlap", "abstention.aurc"} <= set(metrics)
    assert set(done.summary["by_language"]) == {"pt", "en"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "answers.jsonl", "summary.json", "latency.json", "junit.xml", "report.html"
    }  # fmt: skip


def test_two_runs_of_the_same_configuration_give_the_same_summary_to_the_last_digit(index, dataset, tmp_path):
    for name in ("one", "two"):
        evaluate(product(index), dataset, tmp_path / name)
    one, two = ((tmp_path / name / "summary.json").read_bytes() for name in ("one", "two"))
    assert one == two


class Counting(Shared):
    """What it was asked to rerank."""

    def __init__(self):
        self.asked = []

    def relevance(self, question, texts):
        self.asked += [(question, text) for text in texts]
        return super().relevance(question, texts)


def test_a_passage_is_reranked_once_for_the_answer_and_the_hits_beyond_it(index, dataset, tmp_path):
    app, judge = product(index, search={"rerank": True, "k": 2}), Counting()
    app.models.reranker, app.models.parts = judge, replace(app.parts, reranker=judge)
    _, results = answer_all(app, dataset, tmp_path)
    assert len(judge.asked) == len(set(judge.asked)) == len(QUESTIONS) * len(FILES)
    for question in dataset.questions:
        found = results[question.id]
        plain = product(index, search={"rerank": True, "k": 2})
        plain.models.reranker, plain.models.parts = Shared(), replace(plain.parts, reranker=Shared())
        assert found.answer["answer"] == plain.ask(question.question).answer
        assert [hit["score"] for hit in found.hits[:2]] == [hit.score for hit in plain.search(question.question)]


def test_an_interrupted_run_goes_on_where_it_stopped(index, dataset, tmp_path):
    app = product(index)

    def stop_at_third(done, of, question):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_all(app, dataset, tmp_path, progress=stop_at_third)
    assert len((tmp_path / "answers.jsonl").read_text().splitlines()) == 2
    # A kill while the third was being written leaves half a line.
    with (tmp_path / "answers.jsonl").open("a") as kept:
        kept.write('{"key": "abc", "hi')
    asked = []
    app.ask = lambda question, _ask=app.ask: asked.append(question) or _ask(question)
    answer_all(app, dataset, tmp_path)
    assert asked == [row["question"] for row in QUESTIONS[2:]]
    answer_all(app, dataset, tmp_path)
    assert len(asked) == 3
    answer_all(app, dataset, tmp_path, fresh=True)
    assert len(asked) == 8


def test_a_changed_setting_or_text_is_asked_again_and_a_changed_label_is_not(index, dataset, tmp_path):
    config = configuration(product(index))
    question = dataset.questions[0]
    assert configuration(product(index, search={"rerank": False, "alpha": 0.1})).key(question) != config.key(question)
    other = build(tmp_path / "other", FILES | {"peso.txt": "A bomba P-300 pesa 32 quilos sem a base."})
    assert configuration(product(other)).key(question) != config.key(question)
    again = build(tmp_path / "again")
    assert configuration(product(again)).key(question) == config.key(question)
    relabelled = read_dataset(write_questions(tmp_path / "q.jsonl", [QUESTIONS[0] | {"answers": ["12 meses"]}]))
    assert config.key(relabelled.questions[0]) == config.key(question)


def test_a_wrong_answer_is_told_from_one_whose_passage_was_not_found(index, tmp_path):
    rows = [
        QUESTIONS[0] | {"id": "generation", "answers": ["36 meses"]},
        QUESTIONS[0] | {"id": "missed", "answers": ["36 meses"], "evidence": [{"source": "absent.txt"}]},
        QUESTIONS[3] | {"id": "withheld", "unanswerable": False, "evidence": [{"source": "office.txt"}]},
        QUESTIONS[0] | {"id": "said", "unanswerable": True, "answers": [], "evidence": []},
    ]
    dataset = read_dataset(write_questions(tmp_path / "q.jsonl", rows))
    done = evaluate(product(index), dataset, tmp_path / "out")
    outcomes = {row["id"]: row["outcome"] for row in done.summary["questions"]}
    assert outcomes["generation"] == "generation"
    assert outcomes["missed"] == "retrieval miss"
    assert outcomes["said"] == "false support"
    assert outcomes["withheld"] in {"false abstention", "ranking miss"}
    assert done.summary["unresolved"] == {"missed": ["absent.txt"]}


def test_requirements_gate_a_run_and_are_written_for_a_ci(index, dataset, tmp_path):
    required = [parse_requirement(text) for text in ("answer.correct>=0.9", "answer.risk >= 0.5")]
    done = evaluate(product(index), dataset, tmp_path, requirements=required)
    assert len(done.failures) == 1
    assert done.failures[0].startswith("answer.risk >= 0.5: it is 0.0000")
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase[@name='answer.risk >= 0.5']/failure").get("message") == done.failures[0]


def test_a_ci_s_parser_reads_the_same_from_the_junit_file(index, dataset, tmp_path):
    required = [parse_requirement(text) for text in ("answer.risk>=0.5", "answer.correct>=0.5")]
    evaluate(product(index), dataset, tmp_path, requirements=required)
    read = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    (suite,) = read
    assert (suite.tests, suite.failures, suite.errors) == (2, 1, 0)
    cases = {case.name: [type(result) for result in case.result] for case in suite}
    assert cases == {"answer.risk >= 0.5": [Failure], "answer.correct >= 0.5": []}


@pytest.mark.parametrize("text", ["answer.correct", "answer.corect>=0.5", "answer.correct>=1.2.3", "answer.correct=1"])
def test_a_requirement_that_cannot_be_meant_is_refused(text):
    with pytest.raises(UsageError, match="--require"):
        parse_requirement(text)


def test_a_metric_that_nothing_allows_is_not_met(index, tmp_path):
    dataset = read_dataset(write_questions(tmp_path / "q.jsonl", [QUESTIONS[4]]))
    done = evaluate(product(index), dataset, tmp_path / "o", requirements=[parse_requirement("answer.correct>=0.1")])
    assert done.failures == ("answer.correct >= 0.1: no question of the data set allows it",)


def test_retrieval_alone_asks_nothing_of_the_decoder(index, dataset, tmp_path):
    app = product(index)
    app.ask = lambda *_: pytest.fail("a question was answered")
    done = evaluate(app, dataset, tmp_path, answers=False)
    assert done.summary["metrics"]["passage.mrr"]["n"] == 3
    assert "answer.correct" not in done.summary["metrics"]
    assert done.latency == {}


def test_another_run_must_be_one_and_share_questions(index, dataset, tmp_path):
    with pytest.raises(InputError, match="holds no finished evaluation"):
        evaluate(product(index), dataset, tmp_path / "a", other=tmp_path / "nowhere")
    evaluate(product(index), dataset, tmp_path / "a")
    strangers = read_dataset(write_questions(tmp_path / "q.jsonl", [{"id": "x", "question": "What else?"}]))
    with pytest.raises(InputError, match="no question in common"):
        evaluate(product(index), strangers, tmp_path / "b", other=tmp_path / "a")


def test_damaged_results_and_an_unwritable_folder_say_what_to_do(index, dataset, tmp_path):
    (tmp_path / "answers.jsonl").write_text(json.dumps({"nokey": 1}) + "\n")
    with pytest.raises(InputError, match="line 1 is no result"):
        answer_all(product(index), dataset, tmp_path)
    with pytest.raises(FolderError, match="--out"):
        answer_all(product(index), dataset, tmp_path / "answers.jsonl" / "deeper")
