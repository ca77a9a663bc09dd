"""``lastro models list | prepare | verify``."""

from __future__ import annotations

import sys
from typing import Any

import click

from rag.terminal import print_json, say

__all__ = ["models"]


@click.group()
def models() -> None:
    """The weights of the embedded profile: what they are, fetching them, checking them."""


def _rows(*, thorough: bool) -> list[dict[str, Any]]:
    from rag.config import load_settings
    from rag.models.catalogue import ROLES, Store, state_of
    from rag.models.prepare import problem

    store = Store(load_settings().models.cache_dir)
    return [
        {
            "role": role.name,
            "model": role.model,
            "licence": role.licence,
            "source": role.origin,
            "megabytes": role.megabytes,
            "state": state_of(wrong),
            "problem": None if wrong is None else wrong.message,
            "folder": str(store.folder),
        }
        for role in ROLES.values()
        for wrong in [problem(store, role.name) if thorough else store.problem(role.name)]
    ]


def _show(rows: list[dict[str, Any]]) -> None:
    colours = {"ready": "green", "missing": "yellow", "damaged": "red"}
    for row in rows:
        click.echo(click.style(f"{row['role']:11}", bold=True) + click.style(row["state"], fg=colours[row["state"]]))
        click.echo(f"  {row['model']}\n  {row['megabytes']} MB, licence {row['licence']}\n  from {row['source']}")
        if row["state"] == "damaged":
            click.echo(click.style(f"  {row['problem']}", fg="red"))
    click.echo(click.style(f"in {rows[0]['folder']}", dim=True))


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def list_(as_json: bool) -> None:
    """Role, model, licence, source and state of the weights."""
    rows = _rows(thorough=False)
    print_json(rows) if as_json else _show(rows)


@models.command()
def prepare() -> None:
    """Fetch, convert and check the weights (1.2 GB to download, once). Interrupted, it resumes."""
    from rag.config import load_settings
    from rag.models.prepare import prepare as prepare_roles

    cache = load_settings().models.cache_dir
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
        ) as bar:
            task = bar.add_task("looking", total=None)
            made = prepare_roles(
                cache, progress=lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
            )
    else:
        made = prepare_roles(cache, progress=lambda what, done, of: say(f"{what} {done}/{of}"))
    say(f"prepared: {', '.join(made)}" if made else "everything is ready")


@models.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def verify(as_json: bool) -> int:
    """Hash every file again and try the weights on this CPU. Exit code 6 when one is missing or damaged."""
    rows = _rows(thorough=True)
    print_json(rows) if as_json else _show(rows)
    if all(row["state"] == "ready" for row in rows):
        return 0
    say("some weights are missing or damaged.", "Run `lastro models prepare`.")
    return 6
