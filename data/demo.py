"""``make demo``: ingest the sample folder and ask three questions, one of which it cannot answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ingest.display import show_report
from ingest.run import ingest_folder
from rag.commands import show_answer
from rag.facade import Lastro

HERE = Path(__file__).parent


def main(index: Path) -> int:
    """0 when every answer is the expected one."""
    report = ingest_folder(HERE / "sample", index)
    show_report(report)
    app = Lastro.open(index)
    wrong = 0
    for item in json.loads((HERE / "demo.json").read_text(encoding="utf-8")):
        click.echo("\n" + click.style(f"» {item['question']}", fg="cyan", bold=True))
        answer = app.ask(item["question"])
        show_answer(answer)
        expected = item["expects"]
        good = answer.abstained if expected is None else not answer.abstained and expected in answer.answer
        if not good:
            wrong += 1
            click.echo(click.style(f"  expected: {expected or 'no answer'}", fg="red"))
    click.echo("\n" + ("demo: all three as expected" if not wrong else f"demo: {wrong} not as expected"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
