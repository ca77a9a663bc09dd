"""Collections: several indexes served by one process over the same models. The first is the one it was started with."""

from __future__ import annotations

import re
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.embed import fingerprint_of
from rag.errors import AlreadyExists, Busy, NotAllowed, NotFound, UsageError
from rag.facade import Lastro
from rag.index import Index

__all__ = ["DEFAULT", "NAME", "Collections"]

DEFAULT = "default"
NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
"""What a collection may be called: it names a folder."""


class Collections:
    """The default collection, and those in ``folder``: ``folder/<name>/index`` and ``folder/<name>/uploads``."""

    def __init__(self, default: Lastro, folder: Path) -> None:
        self._default = default
        self._folder = folder
        self._guard = threading.Lock()
        self._open: dict[str, Lastro] = {DEFAULT: default}
        self._readers: dict[str, int] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """All collections, the default one first."""
        made = sorted(path.name for path in self._folder.iterdir() if re.match(NAME, path.name) and _is_one(path))
        return [DEFAULT, *(name for name in made if name != DEFAULT)]

    @contextmanager
    def use(self, name: str) -> Iterator[Lastro]:
        """The collection, which is not deleted before the block ends. Raises NotFound."""
        with self._guard:
            lastro = self._opened(name)
            self._readers[name] = self._readers.get(name, 0) + 1
        try:
            yield lastro
        finally:
            with self._guard:
                self._readers[name] -= 1

    def uploads(self, name: str) -> Path:
        """Where the files uploaded into a collection are kept. Nothing there is served or run."""
        folder = self._folder / name / "uploads"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def create(self, name: str) -> None:
        """A new empty collection. Raises UsageError, AlreadyExists."""
        if not re.match(NAME, name):
            raise UsageError(
                f"{name[:80]!r} cannot name a collection.",
                subject="name",
                hint="Use up to 63 of a-z, 0-9, - and _, beginning with a letter or digit.",
            )
        with self._guard:
            if name == DEFAULT or _is_one(self._folder / name):
                raise AlreadyExists(f"there is a collection {name!r} already.", subject="name", hint="Choose another.")
            index = self._folder / name / "index"
            Index.create(index, fingerprint_of(self._default.encoder, self._default.settings))
            with Index.open(index).writer():
                pass

    def delete(self, name: str) -> None:
        """The collection with its index and uploads is gone when this returns.

        Raises NotFound, NotAllowed for the default one, and Busy while somebody is using it.
        """
        if name == DEFAULT:
            raise NotAllowed(
                "the default collection is the index this server was started with.",
                subject="name",
                hint="Delete its documents, or stop the server and delete the folder.",
            )
        with self._guard:
            self._opened(name)
            if self._readers.get(name):
                raise Busy(f"the collection {name!r} is in use.", subject="name", hint="Try again in a few seconds.")
            del self._open[name]
            # Renamed first: a deletion that is interrupted leaves no half of a collection under its name.
            gone = self._folder / f".{name}-{uuid.uuid4().hex}"
            (self._folder / name).rename(gone)
        shutil.rmtree(gone)

    def _opened(self, name: str) -> Lastro:
        if name not in self._open:
            folder = self._folder / name
            if not re.match(NAME, name) or not _is_one(folder):
                raise NotFound(
                    f"no collection {name[:80]!r}.", subject="collection", hint="GET /v1/collections lists them."
                )
            self._open[name] = Lastro.open(folder / "index", self._default.settings, self._default.models)
        return self._open[name]


def _is_one(folder: Path) -> bool:
    return (folder / "index" / "catalog.sqlite").is_file()
