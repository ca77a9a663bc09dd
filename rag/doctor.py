"""``lastro doctor``: is everything in place, and is the index what it should be?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from rag.errors import LastroError
from rag.terminal import print_json

__all__ = ["Check", "doctor"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, whether it is well, what was found, and the remedy when it is not."""

    name: str
    well: bool
    found: str
    remedy: str | None = None


@click.command()
@click.option("--index", "index_dir", type=click.Path(path_type=Path), help="An index to check as well.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def doctor(index_dir: Path | None, as_json: bool) -> int:
    """Check the weights, and an index: fingerprint, caches, recall of the dense leg against exact search."""
    checks = list(_checks(index_dir))
    if as_json:
        print_json([{"name": c.name, "well": c.well, "found": c.found, "remedy": c.remedy} for c in checks])
    else:
        for check in checks:
            mark = click.style("✓", fg="green") if check.well else click.style("✗", fg="red")
            click.echo(f"{mark} {check.name}: {check.found}")
            if check.remedy:
                click.echo(f"    → {check.remedy}")
    return 0 if all(check.well for check in checks) else 1


def _checks(index_dir: Path | None) -> Iterator[Check]:
    from rag.config import load_settings
    from rag.models.catalogue import ROLES, Store

    settings = load_settings()
    store = Store(settings.models.cache_dir)
    for role in ROLES:
        state = store.state(role, rehash=True)
        yield Check(f"weights: {role}", state == "ready", state, None if state == "ready" else "lastro models prepare")
    if index_dir is not None:
        try:
            yield from _index_checks(index_dir)
        except LastroError as error:
            yield Check("index", False, error.message, error.hint)


def _index_checks(index_dir: Path) -> Iterator[Check]:
    from rag.facade import Lastro
    from rag.index import measure_recall

    app = Lastro.open(index_dir)
    yield Check("fingerprint", True, app.index.fingerprint.digest)
    repaired = app.index.repair_caches()
    yield Check("caches", True, "verified" if repaired else "in use by a writer, not looked at")
    with app.index.pin() as snapshot:
        yield Check(
            "chunks", len(snapshot) > 0, str(len(snapshot)), None if len(snapshot) else "lastro ingest FOLDER …"
        )
        ids = snapshot.chunk_ids()
        sample = snapshot.passages(ids[:: max(1, len(ids) // 50)][:50])
        queries = app.encoder.encode([chunk.text for chunk in sample], "query")
        recall = measure_recall(snapshot, queries, k=10)
        kind = "exact search" if snapshot.vectors.exact else "HNSW"
        yield Check("recall@10 of the dense leg", recall >= 0.95, f"{recall:.3f} over {len(sample)} queries ({kind})")
        refused = snapshot.refused()
        yield Check("refused files", True, f"{len(refused)} (lastro status lists them)" if refused else "none")
