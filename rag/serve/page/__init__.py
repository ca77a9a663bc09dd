"""The page at ``/``: its files as they lie in ``static/``, and pages of PDF documents with their evidence marked.

HTML, one style sheet and ES modules, written by hand: there is nothing to build, nothing is fetched from another host,
and what the browser runs is what one reads here. Everything that comes of a document, a model or a person is put in as
text; the Content-Security-Policy forbids inline code and, by Trusted Types, any way of turning a string into HTML.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response

from ingest.read.picture import Painter
from rag.config import Settings
from rag.errors import NotFound, SourceGone, UsageError
from rag.index import FileState
from rag.serve.collections import DEFAULT, NAME
from rag.serve.page.assets import Asset, load_assets
from rag.serve.page.replies import DefaultsReply, PagesReply
from rag.serve.problems import PROBLEMS
from rag.serve.service import Asker, Served, Service, check_collection
from rag.types import Document

__all__ = ["CONTENT_SECURITY_POLICY", "page_router"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' blob:",  # pages of documents are fetched with the caller's key, then shown
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # asked for again each time, sent again only when it has changed
}
_Collection = Annotated[str, Query(pattern=NAME, description="which collection", examples=[DEFAULT])]
_Number = Annotated[int, Path(ge=1, le=1_000_000, description="counted from 1")]


def page_router(settings: Settings) -> APIRouter:
    """The routes of the page; the child process that draws pages ends with the application."""
    painter = Painter(settings.ingest)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        painter.close()

    router = APIRouter(tags=["page"], lifespan=lifespan)
    _add_files(router)
    _add_documents(router, painter)
    _add_defaults(router, settings)
    return router


def _add_files(router: APIRouter) -> None:
    assets = load_assets()

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return _sent(assets["index.html"], request)

    @router.get("/assets/{name:path}", include_in_schema=False)
    async def asset(name: str, request: Request) -> Response:
        if name not in assets:
            raise NotFound(f"the page has no file {name[:80]!r}.", subject="name", hint="Reload the page.")
        return _sent(assets[name], request)


def _add_documents(router: APIRouter, painter: Painter) -> None:
    @router.get("/v1/documents/{doc_id}/pages", response_model=PagesReply, responses=PROBLEMS())
    def pages(doc_id: str, service: Served, caller: Asker, collection: _Collection = DEFAULT) -> Any:
        """The pages of a document, as parts of its text; none where its format has no pages."""
        check_collection(caller, collection)
        return _document(service, collection, doc_id)[0]

    @router.get(
        "/v1/documents/{doc_id}/pages/{number}.png",
        response_class=Response,
        responses={
            **PROBLEMS(409, 410),
            200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
        },
    )
    def picture(
        doc_id: str,
        number: _Number,
        service: Served,
        caller: Asker,
        start: Annotated[int, Query(ge=0, le=2**31, description="of the span to mark, in the document's text")] = 0,
        end: Annotated[int, Query(ge=0, le=2**31)] = 0,
        width: Annotated[int, Query(ge=200, le=2400, description="pixels")] = 1200,
        collection: _Collection = DEFAULT,
    ) -> Response:
        """A page of a PDF document as a picture, with what it holds of a span of the text marked.

        ``Lastro-Boxes`` has a box for each piece of a line, as left, top, right and bottom in shares of the page. A
        file that has changed since it was indexed (409), or is gone (410), is not drawn: its text is still to be had.
        """
        check_collection(caller, collection)
        document, path = _pdf(*_document(service, collection, doc_id), number)
        drawn = painter.paint(path, document, number, (start, end), width)
        boxes = ";".join(",".join(f"{side:.4f}" for side in box) for box in drawn.boxes)
        return Response(drawn.png, media_type="image/png", headers={"Lastro-Boxes": boxes, "Cache-Control": "no-store"})


def _add_defaults(router: APIRouter, settings: Settings) -> None:
    @router.get("/v1/settings", response_model=DefaultsReply, responses=PROBLEMS())
    async def defaults(caller: Asker) -> Any:
        """What a question is asked with where it says nothing else."""
        return {**settings.search.model_dump(), **settings.answer.model_dump()}


def _sent(asset: Asset, request: Request) -> Response:
    headers = _HEADERS | {"ETag": asset.tag}
    if request.headers.get("If-None-Match") == asset.tag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


def _document(service: Service, collection: str, doc_id: str) -> tuple[Document, FileState | None]:
    """A document and the file it was read from. Raises DocumentNotFound, NotFound."""
    with service.collections.use(collection) as lastro, lastro.index.pin() as snapshot:
        return snapshot.document(doc_id), snapshot.file(doc_id)


def _pdf(document: Document, file: FileState | None, number: int) -> tuple[Document, File]:
    """The document and where its file is. Raises UsageError when it is no PDF with such a page, SourceGone."""
    source, pages = document.source, len(document.pages)
    if document.media_type != "application/pdf":
        raise UsageError(f"{source} is not a PDF.", subject="doc_id", hint="Read its text instead.")
    if all(page.number != number for page in document.pages):
        raise UsageError(f"{source} has {pages} pages.", subject="number", hint="Ask for one of them.")
    if file is None:
        raise SourceGone(f"where {source} lies is not known.", subject=source, hint="Ingest its folder again.")
    return document, File(file.root) / file.source
