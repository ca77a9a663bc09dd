"""The child process that reads: without a network, and with an end to what it may say."""

import contextlib
import json
import platform
import socket
import subprocess
import sys

import pytest

from ingest.read import child, offline
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


@pytest.mark.skipif(platform.machine() not in offline._SOCKET, reason="the filter is for Linux on x86-64 and ARM")
def test_where_no_network_of_its_own_can_be_had_sockets_are_refused_to_all_it_starts():
    script = """
import ctypes, os, socket, subprocess, sys
from ingest.read import offline
offline._has_left = lambda: False
offline.go_offline()
libc = ctypes.CDLL(None, use_errno=True)
for domain in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    print(libc.socket(domain, socket.SOCK_STREAM, 0), os.strerror(ctypes.get_errno()))
print(libc.syscall(425, 1, None), os.strerror(ctypes.get_errno()))
print(subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], stderr=subprocess.PIPE).stderr[-40:])
one, other = socket.socketpair()
one.send(b"pipes do")
print(other.recv(99))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    *refused, started, between = done.stdout.splitlines()
    assert refused == ["-1 Operation not permitted"] * 4
    assert "Operation not permitted" in started
    assert between == "b'pipes do'"


def test_where_the_system_allows_neither_python_refuses():
    script = """
import socket
from ingest.read import offline
offline._has_left = offline._is_filtered = lambda: False
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
