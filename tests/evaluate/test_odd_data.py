"""Data sets and keys that are not as they should be: refused with the line and field, or stopped at, never a crash."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rag.cli import lastro
from rag.errors import UsageError
from rag.evaluate.answers import comparable, correct, says
from rag.evaluate.dataset import parse_question, read_dataset
from rag.evaluate.review import Review

ASKED = {"id": "1", "question": "Qual é o prazo?"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(ASKED | {"id": name, "answers": ["3"]}) + "\n" for name in "abcd"))
    return path


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def piped(path, keys):
    """``eval review`` in a process of its own without a controlling terminal."""
    command = [sys.executable, "-m", "rag.cli", "eval", "review", str(path)]
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, input=keys, capture_output=True, check=False, env=environment, start_new_session=True
    )


def test_keys_are_taken_from_a_pipe_and_its_end_stops(path):
    found = piped(path, b"kdk")
    assert found.returncode == 0, found.stderr
    assert [(row["id"], row.get("reviewed")) for row in rows(path)] == [("a", True), ("c", True), ("d", None)]
    assert b"1 dropped, 1 not looked at" in found.stdout


def test_a_text_is_taken_from_a_pipe_too(path):
    assert piped(path, "qQuanto é?\nk".encode()).returncode == 0
    assert rows(path)[0] == {"id": "a", "question": "Quanto é?", "answers": ["3"], "reviewed": True}


def test_keys_that_are_not_text_are_refused_and_nothing_is_lost(path):
    before = path.read_bytes()
    found = piped(path, b"\xff")
    assert found.returncode == 2
    assert b"Traceback" not in found.stderr
    assert path.read_bytes() == before


def test_a_pipe_that_ends_where_a_text_is_due_keeps_what_was_decided(path):
    result = CliRunner().invoke(lastro, ["eval", "review", str(path)], input="kq")
    assert result.exit_code == 0
    assert "3 not looked at" in result.output
    assert rows(path)[0]["reviewed"] is True


def test_without_any_input_review_stops_at_once(path, monkeypatch):
    from rag.evaluate.review import review

    monkeypatch.setattr(sys, "stdin", None)
    assert len(review(path).waiting()) == 4


@pytest.mark.parametrize("form", ["?", "-", "…", "!!!", "[2]"])
@pytest.mark.parametrize("field", ["answers", "all_of"])
def test_a_form_without_anything_to_compare_is_refused(tmp_path, form, field):
    forms = ["30 dias", form]
    row = ASKED | {field: forms if field == "answers" else [["x"], forms]}
    path = tmp_path / "set.jsonl"
    path.write_text("\n" + json.dumps(row) + "\n")
    with pytest.raises(UsageError, match=rf"set\.jsonl, line 2: {field}: .* no letter or digit") as raised:
        read_dataset(path)
    assert raised.value.subject == field


def test_a_form_without_tokens_makes_no_answer_right():
    assert not says("São 30 dias.", "?")
    assert not says("", "")
    assert not correct("São 30 dias.", [["…"]])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("-3 °C", ["-3", "c"]),
        ("entre −3,50 e (-1.200,00)", ["entre", "-3.50", "e", "-1200"]),
        ("10-49", ["10", "49"]),
        ("P-220", ["p", "220"]),
        ("2020-24", ["2020", "24"]),
        ("10%-20%", ["10", "%", "20", "%"]),
        ("- 3", ["3"]),
    ],
)
def test_a_minus_belongs_to_its_number_but_not_that_of_a_range_or_a_code(text, tokens):
    assert comparable(text) == tokens


def test_a_number_and_its_negative_are_two_answers():
    assert not says("A temperatura é 3 °C.", "-3 °C")
    assert not says("A temperatura é -3 °C.", "3 °C")
    assert says("A temperatura é −3 °C.", "-3 °C")


@pytest.mark.parametrize(
    ("row", "field", "meant"),
    [
        ({"evidence": [{"source": "a.txt", "txt": "x"}]}, "evidence.txt", "text"),
        ({"evidence": [{"source": "a.txt", "texts": "x"}]}, "evidence.texts", "text"),
        ({"evidence": [{"source": "a.txt", "PAGE": 2}]}, "evidence.PAGE", "page"),
        ({"evidence": [{"sorce": "a.txt"}]}, "evidence.sorce", "source"),
        ({"evidence": [{"source": "a.txt"}], "also": [{"source": "b.txt", "Text": "x"}]}, "also.Text", "text"),
        ({"ANSWERS": ["x"]}, "ANSWERS", "answers"),
        ({"answers\ud83d": ["x"]}, "answers\\ud83d", "answers"),
    ],
)
def test_a_misspelt_label_is_refused_wherever_it_stands(row, field, meant):
    with pytest.raises(UsageError, match=f"no such field; '{meant}' is") as raised:
        parse_question(ASKED | row, "set.jsonl, line 3")
    assert raised.value.subject == field


def test_a_places_own_fields_are_left_alone():
    place = {"source": "a.txt", "text": "x", "title": "y", "score": 1}
    assert parse_question(ASKED | {"evidence": [place]}, "line 1").evidence[0].text == "x"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"question": "Quem preside \ud83d?"}, "question"),
        ({"id": "\udc00"}, "id"),
        ({"all_of": [["x"], ["y\ud83d"]]}, "all_of"),
        ({"evidence": [{"source": "a.txt", "text": "\ud83d"}]}, "evidence"),
    ],
)
def test_half_a_surrogate_pair_is_refused_with_its_field(tmp_path, row, field):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(ASKED | row) + "\n")
    with pytest.raises(UsageError, match=rf"set\.jsonl, line 1: {field}: it is not valid Unicode") as raised:
        read_dataset(path)
    assert raised.value.subject == field
    raised.value.message.encode()


def test_a_whole_surrogate_pair_is_a_character(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(ASKED | {"question": "Quem é 😀?"}) + "\n")
    assert read_dataset(path).questions[0].question == "Quem é 😀?"


def test_half_a_pair_in_a_field_of_ones_own_survives_review(path):
    row = ASKED | {"note": "\ud83d"}
    path.write_text(json.dumps(row) + "\n")
    Review.open(path).decide(0, keep=True)
    assert rows(path) == [row | {"reviewed": True}]


def test_a_line_nested_too_deep_is_not_json(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text("[" * 100_000 + "\n")
    with pytest.raises(UsageError, match=r"set\.jsonl, line 1 is not JSON"):
        read_dataset(path)
