"""The named steps of a commit, where tests kill the process to prove that none of them leaves something in between.

``LASTRO_KILL_AT=commit.inside`` makes a process kill itself (SIGKILL) on reaching that step. It is read here and not in
``rag.config`` because it is no setting: nothing but the fault tests may use it.
"""

from __future__ import annotations

import os
import signal

__all__ = ["STEPS", "reached"]

STEPS = (
    "create.before",
    "create.inside",
    "create.after",
    "lock.taken",
    "upgrade.inside",
    "commit.before",
    "commit.inside",
    "commit.after",
    "caches.swept",
    "vectors.temporary",
    "vectors.renamed",
    "postings.temporary",
    "postings.renamed",
    "caches.recorded",
    "rebuild.stage",
    "rebuild.swap",
    "rebuild.after",
)


def reached(step: str) -> None:
    """Say that ``step`` was reached; dies there when the fault tests ask for it."""
    if os.environ.get("LASTRO_KILL_AT") == step:
        os.kill(os.getpid(), signal.SIGKILL)
