"""Questions made from a folder: what the decoder wrote is kept only when it holds up."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner

from rag.errors import FolderError, ModelError
from rag.evaluate.dataset import Question, Target, read_dataset
from rag.evaluate.make import copied, make, parse_reply, requests
from rag.evaluate.review import review_question, write_made
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
    return [one for one in found if isinstance(one, Question)], [one for one in found if isinstance(one, str)]


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


def test_one_in_five_asks_for_what_the_folder_lacks(tmp_path):
    weighs = "O modelo M-{0}00 da fábrica do Sul pesa {0}7 quilos sem contar a base de ferro fundido e os quatro pés."
    files = {f"{i}.txt": weighs.format(i) for i in range(1, 8)}
    replies = {
        f"M-{i}00": f"Pergunta: Quantos quilos pesa o modelo M-{i}00?\nResposta: {i}7 quilos" for i in range(1, 8)
    }
    writer = Writer(replies)
    app = product(build(tmp_path, files), writer)

    def stream(messages, decoding, _stream=writer.stream):
        lacking = "não diz" in messages[0]["content"]
        yield f"Pergunta: {LACKING}" if lacking else "".join(_stream(messages, decoding))

    writer.stream = stream
    questions = [one for one in make(app, 5) if isinstance(one, Question)]
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


def test_what_is_made_is_a_data_set_and_is_never_overwritten(folder, tmp_path):
    path = tmp_path / "q.jsonl"
    said = []
    kept, refused = write_made(path, make(product(folder, Writer({"garantia": GOOD})), 5), None, said.append)
    assert kept == 1
    assert refused["it is no question"] >= 1
    assert read_dataset(path).questions[0].question == "Quanto dura a garantia da P-220?"
    with pytest.raises(FolderError, match="exists"):
        write_made(path, [], None, said.append)
    with pytest.raises(FolderError, match="cannot be written"):
        write_made(tmp_path / "absent" / "q.jsonl", [], None, said.append)


def test_a_person_keeps_rewords_or_leaves_out(tmp_path):
    import click

    first = Question("q1", "Quanto dura?", "pt", (("24 meses",),), (Target("a.txt", None, "São 24 meses."),), (), False)
    path = tmp_path / "q.jsonl"

    @click.command()
    def command():
        questions = [first, Question("q2", "Who?", "en", unanswerable=True), Question("q3", "When is it?", "en")]
        kept, refused = write_made(path, questions, review_question, click.echo)
        click.echo(f"{kept} {refused}")

    result = CliRunner().invoke(command, input="k\nl\nr\nWhen was it?\n")
    assert "24 meses · a.txt" in result.output
    assert "nothing should answer it" in result.output
    assert str(Counter({"left out by hand": 1})) in result.output
    assert [json.loads(line)["question"] for line in path.read_text().splitlines()] == ["Quanto dura?", "When was it?"]


@pytest.mark.parametrize("answerable", [True, False])
def test_the_example_shown_to_the_decoder_is_of_the_passages_language(folder, answerable):
    from rag.index import Index

    with Index.open(folder).pin() as snapshot:
        for chunk in snapshot.passages(snapshot.chunk_ids()):
            example = requests(chunk, answerable=answerable)[2]["content"]
            assert example.startswith("Question" if chunk.language == "en" else "Pergunta")
