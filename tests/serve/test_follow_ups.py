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
