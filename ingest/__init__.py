"""FILE → DOCUMENT → CHUNK → index."""

from ingest.forget import forget_folder
from ingest.preview import preview_folder
from ingest.run import ingest_folder
from ingest.watch import watch_folder

__all__ = ["forget_folder", "ingest_folder", "preview_folder", "watch_folder"]
