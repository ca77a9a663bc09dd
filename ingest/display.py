"""What an ingest shows on a terminal: a live line while it goes on, tables at its end; plain lines elsewhere."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.progress import Pace, Progress, Step, duration
from ingest.refusals import group_refusals
from rag.terminal import say

if TYPE_CHECKING:
    from ingest.preview import Preview
    from ingest.reindex import Reindexed
    from ingest.report import Report
    from ingest.status import Holdings

__all__ = [
    "batch_line",
    "live_progress",
    "plain_progress",
    "show_holdings",
    "show_preview",
    "show_reindexed",
    "show_report",
    "shown",
]

_COLOURS = {
    "added": "green",
    "updated": "cyan",
    "moved": "cyan",
    "removed": "yellow",
    "refused": "red",
    "tried again": "magenta",
}
_DOING = {
    "walk": "looking at the folder",
    "read": "reading",
    "split": "splitting",
    "embed": "embedding",
    "commit": "committing",
}
_LISTED = 12
"""Files of one kind that are named on a terminal before the rest is counted; ``--json`` and ``--report`` name all."""

_NOTE = 300
"""Characters of a note on a terminal."""
_PLAIN_EVERY_S = 10.0
_STAGE_WIDTH = max(len(doing) for stage, doing in _DOING.items() if stage != "walk")


@contextmanager
def live_progress() -> Iterator[Progress]:
    """On a terminal a line that moves: bar, files, pages, chunks, rate, time left, stage. Elsewhere plain lines."""
    if not sys.stderr.isatty():
        yield plain_progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[counts]}"),
        # The file gives way when the terminal is narrow: the figures do not.
        TextColumn("{task.fields[subject]}", style="dim", markup=False, table_column=Column(ratio=1, no_wrap=True)),
    )
    pace = Pace()
    with Bar(*columns, console=Console(stderr=True), transient=True, expand=True) as bar:
        task = bar.add_task(_DOING["walk"], total=None, counts="", subject="")

        def show(step: Step) -> None:
            bar.update(
                task,
                description=f"{_DOING[step.stage]:{_STAGE_WIDTH}}" if step.of is not None else _DOING[step.stage],
                completed=step.files,
                total=step.of,
                counts=_counts(step, pace),
                subject=f" {shown(step.subject)}",
            )

        yield show


def plain_progress(every_s: float = _PLAIN_EVERY_S) -> Progress:
    """Lines to standard error, one at most every ``every_s`` seconds: a log of a long run, nothing for a short one."""
    pace = Pace()
    last = time.monotonic()

    def show(step: Step) -> None:
        nonlocal last
        counts, now = _counts(step, pace), time.monotonic()
        if now - last >= every_s and counts:
            last = now
            say(f"{counts}: {_DOING[step.stage]} {shown(step.subject)}".rstrip())

    return show


def _counts(step: Step, pace: Pace) -> str:
    """``12/40 files, 96 pages, 512 chunks, 3.1 files/s, 9.0 s left``; empty while the folder is looked through."""
    if step.of is None:
        return ""
    parts = [f"{step.files}/{step.of} files"]
    parts += [f"{step.pages} pages"] if step.pages else []
    parts += [f"{step.chunks} chunks"] if step.chunks else []
    if (at := pace.of(step)) is not None:
        rate, left = at
        parts.append(f"{rate:.1f} files/s" if rate >= 1 else f"{rate * 60:.1f} files/min")
        parts += [f"{duration(left) if left >= 10 else f'{left:.0f} s'} left"] if left >= 1 else []
    return ", ".join(parts)


def show_report(report: Report, index_dir: Path | None = None) -> None:
    """Print what changed, a line a file; the totals by outcome; the refused files by reason, with the remedy; and
    folders that are not there any more, with how the index at ``index_dir`` forgets them."""
    changed = [file for file in report.files if file.outcome not in {"unchanged", "refused"}]
    for file in sorted(changed, key=lambda f: f.source):
        detail = f"  {file.chunks} chunks" if file.chunks else ""
        _line(file.outcome, f"{file.source}{detail}", file.reason)
    chunks = dict.fromkeys(report.totals, 0)
    for file in report.files:
        chunks[file.outcome] += file.chunks
    rows = [(name, str(count), str(chunks[name] or "")) for name, count in report.totals.items() if count]
    if changed:
        click.echo()
    if rows:
        _table(("outcome", "files", "chunks"), rows)
    spent = ", ".join(f"{name} {duration(value)}" for name, value in report.seconds.items() if value >= 0.05)
    click.echo(
        f"{'generation' if rows else 'nothing to do; generation'} {report.generation}" + f"  ({spent})" * bool(spent)
    )
    _show_refused([(file.source, file.reason or "") for file in report.files if file.outcome == "refused"])
    for root, documents in report.away.items():
        click.echo()
        click.echo(
            click.style(f"{documents} documents of {shown(root)} still answer", fg="yellow") + "; it is not there"
        )
        command = shlex.join(["lastro", "ingest", "--forget", shown(root), "--index", str(index_dir or "INDEX")])
        click.echo(click.style("  → ", dim=True) + f"Is it gone for good, or under another name: {command}")


def batch_line(report: Report) -> str:
    """What a batch of ``--watch`` changed, as one line: ``1 added, 1 refused: a.txt, b.txt (empty file)  (0.4 s)``."""
    counts = ", ".join(f"{count} {name}" for name, count in report.totals.items() if count)
    names = [
        f"{shown(f.source)} ({_short(f.reason or '')})" if f.outcome == "refused" else shown(f.source)
        for f in report.files
    ]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{counts}: {', '.join(names[:3])}{more}  ({duration(sum(report.seconds.values()))})"


def show_preview(preview: Preview) -> None:
    """Print what an ingest would do, a line a file, and the totals."""
    for file in sorted(preview.files, key=lambda f: (f.expected == "refused", f.source)):
        if file.expected != "unchanged":
            _line(file.expected, file.source, file.reason)
    totals = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in preview.totals.items() if count)
    click.echo(f"would be: {totals}. Nothing was written; a file to be read may yet be refused.")


def show_reindexed(done: Reindexed) -> None:
    """Print what a rebuild changed, and what it took."""
    if not done.differences:
        click.echo(f"nothing to do: the index is what today's settings ask for; generation {done.generation}")
        return
    for difference in done.differences:
        click.echo(difference)
    resumed = f", {done.resumed} of a run before" * bool(done.resumed)
    click.echo(
        f"{done.documents} documents rebuilt{resumed}; {done.chunks_embedded} chunks embedded, {done.chunks_reused} "
        f"reused; generation {done.generation}  ({duration(done.seconds)})"
    )


def show_holdings(found: Holdings) -> None:
    """Print what an index holds: totals, types, languages, documents, and the refused files by reason."""
    click.echo(
        f"{len(found.documents)} documents, {found.pages} pages, {found.chunks} chunks, "
        f"generation {found.generation}, fingerprint {found.fingerprint}"
    )
    for head, shares in (("type", found.by_type), ("language", found.by_language)):
        if shares:
            click.echo()
            _table((head, "documents", "chunks"), [(s.name, str(s.documents), str(s.chunks)) for s in shares])
    if found.documents:
        click.echo()
        rows = [(shown(row.source), str(row.chunks), row.language) for row in found.documents[:_LISTED]]
        _table(("document", "chunks", "language"), rows)
        _and_more(len(found.documents))
    _show_refused([(state.source, state.reason or "") for state in found.refused])


def _show_refused(refused: Sequence[tuple[str, str]]) -> None:
    for group in group_refusals(refused):
        click.echo()
        click.echo(click.style(f"refused: {group.kind}", fg="red") + f" ({len(group.files)})")
        click.echo(click.style("  → ", dim=True) + group.remedy)
        for source, reason in group.files[:_LISTED]:
            click.echo(f"  {shown(source)}" + click.style(f"  {_short(reason)}", dim=True))
        _and_more(len(group.files))


def _and_more(files: int) -> None:
    if files > _LISTED:
        click.echo(click.style(f"  and {files - _LISTED} more; --json names them all", dim=True))


def _line(outcome: str, what: str, note: str | None) -> None:
    word = click.style(f"{outcome:11}", fg=_COLOURS.get(outcome))
    click.echo(f"{word} {shown(what)}" + (click.style(f"  {_short(note)}", dim=True) if note else ""))


def shown(name: str) -> str:
    """A file's name on one line, and as it is: line breaks, a terminal's commands and what turns the direction of
    writing are shown by their numbers."""
    return "".join(c if c.isprintable() or c == "\u00a0" else c.encode("unicode_escape").decode() for c in name)


def _short(note: str) -> str:
    """Of a long note the beginning: a mailbox may have hundreds of warnings."""
    clean = shown(note)
    return clean if len(clean) <= _NOTE else f"{clean[:_NOTE].rstrip()}… (--json says all)"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them; all but words are set to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    numeric = [all(not cell or cell.isdigit() for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate([head, *rows]):
        cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
        click.echo(click.style("  ".join(cells).rstrip(), dim=number == 0))
