"""``/healthz``, ``/readyz``, ``/metrics``: what those who run the server ask."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

import rag
from rag.serve.collections import DEFAULT
from rag.serve.metrics import CONTENT_TYPE
from rag.serve.problems import PROBLEMS
from rag.serve.replies import HealthReply, ReadyReply
from rag.serve.service import Owner, Served, Service

__all__ = ["router"]

router = APIRouter(tags=["operations"])


@router.get("/healthz", response_model=HealthReply)
async def healthz() -> dict[str, str]:
    """The process answers. Needs no key."""
    return {"status": "ok"}


@router.get("/readyz", response_model=ReadyReply, responses=PROBLEMS())
async def readyz(service: Served) -> dict[str, Any]:
    """The models are loaded and the index opens. Needs no key; 503 while the server is going down."""
    service.check_up()
    return await run_in_threadpool(_ready, service)


def _ready(service: Service) -> dict[str, Any]:
    with service.collections.use(DEFAULT) as lastro, lastro.index.pin() as snapshot:
        return {
            "status": "ready",
            "generation": snapshot.generation,
            "models": lastro.parts.names,
            "version": rag.__version__,
        }


@router.get(
    "/metrics",
    response_class=Response,
    responses={**PROBLEMS(), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(service: Served, caller: Owner) -> Response:
    """The series of this process, for Prometheus. Needs a key of scope admin once there are keys."""
    return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
