"""The child process that reads: without a network, and with an end to what it may say."""

import contextlib
import json
import socket
import subprocess
import sys

import pytest

from ingest.read import child
from ingest.read.child import Child
from rag.config import IngestSettings
from tests.faults.disks import ROOT


@pytest.fixture
def nosy():
    made = Child("tests.ingest.nosy", IngestSettings(file_timeout_s=30))
    yield made
    made.close()


def test_a_reader_reaches_nobody(nosy):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        answer = nosy.ask({"port": listening.getsockname()[1]})
        assert answer["reached"] is False, answer
        listening.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listening.accept()


def test_where_the_system_does_not_allow_it_python_refuses():
    script = """
import socket
from ingest.read import offline
offline._has_left = lambda: False
offline.go_offline()
for attempt in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: socket.getaddrinfo("a.example", 80)):
    try:
        attempt()
    except PermissionError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.startswith("no network for readers") for line in done.stdout.splitlines()] == [True, True]


def test_an_answer_without_an_end_is_broken_off_and_the_next_question_answered(nosy, monkeypatch):
    assert nosy.ask({"length": 10}) == {"said": "a" * 10}
    monkeypatch.setattr(child, "_LONGEST", 1000)
    assert nosy.ask({"length": 5000}) == "died"
    assert nosy.ask({"length": 10}) == {"said": "a" * 10}


def test_a_child_says_itself_that_its_answer_would_be_too_long(monkeypatch):
    monkeypatch.setattr(child, "_LONGEST", 40)
    assert json.loads(child._said({"text": "a" * 20})) == {"text": "a" * 20}
    assert json.loads(child._said({"text": "a" * 30})) == {"long": True}
