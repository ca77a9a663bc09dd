"""The paths that callers rely on, over a small real index."""

import json

import httpx
import pytest

from tests.serve.small import QUESTION, TEXTS, events_of

CHAT = {"messages": [{"role": "user", "content": QUESTION}]}


def ask(client, question, **more):
    return client.post("/v1/query", json={"question": question, **more}).json()


def streamed(address, path, body, **headers):
    with (
        httpx.Client(base_url=address, timeout=60) as client,
        client.stream("POST", path, json=body, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events_of(response.iter_lines()))


def test_a_question_gets_the_answer_object(client):
    answer = ask(client, QUESTION, seed=3)
    assert answer["answer"] == "A garantia da bomba P-220 dura 24 meses [1]."
    assert [sentence["verdict"] for sentence in answer["sentences"]] == ["supported"]
    assert answer["sentences"][0]["evidence"]["text"] == "A garantia da bomba P-220 dura 24 meses."
    assert answer["seed"] == 3
    assert answer["index"]["generation"] == 1


def test_every_citation_is_to_the_letter_in_the_text_of_its_document(client):
    citations = ask(client, QUESTION)["citations"]
    assert citations
    for citation in citations:
        text = client.get(f"/v1/documents/{citation['doc_id']}/text").text
        assert text[citation["start"] : citation["end"]] == citation["text"]


def test_a_question_the_documents_do_not_answer_is_withheld_with_the_closest_passages(client):
    answer = ask(client, "Quantos empregados trabalham em Lisboa aos domingos?")
    assert answer["abstained"]
    assert answer["reason"]
    assert answer["citations"] == []
    assert answer["closest"]


def test_the_stream_has_citations_first_then_tokens_sentences_and_the_answer(server):
    events = streamed(server, "/v1/query/stream", {"question": QUESTION})
    names = [name for name, _ in events]
    assert names[0] == "citations"
    assert names[1] == "token"
    assert names[-2:] == ["sentence", "answer"]
    assert set(names) == {"citations", "token", "sentence", "answer"}
    said = "".join(data["text"] for name, data in events if name == "token")
    answer = events[-1][1]
    assert said.strip() == answer["answer"]
    assert events[0][1] == answer["citations"]
    assert events[-2][1] == answer["sentences"][0]


def test_search_gives_hits_with_the_scores_of_both_legs(client):
    body = client.post("/v1/search", json={"question": "frete", "k": 2}).json()
    first = body["hits"][0]
    assert (first["source"], first["rank"], len(body["hits"])) == ("frete.txt", 1, 2)
    assert TEXTS["frete.txt"][first["start"] : first["end"]] == first["text"]
    assert first["sparse"] > 0


def test_search_keeps_to_its_filter(client):
    body = {"question": "bomba", "filter": {"sources": ["p*.txt"]}}
    assert {hit["source"] for hit in client.post("/v1/search", json=body).json()["hits"]} == {"peso.txt"}
    body = {"question": "P-220", "filter": {"languages": ["en"]}}
    assert {hit["source"] for hit in client.post("/v1/search", json=body).json()["hits"]} == {"noise.md"}


def test_search_keeps_to_files_of_a_time(client):
    def found(**bounds):
        body = {"question": "bomba P-220", "filter": bounds}
        return client.post("/v1/search", json=body).json()["hits"]

    assert len(found(modified_from="2024-01-01", modified_before="9999-12-31")) == len(TEXTS)
    assert found(modified_before="2024-01-01T00:00:00-03:00") == []
    assert found(modified_from="9999-12-31T23:59:59Z") == []


def test_verify_gives_the_verdict_and_where_in_the_context_it_stands(client):
    context = "Há um prazo. A bomba tem garantia de 24 meses."
    verdict = client.post("/v1/verify", json={"claim": "A bomba tem garantia de 24 meses.", "context": context}).json()
    assert verdict["verdict"] == "supported"
    evidence = verdict["evidence"]
    assert context[evidence["start"] : evidence["end"]] == evidence["text"]
    other = client.post("/v1/verify", json={"claim": "A bomba tem garantia de 36 meses.", "context": context}).json()
    assert other["verdict"] == "not_found"


def test_an_uploaded_file_answers_and_a_deleted_one_no_longer_does(client):
    question = "Qual é a potência da bomba Z-900?"
    assert ask(client, question)["abstained"]
    sent = client.post("/v1/documents", files={"file": ("potência.txt", "A potência da bomba Z-900 é 15 watts.")})
    assert sent.status_code == 201
    (line,) = sent.json()["files"]
    assert (line["source"], line["outcome"], line["chunks"]) == ("potência.txt", "added", 1)
    answer = ask(client, question)
    assert "15 watts" in answer["answer"]
    assert answer["index"]["generation"] == sent.json()["generation"]
    deleted = client.delete(f"/v1/documents/{line['doc_id']}").json()
    assert deleted["source"] == "potência.txt"
    assert ask(client, question)["abstained"]
    assert client.get(f"/v1/documents/{line['doc_id']}/text").status_code == 404


def test_a_file_sent_again_under_its_name_takes_the_place_of_the_first(client):
    for text in ("A cor da bomba é azul.", "A cor da bomba é verde."):
        sent = client.post("/v1/documents", files={"file": ("cor.txt", text)}).json()
    assert sent["files"][0]["outcome"] == "updated"
    assert client.get(f"/v1/documents/{sent['files'][0]['doc_id']}/text").text == "A cor da bomba é verde."


def test_a_file_that_cannot_be_read_is_a_problem_is_listed_and_can_be_deleted(client):
    sent = client.post("/v1/documents", files={"file": ("x.pdf", b"%PDF-1.4 broken")})
    assert sent.status_code == 422
    assert "broken PDF" in sent.json()["detail"]
    (refused,) = client.get("/v1/documents").json()["refused"]
    assert (refused["source"], refused["uploaded"]) == ("x.pdf", True)
    assert client.delete(f"/v1/documents/{refused['id']}").status_code == 200
    assert client.get("/v1/documents").json()["refused"] == []
    assert client.delete(f"/v1/documents/{refused['id']}").status_code == 404


def test_of_several_files_those_that_can_be_read_are_taken(client):
    files = [("file", ("a.txt", "A bomba A-1 é azul.")), ("file", ("b.pdf", b"nothing"))]
    sent = client.post("/v1/documents", files=files)
    assert sent.status_code == 201
    assert [(line["source"], line["outcome"]) for line in sent.json()["files"]] == [
        ("a.txt", "added"),
        ("b.pdf", "refused"),
    ]


def test_an_upload_can_tell_its_progress(server):
    with (
        httpx.Client(base_url=server, timeout=60, headers={"Accept": "text/event-stream"}) as client,
        client.stream("POST", "/v1/documents", files={"file": ("cor.txt", "A cor da bomba é azul.")}) as response,
    ):
        events = list(events_of(response.iter_lines()))
    stages = [data["stage"] for name, data in events if name == "progress"]
    assert list(dict.fromkeys(stages)) == ["walk", "read", "split", "embed", "commit"]
    assert events[-1][0] == "report"
    assert events[-1][1]["files"][0]["outcome"] == "added"


def test_documents_are_listed_with_what_is_known_of_each(client):
    body = client.get("/v1/documents").json()
    assert [row["source"] for row in body["documents"]] == sorted(TEXTS)
    row = next(row for row in body["documents"] if row["source"] == "noise.md")
    assert (row["language"], row["media_type"], row["uploaded"]) == ("en", "text/markdown", False)


def test_a_documents_text_comes_plain_or_as_json(client):
    doc_id = client.get("/v1/documents").json()["documents"][0]["doc_id"]
    plain = client.get(f"/v1/documents/{doc_id}/text")
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    as_json = client.get(f"/v1/documents/{doc_id}/text", headers={"Accept": "application/json"}).json()
    assert as_json["text"] == plain.text == TEXTS["frete.txt"]


def test_health_readiness_and_models_are_told(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["generation"], ready["models"]["generator"]) == ("ready", 1, "reader")
    assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["lastro"]


def test_metrics_count_what_happened(client):
    ask(client, QUESTION)
    ask(client, "Quantos empregados trabalham em Lisboa aos domingos?")
    series = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[0] != "#")
    assert series['lastro_answers_total{outcome="generated"}'] == "1.0"
    assert series['lastro_answers_total{outcome="abstained"}'] == "1.0"
    assert series['lastro_verdicts_total{verdict="supported"}'] == "1.0"
    assert series['lastro_index_generation{collection="default"}'] == "1.0"
    assert series['lastro_stage_seconds_count{stage="verify"}'] == "2.0"
    assert series['lastro_request_seconds_count{method="POST",route="/v1/query",status="200"}'] == "2.0"
    assert float(series["lastro_tokens_total"]) >= 9


@pytest.mark.parametrize(
    ("path", "body", "status", "subject"),
    [
        ("/v1/query", {"question": ""}, 422, "question"),
        ("/v1/query", {"question": "a" * 20_000}, 422, "question"),
        ("/v1/query", {"question": "x", "alpha": 2}, 422, "alpha"),
        ("/v1/query", {"question": "x", "unknown": 2}, 422, "unknown"),
        ("/v1/query", {"question": 7}, 422, "question"),
        ("/v1/query", {}, 422, "question"),
        ("/v1/query/stream", {"question": " ? "}, 422, "question"),
        ("/v1/query/stream", {"question": "x", "collection": "absent"}, 404, "collection"),
        ("/v1/search", {"question": "x", "k": 0}, 422, "k"),
        ("/v1/search", {"question": "x", "filter": {"languages": ["fr"]}}, 422, "filter.languages.0"),
        ("/v1/verify", {"claim": "", "context": "x"}, 422, "claim"),
        ("/v1/verify", {"claim": "x"}, 422, "context"),
        ("/v1/chat/completions", {"messages": []}, 422, "messages"),
        ("/v1/chat/completions", CHAT | {"model": "gpt-4"}, 404, "model"),
        ("/v1/chat/completions", CHAT | {"stop": ["x"] * 20}, 422, "stop"),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "x"}]}, 422, "messages"),
        ("/v1/feedback", {"answer_id": "absent", "thumbs": "up"}, 404, "answer_id"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_the_field(client, path, body, status, subject):
    response = client.post(path, json=body)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["status"], problem["subject"]) == (status, status, subject)
    assert problem["detail"]
    assert problem["hint"]
    assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/absent", 404), ("PUT", "/v1/query", 405), ("POST", "/v1/documents", 422), ("GET", "/docs", 404)],
)
def test_what_the_framework_refuses_is_a_problem_too(client, method, path, status):
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_answers_are_json_without_numbers_that_json_lacks(client):
    assert json.loads(client.post("/v1/query", json={"question": QUESTION}).text, parse_constant=pytest.fail)
