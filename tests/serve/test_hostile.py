"""Requests that are too large, too slow or not what they say: refused with the right status, and the server goes on."""

import io
import json
import socket
from contextlib import closing

import httpx
import pytest

from rag.errors import UsageError
from rag.serve.strict import parse
from rag.serve.uploads import Upload
from tests.serve.small import QUESTION, running, small_lastro

BODY = {"question": QUESTION}


def spoken(address, data, *, end=True, seconds=20.0):
    """The status line that a server answers raw bytes with."""
    host, port = address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=seconds)) as connection:
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536).split(b"\r\n")[0].decode()


def head(path="/v1/query", *more):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *more]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "x", "alpha": NaN}',
        b'{"question": "x", "alpha": Infinity}',
        b'{"question": "x", "alpha": 1e999}',
        b'{"question": "x", "question": "y"}',
        b'{"question": "x", "filter": {"sources": [], "sources": []}}',
        b'{"question": "\\ud800"}',
        b'{"question": "\xff"}',
        b'{"question": ' + b"[" * 100 + b"]" * 100 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"question": "x"',
        b'{"question": "x"} {}',
        b"7" * 5000,
        b"null",
        b'"x"',
        b"\xef\xbb\xbf{}",
    ],
)
def test_json_that_two_parsers_could_read_differently_is_422(client, body):
    response = client.post("/v1/query", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").status_code == 200


def test_brackets_inside_strings_are_no_depth():
    assert parse(b'{"a": "[[[[[[{{{{\\"[[[["}', 2) == {"a": '[[[[[[{{{{"[[[['}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_is_not_said_to_be_json_is_not_taken_for_it(client, kind):
    response = client.post("/v1/query", content=json.dumps(BODY), headers={"Content-Type": kind})
    assert response.status_code == 422


def test_a_body_over_the_limit_is_413_whether_or_not_its_length_is_said(tmp_path):
    with running(small_lastro(tmp_path, max_body_bytes=1000)) as (address, _):
        said = httpx.post(f"{address}/v1/query", json={"question": "a" * 2000})
        assert (said.status_code, said.json()["title"]) == (413, "RequestTooLarge")
        piece = b"400\r\n" + b"a" * 1024 + b"\r\n"
        chunked = head("/v1/query", "Transfer-Encoding: chunked") + piece * 3
        assert "413" in spoken(address, chunked, end=False)
        assert "413" in spoken(address, head("/v1/query", "Content-Length: 9999999999999"), end=False)
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_an_upload_over_its_limit_is_413_and_leaves_nothing_behind(tmp_path):
    lastro = small_lastro(tmp_path, max_upload_bytes=2000)
    with running(lastro) as (address, server):
        response = httpx.post(f"{address}/v1/documents", files={"file": ("a.txt", b"a" * 100_000)})
        assert response.status_code == 413
        uploads = server.config.app.state.service.collections.uploads("default")
        assert list(uploads.iterdir()) == []


def test_a_body_that_trickles_is_408(tmp_path):
    with running(small_lastro(tmp_path, body_timeout_s=0.5)) as (address, _):
        assert "408" in spoken(address, head("/v1/query", "Content-Length: 100") + b"{", end=False)
        assert httpx.get(f"{address}/healthz").status_code == 200


@pytest.mark.parametrize("before", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
def test_a_head_that_trickles_is_408_also_on_a_connection_that_is_kept(tmp_path, before):
    with running(small_lastro(tmp_path, body_timeout_s=0.5)) as (address, _):
        host, port = address.removeprefix("http://").split(":")
        with closing(socket.create_connection((host, int(port)), timeout=20)) as slow:
            if before:
                slow.sendall(before)
                answered = b""
                while not answered.endswith(b'{"status":"ok"}'):
                    answered += slow.recv(65536)
                assert answered.startswith(b"HTTP/1.1 200")
            slow.sendall(b"POST /v1/query HTT")
            assert httpx.get(f"{address}/healthz").status_code == 200
            assert slow.recv(65536).startswith(b"HTTP/1.1 408")
            assert slow.recv(65536) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        head("/v1/query", "Content-Length: 2", "Transfer-Encoding: chunked") + b"zz\r\n",
    ],
)
def test_heads_that_are_no_http_are_4xx_and_the_server_goes_on(server, data):
    assert spoken(server, data, end=False).split()[1].startswith("4")
    assert httpx.get(f"{server}/healthz").status_code == 200


HOSTILE = ["../../etc/passwd", "..\\..\\x", "/etc/passwd", "a/b.txt", ".hidden", "~$lock.docx", " ", "x" * 300]


@pytest.mark.parametrize("name", [*HOSTILE, "C:\\x.txt", "a\x00b.txt", "a\nb.txt", "\ud800.txt", "", None])
def test_a_name_that_is_more_than_a_name_is_none(name):
    with pytest.raises(UsageError):
        Upload.checked(name, io.BytesIO())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_more_than_a_name_is_refused_and_nothing_is_written(client, tmp_path, name):
    before = sorted(tmp_path.rglob("*.txt"))
    response = client.post("/v1/documents", files={"file": (name, b"text")})
    assert response.status_code == 422
    assert response.json()["subject"] == "file"
    assert sorted(tmp_path.rglob("*.txt")) == before


@pytest.mark.parametrize("text", [*HOSTILE, "' OR 1=1 --", "%2e%2e%2f", "${jndi:x}", "<script>alert(1)</script>"])
def test_hostile_strings_are_only_strings_wherever_they_stand(client, text):
    for method, path, body in [
        ("GET", "/v1/documents/{}/text", None),
        ("DELETE", "/v1/documents/{}", None),
        ("GET", "/v1/answers/{}", None),
        ("DELETE", "/v1/collections/{}", None),
        ("GET", "/v1/documents?collection={}", None),
        ("POST", "/v1/search", {"question": text + " x", "filter": {"sources": [text], "doc_ids": [text]}}),
        ("POST", "/v1/search", {"question": "x", "collection": text}),
        ("POST", "/v1/collections", {"name": text}),
        ("POST", "/v1/query", {"question": f"x {text}", "conversation_id": text}),
    ]:
        filled = path.format(httpx.QueryParams({"x": text}).__str__()[2:])
        response = client.request(method, filled, json=body)
        assert response.status_code < 500, (method, path, response.text)
        assert response.headers["content-type"] != "text/html"


def test_headers_that_come_at_once_but_are_too_large_are_431(client):
    response = client.get("/healthz", headers={"X": "a" * 40_000})
    assert (response.status_code, response.json()["title"]) == (431, "HeadTooLarge")


def test_no_answer_is_html_even_when_a_document_is(client):
    page = "<html><body><h1>Z-9</h1><p>A bomba Z-9 pesa 5 quilos. <script>alert(1)</script></p></body></html>"
    assert client.post("/v1/documents", files={"file": ("z9.html", page)}).status_code == 201
    doc_id = next(d["doc_id"] for d in client.get("/v1/documents").json()["documents"] if d["source"] == "z9.html")
    response = client.get(f"/v1/documents/{doc_id}/text")
    assert response.headers["content-type"].startswith("text/plain")
    assert "alert" not in response.text
