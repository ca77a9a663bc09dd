"""Draw ``docs/answer.svg``: what ``lastro ask`` prints for a question about the sample folder, with real models.

    python docs/picture.py INDEX [QUESTION…]

rich, because its consoles export what they show as SVG.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from rag.commands import show_answer
from rag.facade import Lastro

QUESTIONS = ("Qual é o prazo de garantia da bomba?", "How many days of paternity leave do we get?")


def main(index: str, *questions: str) -> None:
    app = Lastro.open(Path(index))
    console = Console(record=True, width=104, file=io.StringIO())
    for number, question in enumerate(questions or QUESTIONS):
        console.print(("\n" if number else "") + f'[bold cyan]$ lastro ask "{question}" --index docs.lastro[/]')
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), click.Context(click.Command("ask"), color=True).scope():
            show_answer(app.ask(question))
        console.print(Text.from_ansi(shown.getvalue().rstrip()))
    # Without the web fonts that rich links to: the picture loads nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="lastro ask"), flags=re.DOTALL)
    target = Path(__file__).parent / "answer.svg"
    target.write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE).strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
