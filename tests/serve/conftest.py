import pytest
from fastapi.testclient import TestClient

from rag.serve.api import create_app
from tests.serve.small import running, small_lastro


@pytest.fixture
def lastro(tmp_path):
    return small_lastro(tmp_path)


@pytest.fixture
def client(lastro):
    with TestClient(create_app(lastro), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def server(lastro):
    with running(lastro) as (address, _):
        yield address
