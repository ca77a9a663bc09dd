"""The report: whole, of one file, the same every time, and safe whatever the documents say."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from rag.errors import FolderError
from rag.evaluate.compare import Comparison
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import evaluate
from rag.evaluate.intervals import Estimate
from rag.evaluate.report.plots import Frame, bars, histogram
from rag.evaluate.report.questions import _marked
from rag.evaluate.words import percent, verdict
from tests.evaluate.product import QUESTIONS, build, product, write_questions

VOID = {"meta", "input", "br", "link", "img"}


class Balanced(HTMLParser):
    """Every tag closed in its turn; what it loads from elsewhere is kept."""

    def __init__(self):
        super().__init__()
        self.open, self.texts, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    index = build(folder / "product")
    dataset = read_dataset(write_questions(folder / "questions.jsonl"))
    evaluate(product(index), dataset, folder / "before")
    wrong = [QUESTIONS[0] | {"answers": ["36 meses"]}, *QUESTIONS[1:]]
    changed = read_dataset(write_questions(folder / "questions.jsonl", wrong))
    evaluate(product(index, search={"rerank": False, "alpha": 0.2}), changed, folder / "after", other=folder / "before")
    return (folder / "after" / "report.html").read_text(encoding="utf-8")


def parsed(text):
    page = Balanced()
    page.feed(text)
    assert page.open == []
    return page


def test_every_question_is_there_with_its_outcome_and_sorts_and_filters(report):
    page = parsed(report)
    questions = [attrs for tag, attrs in page.tags if tag == "details"]
    assert {q["data-id"]: q["data-outcome"] for q in questions} == {
        "1": "generation", "2": "right", "3": "right", "4": "declined", "5": "unlabelled"
    }  # fmt: skip
    assert questions[0]["data-id"] == "1"  # what went wrong comes first
    sorters = {attrs["data-by"] for tag, attrs in page.tags if tag == "button" and "data-by" in attrs}
    assert sorters <= {name.removeprefix("data-") for q in questions for name in q}


def test_it_asks_no_host_and_runs_no_script_but_its_own(report):
    page = parsed(report)
    assert not [attrs for _, attrs in page.tags if {"src", "href", "srcset", "action"} & set(attrs)]
    assert not re.search(r"url\(|@import|https?://", report)
    script = re.search(r"<script>(.*?)</script>", report, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in report
    assert "default-src 'none'" in report


def test_what_differs_between_two_runs_is_told(report):
    text = " ".join(parsed(report).texts)
    assert "What differs: the questions or labels; " in text
    assert "search.alpha: 0.5 → 0.2" in text
    assert "Questions that went another way" in text
    assert "answer.correct" in text
    assert "over the questions for which both runs have it" in text
    assert "Against the other run, nothing differs beyond chance." in text  # one wrong answer of three is chance


def test_a_comparison_can_be_read_by_a_program(index, dataset, tmp_path):
    evaluate(product(index), dataset, tmp_path / "before")
    assert not (tmp_path / "before" / "comparison.json").exists()
    sparse = product(index, search={"rerank": False, "alpha": 0.0})
    done = evaluate(sparse, dataset, tmp_path / "after", other=tmp_path / "before")
    compared = json.loads((tmp_path / "after" / "comparison.json").read_text(encoding="utf-8"))
    assert (
        compared["against"] == json.loads((tmp_path / "before" / "summary.json").read_text())["configuration"]["digest"]
    )
    assert [row["metric"] for row in compared["metrics"]] == [row.metric for row in done.comparisons]
    for row in compared["metrics"]:
        moved = [change[row["metric"]] for change in compared["questions"].values() if row["metric"] in change]
        assert len(moved) == row["wins"] + row["losses"]
        assert all(before != after for before, after in moved)


def test_a_run_that_is_compared_with_none_leaves_no_earlier_comparison(index, dataset, tmp_path):
    evaluate(product(index), dataset, tmp_path / "before")
    evaluate(product(index), dataset, tmp_path / "out", other=tmp_path / "before")
    assert (tmp_path / "out" / "comparison.json").exists()
    evaluate(product(index), dataset, tmp_path / "out")
    assert not (tmp_path / "out" / "comparison.json").exists()


def test_a_folder_that_has_the_name_of_the_report_is_somebody_s(index, dataset, tmp_path):
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(FolderError, match=r"report\.html cannot be written"):
        evaluate(product(index), dataset, tmp_path)
    assert (tmp_path / "report.html" / "thesis.txt").read_text(encoding="utf-8") == "x"


def test_an_outcome_s_count_leads_to_its_questions(report):
    page = parsed(report)
    picks = [attrs["data-pick"] for tag, attrs in page.tags if tag == "button" and "data-pick" in attrs]
    assert picks == ["right", "declined", "generation", "unlabelled"]


def test_expected_words_are_marked_where_they_stand_in_a_passage():
    text = "The pump is loud.\nIt weighs 31 <kilos>. It is blue."
    at = ("d", 100, 100 + len(text))
    weighs = ("d", 118, 138)  # "It weighs 31 <kilos>."
    assert _marked(text, at, [weighs]) == "The pump is loud. <mark>It weighs 31 &lt;kilos&gt;</mark>. It is blue."
    assert _marked(text, at, [("other", 118, 138)]) == "The pump is loud. It weighs 31 &lt;kilos&gt;. It is blue."
    assert "<mark>" not in _marked(text, at, [("d", 90, 400)])  # all of it is expected


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.01, "Against the other run, of 2 figures beyond chance: 1 better, 1 worse."),
        (0.2, "Against the other run, nothing differs beyond chance."),
    ],
)
def test_whether_a_run_is_better_is_one_sentence(p, said):
    up = Estimate(0.1, 0.05, 0.2, 50)
    rows = [Comparison(name, 0.5, 0.6, up, p, 5, 0) for name in ("passage.mrr", "answer.risk")]
    assert verdict(rows) == said


def test_of_the_search_alone_it_says_what_was_found(index, dataset, tmp_path):
    evaluate(product(index), dataset, tmp_path, answers=False)
    page = parsed((tmp_path / "report.html").read_text(encoding="utf-8"))
    questions = {attrs["data-id"]: attrs["data-outcome"] for tag, attrs in page.tags if tag == "details"}
    assert questions == {"1": "found", "2": "found", "3": "found", "4": "unlabelled", "5": "unlabelled"}
    text = " ".join(page.texts)
    assert "recall@1" in text[: text.index("In plain words")]
    assert "the answer says what was expected" not in text


def test_the_plot_by_alpha_is_there_unless_left_out(index, dataset, tmp_path):
    for alphas in (True, False):
        evaluate(product(index), dataset, tmp_path / str(alphas), answers=False, alphas=alphas)
        text = (tmp_path / str(alphas) / "report.html").read_text(encoding="utf-8")
        assert ("Recall by alpha" in text) is alphas


def test_documents_and_questions_cannot_put_markup_into_it(tmp_path):
    hostile = "A garantia <script>alert(1)</script> & da bomba \"P-220\" dura 24 meses' onload='x."
    index = build(tmp_path / "product", {"garantia <b>.txt": hostile})
    rows = [{"id": '<i> "1"', "question": 'Quanto dura a garantia <img src=x> da bomba "P-220"?', "answers": ["<b>24"]}]
    dataset = read_dataset(write_questions(tmp_path / "q.jsonl", rows))
    evaluate(product(index), dataset, tmp_path / "out")
    page = parsed((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert not [tag for tag, _ in page.tags if tag in {"img", "b>"}]
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert "<script>alert(1)</script>" in "".join(page.texts)


def test_points_are_drawn_where_the_data_says():
    frame = Frame((0, 10), (0, 1), "x", "y", [(0, "0")], [(0.5, "half")])
    (left, bottom), (right, top) = frame.at(0, 0), frame.at(10, 1)
    middle = frame.at(5, 0.5)
    assert middle == pytest.approx(((left + right) / 2, (top + bottom) / 2))
    assert bottom > top
    assert "half" in frame.draw("a <title>", [frame.line([(0, 0), (10, 1)], "main")])
    assert "a &lt;title&gt;" in frame.draw("a <title>", [])


def test_a_histogram_stacks_what_falls_into_a_bin():
    drawn = histogram([("good", "right", [0.1, 0.12, 1.0]), ("bad", "wrong", [0.11])], 10, "confidence")
    assert "2 right, 0.1 to 0.2" in drawn
    assert "1 wrong, 0.1 to 0.2" in drawn
    assert "1 right, 0.9 to 1.0" in drawn


def test_bars_of_nothing_are_bars_of_nothing():
    assert 'width="0.5"' in bars([("embed", 0.0, 0.0)], "ms")


@pytest.mark.parametrize(
    ("value", "said"), [(0.934, "93 %"), (0.064, "6.4 %"), (0.0, "0 %"), (1.0, "100 %"), (0.05, "5 %")]
)
def test_shares_are_said_as_people_say_them(value, said):
    assert percent(value) == said
