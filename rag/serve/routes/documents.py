"""``/v1/documents``: what a collection holds; files come in and go out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.concurrency import run_in_threadpool

from ingest.progress import Step
from rag.errors import UnreadableFile, UsageError
from rag.serve.collections import DEFAULT, NAME
from rag.serve.line import Ticket
from rag.serve.problems import PROBLEMS, problem, request_id_of
from rag.serve.replies import EVENTS, DeletedReply, DocumentsReply, UploadReply
from rag.serve.service import Asker, Ingester, Served, Service, check_collection
from rag.serve.streaming import EventStream, event
from rag.serve.strict import StrictRoute
from rag.serve.uploads import Upload, delete_document, refused_id, refused_kind, stored_and_ingested
from rag.serve.work import Listener, Ping, drained, waiting

__all__ = ["router"]

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=StrictRoute)
_Collection = Annotated[str, Query(pattern=NAME, description="which collection", examples=[DEFAULT])]
_Files = Annotated[list[UploadFile] | None, File(description="one or several files, each under this name")]


@router.post(
    "", status_code=201, response_model=UploadReply, responses={**PROBLEMS(409, 504, 507), 201: {"content": EVENTS}}
)
async def upload(
    request: Request,
    service: Served,
    caller: Ingester,
    file: _Files = None,
    files: _Files = None,
    collection: _Collection = DEFAULT,
) -> Any:
    """Files come into the collection, and answer questions when this returns.

    With `Accept: text/event-stream` the progress is told on the way: `queue`, `progress` {stage, subject, files, of,
    pages, chunks}…, and last `report`, this same object, or `error`. When none of the files can be read the response is
    a problem with status 422, whose `files` says why.
    """
    check_collection(caller, collection)
    with service.collections.use(collection):
        pass
    uploads = [Upload.checked(each.filename, each.file) for each in [*(file or []), *(files or [])]]
    if not uploads:
        raise UsageError("no file was sent.", subject="file", hint="Send multipart/form-data with a field `file`.")
    if "text/event-stream" in request.headers.get("accept", ""):
        ticket = service.ingests.join()
        return EventStream(_progress(service, collection, uploads, ticket), ticket, service.metrics)
    report = await service.write(lambda: _ingest(service, collection, uploads, lambda step: None))
    refused = [line for line in report["files"] if line["outcome"] == "refused"]
    if len(refused) == len(report["files"]):
        said = "; ".join(f"{line['source']}: {line['reason']}" for line in refused)
        error = UnreadableFile(said, subject=refused[0]["source"], hint="Save it in another format and send it again.")
        return problem(error, request_id_of(request), report)
    return report


async def _progress(
    service: Service, collection: str, uploads: Sequence[Upload], ticket: Ticket
) -> AsyncGenerator[bytes, None]:
    ticket.begun = True
    until = service.until()
    try:
        async for position in waiting(ticket, until):
            yield event("ping", None) if isinstance(position, Ping) else event("queue", {"position": position})
    except BaseException:
        ticket.leave()
        raise

    def work(listener: Listener[tuple[str, dict[str, Any]]]) -> None:
        def told(step: Step) -> None:
            listener.tell(("progress", {name: getattr(step, name) for name in _STEP_FIELDS}))

        listener.tell(("report", _ingest(service, collection, uploads, told)))

    progress = drained(work, service.ingesting, until, ticket)
    async with aclosing(progress) as steps:
        async for step in steps:
            yield event("ping", None) if isinstance(step, Ping) else event(*step)


_STEP_FIELDS = ("stage", "subject", "files", "of", "pages", "chunks")


def _ingest(
    service: Service, collection: str, uploads: Sequence[Upload], told: Callable[[Step], None]
) -> dict[str, Any]:
    with service.collections.use(collection) as lastro:
        report = stored_and_ingested(uploads, service.collections.uploads(collection), lastro, told)
    return {"collection": collection, **report}


@router.get("", response_model=DocumentsReply, responses=PROBLEMS())
async def listed(service: Served, caller: Asker, collection: _Collection = DEFAULT) -> dict[str, Any]:
    """The documents of a collection by source, and the files that were refused, each with the reason."""
    check_collection(caller, collection)
    return await run_in_threadpool(_holdings, service, collection)


def _holdings(service: Service, collection: str) -> dict[str, Any]:
    own = str(service.collections.uploads(collection).resolve())
    with service.collections.use(collection) as lastro, lastro.index.pin() as snapshot:
        uploaded = {state.doc_id for state in snapshot.files() if state.root == own}
        return {
            "collection": collection,
            "generation": snapshot.generation,
            "documents": [
                asdict(row) | {"warnings": list(row.warnings), "uploaded": row.doc_id in uploaded}
                for row in snapshot.documents()
            ],
            "refused": [
                {
                    "id": refused_id(state),
                    "source": state.source,
                    "reason": state.reason,
                    "kind": refused_kind(state.source, state.reason),
                    "uploaded": state.root == own,
                }
                for state in sorted(snapshot.refused(), key=lambda state: state.source)
            ],
        }


@router.get(
    "/{doc_id}/text",
    response_class=PlainTextResponse,
    responses={
        **PROBLEMS(),
        200: {
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {"doc_id": {"type": "string"}, "text": {"type": "string"}},
                    }
                },
            }
        },
    },
)
async def text(
    request: Request, doc_id: str, service: Served, caller: Asker, collection: _Collection = DEFAULT
) -> Response:
    """The document's text, which all offsets point into (in characters); as JSON where `Accept` asks for that."""
    check_collection(caller, collection)

    def work() -> dict[str, str]:
        with service.collections.use(collection) as lastro, lastro.index.pin() as snapshot:
            document = snapshot.document(doc_id)
            return {"doc_id": doc_id, "source": document.source, "title": document.title, "text": document.text}

    found = await run_in_threadpool(work)
    wants_json = "application/json" in request.headers.get("accept", "")
    return JSONResponse(found) if wants_json else PlainTextResponse(found["text"])


@router.delete("/{doc_id}", response_model=DeletedReply, responses=PROBLEMS(409, 504, 507))
async def deleted(doc_id: str, service: Served, caller: Ingester, collection: _Collection = DEFAULT) -> dict[str, Any]:
    """The document stops answering when this returns. An uploaded file is deleted with it; one of an ingested folder
    stays on its disk, and comes back with the next ingest of that folder."""
    check_collection(caller, collection)

    def work() -> dict[str, Any]:
        with service.collections.use(collection) as lastro:
            return delete_document(doc_id, service.collections.uploads(collection), lastro)

    return await service.write(work)
