"""Near-duplicates in the catalog: every chunk has a signature, every signature its cluster, all in the one commit.

``signatures`` holds each once, however many chunks have it, so that the thousandth copy costs what the second did;
``sketches`` finds those that may resemble one. A cluster is a connected component of "resembles by ``THRESHOLD``", and
its number the least of its signatures': which chunks belong together depends on what is in the index alone, never on
the order in which it came or on what was there before. All members tell the same (see ``rag.index.signature``), so that
a chain of small differences cannot lead from one version to another.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.index.filters import condition
from rag.index.signature import THRESHOLD, Signature, resemblance, sign
from rag.types import Filter

__all__ = ["clusters", "near_duplicates", "regroup", "sign_all", "signature_id", "signatures_of"]

_AT_A_TIME = 500


def signature_id(db: sqlite3.Connection, signature: Signature) -> tuple[int, bool]:
    """The id of ``signature``, and whether it is new: then a cluster of its own until ``regroup``."""
    digest = signature.digest
    row = db.execute("SELECT signature_id FROM signatures WHERE digest = ?", (digest,)).fetchone()
    if row is not None:
        return int(row[0]), False
    (number,) = db.execute("SELECT coalesce(max(signature_id), 0) + 1 FROM signatures").fetchone()
    db.execute("INSERT INTO signatures VALUES (?, ?, ?)", (number, digest, number))
    db.executemany("INSERT INTO sketches VALUES (?, ?)", [(value, number) for value in signature.sketch])
    return int(number), True


def signatures_of(db: sqlite3.Connection, doc_id: str) -> set[int]:
    """The signatures of a document's chunks."""
    rows = db.execute("SELECT DISTINCT signature FROM chunks WHERE doc_id = ? AND signature IS NOT NULL", (doc_id,))
    return {row[0] for row in rows}


def regroup(db: sqlite3.Connection, new: Iterable[int], left: Iterable[int]) -> None:
    """Bring clusters up to date after signatures came (``new``) or lost chunks (``left``), inside the caller's
    transaction.

    A signature without chunks is removed; the rest of its cluster may fall apart without it and is put together anew.
    """
    again = set(new)
    broken = set()
    for number in left:
        if db.execute("SELECT 1 FROM chunks WHERE signature = ? LIMIT 1", (number,)).fetchone() is None:
            broken.add(_cluster(db, number))
            db.execute("DELETE FROM signatures WHERE signature_id = ?", (number,))
            again.discard(number)
    for cluster in broken:
        again.update(row[0] for row in db.execute("SELECT signature_id FROM signatures WHERE cluster = ?", (cluster,)))
        db.execute("UPDATE signatures SET cluster = signature_id WHERE cluster = ?", (cluster,))
    known: dict[int, Signature] = {}
    for number in sorted(again):
        _join(db, number, known)


def _join(db: sqlite3.Connection, number: int, known: dict[int, Signature]) -> None:
    """Unite the cluster of ``number`` with those of the signatures it resembles."""
    own = _cluster(db, number)
    united = {own}
    candidates = db.execute(
        "SELECT DISTINCT s.signature_id, s.cluster FROM sketches mine JOIN sketches k USING (value) "
        "JOIN signatures s ON s.signature_id = k.signature_id WHERE mine.signature_id = ? ORDER BY s.signature_id",
        (number,),
    ).fetchall()
    for other, cluster in candidates:
        if cluster in united or resemblance(_signature(db, number, known), _signature(db, other, known)) < THRESHOLD:
            continue
        united.add(cluster)
        own, former = min(own, cluster), max(own, cluster)
        db.execute("UPDATE signatures SET cluster = ? WHERE cluster = ?", (own, former))


def _cluster(db: sqlite3.Connection, number: int) -> int:
    (cluster,) = db.execute("SELECT cluster FROM signatures WHERE signature_id = ?", (number,)).fetchone()
    return int(cluster)


def _signature(db: sqlite3.Connection, number: int, known: dict[int, Signature]) -> Signature:
    """Computed again from any chunk that has it: hashes take more room than the text they are of."""
    if number not in known:
        title, headings, text = db.execute(
            "SELECT d.title, c.headings, c.text FROM chunks c JOIN documents d USING (doc_id) "
            "WHERE c.signature = ? LIMIT 1",
            (number,),
        ).fetchone()
        known[number] = sign(title, json.loads(headings), text)
    return known[number]


def sign_all(db: sqlite3.Connection) -> None:
    """Every chunk signed anew, inside the caller's transaction."""
    db.execute("UPDATE chunks SET signature = NULL")
    db.execute("DELETE FROM signatures")
    last = -1
    while rows := db.execute(
        "SELECT c.chunk_id, d.title, c.headings, c.text FROM chunks c JOIN documents d USING (doc_id) "
        "WHERE c.chunk_id > ? ORDER BY c.chunk_id LIMIT ?",
        (last, _AT_A_TIME),
    ).fetchall():
        new = set()
        for chunk_id, title, headings, text in rows:
            number, is_new = signature_id(db, sign(title, json.loads(headings), text))
            db.execute("UPDATE chunks SET signature = ? WHERE chunk_id = ?", (number, chunk_id))
            new |= {number} if is_new else set()
        regroup(db, new, ())
        last = rows[-1][0]


def near_duplicates(db: sqlite3.Connection, ids: Sequence[int], where: Filter | None) -> list[list[int]]:
    """The groups of two or more chunks that ``where`` lets through and of which one is in ``ids``; ids ascending."""
    passed, values = "", list[str | int]()
    if where is not None and where != Filter():
        test, values = condition(where)
        passed = f"JOIN documents d USING (doc_id) WHERE {test}"
    groups: dict[int, set[int]] = defaultdict(set)
    for i in range(0, len(ids), _AT_A_TIME):
        part = [int(chunk_id) for chunk_id in ids[i : i + _AT_A_TIME]]
        rows = db.execute(
            "WITH wanted AS (SELECT DISTINCT s.cluster FROM chunks c JOIN signatures s ON s.signature_id = c.signature "
            f"WHERE c.chunk_id IN ({','.join('?' * len(part))})) "
            "SELECT s.cluster, c.chunk_id FROM wanted CROSS JOIN signatures s USING (cluster) "
            f"CROSS JOIN chunks c ON c.signature = s.signature_id {passed}",
            [*part, *values],
        )
        for cluster, chunk_id in rows:
            groups[cluster].add(chunk_id)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def clusters(signatures: Sequence[Signature]) -> list[list[int]]:
    """The same groups of signatures held in memory, two or more each, as their places in the list, ascending."""
    leader = list(range(len(signatures)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    first: dict[tuple[int, ...], int] = {}
    having: dict[int, list[int]] = defaultdict(list)
    for place, signature in enumerate(signatures):
        leader[place] = first.setdefault(signature.shingles, place)
        if leader[place] != place:
            continue
        for other in dict.fromkeys(other for value in signature.sketch for other in having[value]):
            one, two = find(other), find(place)
            if one != two and resemblance(signatures[other], signature) >= THRESHOLD:
                leader[max(one, two)] = min(one, two)
        for value in signature.sketch:
            having[value].append(place)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in range(len(signatures)):
        groups[find(place)].append(place)
    return [group for group in groups.values() if len(group) > 1]
