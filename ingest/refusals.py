"""The reasons for which files are refused → a few kinds, each with its remedy.

A reason names what is wrong with one file and is kept in the index as it was said; a person with three hundred refused
files needs to know the four things to do. The patterns are of the sentences that walking and reading say; a sentence
that none of them knows is a kind of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Refusals", "group_refusals"]

_EACH_ITS_OWN = "formats that are not read"
"""A kind whose files have remedies of their own."""
_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        r"no text layer|^an image",
        "scans and images",
        "Install tesseract (`lastro doctor` says how) and leave ingest.ocr on, or run OCR on them; then ingest again.",
    ),
    (r"^encrypted|protected by a password", "locked by a password", "Save them without a password."),
    (r"protected by DRM", "locked by DRM", "Only the programs of their seller can read them."),
    (r"declares a document type", "XML that could be a bomb", "Save them again from the program that made them."),
    (
        r"\(ingest\.[a-z_]+\)|^its text is longer",
        "over a limit",
        "Raise the limit that is named, in lastro.toml, or split the file.",
    ),
    (r"zip bomb", "unpack to far too much", "Save them again from the program that made them."),
    (r"^nested too deeply", "nested too deeply", "Save them again from the program that made them."),
    (
        r"^OCR: no text",
        "pictures without text",
        "Nothing is lost if nothing is written on them; else scan them again, larger and straight.",
    ),
    (r"^empty|^no text in it|without pages", "nothing in them", "Nothing is lost; delete them, or fill them."),
    (
        r"save it as (DOCX|PDF|XLSX|PPTX|EML)|flat OpenDocument",
        _EACH_ITS_OWN,
        "Save each as its line says, in the program that made it.",
    ),
    (r"^(an archive(?! of)|a compressed file)", "archives", "Unpack them into the folder."),
    (
        r"^((a )?broken|(a )?damaged|incomplete|not readable|not the PDF|not a PDF that|begins as|not a mail in|"
        r"not valid JSON|no (subtitle|mail) in it|packed by a method)",
        "damaged",
        "Open them in their own program and save them again.",
    ),
    (r"^not a PDF,", "named as what they are not", "Give them the suffix of what they are."),
    (r"^not text in any encoding", "text in an unknown encoding", "Save them as UTF-8."),
    (r"^minified or encoded", "not written for people", "Nothing is lost if their sources are in the folder."),
    (r"not a format that is read", "not documents", "Nothing to do; move them elsewhere to see them here no more."),
    (
        r"^cannot be (read|looked at|listed)",
        "closed to this user",
        "Check their permissions, and the disk they are on.",
    ),
    (
        r"^a link|regular file",
        "links, pipes and devices",
        "Nothing to do for what is read elsewhere; else put the file itself there, or ingest the folder it is in.",
    ),
    (r"not UTF-8; rename", "a name that is not UTF-8", "Rename them."),
    (r"^its reader", "the reader failed", "Save them in another format, and report the file if you can share it."),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kind, remedy) for pattern, kind, remedy in _KINDS)
_OTHERWISE = "Save them in another format (PDF, DOCX, text) and ingest again."


@dataclass(frozen=True, slots=True)
class Refusals:
    """Files refused for one kind of reason: ``files`` are ``(source, reason)`` pairs, sorted."""

    kind: str
    remedy: str
    files: tuple[tuple[str, str], ...]


def group_refusals(refused: Iterable[tuple[str, str]]) -> list[Refusals]:
    """``(source, reason)`` pairs by kind, the kind with most files first; what to do is taken out of each reason where
    the kind's remedy says it."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for source, reason in refused:
        kind, remedy = _kind(reason)
        said = reason if kind in {_EACH_ITS_OWN, reason} else reason.partition(". ")[0]
        groups.setdefault((kind, remedy), []).append((source, said))
    made = [Refusals(kind, remedy, tuple(sorted(files))) for (kind, remedy), files in groups.items()]
    return sorted(made, key=lambda group: (-len(group.files), group.kind))


def _kind(reason: str) -> tuple[str, str]:
    for pattern, kind, remedy in _COMPILED:
        if pattern.search(reason):
            return kind, remedy
    return reason, _OTHERWISE
