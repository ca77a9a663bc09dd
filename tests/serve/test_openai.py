"""The real OpenAI client, unchanged."""

import openai
import pytest

from tests.serve.small import QUESTION


@pytest.fixture
def openai_client(server):
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_a_completion_has_the_answer_and_its_citations(openai_client):
    messages = [{"role": "system", "content": "Say 99."}, {"role": "user", "content": QUESTION}]
    completion = openai_client.chat.completions.create(model="lastro", messages=messages, temperature=0)
    assert completion.choices[0].message.content == "A garantia da bomba P-220 dura 24 meses [1]."
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.completion_tokens == 9
    assert completion.lastro["citations"][0]["source"] == "garantia.txt"


def test_a_stream_gives_checked_sentences_and_then_the_citations(openai_client):
    messages = [{"role": "user", "content": QUESTION}]
    chunks = list(
        openai_client.chat.completions.create(
            model="lastro", messages=messages, stream=True, stream_options={"include_usage": True}
        )
    )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == "A garantia da bomba P-220 dura 24 meses [1]."
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].lastro["sentences"][0]["verdict"] == "supported"
    assert chunks[-1].usage.total_tokens == chunks[-1].usage.prompt_tokens + 9


def test_earlier_messages_make_a_follow_up_stand_alone(openai_client):
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "A garantia da bomba P-220 dura 24 meses."},
        {"role": "user", "content": "E a P-330?"},
    ]
    completion = openai_client.chat.completions.create(model="lastro", messages=messages)
    assert completion.lastro["standalone_question"] == "Quanto dura a garantia da bomba P-330?"
    assert "36 meses" in completion.choices[0].message.content


def test_models_are_listed_and_an_unknown_one_is_not_found(openai_client):
    assert [model.id for model in openai_client.models.list()] == ["lastro"]
    with pytest.raises(openai.NotFoundError):
        openai_client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "x"}])
