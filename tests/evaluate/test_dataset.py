import json

import pytest

from rag.errors import InputError, UsageError
from rag.evaluate.dataset import Question, Target, parse_question, question_json, read_dataset
from tests.conftest import SAMPLE


def test_the_golden_questions_are_read_with_all_their_labels():
    found = read_dataset(SAMPLE.parent / "golden.jsonl")
    assert len(found.questions) == 60
    assert sum(question.unanswerable is True for question in found.questions) == 10
    by_id = {question.id: question for question in found.questions}
    assert by_id["pt-08"].groups == (("20 dias", "vinte dias"), ("15 dias", "quinze dias"))
    assert by_id["pt-08"].forms == ()
    assert len(by_id["pt-07"].also) == 1


def test_an_id_and_a_question_are_enough_and_say_nothing_of_an_answer():
    found = parse_question({"id": 7, "question": "What is the warranty?"}, "line 1")
    assert found == Question("7", "What is the warranty?", "en")


def test_labels_make_a_question_answerable():
    row = {"id": "a", "question": "Qual é o prazo?", "evidence": [{"source": "a.pdf", "page": 2}]}
    found = parse_question(row, "line 1")
    assert found.unanswerable is False
    assert found.evidence == (Target("a.pdf", 2, None),)


def test_what_is_written_is_read_back():
    for line in (SAMPLE.parent / "golden.jsonl").read_text(encoding="utf-8").splitlines():
        question = parse_question(json.loads(line), "golden")
        assert parse_question(question_json(question), "again") == question


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ({"question": "Why?"}, "id", "needed"),
        ({"id": "1", "question": " ?"}, "question", "needed"),
        ({"id": "1", "question": "Why?", "anwsers": ["x"]}, "anwsers", "'answers' is"),
        ({"id": "1", "question": "Why?", "answers": "x"}, "answers", "list of texts"),
        ({"id": "1", "question": "Why?", "all_of": [[]]}, "all_of", "accepted form"),
        ({"id": "1", "question": "Why?", "answers": ["x"], "all_of": [["y"]]}, "all_of", "instead"),
        ({"id": "1", "question": "Why?", "evidence": [{"text": "x"}]}, "evidence", "source"),
        ({"id": "1", "question": "Why?", "evidence": [{"source": "a", "page": 0}]}, "evidence.page", "from 1"),
        ({"id": "1", "question": "Why?", "unanswerable": True, "answers": ["x"]}, "unanswerable", "without"),
        ({"id": "1", "question": "Why?", "unanswerable": "yes"}, "unanswerable", "true or false"),
        ({"id": "1", "question": "Why?", "language": "fr"}, "language", "neither"),
        ({"id": "1", "question": "Why?", "also": [{"source": "a"}]}, "also", "exactly one"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(row, field, said):
    with pytest.raises(UsageError, match=said) as raised:
        parse_question(row, "set.jsonl, line 3")
    assert raised.value.subject == field
    assert "line 3" in raised.value.message
    assert raised.value.hint


def test_a_data_sets_own_fields_are_left_alone():
    assert parse_question({"id": "1", "question": "Why?", "lang": "en", "split": "dev"}, "line 1").id == "1"


def test_files_that_hold_no_questions_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_dataset(tmp_path / "absent.jsonl")
    path = tmp_path / "set.jsonl"
    path.write_text("\n\n")
    with pytest.raises(InputError, match="holds no question"):
        read_dataset(path)
    path.write_bytes('{"id": "1", "question": "Por quê é?"}'.encode("latin-1"))
    with pytest.raises(InputError, match=r"set\.jsonl, line 1 is not UTF-8") as raised:
        read_dataset(path)
    assert raised.value.hint
    path.write_bytes('{"id": "1", "question": "Why?"}\n\n{"id": "2", "question": "Por quê é?"}\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"set\.jsonl, line 3 is not UTF-8"):
        read_dataset(path)
    path.write_text('{"id": "1", "question": "Why?"}\n{"id": 1, "question": "When?"}\n')
    with pytest.raises(UsageError, match=r"line 2: id: '1' is there twice"):
        read_dataset(path)
    path.write_text('{"id": "1", "question": "Why?"}\n{"id": "2",\n')
    with pytest.raises(UsageError, match=r"set\.jsonl, line 2 is not JSON"):
        read_dataset(path)
    path.write_text("[1]\n")
    with pytest.raises(UsageError, match="not a JSON object"):
        read_dataset(path)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085"])
def test_a_line_ends_where_json_lines_end_it_and_nowhere_else(tmp_path, separator):
    asked = f"What is{separator}it called?"
    rows = [{"id": "1", "question": asked}, {"id": "2", "question": "Why?"}]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [question.question for question in read_dataset(path).questions] == [asked, "Why?"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_question(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "1", "question": "Why?"}\r\n \r\n{"id": "2", "question": "When?"}\r\n')
    assert [question.id for question in read_dataset(path).questions] == ["1", "2"]
    path.write_bytes(b'{"id": "1", "question": "Why?"}\r\n\r\n{"id": 1, "question": "When?"}\r\n')
    with pytest.raises(UsageError, match=r"set\.jsonl, line 3: id"):
        read_dataset(path)
