"""Zip-based files (Office, OpenDocument, EPUB), opened within limits that do not trust what their headers say.

A header says how much a member unpacks to; whoever makes a zip bomb writes it. So bytes are counted while they come
out, over all members together: what overlaps in the file is counted as often as it is listed. No archive inside one is
opened. XML may not declare a document type: none of these formats needs one, and it is where entities are made, which
are the bombs of XML and its ways to the network and to local files.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from rag.errors import UnreadableFile

__all__ = ["MAX_MEMBERS", "MAX_RATIO", "MAX_UNPACKED", "Archive", "check", "kind", "parse_xml"]

MAX_MEMBERS = 10_000
MAX_UNPACKED = 500_000_000
"""Bytes, of all members together."""
MAX_MEMBER = 300_000_000
"""Bytes of one member: a parser needs several times as much memory."""
MAX_RATIO = 200
"""Unpacked bytes a packed one. Deflate reaches 1,032 on a run of one byte."""
_NEVER_A_BOMB = 10_000_000
"""Bytes that need no ratio: a form of a thousand equal lines packs very well and harms nobody."""
_BLOCK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, OSError)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_KINDS = (
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroEnabled.main+xml", "xlsx"),
    (b"ms-excel.template.macroEnabled.main+xml", "xlsx"),
    (b"presentationml.presentation.main+xml", "pptx"),
    (b"ms-powerpoint.presentation.macroEnabled.main+xml", "pptx"),
)
"""What [Content_Types].xml calls the main part: its path is a custom that not every program keeps."""
_RESAVED = (
    (b"ms-excel.sheet.binary.macroEnabled.main", "a binary workbook (XLSB): save it as XLSX"),
    (b"wordprocessingml.template.main+xml", "a Word template: save it as DOCX"),
    (b"ms-word.", "a Word file with macros: save it as DOCX"),
    (b"presentationml.", "a slide show or template: save it as PPTX"),
    (b"ms-powerpoint.", "a slide show or template: save it as PPTX"),
)
_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/epub+zip": "epub",
}
_FREE_FORM = (".svg", ".htm", ".html", ".xhtml", ".xht")
"""Pictures and pages may declare a document type; no reader here lets an XML parser resolve it."""


class Archive:
    """A zip in memory, whose members are read within the limits; ``names`` are theirs.

    Raises UnreadableFile for what is damaged, encrypted, of too many members or unpacks to too much.
    """

    def __init__(self, data: bytes) -> None:
        self._size = len(data)
        self._unpacked = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        # NotImplementedError: a header that names a version of zip that there is not, as a flipped bit does.
        except (*_DAMAGED, NotImplementedError) as error:
            raise UnreadableFile(f"a damaged archive or Office file ({error})") from error
        if len(members) > MAX_MEMBERS:
            raise UnreadableFile(f"an archive of more than {MAX_MEMBERS} parts: refused as a zip bomb")
        self._members = {member.filename: member for member in members}
        self._all = members
        self.names = frozenset(self._members)

    def read(self, name: str) -> bytes:
        """One member whole. Raises UnreadableFile also when there is none of this name."""
        if name not in self._members:
            raise UnreadableFile(f"incomplete: it has no {name}", hint="Open it in its program and save it again.")
        return b"".join(self._blocks(self._members[name]))

    def xml(self, name: str) -> Any:
        """The root element of a member. Raises UnreadableFile for what is no XML or declares a document type."""
        return parse_xml(self.read(name), name)

    def check(self) -> None:
        """Read everything and keep nothing: for libraries that open the file themselves."""
        for member in self._all:
            prolog = None if member.filename.lower().endswith(_FREE_FORM) else _Prolog(member.filename)
            for block in self._blocks(member):
                if prolog is not None:
                    prolog.feed(block)

    def _blocks(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        if member.flag_bits & 1:
            raise UnreadableFile("protected by a password", hint="Save it without one.")
        if member.compress_type not in _METHODS:  # their decompressors cannot be told when to stop
            raise UnreadableFile(f"packed by a method that Office files do not use ({member.compress_type})")
        packed = min(member.compress_size, self._size)
        size = 0
        try:
            with self._zip.open(member) as stream:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    self._unpacked += len(block)
                    self._refuse_bomb(member.filename, size, packed)
                    yield block
        except (*_DAMAGED, RuntimeError) as error:
            raise UnreadableFile(f"a damaged archive or Office file ({error})") from error

    def _refuse_bomb(self, name: str, size: int, packed: int) -> None:
        if size > MAX_MEMBER:
            raise UnreadableFile(f"unpacks to more than {MAX_MEMBER // 10**6} MB in {name}: refused as a zip bomb")
        if self._unpacked > MAX_UNPACKED:
            raise UnreadableFile(f"unpacks to more than {MAX_UNPACKED // 10**6} MB: refused as a zip bomb")
        if size > max(_NEVER_A_BOMB, MAX_RATIO * packed) or self._unpacked > max(_NEVER_A_BOMB, MAX_RATIO * self._size):
            raise UnreadableFile(f"unpacks to more than {MAX_RATIO} times its size in {name}: refused as a zip bomb")


def check(data: bytes) -> None:
    """Refuse a zip that no library should open. Raises UnreadableFile with the reason."""
    Archive(data).check()


def kind(data: bytes) -> str:
    """Which reader a zip is for, by what it says it is. Raises UnreadableFile naming what it is instead."""
    archive = Archive(data)
    if "mimetype" in archive.names:
        declared = archive.read("mimetype")[:200].decode("ascii", "replace").strip()
        if reader := _MIMETYPES.get(declared.removesuffix("-template")):
            return reader
        raise UnreadableFile(f"a file of type {declared}: not a format that is read", hint="Save it as PDF.")
    if "[Content_Types].xml" in archive.names:
        types = archive.read("[Content_Types].xml")
        for mark, reader in _KINDS:
            if mark in types:
                return reader
        for mark, name in _RESAVED:
            if mark in types:
                raise UnreadableFile(name)
    raise UnreadableFile("an archive: unpack it")


def parse_xml(data: bytes, name: str) -> Any:
    """The root element; ``name`` is what an error calls it.

    Raises UnreadableFile for what is no XML, declares a document type, or is nested deeper than 256.
    """
    from lxml import etree

    _Prolog(name).feed(data)
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(f"damaged: {name} is no well-formed XML ({error})") from error


class _Prolog:
    """What comes before the root element of an XML file; what is not XML passes, unread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._over = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def feed(self, data: bytes) -> None:
        """The next bytes. Raises UnreadableFile at the declaration, before anything in it is parsed."""
        for start in range(0, len(data), _BLOCK):
            if self._over:
                return
            try:
                self._parser.Parse(data[start : start + _BLOCK], False)
            except expat.ExpatError:
                self._over = True

    def _refuse(self, *_: object) -> None:
        raise UnreadableFile(f"declares a document type in {self._name}: refused, entities could be made there")

    def _end(self, *_: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None
