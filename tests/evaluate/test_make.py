"""Questions made from a folder: what the decoder wrote is kept only when it holds up."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from rag.cli import lastro
from rag.errors import FolderError, InputError, ModelError
from rag.evaluate.dataset import Question, Target, read_dataset
from rag.evaluate.make import make
from rag.evaluate.make_draft import Draft, parse_reply, requests
from rag.evaluate.make_filters import answered_elsewhere, copied, ill_formed, may_be_answered
from rag.evaluate.make_log import earlier_in, log_of, write_tried
from rag.index import Index
from tests.evaluate.product import build, product

LONG = {
    "garantia.txt": "A garantia da bomba P-220 dura 24 meses a contar da data que consta da nota fiscal de compra.",
    "frete.txt": "O frete para a região Norte custa 40 reais por caixa quando o pedido passa de dez caixas fechadas.",
    "copy.txt": "The loudness of the pump at full speed is 62 decibels, measured at one metre in the test laboratory.",
}


class Writer:
    """A decoder that answers by the passage it is shown."""

    identity = "writer"

    def __init__(self, replies):
        self.replies = replies
        self.asked = []

    def stream(self, messages, decoding):
        self.asked.append(messages)
        shown = messages[-1]["content"]
        yield next((reply for word, reply in self.replies.items() if word in shown), "nothing")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build(tmp_path_factory.mktemp("make"), LONG)


def made(folder, replies, count=5):
    found = list(make(product(folder, Writer(replies)), count))
    return [one.question for one in found if one.question], [one.reason for one in found if one.reason]


def draft_of(folder, source, question, answer=""):
    with Index.open(folder).pin() as snapshot:
        chunk = next(one for one in snapshot.passages(snapshot.chunk_ids()) if one.source == source)
    return Draft(chunk, question, answer, lacks=not answer)


LACKING = (
    "Quem inventou aquele primeiro motor elétrico usado antigamente naquelas regiões montanhosas muito distantes "
    "daqui, segundo contam velhos moradores aposentados?"
)
GOOD = "Pergunta: Quanto dura a garantia da P-220?\nResposta: 24 meses"


def test_a_question_whose_passage_answers_it_is_kept_with_its_evidence(folder):
    questions, _ = made(folder, {"garantia": GOOD})
    assert questions == [
        Question(
            "q1", "Quanto dura a garantia da P-220?", "pt", (("24 meses",),),
            (Target("garantia.txt", None, LONG["garantia.txt"]),), (), False, "made",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I will not.", "it is no question"),
        ("Pergunta: Quanto dura a garantia da P-220?\nResposta: 36 meses", "its answer does not stand in the passage"),
        ("Pergunta: São 24 meses de garantia?\nResposta: 24 meses", "it tells its own answer"),
        ("Pergunta: A garantia da bomba P-220 dura quanto?\nResposta: 24 meses", "it copies the passage"),
        ("Question: How long does the warranty of it last?\nAnswer: 24 meses", "it is in the other language"),
        ("Pergunta: Onde nasceu o fundador daquela cidade?\nResposta: 24 meses", "the passage does not answer it"),
    ],
)
def test_what_does_not_hold_up_is_left_out_with_its_reason(folder, reply, reason):
    questions, refused = made(folder, {"garantia": reply})
    assert questions == []
    assert reason in refused


def test_a_question_that_another_passage_answers_too_is_left_out(tmp_path):
    again = "Quanto à garantia: a da P-220 dura 24 meses, como nas outras bombas da linha que vendemos no país."
    folder = build(tmp_path, LONG | {"outra.txt": again})
    _, refused = made(folder, {"nota fiscal": GOOD})
    assert "another passage answers it too" in refused


def test_a_question_that_two_versions_answer_differently_is_left_out(tmp_path):
    older = "A garantia da bomba P-220 dura 12 meses a contar da data que consta da nota fiscal de compra."
    folder = build(tmp_path, LONG | {"antiga.txt": older})
    draft = draft_of(folder, "garantia.txt", "Quanto dura a garantia da bomba P-220?", "24 meses")
    assert answered_elsewhere(product(folder), draft, 0.75) == "another passage answers it otherwise"


def test_the_same_of_another_model_is_no_other_answer(tmp_path):
    other = "A garantia da bomba P-300 dura 12 meses a contar da data que consta da nota fiscal de compra."
    folder = build(tmp_path, LONG | {"outra.txt": other})
    draft = draft_of(folder, "garantia.txt", "Quanto dura a garantia da bomba P-220?", "24 meses")
    assert answered_elsewhere(product(folder), draft, 0.75) is None


def test_what_the_folder_answers_somewhere_is_not_kept_as_unanswerable(folder):
    answered = draft_of(folder, "frete.txt", "Quanto dura a garantia da bomba P-220?")
    assert may_be_answered(product(folder), answered) == "something may answer it"
    assert may_be_answered(product(folder), replace(answered, question=LACKING)) is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Quanto dura a garantia segundo o trecho?", "it points at a text the asker does not have"),
        ("Quanto dura a garantia mencionada?", "it points at a text the asker does not have"),
        ("Qual é o prazo?", "it does not say what it is about"),
        ("Quanto dura a garantia da bomba?", None),
    ],
)
def test_a_question_stands_alone(folder, question, reason):
    assert ill_formed(draft_of(folder, "garantia.txt", question, "24 meses")) == reason


@pytest.mark.parametrize(
    "question",
    ["Quanto dura a garantia do forno?", "Quanto dura a garantia da P-250?", "Quanto dura a garantia em Salvador?"],
)
def test_a_question_about_what_its_passage_does_not_name_is_left_out(folder, question):
    assert ill_formed(draft_of(folder, "garantia.txt", question, "24 meses")) == "it names what its passage does not"


def test_the_evidence_is_the_sentence_that_answers_not_the_first_that_has_the_words(tmp_path):
    text = (
        "Em 24 meses abrimos duas lojas novas no interior do estado. A garantia da bomba P-220 dura 24 meses e vale "
        "também para o motor elétrico."
    )
    questions, _ = made(build(tmp_path, LONG | {"garantia.txt": text}), {"lojas": GOOD})
    assert questions[0].evidence == (
        Target("garantia.txt", None, "A garantia da bomba P-220 dura 24 meses e vale também para o motor elétrico."),
    )


def test_one_in_five_asks_for_what_the_folder_lacks(tmp_path):
    weighs = "O modelo M-{0}00 da fábrica do Sul pesa {0}7 quilos sem contar a base de ferro fundido e os quatro pés."
    files = {f"{i}.txt": weighs.format(i) for i in range(1, 8)}
    replies = {
        f"M-{i}00": f"Pergunta: Quantos quilos pesa o modelo M-{i}00?\nResposta: {i}7 quilos" for i in range(1, 8)
    }
    writer = Writer(replies)
    app = product(build(tmp_path, files), writer)

    def stream(messages, decoding, _stream=writer.stream):
        lacking = messages[-1]["content"].startswith("Assunto")
        yield f"Pergunta: {LACKING}" if lacking else "".join(_stream(messages, decoding))

    writer.stream = stream
    questions = [one.question for one in make(app, 5) if one.question]
    assert [question.id for question in questions] == ["q1", "q2", "q3", "q4", "u1"]
    assert questions[-1].unanswerable
    assert questions[-1].evidence == ()


def test_the_passage_is_data_and_comes_last(folder):
    writer = Writer({"garantia": GOOD})
    list(make(product(folder, writer), 1))
    assert writer.asked[0][0]["role"] == "system"
    assert all(messages[-1]["role"] == "user" for messages in writer.asked)


def test_replies_are_read_whatever_stands_around_them():
    assert parse_reply('Sure!\nQuestion: "How loud is it?"\nAnswer: 62 dB.\nQuestion: Another?') == (
        "How loud is it?",
        "62 dB",
    )
    assert parse_reply("nothing of the sort") == ("", "")


def test_six_words_in_a_row_are_a_copy():
    text = "O frete para a região Norte custa 40 reais."
    assert copied("O frete para a região Norte custa quanto?", text)
    assert not copied("Quanto custa mandar para o Norte?", text)


def test_without_a_decoder_nothing_can_be_made(folder):
    with pytest.raises(ModelError, match="no") as raised:
        list(make(product(folder), 3))
    assert "models.generator" in raised.value.hint


def test_without_a_decoder_no_file_is_begun(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.facade.Lastro.open", lambda *_: product(folder))
    asked = ["eval", "make", "--index", str(folder), "-n", "3", "--to", str(tmp_path / "q.jsonl")]
    assert isinstance(CliRunner().invoke(lastro, asked, standalone_mode=False).exception, ModelError)
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_is_a_data_set_and_another_is_never_overwritten(folder, tmp_path):
    path = tmp_path / "q.jsonl"
    said = []
    count, refused = write_tried(path, make(product(folder, Writer({"garantia": GOOD})), 5), said.append)
    assert (count, said) == (1, ["q1: Quanto dura a garantia da P-220?"])
    assert refused["it is no question"] >= 1
    assert read_dataset(path).questions[0].question == "Quanto dura a garantia da P-220?"
    log_of(path).unlink()
    with pytest.raises(FolderError, match="exists"):
        earlier_in(path)
    with pytest.raises(FolderError, match="cannot be written"):
        write_tried(tmp_path / "absent" / "q.jsonl", [], said.append)


def test_stopped_at_any_passage_making_goes_on_to_the_same_questions(tmp_path):
    folder = build(tmp_path, LONG)
    replies = {"garantia": GOOD, "loudness": "Question: How loud is it at full speed?\nAnswer: 62 decibels"}
    whole = tmp_path / "whole.jsonl"
    write_tried(whole, make(product(folder, Writer(replies)), 5), print)
    for stop in range(1, 4):
        path, asked = tmp_path / f"{stop}.jsonl", Writer(replies)
        tried = make(product(folder, asked), 5)
        write_tried(path, [next(tried) for _ in range(stop)], print)
        write_tried(path, make(product(folder, asked), 5, earlier=earlier_in(path)), print)
        assert path.read_text() == whole.read_text()
        assert len(asked.asked) == 3  # no passage is asked about twice


def test_a_line_cut_short_by_a_kill_is_dropped_and_one_without_its_end_is_kept(folder, tmp_path):
    path = tmp_path / "q.jsonl"
    write_tried(path, make(product(folder, Writer({"garantia": GOOD})), 5), print)
    log_of(path).write_text(log_of(path).read_text() + '{"key": "a')
    path.write_text(path.read_text().rstrip("\n"))
    earlier = earlier_in(path)
    assert [question.id for question in earlier.questions] == ["q1"]
    assert len(earlier.keys) == 3
    assert path.read_text().endswith("}\n")
    log_of(path).write_text("[]\n")
    with pytest.raises(InputError, match=r"q\.tried\.jsonl, line 1"):
        earlier_in(path)


def test_the_log_says_of_every_passage_what_came_of_it(folder, tmp_path):
    path = tmp_path / "q.jsonl"
    write_tried(path, make(product(folder, Writer({"garantia": GOOD})), 5), print)
    rows = {row["source"]: row for row in map(json.loads, log_of(path).read_text().splitlines())}
    assert set(rows) == set(LONG)
    assert (rows["garantia.txt"]["id"], rows["garantia.txt"]["reason"]) == ("q1", None)
    assert (rows["frete.txt"]["id"], rows["frete.txt"]["reason"]) == (None, "it is no question")


def test_where_enough_is_there_the_command_makes_no_more_and_goes_on_to_the_review(folder, tmp_path):
    path = tmp_path / "q.jsonl"
    write_tried(path, make(product(folder, Writer({"garantia": GOOD})), 5), print)
    asked = ["eval", "make", "--index", str(folder), "-n", "1", "--to", str(path), "--review"]
    result = CliRunner().invoke(lastro, asked, input="k", catch_exceptions=False)
    assert f"Questions in {path}: 1." in result.output
    assert "Quanto dura a garantia da P-220?" in result.output
    assert json.loads(path.read_text())["reviewed"] is True


@pytest.mark.parametrize("lacks", [True, False])
def test_the_examples_shown_to_the_decoder_are_of_the_passages_language(folder, lacks):
    with Index.open(folder).pin() as snapshot:
        for chunk in snapshot.passages(snapshot.chunk_ids()):
            asked = requests(chunk, lacks=lacks)
            first = "Question" if chunk.language == "en" else "Pergunta"
            assert all(said["content"].startswith(first) for said in asked if said["role"] == "assistant")
            assert (chunk.text in asked[-1]["content"]) is not lacks
