"""``lastro replay``: an audited answer is made again, and compared with what was said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rag.errors import NotFound
from rag.terminal import print_json, say

__all__ = ["replay", "replayed"]


@click.command()
@click.argument("answer_id")
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="The index that is served.")
@click.option("--state", type=click.Path(path_type=Path), help="As given to `lastro serve`.  [INDEX.serve]")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def replay(answer_id: str, index_dir: Path, state: Path | None, as_json: bool) -> int:
    """Answer again what was answered as ANSWER_ID, with the parameters and seed of then; exit 1 if it differs.

    The server must have run with serve.audit on. What is compared: the answer, the prompt, the passages, the verdicts,
    the models and their weights, and the index's generation.
    """
    from rag.config import load_settings
    from rag.facade import Lastro, Models
    from rag.serve.collections import Collections
    from rag.serve.state import State, state_folder

    settings = load_settings()
    folder = state_folder(index_dir, state or settings.serve.state)
    opened = State(folder)
    try:
        kept = opened.answer(answer_id)
    finally:
        opened.close()
    default = Lastro.open(index_dir, settings, Models(settings))
    with Collections(default, folder / "collections").use(kept.collection) as lastro:
        found = replayed(lastro, answer_id, kept.record)
    if as_json:
        print_json({"id": answer_id, "same": not found, "differences": found})
    else:
        _show(found)
    return 1 if found else 0


def replayed(lastro: Any, answer_id: str, record: Any) -> dict[str, Any]:
    """What differs between the recorded answer and one made now: name → {"then", "now"}. Raises NotFound when the
    answer has no record."""
    from rag.serve.audit import differences, record_of, settings_of, where_of

    if record is None:
        raise NotFound(
            f"no record of what answer {answer_id!r} was made of.",
            subject="serve.audit",
            hint="Set serve.audit = true: answers given from then on can be replayed.",
        )
    settings, where = settings_of(record, lastro.settings), where_of(record)
    answer = lastro.ask(record["question"], where=where, settings=settings)
    now = record_of(answer, settings, where, lastro.models)
    return {name: {"then": then, "now": new} for name, (then, new) in differences(record, now).items()}


def _show(found: dict[str, Any]) -> None:
    if not found:
        click.echo("the same answer, from the same passages, with the same verdicts.")
        return
    say(f"not the same: {', '.join(found)}.")
    for name, both in found.items():
        click.echo(f"{name}\n  then: {both['then']}\n  now:  {both['now']}")
