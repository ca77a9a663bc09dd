"""The commands: their help, what they refuse, and the codes they end with."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rag.cli import lastro
from rag.errors import InputError, UsageError
from tests.evaluate.product import product, write_questions


@pytest.fixture
def ready(monkeypatch, index, tmp_path):
    """The product in the place of weights, and a data set: the arguments that every run has."""
    monkeypatch.setattr("rag.facade.Lastro.open", lambda index_dir, settings: product(index_dir))
    return [str(write_questions(tmp_path / "q.jsonl")), "--index", str(index), "--out", str(tmp_path / "out")]


def run(*arguments):
    return CliRunner().invoke(lastro, ["eval", *arguments], standalone_mode=False)


def test_a_data_set_needs_no_subcommand_and_the_figures_are_told_in_sentences(ready):
    result = run(*ready)
    assert result.exception is None
    assert result.return_value == 0
    assert "Of the 3 questions with an answer, 100 %" in result.output
    assert "report.html" in result.output


def test_options_may_stand_before_the_data_set(ready):
    assert run(*ready[1:], ready[0]).return_value == 0


def test_a_missed_requirement_is_told_and_ends_with_three(ready):
    result = run(*ready, "--require", "answer.risk>=0.9")
    assert result.return_value == 3
    assert "answer.risk >= 0.9: it is 0.0000" in result.output


def test_of_the_search_alone_a_requirement_on_answers_names_why_it_is_missed(ready):
    result = run(*ready, "--only", "retrieval", "--require", "answer.correct>=0.1")
    assert result.return_value == 3
    assert "answer.correct >= 0.1: the run measured no answers (--only retrieval)" in result.output


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        (1, "what 1 question names as evidence: 0 (a0.txt). Name sources by the paths that `lastro status` shows"),
        (4, "what 4 questions name as evidence: 0 (a0.txt), 1 (a1.txt), 2 (a2.txt) and 1 more."),
    ],
)
def test_questions_whose_evidence_the_index_lacks_are_named(ready, tmp_path, absent, said):
    rows = [{"id": str(i), "question": "Onde?", "evidence": [{"source": f"a{i}.txt"}]} for i in range(absent)]
    write_questions(tmp_path / "q.jsonl", rows)
    assert said in run(*ready, "--only", "retrieval").output


def test_the_summary_as_json_is_the_file(ready, tmp_path):
    shown = json.loads(run(*ready, "--json").output)
    assert shown == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))


def test_two_runs_are_compared_from_the_command_line(ready, tmp_path):
    run(*ready)
    again = [*ready[:-1], str(tmp_path / "again"), "--against", str(tmp_path / "out")]
    assert "no difference beyond chance" in run(*again).output


def test_what_is_wrong_with_the_arguments_is_said_before_any_model_is_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr("rag.facade.Lastro.open", lambda *_: pytest.fail("models were loaded"))
    places = ["--index", str(tmp_path), "--out", str(tmp_path)]
    assert isinstance(run(str(tmp_path / "absent"), *places).exception, InputError)
    path = write_questions(tmp_path / "q.jsonl")
    assert isinstance(run(str(path), *places, "--require", "speed>=1").exception, UsageError)


@pytest.mark.parametrize("arguments", [["eval"], ["eval", "run"], ["eval", "make"], ["tune"], ["calibrate"]])
def test_every_command_has_help(arguments):
    result = CliRunner().invoke(lastro, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_the_module_is_the_command():
    shown = subprocess.run(
        [sys.executable, "-m", "rag.evaluate", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "DATASET --index DIR --out DIR" in shown
