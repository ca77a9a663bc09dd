"""``lastro ingest``, ``lastro reindex`` and ``lastro status``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.errors import UsageError
from rag.terminal import print_json

if TYPE_CHECKING:
    from ingest.report import Report

__all__ = ["ingest", "reindex", "status"]

_HOW_ONLY_ONE = {
    ("--watch", "--dry-run"): "A dry run ends at once. Look with --dry-run first, then follow the folder with --watch.",
    ("--watch", "--forget"): "Forget the folder in a command of its own.",
    ("--watch", "--report"): "A report is of one ingest. Run one with --report, or follow the folder with --watch.",
    ("--dry-run", "--forget"): "`lastro status` shows what would be forgotten.",
    ("--dry-run", "--report"): "A dry run reads no file that a report could tell of; --json has all that it says.",
    ("--forget", "--report"): "`lastro status` shows what is left.",
}


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option(
    "--json", "as_json", is_flag=True, help="The report as JSON on standard output; with --watch, a line a batch."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing at all. Exit code 0.")
@click.option(
    "--watch",
    is_flag=True,
    help="Then follow FOLDERS: what changes is ingested as soon as it is written. Ends with Ctrl-C, exit code 0.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Also write one HTML page: formats, languages, time by stage, refused files with what to do, warnings.",
)
@click.option(
    "--forget", is_flag=True, help="Take the documents of FOLDERS out of the index; FOLDERS may be gone from disk."
)
def ingest(
    folders: tuple[Path, ...],
    index_dir: Path,
    as_json: bool,
    dry_run: bool,
    watch: bool,
    page: Path | None,
    forget: bool,
) -> int:
    """Make the index agree with FOLDERS: new, changed, moved and removed files are noticed.

    Reads PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, RTF, HTML, Markdown, plain text, CSV, JSON, mail, subtitles
    and source code; pictures and scans where tesseract is installed. Run it again whenever files change, or let it
    --watch: what did not change is not read again. Exit code 0, or 3 when some files were refused (each is named with
    the reason, and each kind of reason with what to do). Ctrl-C finishes the batch in hand; the same command goes on
    from there; a second one stops at once.

    \b
    lastro ingest ~/documents --index ~/documents.lastro
    lastro ingest ~/documents --index ~/documents.lastro --dry-run
    lastro ingest ~/documents --index ~/documents.lastro --report ingest.html
    lastro ingest ~/documents --index ~/documents.lastro --watch
    lastro ingest --forget ~/old-documents --index ~/documents.lastro
    """
    _check_options({"--watch": watch, "--dry-run": dry_run, "--forget": forget, "--report": page is not None})
    if dry_run:
        _preview(folders, index_dir, as_json)
        return 0
    if watch:
        _watch(folders, index_dir, as_json)
        return 0
    report = _forgotten(folders, index_dir) if forget else _ingested(folders, index_dir, as_json, page)
    if as_json:
        print_json(report.to_json())
    else:
        from ingest.display import show_report

        show_report(report, index_dir)
    if report.left:
        from rag.terminal import say

        say(f"interrupted with {report.left} files left; what was committed stays, and the same command resumes.")
    return report.exit_code


def _check_options(given: dict[str, bool]) -> None:
    for pair, hint in _HOW_ONLY_ONE.items():
        if all(given[name] for name in pair):
            raise UsageError(f"{pair[0]} and {pair[1]} do not go together.", subject=pair[0], hint=hint)


def _preview(folders: tuple[Path, ...], index_dir: Path, as_json: bool) -> None:
    from ingest.display import show_preview
    from ingest.preview import preview_folder

    preview = preview_folder(folders, index_dir)
    if as_json:
        print_json(preview.to_json())
    else:
        show_preview(preview)


def _forgotten(folders: tuple[Path, ...], index_dir: Path) -> Report:
    from ingest.forget import forget_folder

    return forget_folder(folders, index_dir)


def _ingested(folders: tuple[Path, ...], index_dir: Path, quiet: bool, page: Path | None) -> Report:
    from ingest.display import live_progress
    from ingest.run import ingest_folder
    from rag.terminal import stop_asked_for

    if page is not None:
        from ingest.page import check_target

        check_target(page)
    with stop_asked_for() as stop:
        if quiet:
            report = ingest_folder(folders, index_dir, stopped=stop.is_set)
        else:
            with live_progress() as progress:
                report = ingest_folder(folders, index_dir, progress=progress, stopped=stop.is_set)
    if page is not None:
        _write_page(page, report, folders, index_dir)
    return report


def _write_page(page: Path, report: Report, folders: tuple[Path, ...], index_dir: Path) -> None:
    from ingest.page import Ingested, write_page
    from ingest.status import holdings
    from rag.index import Index

    with Index.open(index_dir).pin() as snapshot:
        held = holdings(snapshot)
    write_page(page, Ingested(report, held, folders, index_dir, datetime.now().astimezone()))


def _watch(folders: tuple[Path, ...], index_dir: Path, as_json: bool) -> None:
    from ingest.display import batch_line, live_progress, show_report
    from ingest.watch import watch_folder
    from rag.terminal import say, stop_asked_for

    with stop_asked_for() as stop:
        if as_json:
            for report in watch_folder(folders, index_dir, stop=stop, tell=say):
                print_json(report.to_json())
            return
        with live_progress() as progress:
            batches = watch_folder(folders, index_dir, progress=progress, stop=stop, tell=say)
            first = next(batches)
        show_report(first, index_dir)
        if not stop.is_set():
            click.echo("following; Ctrl-C ends.")
        for report in batches:
            click.echo(click.style(f"{datetime.now():%H:%M:%S}  ", dim=True) + batch_line(report))
    click.echo("ended; what was committed stays.")


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON on standard output.")
def reindex(index_dir: Path, as_json: bool) -> None:
    """Make the index what today's settings ask for: another encoder, other chunks, another analyser.

    From the texts the index holds: no file is read. Meanwhile it goes on answering questions put with the settings it
    was built with; at the end the new one takes its place in one commit. Stopped, it goes on from there when run again.

    \b
    LASTRO_CHUNKS__TOKENS=96 lastro reindex --index ~/documents.lastro
    """
    from ingest.display import live_progress, show_reindexed
    from ingest.reindex import reindex as rebuild

    if as_json:
        print_json(rebuild(index_dir).to_json())
        return
    with live_progress() as progress:
        done = rebuild(index_dir, progress=progress)
    show_reindexed(done)


@click.command()
@click.option("--index", "index_dir", required=True, type=click.Path(path_type=Path), help="Folder of the index.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output, every document named.")
def status(index_dir: Path, as_json: bool) -> None:
    """What the index holds: documents and chunks by type and language, generation, fingerprint, refused files.

    \b
    lastro status --index ~/documents.lastro
    lastro status --index ~/documents.lastro --json
    """
    from ingest.display import show_holdings
    from ingest.status import holdings
    from rag.index import Index

    with Index.open(index_dir).pin() as snapshot:
        found = holdings(snapshot)
    if as_json:
        print_json(found.to_json())
    else:
        show_holdings(found)
