"""``python -m ingest FOLDER… --index DIR`` is ``lastro ingest``."""

from ingest.cli import ingest
from rag.terminal import run

run(ingest)
