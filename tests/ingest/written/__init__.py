"""Files as the programs that people use write them; see ``make``."""

from pathlib import Path

__all__ = ["WRITTEN", "written"]

_SOURCES = {".fodt", ".fods", ".py"}
WRITTEN = sorted(path for path in Path(__file__).parent.iterdir() if path.is_file() and path.suffix not in _SOURCES)


def written(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()
