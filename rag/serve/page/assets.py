"""The page's own files, read once: there is no path from a request to a file system."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

__all__ = ["Asset", "load_assets"]

_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
"""Not left to the system's table, which may call a script plain text: browsers then refuse to run it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; ``tag`` is its entity tag, of its bytes."""

    body: bytes
    media_type: str
    tag: str


def load_assets() -> Mapping[str, Asset]:
    """Name → file of ``static/``; ``fonts/`` is the one folder in it."""
    found = {}
    static = resources.files(__package__) / "static"
    for prefix, folder in (("", static), ("fonts/", static / "fonts")):
        for file in folder.iterdir():
            if file.is_file():
                body = file.read_bytes()
                suffix = "." + file.name.rpartition(".")[2]
                media_type = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "text/plain"
                if media_type.startswith("text/"):
                    media_type += "; charset=utf-8"
                found[prefix + file.name] = Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
    return found
