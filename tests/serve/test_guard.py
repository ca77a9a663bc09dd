"""What comes from outside: other sites, keys, rates, and bodies too large, too slow or not what they say."""

import io
import json
import socket
from contextlib import closing

import httpx
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from rag.cli import lastro as command
from rag.errors import NotAuthenticated, NotFound, TooManyRequests, UsageError
from rag.serve.api import create_app
from rag.serve.guard import CONTENT_SECURITY_POLICY
from rag.serve.keys import LOCAL, Caller, Keys, Rates
from rag.serve.state import State
from rag.serve.strict import parse
from rag.serve.uploads import Upload
from tests.serve.small import QUESTION, running, small_lastro

BODY = {"question": QUESTION}


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


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


def test_every_response_carries_the_security_headers(client):
    for response in (client.get("/healthz"), client.post("/v1/search", json={}), client.get("/absent")):
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert client.get("/v1/documents").headers["cache-control"] == "no-store"


def test_a_request_id_is_kept_when_it_is_one_and_replaced_when_not(client):
    assert client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    odd = client.get("/healthz", headers={"X-Request-Id": 'a" b'}).headers["x-request-id"]
    assert len(odd) == 32


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ({"Host": "evil.example"}, "host"),
        ({"Host": "127.0.0.1.evil.example"}, "host"),
        ({"Host": "a@localhost"}, "host"),
        ({"Origin": "http://evil.example"}, "origin"),
        ({"Origin": "null"}, "origin"),
        ({"Origin": "http://127.0.0.1:9"}, "origin"),
    ],
)
def test_without_keys_other_names_and_pages_of_other_sites_are_refused(client, headers, subject):
    response = client.post("/v1/documents", files={"file": ("a.txt", "x")}, headers=headers)
    assert (response.status_code, response.json()["subject"]) == (403, subject)


def test_its_own_page_and_names_from_the_settings_are_let_through(tmp_path):
    with TestClient(create_app(small_lastro(tmp_path, hosts=("docs.example",))), base_url="http://127.0.0.1") as client:
        assert client.get("/v1/documents", headers={"Origin": "http://127.0.0.1"}).status_code == 200
        assert client.get("/v1/documents", headers={"Host": "docs.example"}).status_code == 200
        assert client.get("/v1/documents", headers={"Host": "[::1]:8321"}).status_code == 200


@pytest.fixture
def keys(client):
    return client.app.state.service.keys


def test_once_there_is_a_key_every_request_needs_one_but_those_for_health(client, keys):
    assert client.post("/v1/search", json=BODY).status_code == 200
    key = keys.add("ana", ["ask"])
    refused = client.post("/v1/search", json=BODY)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert client.post("/v1/search", json=BODY, headers=bearer(key)).status_code == 200
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    # With keys, a name means nothing: nobody on another site has one.
    assert client.post("/v1/search", json=BODY, headers=bearer(key) | {"Host": "docs.example"}).status_code == 200


@pytest.mark.parametrize("wrong", ["", "lastro_", "lastro__", "x", "lastro_00000000_secret", "lastro_{id}_", "{key}x"])
def test_a_key_that_is_not_one_is_401(client, keys, wrong):
    key = keys.add("ana", ["ask"])
    given = wrong.format(id=keys.list()[0].id, key=key)
    assert client.post("/v1/search", json=BODY, headers=bearer(given)).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [(["ask"], (200, 403, 403)), (["ingest"], (403, 404, 403)), (["admin"], (200, 404, 200))],
)
def test_a_key_may_do_what_its_scopes_say(client, keys, scopes, statuses):
    headers = bearer(keys.add("ana", scopes))
    assert client.post("/v1/search", json=BODY, headers=headers).status_code == statuses[0]
    assert client.delete("/v1/documents/absent", headers=headers).status_code == statuses[1]
    assert client.get("/metrics", headers=headers).status_code == statuses[2]


def test_a_key_of_one_collection_sees_no_other(client, keys):
    assert client.post("/v1/collections", json={"name": "atas"}).status_code == 201
    headers = bearer(keys.add("ana", ["ask", "ingest"], ["atas"]))
    assert client.post("/v1/search", json=BODY, headers=headers).status_code == 403
    assert client.post("/v1/search", json=BODY | {"collection": "atas"}, headers=headers).json()["hits"] == []
    assert client.get("/v1/documents", headers=headers).status_code == 403
    found = client.get("/v1/collections", headers=headers).json()["collections"]
    assert [collection["name"] for collection in found] == ["atas"]
    assert [model["id"] for model in client.get("/v1/models", headers=headers).json()["data"]] == ["lastro/atas"]
    body = {"model": "lastro", "messages": [{"role": "user", "content": QUESTION}]}
    assert client.post("/v1/chat/completions", json=body, headers=headers).status_code == 403


def test_keys_are_stored_as_hashes_in_a_file_of_their_owner(tmp_path):
    state = State(tmp_path / "state")
    with closing(state):
        key = Keys(state).add("ana", ["ask"])
        secret = key.split("_", 2)[2]
        files = [path for path in (tmp_path / "state").iterdir() if path.is_file()]
        assert files
        assert not any(secret.encode() in path.read_bytes() for path in files)
        assert (tmp_path / "state" / "state.sqlite").stat().st_mode & 0o077 == 0
        assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_revoked_key_stops_with_the_next_request_and_cannot_be_revoked_twice(tmp_path):
    with closing(State(tmp_path)) as state:
        keys = Keys(state)
        first, second = keys.add("ana", ["ask"]), keys.add("rui", ["admin"])
        assert keys.caller(first).name.endswith(":ana")
        keys.revoke(keys.list()[0].id)
        with pytest.raises(NotAuthenticated):
            keys.caller(first)
        assert keys.caller(second).scopes == {"admin"}
        with pytest.raises(NotFound):
            keys.revoke(keys.list()[0].id)
        with pytest.raises(UsageError):
            keys.add(" ", ["ask"])


def test_keys_are_managed_from_the_shell(tmp_path):
    def run(*arguments):
        return (
            CliRunner()
            .invoke(
                command,
                ["keys", *arguments, "--index", str(tmp_path / "i")],
                standalone_mode=False,
                catch_exceptions=False,
            )
            .output
        )

    key = run("add", "--name", "ana", "--scope", "ask", "--scope", "ingest").splitlines()[-1]
    (listed,) = json.loads(run("list", "--json").splitlines()[-1])
    assert (listed["name"], listed["scopes"], listed["revoked"]) == ("ana", ["ask", "ingest"], None)
    with closing(State(tmp_path / "i.serve")) as state:
        assert Keys(state).caller(key).scopes == {"ask", "ingest"}
    run("revoke", listed["id"])
    assert "revoked" in run("list")
    with closing(State(tmp_path / "i.serve")) as state:
        assert Keys(state).caller(None) is LOCAL


def test_a_key_over_its_rate_waits_as_long_as_it_is_told():
    rates, caller = Rates(60), Caller("ana", frozenset({"ask"}))
    for _ in range(60):
        rates.take(caller, now=100.0)
    with pytest.raises(TooManyRequests) as caught:
        rates.take(caller, now=100.25)
    assert caught.value.retry_after_s == pytest.approx(0.75)
    rates.take(caller, now=101.0)
    rates.take(Caller("rui", frozenset()), now=100.25)


def test_a_rate_that_is_exceeded_is_429_with_retry_after(tmp_path):
    with TestClient(create_app(small_lastro(tmp_path, rate_per_minute=3)), base_url="http://127.0.0.1") as client:
        headers = bearer(client.app.state.service.keys.add("ana", ["ask"]))
        statuses = [client.post("/v1/search", json=BODY, headers=headers).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert 1 <= int(client.get("/v1/models", headers=headers).headers["retry-after"]) <= 20


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
