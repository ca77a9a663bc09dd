"""At the edge of every command: errors become one clear line and an exit code, Ctrl-C and SIGTERM are 130."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from rag.errors import LastroError

__all__ = ["DECODER", "print_json", "run", "say", "stop_asked_for"]

DECODER = "decoder"
"""How the name of a thread begins in which a decoder works."""


def run(command: click.Command, arguments: list[str] | None = None) -> None:
    """Run ``command`` and exit: 0, the error's own code, 2 for wrong usage, 130 for Ctrl-C and SIGTERM."""
    _interrupt_on_sigterm()
    stream = sys.stdout
    try:
        result = command.main(args=arguments, prog_name=command.name, standalone_mode=False)
    except click.exceptions.Abort:
        say("interrupted; what was committed stays, and the same command resumes.")
        _leave(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LastroError as error:
        say(click.style("error: ", fg="red", bold=True) + error.message, error.hint)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `lastro … | head`
        sys.stderr.close()
        sys.exit(0)
    except SystemExit as stop:
        # click makes a closed pipe an exit with 1, and of all its exits only of this one wraps the stream.
        sys.exit(stop.code if sys.stdout is stream else 0)
    sys.exit(result if isinstance(result, int) else 0)


def _leave(code: int) -> NoReturn:
    """Exit; at once where the decoder works: it stops at its next token at the earliest, a long prompt has none for
    many seconds, and the interpreter would wait for its thread."""
    if any(thread.name.startswith(DECODER) for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt_on_sigterm() -> None:
    """What ends a service or a container ends a command as Ctrl-C does: what is in hand is put down in order."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # one that is ignored, or another's, stays so
        signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def stop_asked_for() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets, for a command that finishes what is in hand; a second one interrupts it."""
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        asked.set()
        for name in taken:
            signal.signal(name, signal.default_int_handler)
        # Straight to the system: a handler may run while a buffered stream is in use.
        os.write(2, b"\nfinishing what is in hand; once more stops at once.\n")

    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    taken = [name for name, handler in before.items() if handler is not signal.SIG_IGN]
    for name in taken:
        signal.signal(name, ask)
    try:
        yield asked
    finally:
        for name in taken:
            signal.signal(name, before[name])


def say(message: str, hint: str | None = None) -> None:
    """A line to standard error, coloured only on a terminal."""
    click.echo(message, err=True)
    if hint:
        click.echo(click.style("  → ", dim=True) + hint, err=True)


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))
