"""``lastro ingest`` and ``lastro status``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rag.terminal import print_json

if TYPE_CHECKING:
    from ingest.report import Report
    from ingest.run import Progress

__all__ = ["ingest", "show_report", "status"]

_COLOURS = {"added": "green", "updated": "cyan", "moved": "cyan", "removed": "yellow", "refused": "red"}


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.option(
    "--forget", is_flag=True, help="Take the documents of FOLDERS out of the index; FOLDERS may be gone from disk."
)
def ingest(folders: tuple[Path, ...], index_dir: Path, as_json: bool, forget: bool) -> int:
    """Make the index agree with FOLDERS: new, changed, moved and removed files are noticed.

    Reads PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, EPUB, HTML, Markdown and plain text. Run it again whenever files
    change: what did not change is not read again. Exit code 0, or 3 when some files were refused (each is named with
    the reason).

    \b
    lastro ingest ~/documents --index ~/documents.lastro
    lastro ingest --forget ~/old-documents --index ~/documents.lastro
    """
    from ingest.forget import forget_folder
    from ingest.run import ingest_folder

    if forget:
        report = forget_folder(list(folders), index_dir)
    else:
        with _progress(quiet=as_json) as progress:
            report = ingest_folder(list(folders), index_dir, progress=progress)
    if as_json:
        print_json(report.to_json())
    else:
        show_report(report)
    return report.exit_code


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking at the folder", total=None)
        yield lambda source, done, of: bar.update(task, description=source[-60:], completed=done, total=of)


def show_report(report: Report) -> None:
    """Print what changed, a line a file, and the totals."""
    for file in sorted(report.files, key=lambda f: (f.outcome == "refused", f.source)):
        if file.outcome == "unchanged":
            continue
        word = click.style(f"{file.outcome:9}", fg=_COLOURS[file.outcome])
        detail = f"  {file.chunks} chunks" if file.chunks else ""
        note = click.style(f"  {file.reason}", dim=True) if file.reason else ""
        click.echo(f"{word} {file.source}{detail}{note}")
    totals = ", ".join(f"{count} {name}" for name, count in report.totals.items() if count)
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items() if value >= 0.05)
    click.echo(f"{totals or 'nothing to do'}" + (f"  ({seconds})" if seconds else ""))


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def status(index_dir: Path, as_json: bool) -> None:
    """What the index holds: documents, chunks, types, languages, generation, and the files that were refused."""
    from rag.index import Index

    with Index.open(index_dir).pin() as snapshot:
        found = _status(snapshot)
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['documents']} documents, {found['chunks']} chunks, generation {found['generation']}")
    click.echo("languages: " + ", ".join(f"{name} {count}" for name, count in found["languages"].items()))
    click.echo("types: " + ", ".join(f"{name.split('/')[-1][:24]} {n}" for name, n in found["types"].items()))
    click.echo(f"fingerprint: {found['fingerprint']}")
    for row in found["sources"]:
        click.echo(f"  {row['source']}  {row['chunks']} chunks, {row['language']}")
    for row in found["refused"]:
        click.echo(click.style("  refused ", fg="red") + f"{row['source']}: {row['reason']}")


def _status(snapshot: Any) -> dict[str, Any]:
    from collections import Counter

    rows = snapshot.documents()
    return {
        "documents": len(rows),
        "chunks": len(snapshot),
        "types": dict(Counter(row.media_type for row in rows)),
        "languages": dict(Counter(row.language for row in rows)),
        "generation": snapshot.generation,
        "fingerprint": snapshot.fingerprint.digest,
        "sources": [
            {
                "doc_id": row.doc_id,
                "source": row.source,
                "title": row.title,
                "media_type": row.media_type,
                "language": row.language,
                "chunks": row.chunks,
                "warnings": list(row.warnings),
            }
            for row in rows
        ],
        "refused": [{"source": state.source, "reason": state.reason} for state in snapshot.refused()],
    }
