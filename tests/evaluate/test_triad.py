"""The triad without a judge, and with one behind a real server."""

import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from rag.config import load_settings
from rag.errors import GeneratorFailed
from rag.evaluate.evaluation import evaluate
from rag.evaluate.triad import Grader, Platt, context_use, load_grader, mean_support, round_trips, told
from rag.types import Citation
from rag.verify.windows import Source
from tests.doubles import HashingEncoder
from tests.evaluate.product import Shared, product


@pytest.fixture
def server():
    """Says yes to claims about 24 months, maybe to those about the weather, and no to the rest."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            claim = body["messages"][-1]["content"].split("Claim: ")[1]
            word = "Yes." if "24" in claim else "Perhaps" if "weather" in claim else "no"
            chunk = json.dumps({"choices": [{"delta": {"content": word}}]})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"data: {chunk}\n\ndata: [DONE]\n\n".encode())

        def log_message(self, *args):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/v1", asked
    running.shutdown()
    thread.join()
    running.server_close()


def test_platt_scaling_by_hand():
    scale = Platt(2.0, -1.0)
    assert scale(0.5) == pytest.approx(1 / (1 + math.e))  # logit(0.5) = 0
    assert scale(math.e / (1 + math.e)) == pytest.approx(1 / (1 + math.exp(-1)))  # logit = 1
    assert 0 < scale(0.0) < scale(1.0) < 1


def test_of_four_sentences_read_the_evidence_touches_one():
    text = "It is blue. It weighs 31 kilos. It is made here. It is loud."
    answer = {
        "citations": [{"n": 1, "doc_id": "d", "start": 100, "end": 100 + len(text), "text": text}],
        "sentences": [
            {"verdict": "supported", "evidence": {"citation": 1, "start": 112, "end": 130}, "also": []},
            {"verdict": "not_found", "evidence": None, "also": []},
        ],
    }
    assert context_use(answer) == pytest.approx(1 / 4)
    assert context_use({"citations": [], "sentences": []}) == 0.0


def test_an_answer_that_finds_its_question_first_makes_the_whole_trip():
    questions = ["how loud is the pump", "who founded the firm", "when does the office open"]
    said = [
        (questions[0], "The pump is so loud: the pump, loud."),
        (questions[1], "The office opens: office, open."),
    ]
    first, second = round_trips(HashingEncoder(), said, questions)
    assert first == 1.0
    assert second < 1.0
    assert round_trips(HashingEncoder(), [], questions) == []


def test_support_is_the_mean_over_claims_of_the_best_window():
    text = "The pump weighs 31 kilos. The office opens at eight."
    source = Source(Citation(1, "d", "d", "", None, 0, len(text), text), (), "en")
    judge = Shared()
    best = [
        judge.probabilities([(window, claim) for window in (*text.split(". "), text)])[:, 0].max()
        for claim in ("It weighs 31 kilos", "nothing alike there")
    ]
    found = mean_support(judge, "", ["It weighs 31 kilos", "nothing alike there"], [source])
    assert found == pytest.approx(np.mean(best), abs=1e-6)
    assert mean_support(judge, "", ["x"], []) == 0.0


def test_the_report_says_whether_the_grader_gates(index, dataset, tmp_path):
    own = evaluate(product(index), dataset, tmp_path / "own")
    assert "no second opinion" in own.summary["grader"]
    other = evaluate(product(index), dataset, tmp_path / "other", grader=Grader("another", Shared()))
    assert other.summary["grader"] == told(Grader("another", Shared()))
    assert "another, which gates no answer" in (tmp_path / "other" / "report.html").read_text()


def test_a_judge_behind_a_server_grades_claim_by_claim(server, index, dataset, tmp_path):
    url, asked = server
    grader = load_grader(url, load_settings().models)
    done = evaluate(product(index), dataset, tmp_path, grader=grader)
    values = {one.question.id: one.values.get("grader.groundedness") for one in done.scored}
    assert values["1"] == 1.0
    assert values["2"] == 0.0
    assert values["4"] is None
    assert "A garantia da bomba P-220 dura 24 meses." in asked[0]["messages"][-1]["content"]


def test_a_judge_that_says_neither_is_an_error_and_no_grade(server):
    grader = load_grader(server[0], load_settings().models)
    with pytest.raises(GeneratorFailed, match="'Perhaps', neither yes nor no"):
        grader.entailer.probabilities([("x", "It is about the weather.")])


def test_no_grader_is_none():
    assert load_grader(None, load_settings().models) is None
