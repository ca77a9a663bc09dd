"""``lastro``: the commands, each loaded when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

import rag
from rag import terminal

__all__ = ["lastro", "main"]

_COMMANDS = {
    "ask": ("rag.commands", "ask", "Answer a question, with the backing of every sentence."),
    "calibrate": ("rag.evaluate.calibrate_cli", "calibrate", "Bound the share of wrong answers given."),
    "config": ("rag.effective", "config", "Show the settings in effect and where each came from."),
    "doctor": ("rag.doctor", "doctor", "Check weights, index and recall; say what to do."),
    "eval": ("rag.evaluate.cli", "evaluate", "How often it is found, right, wrong or declined; make a test set."),
    "ingest": ("ingest.cli", "ingest", "Make an index agree with a folder of documents."),
    "keys": ("rag.serve.keys_cli", "keys", "API keys of a server: add, list, revoke."),
    "mcp": ("rag.serve.mcp", "mcp", "Offer search and ask over the Model Context Protocol."),
    "models": ("rag.models.cli", "models", "List, prepare and verify the weights."),
    "reindex": ("ingest.cli", "reindex", "Make an index anew for another encoder or chunk size."),
    "replay": ("rag.serve.replay", "replay", "Make an audited answer again and compare."),
    "search": ("rag.commands", "search", "Show the best passages for a question."),
    "serve": ("rag.serve.cli", "serve", "Serve questions over HTTP."),
    "status": ("ingest.cli", "status", "What an index holds, and which files were refused."),
    "train": ("rag.train.cli", "train", "Train an adapter on public sets or your own pairs."),
    "tune": ("rag.evaluate.tune_cli", "tune", "Choose alpha, k or the reranker's weight on a test set."),
    "verify": ("rag.commands", "verify", "Check claims against given contexts."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, _, help_) in _COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(rag.__version__, prog_name="lastro")
def lastro(**_: Any) -> None:
    """Answers from a folder of documents, in Portuguese and English, with the backing of every sentence.

    \b
    lastro models prepare                           once: fetch and convert the weights
    lastro ingest ~/documents --index docs.lastro   whenever files change
    lastro ask "Qual é o prazo de garantia?" --index docs.lastro
    """


def main() -> None:
    """The console script."""
    terminal.run(lastro)


if __name__ == "__main__":
    main()
