"""``/v1/collections``: several indexes in one process."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from rag.serve.problems import PROBLEMS
from rag.serve.replies import CollectionReply, CollectionsReply, DeletedReply
from rag.serve.schemas import CollectionRequest
from rag.serve.service import Asker, Owner, Served, Service, check_collection
from rag.serve.strict import StrictRoute

__all__ = ["router"]

router = APIRouter(prefix="/v1/collections", tags=["collections"], route_class=StrictRoute)


@router.get("", response_model=CollectionsReply, responses=PROBLEMS())
async def listed(service: Served, caller: Asker) -> dict[str, Any]:
    """The collections this key may use, the default one first."""
    names = [name for name in await run_in_threadpool(service.collections.names) if caller.may_use(name)]
    return {"collections": [await run_in_threadpool(_holdings, service, name) for name in names]}


@router.post("", status_code=201, response_model=CollectionReply, responses=PROBLEMS(409, 504, 507))
async def created(asked: CollectionRequest, service: Served, caller: Owner) -> dict[str, Any]:
    """A new empty collection."""
    check_collection(caller, asked.name)
    await service.write(lambda: service.collections.create(asked.name))
    return await run_in_threadpool(_holdings, service, asked.name)


@router.delete("/{name}", response_model=DeletedReply, responses=PROBLEMS(504))
async def deleted(name: str, service: Served, caller: Owner) -> dict[str, Any]:
    """A collection is gone with its documents, its uploads and the answers kept about it."""
    check_collection(caller, name)

    def work() -> None:
        service.collections.delete(name)
        service.state.forget_collection(name)

    await service.write(work)
    return {"deleted": name}


def _holdings(service: Service, name: str) -> dict[str, Any]:
    with service.collections.use(name) as lastro, lastro.index.pin() as snapshot:
        rows = snapshot.documents()
        return {
            "name": name,
            "documents": len(rows),
            "chunks": sum(row.chunks for row in rows),
            "generation": snapshot.generation,
        }
