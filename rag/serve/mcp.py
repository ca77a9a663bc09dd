"""``lastro mcp``: search and ask as tools of the Model Context Protocol, over standard input and output.

By the protocol's own SDK, which keeps up with its versions; what is ours is the two tools.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import click
from pydantic import Field

from rag.errors import LastroError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.facade import Lastro

__all__ = ["mcp", "tool_server"]

T = TypeVar("T")
_INSTRUCTIONS = (
    "Answers and passages from one folder of documents, in Portuguese and English. Cite what you take by its source "
    "and page. An answer that is withheld means that the documents do not say it."
)
_Question = Annotated[str, Field(description="in Portuguese or English, at most 2000 characters")]
_Sources = Annotated[list[str] | None, Field(description="only these files: paths, or patterns with * and ?")]


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
def mcp(index_dir: Path) -> None:
    """Offer search and ask to a program that speaks the Model Context Protocol; it starts this command itself.

    \b
    {"mcpServers": {"lastro": {"command": "lastro", "args": ["mcp", "--index", "/data/docs.lastro"]}}}
    """
    from rag.facade import Lastro

    tool_server(Lastro.open(index_dir)).run("stdio")


def tool_server(lastro: Lastro) -> Any:
    """The SDK's server with the tools ``search`` and ``ask`` over ``lastro``. Raises MissingExtra."""
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError as error:
        raise MissingExtra(
            "`lastro mcp` needs the package mcp.", subject="mcp", hint="pip install 'lastro[mcp]'"
        ) from error
    import rag
    from rag.serialise import answer_json, hit_json
    from rag.types import Filter

    server = MCPServer("lastro", version=rag.__version__, instructions=_INSTRUCTIONS, log_level="WARNING")
    turn = threading.Lock()

    def said(work: Callable[[], T]) -> T:
        try:
            return work()
        except LastroError as error:  # the program on the other side is told what to do next
            raise ToolError(str(error)) from error

    def where(sources: list[str] | None) -> Filter | None:
        return Filter(sources=tuple(sources)) if sources else None

    @server.tool(title="Search the documents", structured_output=False)
    def search(question: _Question, k: Annotated[int, Field(ge=1, le=50)] = 5, sources: _Sources = None) -> str:
        """The passages of the documents nearest to a question, best first, as JSON: text, source, page, score."""
        settings = lastro.settings.model_copy(update={"search": lastro.settings.search.model_copy(update={"k": k})})
        hits = said(lambda: lastro.search(question, where=where(sources), settings=settings))
        return json.dumps({"question": question, "hits": [hit_json(hit) for hit in hits]}, ensure_ascii=False)

    @server.tool(title="Ask the documents", structured_output=False)
    def ask(question: _Question, sources: _Sources = None) -> str:
        """The documents' answer to a question, as JSON: every sentence with its verdict (supported, contradicted, not
        found) and its evidence, or why the answer is withheld and the closest passages."""
        with turn:
            return json.dumps(answer_json(said(lambda: lastro.ask(question, where=where(sources)))), ensure_ascii=False)

    return server
