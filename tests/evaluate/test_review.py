"""Looking through questions: every decision is in the file at once, and none is lost."""

import json

import pytest
from click.testing import CliRunner

from rag.cli import lastro
from rag.errors import InputError
from rag.evaluate.review import Review

ROWS = [
    {"id": "q1", "question": "Quanto dura?", "answers": ["24 meses"], "source_note": "mine",
     "evidence": [{"source": "a.txt", "text": "São 24 meses."}]},
    {"id": "u1", "question": "Who founded it?", "unanswerable": True},
    {"id": "q2", "question": "When is it?", "answers": ["in May"], "evidence": [{"source": "b.txt", "page": 2}]},
]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def pressed(path, keys):
    return CliRunner().invoke(lastro, ["eval", "review", str(path)], input=keys)


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_is_kept_is_marked_what_is_dropped_goes_and_other_fields_stay(path):
    result = pressed(path, "kd\n")
    assert rows(path) == [ROWS[0] | {"reviewed": True}, ROWS[2] | {"reviewed": True}]
    assert f"Questions in {path}: 2; 1 dropped, 0 not looked at" in result.output


def test_each_question_is_shown_with_what_is_expected_and_where_it_stands(path):
    output = pressed(path, "kkk").output
    assert "1 of 3" in output
    assert "expected: 24 meses" in output
    assert "a.txt: “São 24 meses.”" in output
    assert "nothing answers it" in output
    assert "b.txt, page 2" in output


def test_stopped_it_goes_on_with_those_not_looked_at(path):
    assert "2 not looked at" in pressed(path, "ks").output
    output = pressed(path, "kk").output
    assert "Quanto dura?" not in output
    assert "2 of 2" in output
    assert [row["reviewed"] for row in rows(path)] == [True, True, True]


def test_the_end_of_the_input_stops_it(path):
    assert "2 not looked at" in pressed(path, "k").output


def test_back_takes_the_last_decision_back_also_one_to_drop(path):
    pressed(path, "dbkkk")
    assert [row["id"] for row in rows(path)] == ["q1", "u1", "q2"]
    pressed(path, "b")
    assert [row["id"] for row in rows(path)] == ["q1", "u1", "q2"]


def test_a_question_is_reworded_and_an_answer_corrected(path):
    pressed(path, "qQuanto dura a garantia?\na24 meses | dois anos\nks")
    first = rows(path)[0]
    assert first["question"] == "Quanto dura a garantia?"
    assert first["answers"] == ["24 meses", "dois anos"]


def test_a_correction_stays_when_the_question_is_left_undecided(path):
    pressed(path, "qQuanto dura a garantia?\ns")
    assert rows(path)[0] == ROWS[0] | {"question": "Quanto dura a garantia?"}


def test_an_answer_that_the_evidence_does_not_say_is_remarked_upon(path):
    output = pressed(path, "a36 meses\nks").output
    assert "does not say the expected answer" in output


def test_what_would_be_no_question_is_refused_and_changes_nothing(path):
    output = pressed(path, "q???\nks").output
    assert "a text is needed" in output
    assert rows(path)[0]["question"] == "Quanto dura?"


def test_an_unanswerable_question_has_no_answer_to_correct(path):
    assert "no single answer" in pressed(path, "kaks").output


def test_another_key_is_asked_for_again(path):
    assert "press one of these" in pressed(path, "xks").output
    assert rows(path)[0]["reviewed"] is True


def test_a_decision_is_in_the_file_before_the_next_question(path):
    found = Review.open(path)
    found.decide(0, keep=False)
    assert [row["id"] for row in rows(path)] == ["u1", "q2"]
    found.reopen(0)
    assert [row["id"] for row in rows(path)] == ["q1", "u1", "q2"]
    assert list(path.parent.iterdir()) == [path]  # no temporary file stays


def test_a_question_with_a_line_separator_in_it_is_reviewed_and_stays_as_it_is(path):
    row = {"id": "s", "question": "What is\u2028it\u0085called?", "unanswerable": True}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    found = Review.open(path)
    assert found.rows == [row]
    found.decide(0, keep=True)
    assert Review.open(path).rows == [row | {"reviewed": True}]


def test_a_file_that_is_no_json_lines_is_refused_with_the_line(path):
    path.write_bytes(path.read_bytes() + '{"id": "x", "question": "Por quê?"}'.encode("latin-1"))
    with pytest.raises(InputError, match=r"q\.jsonl, line 4 is not UTF-8"):
        Review.open(path)
