"""``lastro doctor``: is everything in place, and is the index what it should be?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.errors import IndexFailure, IndexLocked, LastroError
from rag.terminal import print_json

if TYPE_CHECKING:
    from rag.index import Index

__all__ = ["Check", "doctor"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, whether it is well, what was found, and the remedy when it is not.

    ``exit_code`` is that of the error a command would end with.
    """

    name: str
    well: bool
    found: str
    remedy: str | None = None
    exit_code: int = 0


@click.command()
@click.option("--index", "index_dir", type=click.Path(path_type=Path), help="An index to check as well.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def doctor(index_dir: Path | None, as_json: bool) -> int:
    """Check the weights, OCR, and an index: catalog, caches, fingerprint, recall of the dense leg against exact search.

    Damaged caches are built again. Exit code 0, or that of the first thing that is not well: 5 the index, 6 the
    weights, 7 the disk.
    """
    checks = list(_checks(index_dir))
    if as_json:
        print_json([{"name": c.name, "well": c.well, "found": c.found, "remedy": c.remedy} for c in checks])
    else:
        for check in checks:
            mark = click.style("✓", fg="green") if check.well else click.style("✗", fg="red")
            click.echo(f"{mark} {check.name}: {check.found}")
            if check.remedy:
                click.echo(f"    → {check.remedy}")
    return next((check.exit_code for check in checks if not check.well), 0)


def _checks(index_dir: Path | None) -> Iterator[Check]:
    from rag.config import load_settings
    from rag.models.catalogue import ROLES, Store, state_of
    from rag.models.prepare import problem

    settings = load_settings()
    store = Store(settings.models.cache_dir)
    for role in ROLES:
        chosen = getattr(settings.models, role)
        if chosen != "embedded":
            yield Check(f"weights: {role}", True, f"not used (models.{role} is {chosen})")
            continue
        wrong = problem(store, role)
        if wrong is None:
            yield Check(f"weights: {role}", True, "ready")
        else:
            yield _failed(f"weights: {role}", wrong, f"{state_of(wrong)}: {wrong.message}")
    yield _ocr(settings.ingest.ocr)
    if index_dir is not None:
        try:
            yield from _index_checks(index_dir)
        except LastroError as error:
            yield _failed("index", error)


def _ocr(wanted: bool) -> Check:
    """Not to have it is well: scans are reported then."""
    from importlib.util import find_spec

    from ingest.read import ocr

    if not wanted:
        return Check("OCR", True, "switched off (ingest.ocr): scans and images are reported, not read")
    engine = ocr.installed()
    if engine is None:
        return Check("OCR", True, "not available: scans and images are reported, not read", ocr.HINT)
    found = f"tesseract {engine.version} ({', '.join(engine.languages)})"
    if missing := sorted({"por", "eng"} - set(engine.languages)):
        return Check(
            "OCR", True, found, f"Install its language data: tesseract-ocr-{', tesseract-ocr-'.join(missing)}."
        )
    if find_spec("PIL") is None:
        return Check("OCR", True, f"{found}, for PDF files only", "pip install 'lastro[ocr]' reads images too.")
    return Check("OCR", True, found)


def _failed(name: str, error: LastroError, found: str | None = None) -> Check:
    return Check(name, False, found or error.message, error.hint, error.exit_code)


def _index_checks(index_dir: Path) -> Iterator[Check]:
    """What can be known without the models comes first, so that missing weights hide nothing of the index."""
    from rag.index import Index

    index = Index.open(index_dir)
    problems = index.check()
    yield Check("catalog", True, f"{index_dir / 'catalog.sqlite'} is whole")
    yield _caches(index, "; ".join(problems))
    with index.pin() as snapshot:
        count, refused = len(snapshot), snapshot.refused()
    if count:
        yield Check("chunks", True, str(count))
    else:
        yield Check("chunks", False, "0", f"Run `lastro ingest FOLDER --index {index_dir}`.", IndexFailure.exit_code)
    yield Check("refused files", True, f"{len(refused)} (lastro status lists them)" if refused else "none")
    try:
        yield from _recall(index_dir)
    except LastroError as error:
        yield _failed("fingerprint", error)


def _caches(index: Index, problems: str) -> Check:
    if not problems:
        return Check("caches", True, "verified")
    try:
        index.repair_caches()
    except IndexLocked as error:  # its writer may be about to mend them, and readers need none
        return Check("caches", True, error.message, error.hint)
    except LastroError as error:
        return _failed("caches", error, f"{problems}; {error.message}")
    return Check("caches", True, f"mended ({problems})")


def _recall(index_dir: Path) -> Iterator[Check]:
    from rag.facade import Lastro
    from rag.index import measure_recall

    app = Lastro.open(index_dir)
    yield Check("fingerprint", True, app.index.fingerprint.digest)
    with app.index.pin() as snapshot:
        ids = snapshot.chunk_ids()
        sample = snapshot.passages(ids[:: max(1, len(ids) // 50)][:50])
        queries = app.encoder.encode([chunk.text for chunk in sample], "query")
        recall = measure_recall(snapshot, queries, k=10)
        kind = "exact search" if snapshot.vectors.exact else "HNSW"
    found = f"{recall:.3f} over {len(sample)} queries ({kind})"
    remedy = f"Delete {index_dir / 'cache'} and run this again: it is built anew."
    well = recall >= 0.95
    yield Check("recall@10 of the dense leg", well, found, None if well else remedy, IndexFailure.exit_code)
