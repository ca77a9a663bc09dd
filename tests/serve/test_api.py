"""The service over the real pipeline, and its command."""

import socket

import httpx
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from rag.errors import NotAuthenticated, PortInUse
from rag.facade import Lastro
from rag.serve.api import create_app
from rag.serve.cli import serve
from tests.serve.small import events_of, running


@pytest.fixture(scope="module")
def real(sample_index):
    lastro = Lastro.open(sample_index)
    _ = lastro.parts
    return lastro


@pytest.mark.weights
def test_a_question_over_http_gets_the_answer_object(real, tmp_path):
    with TestClient(create_app(real, tmp_path), base_url="http://127.0.0.1") as client:
        answer = client.post("/v1/query", json={"question": "How loud is the P-220?", "seed": 3}).json()
    assert answer["language"] == "en"
    assert answer["seed"] == 3
    assert set(answer) >= {"answer", "abstained", "sentences", "citations", "triad", "timings_ms", "models", "index"}


@pytest.mark.weights
def test_the_real_pipeline_streams_its_citations_before_its_first_token(real):
    with running(real) as (address, _), httpx.Client(base_url=address, timeout=300) as client:
        body = {"question": "Qual é hoje o prazo de garantia das bombas da linha P?"}
        with client.stream("POST", "/v1/query/stream", json=body) as response:
            events = list(events_of(response.iter_lines()))
    names = [name for name, _ in events]
    assert names[0] == "citations"
    assert names.index("citations") < names.index("token") < names.index("sentence")
    assert names[-1] == "answer"


def test_a_port_in_use_is_said_before_any_model_is_loaded(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(serve, ["--index", str(tmp_path), "--port", str(port)], standalone_mode=False)
    assert isinstance(result.exception, PortInUse)
    assert str(port) in str(result.exception)


def test_other_addresses_than_loopback_are_refused_without_a_key(tmp_path):
    result = CliRunner().invoke(serve, ["--index", str(tmp_path / "i"), "--host", "0.0.0.0"], standalone_mode=False)
    assert isinstance(result.exception, NotAuthenticated)
    assert "lastro keys add" in str(result.exception)
