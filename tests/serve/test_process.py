"""The command itself, with the real pipeline: it stops when it is told to, and comes back after a kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from mcp import Client, StdioServerParameters

from tests.serve.small import events_of

pytestmark = pytest.mark.weights
WATER = "Qual é a temperatura máxima da água para as bombas?"
QUESTION = {"question": "Qual é hoje o prazo de garantia das bombas da linha P?"}


@contextmanager
def serving(index, *arguments):
    """(address, process) of `lastro serve`, and what it said."""
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if line.startswith("listening on "):
                break
        else:
            pytest.fail("".join(said))
        # What follows is read on, so that the server never waits for a full pipe.
        threading.Thread(target=said.extend, args=(process.stderr,), daemon=True).start()
        yield said[-1].split()[-1], process, said
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_sigterm_lets_an_answer_finish_and_ends_without_an_error(sample_index):
    with serving(sample_index) as (address, process, said):
        with httpx.Client(base_url=address, timeout=300) as client:
            assert client.get("/readyz").json()["status"] == "ready"
            with client.stream("POST", "/v1/query/stream", json=QUESTION) as response:
                events = events_of(response.iter_lines())
                assert next(events)[0] == "citations"
                process.send_signal(signal.SIGTERM)
                name, data = list(events)[-1]
        assert (name, data.get("title")) in {("answer", None), ("error", "Busy")}
        assert process.wait(60) == 0
        assert "stopped." in "".join(said)


def test_a_killed_server_comes_back_with_the_last_committed_generation(sample_index):
    generations = []
    for _ in range(2):
        with serving(sample_index) as (address, process, _):
            generations.append(httpx.get(f"{address}/readyz", timeout=60).json()["generation"])
            process.kill()
    assert generations[0] == generations[1] > 0


def test_its_log_is_json_lines_with_the_requests_id(sample_index):
    with serving(sample_index) as (address, process, said):
        httpx.get(f"{address}/healthz", headers={"X-Request-Id": "abc-1"}, timeout=60)
        process.terminate()
        process.wait(60)
        lines = [json.loads(line) for line in list(said) if line.startswith("{")]
    assert any(line["message"] == "GET /healthz 200" and line["request_id"] == "abc-1" for line in lines)


def test_a_program_that_speaks_the_model_context_protocol_starts_the_command_and_asks(sample_index):
    arguments = ["-m", "rag.cli", "mcp", "--index", str(sample_index)]
    environment = {**os.environ, "LASTRO_MODELS__GENERATOR": "none"}
    command = StdioServerParameters(command=sys.executable, args=arguments, env=environment)

    async def talk():
        async with Client(command, read_timeout_seconds=300) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            found = await client.call_tool("search", {"question": "How loud is the P-220?", "k": 3})
            answered = await client.call_tool("ask", {"question": WATER})
            withheld = await client.call_tool("ask", {"question": "Qual é a potência da bomba P-250?"})
            return tools, *(json.loads(result.content[0].text) for result in (found, answered, withheld))

    with ThreadPoolExecutor(1) as apart:  # a browser's driver may be running a loop in this thread
        tools, found, answered, withheld = apart.submit(lambda: asyncio.run(talk())).result()
    assert tools == ["search", "ask"]
    assert len(found["hits"]) == 3
    assert "40 °C" in answered["answer"]
    assert answered["sentences"][0]["verdict"] == "supported"
    assert withheld["abstained"]
    assert withheld["closest"]
