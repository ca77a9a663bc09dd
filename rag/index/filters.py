"""A reader's filter → the condition in SQL that lets the same chunks through."""

from __future__ import annotations

from rag.types import Filter

__all__ = ["condition"]


def condition(where: Filter) -> tuple[str, list[str | int]]:
    """The condition on ``chunks c`` joined with ``documents d``, and its values; ``where`` restricts something."""
    tests: list[str] = []
    values: list[str | int] = []
    for column, wanted in (("d.media_type", where.media_types), ("c.language", where.languages)):
        if wanted:
            tests.append(f"{column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    if where.doc_ids:
        tests.append(f"c.doc_id IN ({','.join('?' * len(where.doc_ids))})")
        values += where.doc_ids
    if where.sources:
        tests.append("(" + " OR ".join("d.source = ? OR d.source GLOB ?" for _ in where.sources) + ")")
        values += [value for source in where.sources for value in (source, source)]
    for bound, limit in ((">=", where.modified_from), ("<", where.modified_before)):
        if limit is not None:
            tests.append(f"c.doc_id IN (SELECT doc_id FROM files WHERE mtime_ns {bound} ?)")
            values.append(limit)
    return " AND ".join(tests), values
