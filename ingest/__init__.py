"""FILE → DOCUMENT → CHUNK → index."""

from ingest.run import ingest_folder

__all__ = ["ingest_folder"]
