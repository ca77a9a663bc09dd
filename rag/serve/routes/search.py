"""``/v1/search`` and ``/v1/verify``: what needs no decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request

from rag.facade import Verifier
from rag.pipeline import check_question
from rag.serialise import hit_json, verdict_json
from rag.serve.problems import PROBLEMS
from rag.serve.replies import SearchReply, VerifyReply
from rag.serve.schemas import SearchRequest, VerifyRequest, settings_with
from rag.serve.service import Asker, Served, check_collection
from rag.serve.strict import StrictRoute
from rag.serve.work import unless_gone

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["search"], route_class=StrictRoute)


@router.post("/search", response_model=SearchReply, responses=PROBLEMS(504))
async def search(request: Request, asked: SearchRequest, service: Served, caller: Asker) -> dict[str, Any]:
    """The best passages for a question, with the score of each leg."""
    check_collection(caller, asked.collection)
    question = check_question(asked.question)
    settings = settings_with(service.settings, asked)
    where = None if asked.filter is None else asked.filter.to_filter()

    def work(wanted: Callable[[], bool]) -> dict[str, Any]:
        with service.use(asked.collection, wanted) as lastro:
            hits = lastro.search(question, where=where, settings=settings)
        return {"question": asked.question, "hits": [hit_json(hit) for hit in hits]}

    return await unless_gone(request, service.search(work))


@router.post("/verify", response_model=VerifyReply, responses=PROBLEMS(504))
async def verify(request: Request, asked: VerifyRequest, service: Served, caller: Asker) -> dict[str, Any]:
    """The verdict on a claim against a text: supported, contradicted or not found, with the evidence."""

    def work(wanted: Callable[[], bool]) -> dict[str, Any]:
        verifier = Verifier(service.settings, service.shared.of(wanted).parts.entailer)
        return verdict_json(verifier.verify(asked.claim, asked.context, asked.question))

    return await unless_gone(request, service.search(work))
