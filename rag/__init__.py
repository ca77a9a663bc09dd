"""Lastro answers questions from a folder of documents, in Portuguese and English, and shows the backing of every
sentence: ``Lastro.open(index_dir).ask("…")``."""

import os
from typing import Any

__all__ = ["Lastro"]
__version__ = "0.1.0"

# From version 1.29 on the packages of ONNX Runtime send their maker what is done with them, and keep a number of this
# machine in the user's cache. They look once, when they are loaded: so before anything of ours can load them.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `lastro --help` does not wait for numpy and faiss.
    if name == "Lastro":
        from rag.facade import Lastro

        return Lastro
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
