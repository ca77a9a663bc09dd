import json
import socket

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from rag.errors import PortInUse, UsageError
from rag.facade import Lastro
from rag.serve.api import create_app
from rag.serve.cli import serve


@pytest.fixture(scope="module")
def client(sample_index):
    app = Lastro.open(sample_index)
    _ = app.parts
    with TestClient(create_app(app)) as client:
        yield client


@pytest.mark.weights
def test_a_question_over_http_gets_the_answer_object(client):
    answer = client.post("/v1/query", json={"question": "How loud is the P-220?", "seed": 3}).json()
    assert answer["language"] == "en"
    assert answer["seed"] == 3
    assert set(answer) >= {"answer", "abstained", "sentences", "citations", "triad", "timings_ms", "models", "index"}
    assert json.dumps(answer)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("body", "status", "subject"),
    [
        ({"question": ""}, 422, "question"),
        ({"question": "a" * 20_000}, 422, "question"),
        ({"question": "x", "alpha": 2}, 422, "alpha"),
        ({"question": "x", "unknown": 2}, 422, "unknown"),
        ({}, 422, "question"),
    ],
)
def test_bad_requests_are_problems_that_name_the_field(client, body, status, subject):
    response = client.post("/v1/query", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["subject"] == subject


@pytest.mark.weights
def test_health(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_port_in_use_is_said_before_any_model_is_loaded(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(serve, ["--index", str(tmp_path), "--port", str(port)], standalone_mode=False)
    assert isinstance(result.exception, PortInUse)
    assert str(port) in str(result.exception)


def test_other_addresses_than_loopback_are_refused(tmp_path):
    result = CliRunner().invoke(serve, ["--index", str(tmp_path), "--host", "0.0.0.0"], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
