"""``lastro config``: the settings in effect, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from rag.terminal import print_json

__all__ = ["config", "effective"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
@click.option("--changed", is_flag=True, help="Only those that are not the default.")
def config(as_json: bool, changed: bool) -> None:
    """Show every setting with its value and where it came from: the default, lastro.toml, or a LASTRO_ variable."""
    rows = [row for row in effective() if not changed or row["from"] != "default"]
    if as_json:
        print_json(rows)
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        origin = "" if row["from"] == "default" else click.style(f"  # {row['from']}", dim=True)
        click.echo(f"{row['name']:{width}} = {_toml(row['value'])}{origin}")


def effective() -> Iterator[dict[str, Any]]:
    """``{"name", "value", "from"}`` of every setting; secrets are starred. Raises ConfigError."""
    from rag.config import load_settings, origin

    for section, values in load_settings().model_dump(mode="json").items():
        for name, value in values.items():
            yield {"name": f"{section}.{name}", "value": value, "from": origin(section, name)}


def _toml(value: Any) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return str(value)
