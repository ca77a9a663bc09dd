"""A mailbox (mbox, RFC 4155): its mails one after the other."""

from __future__ import annotations

import re

from ingest.read.builder import Builder, Extract
from ingest.read.mail import write_message
from ingest.read.ocr import Ocr
from rag.errors import UnreadableFile

__all__ = ["read"]

_POSTMARK = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S[^\n]*\d{1,2}:\d{2}[^\n]*\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read(data: bytes, ocr: Ocr | None = None) -> Extract:
    """Each mail under its subject, a heading of level 1. A line "From …" without a time is a mail's own text."""
    builder = Builder()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    marks = list(_POSTMARK.finditer(data))
    if not marks:
        raise UnreadableFile("no mail in it", hint="Save each mail as .eml.")
    ends = [mark.start() for mark in marks[1:]] + [len(data)]
    warned: dict[str, list[int]] = {}
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True), 1):
        try:
            write_message(_QUOTED.sub(rb"\1", data[mark.end() : end]), builder, ocr)
        except RecursionError:
            builder.warnings.append("nested too deeply")
        for warning in builder.warnings:
            warned.setdefault(warning, []).append(number)
        builder.warnings.clear()
    builder.warnings += [f"{_mails(numbers)}: {warning}" for warning, numbers in warned.items()]
    return builder.extract()


def _mails(numbers: list[int]) -> str:
    """``mail 4``, or ``3 mails from mail 4 on``: a mailbox of ten years says the same of hundreds."""
    different = list(dict.fromkeys(numbers))
    return f"mail {different[0]}" if len(different) == 1 else f"{len(different)} mails from mail {different[0]} on"
