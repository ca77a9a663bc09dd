"""``lastro keys``: who may use a server, in which way and which collections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.terminal import print_json, say

if TYPE_CHECKING:
    from rag.serve.keys import Keys, Scope

__all__ = ["keys"]

_INDEX = click.option(
    "--index", "index_dir", required=True, type=click.Path(path_type=Path), help="The index that is served."
)
_STATE = click.option("--state", type=click.Path(path_type=Path), help="As given to `lastro serve`.  [INDEX.serve]")


@click.group()
def keys() -> None:
    """API keys of a server: once there is one, every request needs one. Changes count from the next request on."""


@keys.command()
@_INDEX
@_STATE
@click.option("--name", required=True, help="Whose key it is; shown in lists and logs.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("ask",),
    type=click.Choice(["ask", "ingest", "admin"]),
    help="May be given several times; admin includes the others.  [default: ask]",
)
@click.option("--collection", "collections", multiple=True, help="Only these; may be given several times.  [all]")
def add(
    index_dir: Path, state: Path | None, name: str, scopes: tuple[Scope, ...], collections: tuple[str, ...]
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    \b
    lastro keys add --index docs.lastro --name ana --scope ask --scope ingest
    """
    with _opened(index_dir, state) as opened:
        made = opened.add(name, scopes, collections or None)
    say(f"key of {name}; it is not shown again:")
    click.echo(made)


@keys.command("list")
@_INDEX
@_STATE
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def list_(index_dir: Path, state: Path | None, as_json: bool) -> None:
    """Show all keys, the revoked ones too."""
    with _opened(index_dir, state) as opened:
        found = opened.list()
    if as_json:
        names = ("id", "name", "scopes", "collections", "created", "revoked")
        print_json([{name: getattr(key, name) for name in names} for key in found])
        return
    if not found:
        say("no keys; `lastro keys add` makes one.")
    for key in found:
        where = "all collections" if key.collections is None else ", ".join(key.collections)
        state_of = f"revoked {_day(key.revoked)}" if key.revoked is not None else f"since {_day(key.created)}"
        click.echo(f"{key.id}  {key.name}  {', '.join(key.scopes)}  {where}  {state_of}")


@keys.command()
@_INDEX
@_STATE
@click.argument("key_id")
def revoke(index_dir: Path, state: Path | None, key_id: str) -> None:
    """Make the key KEY_ID stop working."""
    with _opened(index_dir, state) as opened:
        opened.revoke(key_id)
    say(f"{key_id} works no more.")


@contextmanager
def _opened(index_dir: Path, given: Path | None) -> Iterator[Keys]:
    from rag.config import load_settings
    from rag.serve.keys import Keys
    from rag.serve.state import State, state_folder

    state = State(state_folder(index_dir, given or load_settings().serve.state))
    try:
        yield Keys(state)
    finally:
        state.close()


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
