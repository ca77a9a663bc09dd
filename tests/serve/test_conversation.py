"""Conversations, kept answers, feedback, collections, the audit and the tools of the Model Context Protocol."""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from mcp import Client

from rag.cli import lastro as command
from rag.errors import NotFound
from rag.serve.api import create_app
from rag.serve.logs import JsonLines
from rag.serve.mcp import tool_server
from rag.serve.replay import replayed
from tests.serve.small import QUESTION, events_of, small_lastro


def ask(client, question, **more):
    return client.post("/v1/query", json={"question": question, **more}).json()


def test_a_follow_up_is_answered_as_the_question_it_stands_for(client):
    first = ask(client, QUESTION)
    second = ask(client, "E a P-330?", conversation_id=first["conversation_id"])
    assert second["question"] == "E a P-330?"
    assert second["standalone_question"] == "Quanto dura a garantia da bomba P-330?"
    assert "36 meses" in second["answer"]
    assert second["conversation_id"] == first["conversation_id"]
    third = ask(client, "e da P-220?", conversation_id=first["conversation_id"])
    assert third["standalone_question"] == QUESTION


def test_turn_two_is_withheld_as_turn_one_would_be(client):
    first = ask(client, QUESTION)
    second = ask(client, "E a P-999?", conversation_id=first["conversation_id"])
    assert second["standalone_question"] == "Quanto dura a garantia da bomba P-999?"
    assert second["abstained"]
    assert second["sentences"] == []


def test_the_stream_tells_the_rewritten_question_first(client):
    first = ask(client, QUESTION)
    body = {"question": "E a P-330?", "conversation_id": first["conversation_id"]}
    events = list(events_of(client.post("/v1/query/stream", json=body).text.splitlines()))
    asked = {"question": "E a P-330?", "standalone_question": "Quanto dura a garantia da bomba P-330?"}
    assert events[0] == ("question", asked)


def test_an_unknown_conversation_begins_with_its_first_question(client):
    answer = ask(client, "E a P-330?", conversation_id="mine")
    assert (answer["standalone_question"], answer["conversation_id"]) == ("E a P-330?", "mine")


def test_another_callers_conversation_is_not_continued(client):
    keys = client.app.state.service.keys
    ana, rui = ({"Authorization": f"Bearer {keys.add(name, ['ask'])}"} for name in ("ana", "rui"))
    client.post("/v1/query", json={"question": QUESTION, "conversation_id": "c"}, headers=ana)
    body = {"question": "E a P-330?", "conversation_id": "c"}
    assert client.post("/v1/query", json=body, headers=rui).json()["standalone_question"] == "E a P-330?"
    assert "garantia" in client.post("/v1/query", json=body, headers=ana).json()["standalone_question"]


def test_an_answer_can_be_fetched_again_until_too_many_came_after_it(tmp_path):
    with TestClient(create_app(small_lastro(tmp_path, keep_answers=2)), base_url="http://127.0.0.1") as client:
        answers = [ask(client, QUESTION) for _ in range(3)]
        statuses = [client.get(f"/v1/answers/{answer['id']}").status_code for answer in answers]
        assert statuses == [404, 200, 200]
        assert client.get(f"/v1/answers/{answers[2]['id']}").json() == answers[2]


def test_feedback_is_exported_as_questions_with_the_answers_people_expect(client):
    questions = [QUESTION, "Quanto pesa a bomba P-220?", "Quem é Ana Z.?"]
    good, bad, withheld = (ask(client, question) for question in questions)
    assert withheld["abstained"]
    for answer, thumbs, more in [
        (good, "up", {}),
        (bad, "down", {"comment": "em libras", "expected": "68 libras"}),
        (withheld, "up", {}),
    ]:
        body = {"answer_id": answer["id"], "thumbs": thumbs, **more}
        assert client.post("/v1/feedback", json=body).status_code == 201
    rows = [json.loads(line) for line in client.get("/v1/feedback/export").text.splitlines()]
    assert [row["question"] for row in rows] == questions
    assert rows[0]["answers"] == [good["answer"]]
    assert rows[0]["evidence"] == [{"source": "garantia.txt", "text": "A garantia da bomba P-220 dura 24 meses."}]
    assert (rows[1]["answers"], rows[1]["evidence"], rows[1]["comment"]) == (["68 libras"], [], "em libras")
    assert [row["unanswerable"] for row in rows] == [False, False, True]


def test_collections_are_made_filled_asked_and_deleted(client):
    assert client.post("/v1/collections", json={"name": "atas"}).json() == {
        "name": "atas",
        "documents": 0,
        "chunks": 0,
        "generation": 0,
    }
    assert client.post("/v1/collections", json={"name": "atas"}).status_code == 409
    sent = client.post("/v1/documents?collection=atas", files={"file": ("ata.txt", "A ata da reunião é de maio.")})
    assert sent.status_code == 201
    assert "maio" in ask(client, "De quando é a ata da reunião?", collection="atas")["answer"]
    assert ask(client, "De quando é a ata da reunião?")["abstained"]
    answer_id = ask(client, "De quando é a ata da reunião?", collection="atas")["id"]
    assert [c["name"] for c in client.get("/v1/collections").json()["collections"]] == ["default", "atas"]
    assert client.delete("/v1/collections/atas").json()["deleted"] == "atas"
    assert client.get("/v1/documents?collection=atas").status_code == 404
    assert client.get(f"/v1/answers/{answer_id}").status_code == 404
    assert client.delete("/v1/collections/atas").status_code == 404
    assert client.delete("/v1/collections/default").status_code == 403


def test_a_collection_in_use_is_not_deleted(client):
    client.post("/v1/collections", json={"name": "atas"})
    with client.app.state.service.collections.use("atas"):
        assert client.delete("/v1/collections/atas").status_code == 503
    assert client.delete("/v1/collections/atas").status_code == 200


def test_collections_are_there_again_after_a_restart(tmp_path, lastro):
    for expected in (["default"], ["default", "atas"]):
        with TestClient(create_app(lastro), base_url="http://127.0.0.1") as client:
            names = [c["name"] for c in client.get("/v1/collections").json()["collections"]]
            assert names == expected
            client.post("/v1/collections", json={"name": "atas"})


def test_an_audited_answer_is_made_again_the_same_until_the_documents_change(tmp_path):
    lastro = small_lastro(tmp_path, audit=True)
    with TestClient(create_app(lastro), base_url="http://127.0.0.1") as client:
        state = client.app.state.service.state
        answer = ask(client, QUESTION, seed=5, k=3, filter={"languages": ["pt"]})
        record = state.answer(answer["id"]).record
        assert (record["seed"], record["settings"]["search"]["k"]) == (5, 3)
        assert len(record["prompt_sha256"]) == 64
        assert len(record["passages"]) == 3
        assert record["verdicts"][0]["label"] == "supported"
        assert replayed(lastro, answer["id"], record) == {}
        client.post("/v1/documents", files={"file": ("nova.txt", "A garantia da bomba P-220 dura 48 meses.")})
        assert {"index", "passages", "prompt_sha256"} <= set(replayed(lastro, answer["id"], record))


def test_an_answer_without_a_record_cannot_be_replayed(tmp_path, client):
    answer = ask(client, QUESTION)
    with pytest.raises(NotFound, match=r"serve\.audit"):
        replayed(None, answer["id"], client.app.state.service.state.answer(answer["id"]).record)


def test_the_protocols_own_client_can_search_and_ask(lastro):
    async def talk():
        async with Client(tool_server(lastro)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            found = await client.call_tool("search", {"question": "frete", "k": 2})
            answered = await client.call_tool("ask", {"question": QUESTION})
            refused = await client.call_tool("ask", {"question": " "})
            return tools, found, answered, refused

    with ThreadPoolExecutor(1) as apart:  # a browser's driver may be running a loop in this thread
        tools, found, answered, refused = apart.submit(lambda: asyncio.run(talk())).result()
    assert set(tools) == {"search", "ask"}
    assert tools["search"].input_schema["properties"]["k"]["maximum"] == 50
    assert json.loads(found.content[0].text)["hits"][0]["source"] == "frete.txt"
    answer = json.loads(answered.content[0].text)
    assert (answer["abstained"], answer["sentences"][0]["verdict"]) == (False, "supported")
    assert refused.is_error
    assert "Ask something." in refused.content[0].text


def test_a_log_line_is_json_with_the_requests_id(client, caplog):
    with caplog.at_level(logging.INFO, "lastro.access"):
        client.get("/v1/documents", headers={"X-Request-Id": "abc"})
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert (line["message"], line["route"], line["status"], line["caller"]) == (
        "GET /v1/documents 200",
        "/v1/documents",
        200,
        "local",
    )
    assert line["ms"] > 0


def test_config_says_where_each_setting_comes_from(tmp_path, monkeypatch):
    (tmp_path / "lastro.toml").write_text('[serve]\nqueue = 3\n[models]\ngenerator_api_key = "secret"\n')
    monkeypatch.setenv("LASTRO_CONFIG", str(tmp_path / "lastro.toml"))
    monkeypatch.setenv("LASTRO_SEARCH__K", "5")
    output = CliRunner().invoke(command, ["config", "--json"], standalone_mode=False, catch_exceptions=False).output
    rows = {row["name"]: row for row in json.loads(output)}
    assert rows["serve.queue"] == {"name": "serve.queue", "value": 3, "from": str(tmp_path / "lastro.toml")}
    assert rows["search.k"] == {"name": "search.k", "value": 5, "from": "LASTRO_SEARCH__K"}
    assert rows["search.alpha"]["from"] == "default"
    assert "secret" not in output
