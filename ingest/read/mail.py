"""Mail (RFC 5322 and MIME), through the standard library: the subject, who wrote to whom, the text, the attachments.

By the library's old policy: the new one raises IndexError on header fields that are wrong in unforeseen ways. The parts
are walked here and not by its ``get_body``, which leaves out the text that follows an attachment.
"""

from __future__ import annotations

import base64
import binascii
import email
import mimetypes
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.html import read_fragment
from ingest.read.mail_text import by_charset, header_text, own_text_first
from ingest.read.ocr import Ocr
from ingest.read.plain import decode
from rag.errors import UnreadableFile

__all__ = ["read", "write_message"]

_SHOWN = ("From", "To", "Cc", "Date")
_MAILS = frozenset({"message/rfc822", "message/global"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_MOST_NESTED = 5
"""Mails inside one another."""
_MOST_ATTACHMENTS = 100
"""Of a mail and the mails inside it."""
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def read(data: bytes, ocr: Ocr | None = None) -> Extract:
    """The subject is the title and the outermost heading; an attachment is read like a file, under its name.

    An attachment that cannot be read is a warning; one that is a picture is read by ``ocr``. Quoted history comes after
    what the mail itself says.
    """
    if data.startswith(_WIDE):
        data = decode(data)[0].encode("utf-8")
    builder = Builder()
    builder.title = write_message(data, builder, ocr)
    return builder.extract()


def write_message(data: bytes, builder: Builder, ocr: Ocr | None = None) -> str:
    """Write the mail that ``data`` is into ``builder``, below a heading of level 1: its subject, which is returned."""
    return _Mail(builder, ocr).message(_parsed(data), 1)


def _parsed(data: bytes) -> Message:
    return email.message_from_bytes(data.lstrip(b"\r\n"))


class _Mail:
    """Writes one mail, and those inside it, into a builder."""

    def __init__(self, builder: Builder, ocr: Ocr | None) -> None:
        self._builder = builder
        self._ocr = ocr
        self._attachments = 0

    def message(self, message: Message, level: int, name: str = "") -> str:
        """The heading it was given: its subject, or ``name``, or who sent it."""
        fields = {field: _field(message, field) for field in _SHOWN}
        heading = _field(message, "Subject") or name or fields["From"]
        self._builder.heading(level, heading)
        self._builder.block("\n".join(f"{field}: {text}" for field, text in fields.items() if text))
        parts = list(_parts(message))
        for part in parts:
            if _is_body(part):
                self._body(part, level)
        for part in parts:
            if not _is_body(part):
                self._attachment(part, level + 1)
        return heading

    def _body(self, part: Message, level: int) -> None:
        text = _text(part, self._builder)
        if part.get_content_type() == "text/html":
            page = Builder()
            try:
                # lxml refuses text that declares an encoding.
                read_fragment(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", ""), page)
            except UnreadableFile as error:
                self._builder.warnings.append(f"its text in HTML: {error.message}")
            self._append(page.extract(), level)
            return
        for title, piece in own_text_first(text):
            if title:
                self._builder.heading(level + 1, title)
            self._builder.block(piece)

    def _attachment(self, part: Message, level: int) -> None:
        self._attachments += 1
        if self._attachments > _MOST_ATTACHMENTS:
            if self._attachments == _MOST_ATTACHMENTS + 1:
                self._builder.warnings.append(f"more than {_MOST_ATTACHMENTS} attachments: the others were left out")
            return
        name = _name(part)
        try:
            if part.get_content_type() in _MAILS and part.is_multipart():
                self._inside(_carried(part), name, level)
            elif part.get_content_maintype() == "multipart":
                raise UnreadableFile("encrypted")
            else:
                self._file(_bytes(part), name, level)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — a parser's bug on an attachment must not cost the message
            reason = error.message if isinstance(error, UnreadableFile) else f"its reader failed: {error!r}"
            self._builder.warnings.append(f"attachment {name}: {reason}")

    def _inside(self, message: Message, name: str, level: int) -> None:
        if level > _MOST_NESTED:
            raise UnreadableFile(f"more than {_MOST_NESTED} mails inside one another")
        self.message(message, level, name)

    def _file(self, data: bytes, name: str, level: int) -> None:
        from ingest.read import extract, sniff

        if sniff(data, name) == "mail":  # not by ``extract``, which would count the mails inside it from none
            self._inside(_parsed(data), name, level)
            return
        _, found = extract(data, name, self._ocr)
        self._builder.heading(level, name)
        self._append(found, level)
        self._builder.warnings += [f"attachment {name}: {warning}" for warning in found.warnings]

    def _append(self, found: Extract, level: int) -> None:
        """Write what was found elsewhere, with its headings below ``level``."""
        end = 0
        for heading in found.headings:
            self._builder.block(found.text[end : heading.start])
            self._builder.heading(level + heading.level, heading.title)
            end = heading.end
        self._builder.block(found.text[end:])


def _children(part: Message) -> list[Message]:
    payload: Any = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _parts(part: Message) -> Iterator[Message]:
    """The parts that say something, in order: of alternatives the plain text before HTML, no signatures, and of a page
    with its pictures the page."""
    kind = part.get_content_type()
    if not part.is_multipart() or part.get_content_maintype() == "message" or kind == "multipart/encrypted":
        if kind not in _SIGNATURES:
            yield part
    elif kind == "multipart/alternative":
        yield from _preferred([list(_parts(child)) for child in _children(part)])
    else:
        for number, child in enumerate(_children(part)):
            if kind != "multipart/related" or number == 0 or child.get_content_maintype() != "image":
                yield from _parts(child)


def _preferred(alternatives: list[list[Message]]) -> list[Message]:
    """The first that begins with plain text, not blank; else a page; else the last, which its writer holds the best."""
    for parts in alternatives:
        if parts and parts[0].get_content_type() == "text/plain" and _bytes(parts[0]).strip():
            return parts
    pages = [parts for parts in alternatives if parts and parts[0].get_content_type() == "text/html"]
    return (pages or alternatives or [[]])[-1]


def _is_body(part: Message) -> bool:
    """Whether a part is text to be read with the message."""
    named = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return part.get_content_type() in {"text/plain", "text/html"} and not named


def _carried(part: Message) -> Message:
    """The mail that a part carries; some programs encode it in base64, which the standard forbids."""
    inner = _children(part)[0]
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        try:
            return _parsed(base64.b64decode(str(inner.get_payload()), validate=False))
        except binascii.Error as error:
            raise UnreadableFile(f"not a mail in base64 ({error})") from error
    return inner


def _bytes(part: Message) -> bytes:
    if part.is_multipart():  # a report of delivery: groups of header fields
        groups = ["\n".join(f"{name}: {text}" for name, text in child.raw_items()) for child in _children(part)]
        return "\n\n".join(groups).encode("utf-8", "surrogateescape")
    payload: Any = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message, builder: Builder) -> str:
    """The part's text by its declared charset where the bytes are in it, else by what they look like."""
    data = _bytes(part)
    declared = part.get_content_charset() or ""
    text = by_charset(data, declared)
    if text is not None:
        return text
    try:
        text, encoding = decode(data)
    except UnreadableFile as error:
        builder.warnings.append(f"its text: {error.message}")
        return ""
    if declared and not data.isascii():
        builder.warnings.append(f"its text says it is {declared} and is not: read as {encoding}")
    return text


def _name(part: Message) -> str:
    """The file's name; without one, its kind's, with the suffix that tells it."""
    kind = part.get_content_type()
    name = header_text(part.get_filename() or "")
    return name or kind.partition("/")[2] + (mimetypes.guess_extension(kind) or "")


def _field(message: Message, name: str) -> str:
    """A header field decoded, on one line; empty when it is missing."""
    return header_text(next((str(text) for key, text in message.raw_items() if key.lower() == name.lower()), ""))
