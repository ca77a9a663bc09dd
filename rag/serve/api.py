"""The one constructor of the service: routes, guard, problems, and what is opened and closed with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import rag
from rag.facade import Lastro
from rag.serve.guard import Guard
from rag.serve.page import page_router
from rag.serve.problems import Problem, answer_with_problems
from rag.serve.routes import answers, chat, collections, documents, feedback, operations, search
from rag.serve.service import Service
from rag.serve.state import state_folder

__all__ = ["create_app"]

_ROUTERS = (
    answers.router,
    search.router,
    documents.router,
    collections.router,
    feedback.router,
    chat.router,
    operations.router,
)
_DESCRIPTION = (
    "Answers from a folder of documents, in Portuguese and English, with the backing of every sentence. Offsets count "
    "characters: `start` and `end` of citations and evidence point into the document's text, those of sentences into "
    "the answer. Failures are RFC 9457 problem documents."
)


class _Documented(FastAPI):
    """Names the problem document in OpenAPI, and takes the framework's own shape of a validation error out of it."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            schemas = super().openapi().setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
        return super().openapi()


def create_app(lastro: Lastro, state: Path | None = None) -> FastAPI:
    """The service over ``lastro``'s index as the default collection, and over the others in its state folder.

    ``state`` holds keys, uploads, collections and answers; it is ``serve.state``, or beside the index, where not given.
    Raises IndexFailure when it cannot be used.
    """
    service = Service(lastro, state or state_folder(lastro.index.root, lastro.settings.serve.state))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.go_down()
        await asyncio.get_running_loop().run_in_executor(None, service.close)

    # No pages of documentation: those of the framework load scripts from other hosts. /openapi.json is there.
    app = _Documented(
        title="Lastro",
        version=rag.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    answer_with_problems(app)
    for router in _ROUTERS:
        app.include_router(router)
    app.include_router(page_router(service.settings))
    app.add_middleware(
        Guard, settings=service.settings.serve, metrics=service.metrics, open_to_all=lambda: not service.keys.exist()
    )
    return app
