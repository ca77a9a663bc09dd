"""``lastro serve``."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from rag.errors import PortInUse, UsageError
from rag.terminal import say

__all__ = ["serve"]

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--host", help="Loopback only, until keys are supported.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="0 picks a free one.  [default: 8321]")
def serve(index_dir: Path, host: str | None, port: int | None) -> None:
    """Serve POST /v1/query and GET /healthz; the OpenAPI description is at /docs.

    \b
    lastro serve --index docs.lastro
    curl -s localhost:8321/v1/query -H 'content-type: application/json' -d '{"question": "Qual o prazo?"}'
    """
    import uvicorn

    from rag.config import load_settings
    from rag.facade import Lastro
    from rag.serve.api import create_app

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**({"serve": given} if given else {}))
    if settings.serve.host not in _LOOPBACK:
        raise UsageError(
            f"refusing to listen on {settings.serve.host}: there are no access keys yet.",
            subject="serve.host",
            hint="Use 127.0.0.1 and a reverse proxy that authenticates.",
        )
    listener = _bind(settings.serve.host, settings.serve.port)
    app = Lastro.open(index_dir, settings)
    say("loading models …")
    _ = app.parts
    say(f"listening on http://{settings.serve.host}:{listener.getsockname()[1]}")
    config = uvicorn.Config(create_app(app), log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


def _bind(host: str, port: int) -> socket.socket:
    """The listening socket, taken before any model is loaded. Raises PortInUse."""
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"port {port} on {host} cannot be used: {error.strerror}.",
            subject="serve.port",
            hint="Give another --port.",
        ) from error
    return listener
