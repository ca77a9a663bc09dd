"""A child process that tries to reach a port, or says as much as it is asked to."""

import socket
import sys
from typing import Any

from ingest.read.child import serve


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if "length" in request:
        return {"said": "a" * request["length"]}
    try:
        socket.create_connection(("127.0.0.1", request["port"]), timeout=5).close()
    except OSError as error:
        return {"reached": False, "why": str(error)}
    return {"reached": True}


if __name__ == "__main__":
    serve(answer, int(sys.argv[1]), int(sys.argv[2]))
