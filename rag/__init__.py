"""Lastro answers questions from a folder of documents, in Portuguese and English, and shows the backing of every
sentence: ``Lastro.open(index_dir).ask("…")``."""

from typing import Any

__all__ = ["Lastro"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `lastro --help` does not wait for numpy and faiss.
    if name == "Lastro":
        from rag.facade import Lastro

        return Lastro
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
