"""What an ingest did: one outcome a file, totals, seconds a stage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rag.types import Outcome

__all__ = ["FileReport", "Report"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file's line: ``reason`` for a refusal, a move or a warning; ``as_before`` when nothing of it changed."""

    source: str
    outcome: Outcome
    reason: str | None = None
    chunks: int = 0
    root: str = ""
    as_before: bool = False


@dataclass(slots=True)
class Report:
    """Filled while a run goes on; ``generation`` is the index's after it, and ``left`` the files that a run which was
    told to stop did not come to; ``away`` the number of documents kept of each folder that is not there. Reading and
    embedding go on beside the other stages, so that ``seconds`` may be more in sum than the run took."""

    files: list[FileReport] = field(default_factory=list)
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("walk", "read", "split", "embed", "commit"), 0.0)
    )
    generation: int = 0
    chunks_embedded: int = 0
    chunks_reused: int = 0
    left: int = 0
    away: dict[str, int] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, int]:
        counts = Counter(file.outcome for file in self.files)
        return {name: counts.get(name, 0) for name in ("added", "updated", "unchanged", "moved", "removed", "refused")}

    @property
    def exit_code(self) -> int:
        """0 when every file was read, 3 when some were refused, 130 when a stop came before some."""
        if self.left:
            return 130
        return 3 if self.totals["refused"] else 0

    def to_json(self) -> dict[str, Any]:
        files = sorted(self.files, key=lambda file: (file.root, file.source))
        return {
            "files": [
                {"source": f.source, "outcome": f.outcome, "reason": f.reason, "chunks": f.chunks} for f in files
            ],
            "totals": self.totals,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "generation": self.generation,
            "chunks": {"embedded": self.chunks_embedded, "reused": self.chunks_reused},
            "left": self.left,
            "away": self.away,
        }
