"""``lastro serve``."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from rag.errors import NotAuthenticated, PortInUse
from rag.terminal import say

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["serve"]


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--host", help="Others than loopback need keys: see `lastro keys`.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="0 picks a free one.  [default: 8321]")
@click.option("--state", type=click.Path(path_type=Path), help="Folder of keys, uploads and answers.  [INDEX.serve]")
@click.option("--create", is_flag=True, help="Make an empty index where there is none.")
def serve(index_dir: Path, host: str | None, port: int | None, state: Path | None, create: bool) -> None:
    """Serve the page at / and the API at /v1; its description is at /openapi.json.

    \b
    lastro serve --index docs.lastro
    curl -s localhost:8321/v1/query -H 'content-type: application/json' -d '{"question": "Qual o prazo?"}'
    """
    from rag.config import load_settings
    from rag.facade import Lastro, Models
    from rag.index import Index
    from rag.serve.guard import is_loopback

    given = {name: value for name, value in (("host", host), ("port", port), ("state", state)) if value is not None}
    settings = load_settings(**({"serve": given} if given else {}))
    if not is_loopback(settings.serve.host):
        _check_keys(index_dir, settings.serve.host, settings.serve.state)
    listener = _bind(settings.serve.host, settings.serve.port)
    models = Models(settings)
    if create and not (index_dir / "catalog.sqlite").exists():
        _create(index_dir, models)
    Index.open(index_dir)  # where there is none, that is said before anything is loaded
    say("loading models …")
    with ThreadPoolExecutor(1, thread_name_prefix="models") as apart:
        loading = apart.submit(lambda: models.parts)
        from rag.calibration import RECALIBRATE
        from rag.serve.api import create_app  # meanwhile: a third of a second
        from rag.serve.logs import start_logging

        loading.result()
    lastro = Lastro.open(index_dir, settings, models)
    if caveat := lastro.caveat:
        say(caveat, RECALIBRATE)
    start_logging()
    app = create_app(lastro)
    say(f"listening on http://{_shown(settings.serve.host)}:{listener.getsockname()[1]}")
    _run(app, listener, settings.serve.grace_s)
    say("stopped.")


def _check_keys(index_dir: Path, host: str, state: Path | None) -> None:
    """Raises NotAuthenticated when others than this machine could ask without a key."""
    from rag.serve.keys import Keys
    from rag.serve.state import State, state_folder

    opened = State(state_folder(index_dir, state))
    try:
        if not Keys(opened).exist():
            raise NotAuthenticated(
                f"refusing to listen on {host}: there are no API keys.",
                subject="serve.host",
                hint=f"Make one with `lastro keys add --index {index_dir} --name NAME`, or listen on 127.0.0.1.",
            )
    finally:
        opened.close()


def _create(index_dir: Path, models: object) -> None:
    from ingest.embed import fingerprint_of
    from rag.facade import Models
    from rag.index import Index

    assert isinstance(models, Models)
    Index.create(index_dir, fingerprint_of(models.encoder, models.settings)).repair_caches()


def _run(app: FastAPI, listener: socket.socket, grace_s: float) -> None:
    """Serve until Ctrl-C or SIGTERM; then nobody new is taken, and what is under way has ``grace_s`` to end."""
    import uvicorn

    from rag.serve.protocol import patient_for
    from rag.serve.service import Service

    service: Service = app.state.service

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            asyncio.get_running_loop().call_soon_threadsafe(service.go_down)
            super().handle_exit(sig, frame)
            self._captured_signals.clear()  # a server that was told to stop, and did, has not failed

    config = uvicorn.Config(
        app,
        http=patient_for(service.settings.serve.body_timeout_s),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(grace_s) + 5,
        h11_max_incomplete_event_size=32_768,
    )
    Server(config).run(sockets=[listener])


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bind(host: str, port: int) -> socket.socket:
    """The listening socket, taken before any model is loaded. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"port {port} on {host} cannot be used: {error.strerror}.",
            subject="serve.port",
            hint="Give another --port.",
        ) from error
    return listener
