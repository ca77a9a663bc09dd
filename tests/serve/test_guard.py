"""What comes from outside: other sites, keys and rates."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from rag.cli import lastro as command
from rag.errors import IndexFailure, NotAuthenticated, NotFound, TooManyRequests, UsageError
from rag.serve.api import create_app
from rag.serve.guard import CONTENT_SECURITY_POLICY
from rag.serve.keys import LOCAL, Caller, Keys, Rates
from rag.serve.state import State
from tests.faults.disks import read_only
from tests.serve.small import QUESTION, small_lastro

BODY = {"question": QUESTION}


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


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


@pytest.mark.parametrize("kept", [True, False])
def test_where_nothing_can_be_written_the_keys_folder_and_the_remedy_are_named(tmp_path, kept):
    folder = tmp_path / "state"
    if kept:
        State(folder).close()
    with (
        read_only(tmp_path),
        pytest.raises(IndexFailure, match=r"state\.sqlite cannot be opened or written to") as caught,
    ):
        State(folder)
    assert caught.value.hint == "Make its folder writable for this user, or give another as --state."


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
