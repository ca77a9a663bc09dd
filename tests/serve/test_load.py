"""Many questions at once, clients that leave, deadlines, and a server that is going down."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import httpx
import pytest

from ingest import ingest_folder
from tests.serve.small import QUESTION, Numbers, Reader, events_of, running, small_lastro

BODY = {"question": QUESTION}


@contextmanager
def stream(address):
    """Events of a streamed question, read as they come."""
    with (
        httpx.Client(base_url=address, timeout=60) as client,
        client.stream("POST", "/v1/query/stream", json=BODY) as response,
    ):
        yield events_of(response.iter_lines())


def until(true, seconds=60.0):
    """Wait for what another thread brings about."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


@pytest.fixture
def reader():
    return Reader(pace=0.05)


def test_questions_are_answered_one_at_a_time_and_those_waiting_are_told_their_position(tmp_path, reader):
    def positions(address):
        with stream(address) as events:
            told = list(events)
        assert told[-1][0] == "answer"
        return [data["position"] for name, data in told if name == "queue"]

    reader.going.clear()
    with running(small_lastro(tmp_path, generator=reader)) as (address, server), ThreadPoolExecutor(4) as pool:
        told = pool.map(positions, [address] * 4)
        until(lambda: len(server.config.app.state.service.answers) == 4)
        reader.going.set()
        found = sorted(told, key=len)
    assert reader.most_at_work == 1
    assert found == [[], [1], [2, 1], [3, 2, 1]]


def test_a_full_queue_is_503_with_the_time_to_come_back_and_searches_go_on(tmp_path, reader):
    with (
        running(small_lastro(tmp_path, generator=reader, queue=1)) as (address, server),
        ThreadPoolExecutor(2) as pool,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        answers = server.config.app.state.service.answers
        reader.going.clear()
        asked = [pool.submit(httpx.post, f"{address}/v1/query", json=BODY, timeout=60) for _ in range(2)]
        until(lambda: len(answers) == 2)
        for path in ("/v1/query", "/v1/query/stream", "/v1/chat/completions"):
            body = BODY if "query" in path else {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
            refused = client.post(path, json=body)
            assert refused.status_code == 503
            assert refused.json()["title"] == "Busy"
            assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert client.post("/v1/search", json={"question": "frete"}).status_code == 200
        reader.going.set()
        assert [future.result().status_code for future in asked] == [200, 200]
        until(lambda: len(answers) == 0)


def test_a_client_that_leaves_a_stream_stops_the_decoder_within_a_token(tmp_path, reader):
    reader.pace = 0.3
    with running(small_lastro(tmp_path, generator=reader)) as (address, server):
        with stream(address) as events:
            assert next(data for name, data in events if name == "token")
        until(lambda: reader.closed == 1)
        assert reader.said < len("A garantia da bomba P-220 dura 24 meses [1].".split())
        until(lambda: len(server.config.app.state.service.answers) == 0)
        with stream(address) as events:
            assert list(events)[-1][0] == "answer"


def test_a_client_that_leaves_a_plain_question_stops_the_decoder_too(tmp_path, reader):
    with running(small_lastro(tmp_path, generator=reader)) as (address, server):
        host, port = address.removeprefix("http://").split(":")
        body = json.dumps(BODY).encode()
        head = f"POST /v1/query HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        with closing(socket.create_connection((host, int(port)))) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            until(lambda: reader.said)
        until(lambda: reader.closed == 1)
        until(lambda: len(server.config.app.state.service.answers) == 0)


def test_a_client_that_leaves_while_it_waits_gives_up_its_place(tmp_path, reader):
    with running(small_lastro(tmp_path, generator=reader)) as (address, server):
        answers = server.config.app.state.service.answers
        reader.going.clear()
        with stream(address) as first:
            assert next(first)[0] == "citations"
            with stream(address) as second:
                assert next(second) == ("queue", {"position": 1})
                assert len(answers) == 2
            until(lambda: len(answers) == 1)
            reader.going.set()
            assert list(first)[-1][0] == "answer"
    assert len(reader.asked) == 1


class Held(Numbers):
    """A model of entailment that is at work until it is let go; ``calls`` counts."""

    def __init__(self):
        self.calls = 0
        self.at_work, self.going = threading.Event(), threading.Event()

    def probabilities(self, pairs):
        self.calls += 1
        self.at_work.set()
        assert self.going.wait(120)
        return super().probabilities(pairs)


class Liar(Reader):
    """Says what no document does: checking that takes several steps."""

    def stream(self, messages, decoding):
        yield "A garantia da bomba P-220 dura 99 meses [1]."


def requests_ended(server, route):
    lines = server.config.app.state.service.metrics.text().decode().splitlines()
    counts = [line.split()[-1] for line in lines if line.startswith("lastro_request_seconds_count") and route in line]
    return sum(map(float, counts))


def test_a_client_that_leaves_while_its_answer_is_checked_frees_the_turn_at_once(tmp_path):
    lastro, held = small_lastro(tmp_path, generator=Liar()), Held()
    lastro.models.parts = replace(lastro.models.parts, entailer=held)
    with running(lastro) as (address, server):
        held.going.set()
        with stream(address) as events:
            assert list(events)[-1][0] == "answer"
        whole, held.calls = held.calls, 0
        held.going.clear()
        held.at_work.clear()
        with stream(address) as events:
            assert next(events)[0] == "citations"
            assert held.at_work.wait(60)
        until(lambda: requests_ended(server, "/v1/query/stream") == 2)
        held.going.set()
        until(lambda: len(server.config.app.state.service.answers) == 0)
    assert held.calls == 1 < whole


def test_a_client_that_leaves_a_long_verification_frees_its_turn_after_a_batch(tmp_path):
    lastro, held = small_lastro(tmp_path), Held()
    lastro.models.parts = replace(lastro.models.parts, entailer=held)
    context = " ".join(f"A bomba P-{n} pesa {n} quilos." for n in range(100, 160))
    with running(lastro) as (address, server):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/v1/verify", json={"claim": "A bomba pesa 7 kg.", "context": context}, timeout=1)
        assert held.at_work.wait(60)
        until(lambda: requests_ended(server, "/v1/verify") == 1)
        held.going.set()
        until(lambda: len(server.config.app.state.service.searches) == 0)
        assert held.calls == 1


def test_an_answer_that_takes_too_long_is_504_or_an_error_event_and_the_next_is_served(tmp_path, reader):
    reader.pace = 0.3
    with running(small_lastro(tmp_path, generator=reader, deadline_s=0.8)) as (address, _):
        plain = httpx.post(f"{address}/v1/query", json=BODY, timeout=60)
        assert (plain.status_code, plain.json()["title"]) == (504, "DeadlineExceeded")
        with stream(address) as events:
            name, data = list(events)[-1]
        assert (name, data["status"], data["title"]) == ("error", 504, "DeadlineExceeded")
        reader.pace = 0.0
        until(lambda: httpx.post(f"{address}/v1/query", json=BODY, timeout=60).status_code == 200)


def test_searches_beyond_what_may_wait_are_503(tmp_path):
    lastro = small_lastro(tmp_path, searches=1, searches_waiting=0)
    going, on = threading.Event(), threading.Event()
    encode = lastro.encoder.encode

    def slow(texts, kind):
        going.set()
        on.wait(20)
        return encode(texts, kind)

    lastro.encoder.encode = slow
    with running(lastro) as (address, _), ThreadPoolExecutor(1) as pool:
        first = pool.submit(httpx.post, f"{address}/v1/search", json={"question": "frete"}, timeout=60)
        assert going.wait(20)
        refused = httpx.post(f"{address}/v1/search", json={"question": "frete"}, timeout=60)
        on.set()
        assert (refused.status_code, refused.json()["title"]) == (503, "Busy")
        assert first.result().status_code == 200


def test_going_down_ends_what_waits_with_an_error_and_lets_what_runs_finish(tmp_path, reader):
    with running(small_lastro(tmp_path, generator=reader)) as (address, server):
        service = server.config.app.state.service
        reader.going.clear()
        with stream(address) as first:
            assert next(first)[0] == "citations"
            with stream(address) as second:
                assert next(second)[0] == "queue"
                server.servers[0].get_loop().call_soon_threadsafe(service.go_down)
                name, data = next(second)
                assert (name, data["title"], data["retryable"]) == ("error", "Busy", True)
            assert httpx.get(f"{address}/readyz").status_code == 503
            assert httpx.post(f"{address}/v1/query", json=BODY).status_code == 503
            reader.going.set()
            assert list(first)[-1][0] == "answer"


def test_going_down_does_not_wait_longer_than_its_grace(tmp_path, reader):
    reader.pace = 0.3
    with running(small_lastro(tmp_path, generator=reader, grace_s=0.2)) as (address, server):
        service = server.config.app.state.service
        with stream(address) as events:
            assert next(events)[0] == "citations"
            server.servers[0].get_loop().call_soon_threadsafe(service.go_down)
            name, data = list(events)[-1]
        assert (name, data["title"]) == ("error", "Busy")
        until(lambda: reader.closed == 1)


def test_a_new_generation_answers_without_a_restart_and_a_running_answer_keeps_its_own(tmp_path, reader):
    lastro = small_lastro(tmp_path, generator=reader)
    news = tmp_path / "news"
    news.mkdir()
    (news / "cor.txt").write_text("A cor da bomba P-220 é azul.", encoding="utf-8")
    with running(lastro) as (address, _), httpx.Client(base_url=address, timeout=60) as client:
        with stream(address) as events:
            assert next(events)[0] == "citations"
            reader.going.clear()
            ingest_folder(news, lastro.index.root, lastro.settings, encoder=lastro.encoder)
            reader.going.set()
            assert list(events)[-1][1]["index"]["generation"] == 1
        answer = client.post("/v1/query", json={"question": "Qual é a cor da bomba P-220?"}).json()
        assert answer["index"]["generation"] == 2
        assert "azul" in answer["answer"]


def test_a_decoder_that_fails_unforeseen_ends_the_stream_with_an_error_and_frees_the_turn(tmp_path, reader):
    lastro = small_lastro(tmp_path, generator=reader)
    with running(lastro) as (address, server):
        reader.stream = lambda messages, decoding: 1 / 0
        with stream(address) as events:
            name, data = list(events)[-1]
        assert (name, data["title"], data["status"]) == ("error", "InternalError", 500)
        assert "division" not in str(data)
        del reader.stream
        assert httpx.post(f"{address}/v1/query", json=BODY, timeout=60).status_code == 200
        until(lambda: len(server.config.app.state.service.answers) == 0)
