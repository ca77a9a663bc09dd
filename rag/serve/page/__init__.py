"""The page at ``/``: its files as they lie in ``static/``, and pages of PDF documents with their evidence marked.

HTML, one style sheet and ES modules, written by hand: there is nothing to build, nothing is fetched from another host,
and what the browser runs is what one reads here. Everything that comes of a document, a model or a person is put in as
text; the Content-Security-Policy forbids inline code and, by Trusted Types, any way of turning a string into HTML.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from ingest.read.picture import Painter
from rag.errors import DocumentNotFound, SourceGone, UsageError
from rag.index import Index
from rag.serve.page.assets import Asset, load_assets
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


def page_router(index_of: Callable[[Request], Index], painter: Painter) -> APIRouter:
    """The routes of the page. ``index_of`` says which index a request may see; ``painter`` is closed by the caller."""
    router = APIRouter(tags=["page"])
    assets = load_assets()

    @router.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        return _sent(assets["index.html"], request)

    @router.get("/assets/{name:path}", include_in_schema=False)
    def asset(name: str, request: Request) -> Response:
        if name not in assets:
            raise DocumentNotFound(f"the page has no file {name!r}.", subject="name", hint="Reload the page.")
        return _sent(assets[name], request)

    @router.get(
        "/v1/documents/{doc_id}/pages/{number}.png",
        response_class=Response,
        responses={
            200: {"content": {"image/png": {}}, "description": "The page, with what it holds of the span marked."},
            409: {"description": "The file has changed since it was indexed: its text is still to be had."},
            410: {"description": "The file is not there any more: its text is still to be had."},
        },
        summary="A page of a PDF document as a picture",
    )
    def picture(
        doc_id: str,
        number: Annotated[int, Path(ge=1, le=1_000_000, description="counted from 1")],
        request: Request,
        start: Annotated[int, Query(ge=0, le=2**31, description="of the span to mark, in the document's text")] = 0,
        end: Annotated[int, Query(ge=0, le=2**31)] = 0,
        width: Annotated[int, Query(ge=200, le=2400, description="pixels")] = 1200,
    ) -> Response:
        document, path = _pdf(index_of(request), doc_id, number)
        drawn = painter.paint(path, document, number, (start, end), width)
        boxes = ";".join(",".join(f"{side:.4f}" for side in box) for box in drawn.boxes)
        headers = {"Cache-Control": "no-store", "Lastro-Boxes": boxes, "X-Content-Type-Options": "nosniff"}
        return Response(drawn.png, media_type="image/png", headers=headers)

    return router


def _sent(asset: Asset, request: Request) -> Response:
    headers = _HEADERS | {"ETag": asset.tag}
    if request.headers.get("If-None-Match") == asset.tag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


def _pdf(index: Index, doc_id: str, number: int) -> tuple[Document, File]:
    """The document and its file. Raises DocumentNotFound, UsageError when it is no PDF with such a page, SourceGone."""
    with index.pin() as snapshot:
        document = snapshot.document(doc_id)
        file = snapshot.file(doc_id)
    if document.media_type != "application/pdf":
        raise UsageError(f"{document.source} is not a PDF.", subject="doc_id", hint="Read its text instead.")
    if all(page.number != number for page in document.pages):
        pages = len(document.pages)
        raise UsageError(f"{document.source} has {pages} pages.", subject="number", hint="Ask for one of them.")
    if file is None:
        raise SourceGone(f"where {document.source} lies is not known.", subject=doc_id, hint="Ingest its folder again.")
    return document, File(file.root) / file.source
