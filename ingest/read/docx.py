"""DOCX, through python-docx: headings, paragraphs, lists and tables in the order of the document."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from ingest.read.builder import Builder, Extract
from rag.errors import UnreadableFile

__all__ = ["read"]

_MAX_MEMBERS = 5_000
_MAX_UNPACKED = 500_000_000
_MAX_RATIO = 200


def read(data: bytes) -> Extract:
    """Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much."""
    _check_archive(data)
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise UnreadableFile(
            f"not a readable Word file ({error})", hint="Open it in Word and save it again."
        ) from error
    builder = Builder(title=document.core_properties.title or "")
    _body(document, builder)
    return builder.extract()


def _body(container: Any, builder: Builder) -> None:
    from docx.table import Table

    for item in container.iter_inner_content():
        if isinstance(item, Table):
            builder.rows([[_cell(cell) for cell in row.cells] for row in item.rows])
            continue
        text = item.text.strip()
        style = item.style.name if item.style is not None else ""
        level = re.fullmatch(r"(?:Heading|Título) (\d)", style or "")
        if not text:
            continue
        if style in {"Title", "Título"}:
            builder.title = builder.title or text
            builder.heading(1, text)
        elif level:
            builder.heading(int(level.group(1)), text)
        elif style and style.startswith(("List", "Lista")):
            builder.block(f"- {text}", separator="\n")
        else:
            builder.block(text)


def _cell(cell: Any) -> str:
    """A cell's paragraphs and, inside it, its tables."""
    parts = [paragraph.text for paragraph in cell.paragraphs]
    parts += ["; ".join(_cell(inner) for row in table.rows for inner in row.cells) for table in cell.tables]
    return " ".join(part for part in parts if part.strip())


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            f"not a readable Word file ({error})", hint="Open it in Word and save it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > _MAX_MEMBERS or unpacked > _MAX_UNPACKED or unpacked > _MAX_RATIO * max(len(data), 10_000):
        raise UnreadableFile(f"unpacks to {unpacked / 1e6:.0f} MB in {len(members)} parts: refused as a zip bomb")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("encrypted", hint="Save it without a password.")
