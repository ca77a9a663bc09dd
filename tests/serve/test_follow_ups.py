"""Follow-ups with the real decoder: it rewrites what no rule can, and turn two is withheld as turn one would be."""

import pytest
from fastapi.testclient import TestClient

from rag.facade import Lastro
from rag.serve.api import create_app

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def client(sample_index):
    with TestClient(create_app(Lastro.open(sample_index)), base_url="http://127.0.0.1") as client:
        yield client


def ask(client, question, **more):
    return client.post("/v1/query", json={"question": question, "max_tokens": 40, **more}).json()


@pytest.mark.parametrize(
    ("first", "answered", "follow_up", "about"),
    [
        ("What does a KM-110 motor cost?", "104.50", "And how loud is it?", {"loud", "KM-110"}),
        ("Quanto custa a bomba P-300 na lista de exportação?", "512", "E qual é a cor dela?", {"cor", "P-300"}),
    ],
)
def test_a_pronoun_is_replaced_by_what_was_meant_and_what_no_document_says_is_withheld(
    client, first, answered, follow_up, about
):
    one = ask(client, first)
    assert answered in one["answer"]
    two = ask(client, follow_up, conversation_id=one["conversation_id"])
    assert two["question"] == follow_up
    assert about <= set(two["standalone_question"].rstrip("?").split())
    assert first not in two["standalone_question"], "rewritten, not both asked together"
    assert two["abstained"]
    assert two["reason_code"] is not None
