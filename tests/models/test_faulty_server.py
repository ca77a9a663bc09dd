"""A chat server that fails: whatever it does, there is an error and never an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.errors import GeneratorFailed
from rag.models.hosted import OpenAICompatible
from tests.models.test_generators import say

FAULTS = {
    "html": (b"<html>Welcome</html>", "ended before"),
    "torn": (b'data: {"choices": [{"delta"\n\n', "is no chat completion"),
    "error": (b'data: {"error": {"message": "out of memory"}}\n\n', "out of memory"),
    "cut": (b'data: {"choices": [{"delta": {"content": "um"}}]}\n\n', "ended before"),
    "slow": (None, "within 0.5 s"),
}
SEPARATED = "um\u2028dois\u0085três"
"""What ``str.splitlines`` would tear apart, and JSON allows."""
WHOLE = f'data: {{"choices": [{{"delta": {{"content": "{SEPARATED}"}}}}]}}\r\n\r\ndata: [DONE]\r\n\r\n'.encode()


@pytest.fixture
def faulty() -> Iterator[str]:
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body, _ = FAULTS.get(self.path.split("/")[1], (WHOLE, ""))
            if body is None:
                release.wait(20)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_server_is_an_error_and_never_an_answer(faulty, fault):
    generator = OpenAICompatible(f"{faulty}/{fault}/v1", "", None, timeout_s=0.5)
    with pytest.raises(GeneratorFailed, match=FAULTS[fault][1]):
        say(generator)


def test_a_line_separator_in_what_is_said_tears_no_line(faulty):
    assert say(OpenAICompatible(f"{faulty}/whole/v1", "", None, timeout_s=5)) == SEPARATED
