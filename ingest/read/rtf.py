"""Rich Text Format (Microsoft's specification 1.9.1): the text that is shown.

Tokens are read here: striprtf shows hidden and deleted text, leaves out footnotes and text boxes, and breaks the row of
a table where a cell has two paragraphs.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ingest.read.builder import Builder, Extract, count
from ingest.read.rtf_words import CHARSETS, CODE_PAGES, ENDS, LEFT_OUT, SIGNS, SYMBOLS, UNSHOWN
from ingest.read.tables import Cell

__all__ = ["read"]

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n\x00]+|([^\\{}\r\n\x00]+)",
    re.DOTALL,
)


def read(data: bytes) -> Extract:
    """Paragraphs, tables row by row, text boxes where they stand and footnotes at the end; hidden and deleted text is
    left out. Paragraphs with an outline level are headings, those with a mark of their own items of a list."""
    builder = Builder()
    _Parser(data, builder).parse()
    return builder.extract()


@dataclass(slots=True)
class _State:
    """What holds inside a group, and what its end restores."""

    shown: bool = True
    left_out: bool = False
    hidden: bool = False
    deleted: bool = False
    sink: str = "body"
    encoding: str | None = None
    after_unicode: int = 1
    """Characters that follow one given by number, for readers that do not know it."""
    in_table: bool = False
    level: int = 0


@dataclass(slots=True)
class _Parser:
    data: bytes
    builder: Builder
    _state: _State = field(default_factory=_State)
    _stack: list[_State] = field(default_factory=list)
    _code_page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _default_font: int = 0
    _in_fonts: bool = False
    _starred: bool = False
    _skip: int = 0
    _pending: bytearray = field(default_factory=bytearray)
    _texts: dict[str, list[str]] = field(default_factory=lambda: {"body": [], "title": [], "note": [], "mark": []})
    _notes: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)

    def parse(self) -> None:
        """Write the document into the builder; what was cut short is read as far as it goes."""
        at = 0
        while at < len(self.data):
            token = _TOKEN.match(self.data, at)
            if token is None:  # a lone backslash at the very end
                break
            at = token.end()
            word, number, hexadecimal, symbol, brace, run = token.groups()
            if word == b"bin":
                at += max(0, int(number or 0))
            elif hexadecimal or run:
                self._letters(bytes.fromhex(hexadecimal.decode()) if hexadecimal else run)
            elif brace == b"{":
                self._flush()
                self._stack.append(replace(self._state))
                self._skip = 0
            elif brace:
                self._end_group()
                if not self._stack:
                    break
            elif word:
                self._word(word.decode().lower(), int(number) if number else None)
            elif symbol:
                self._symbol(symbol.decode("latin-1"))
        if self._stack:
            self.builder.warnings.append("it ends too early: read as far as it goes")
        self._end()

    def _end_group(self) -> None:
        self._flush()
        self._skip = 0
        before = self._state
        self._state = self._stack.pop() if self._stack else _State()
        if before.sink == "note" != self._state.sink:
            self._notes.append(self._taken("note"))
        if self._in_fonts and self._state.shown:
            self._in_fonts = False

    def _letters(self, letters: bytes) -> None:
        skipped = min(self._skip, len(letters))
        self._skip -= skipped
        letters = letters[skipped:]
        if len(letters) > 1 and not letters.isascii():
            # Not as the specification has it: written by a program in its own encoding.
            try:
                self._say(letters.decode("utf-8"))
            except UnicodeDecodeError:
                self._pending += letters
        else:
            self._pending += letters

    def _flush(self) -> None:
        """The bytes so far as text: two of them may be one character."""
        if self._pending:
            letters, self._pending = bytes(self._pending), bytearray()
            encoding = self._state.encoding or self._code_page
            try:
                text = letters.decode(encoding)
            except UnicodeDecodeError:
                text = letters.decode("latin-1")
            self._put(text)

    def _say(self, text: str) -> None:
        self._flush()
        self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.shown and state.hidden and not state.deleted:
            self.builder.hidden += count([text])
        elif state.shown and not state.deleted:
            self._texts[state.sink].append(text)

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._starred = True
        elif symbol in "\r\n":
            self._word("par", None)
        elif symbol in SYMBOLS:
            if self._skip:
                self._skip -= 1
            else:
                self._say(SYMBOLS[symbol])

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "u" and number is not None:
            self._say(chr(number % 0x10000))
            self._skip = self._state.after_unicode
            return
        self._flush()
        if self._skip:
            self._skip -= 1
            return
        if word in _OF_PARTS:
            _OF_PARTS[word](self)
        elif starred or word in UNSHOWN or word in LEFT_OUT:
            self._state.shown = False
            self._state.left_out |= word in LEFT_OUT
            self._in_fonts |= word == "fonttbl"
        elif word in SIGNS:
            self._put(SIGNS[word])
        elif self._state.shown and word in ENDS:
            self._end_paragraph()
        elif self._state.shown and word in {"cell", "row"}:
            self._end_cell() if word == "cell" else self._end_row()
        else:
            self._set(word, number)

    def _set(self, word: str, number: int | None) -> None:
        """A property, of the document, a font, a paragraph or letters."""
        if word in CODE_PAGES:
            self._code_page = CODE_PAGES[word]
        elif word == "ansicpg":
            self._code_page = _known(f"cp{number}") or self._code_page
        elif word == "deff":
            self._default_font = number or 0
        elif word == "f":
            self._font = number or 0
            if not self._in_fonts:
                self._state.encoding = self._fonts.get(self._font)
        elif word == "fcharset" and self._in_fonts and number in CHARSETS:
            self._fonts[self._font] = CHARSETS[number]
        elif word == "uc":
            self._state.after_unicode = max(0, number or 0)
        elif word in {"v", "deleted"}:
            setattr(self._state, "hidden" if word == "v" else "deleted", number != 0)
        elif word == "plain":
            self._state.hidden = self._state.deleted = False
            self._state.encoding = self._fonts.get(self._default_font)
        elif word == "pard":
            self._state.in_table, self._state.level = False, 0
        elif word == "intbl":
            self._state.in_table = True
        elif word == "outlinelevel" and self._state.shown:
            self._state.level = (number or 0) + 1 if 0 <= (number or 0) <= 8 else 0

    def begin(self, sink: str) -> None:
        """What the group holds from here on is text, of the body, the title or a note."""
        if not self._state.left_out:
            self._state.shown = True
            self._state.sink = sink

    def _taken(self, sink: str) -> str:
        """The text so far, its characters of two UTF-16 units made one."""
        text, self._texts[sink] = "".join(self._texts[sink]), []
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _end_paragraph(self) -> None:
        if self._state.sink != "body" or self._state.in_table:
            self._put("\n")
            return
        self._end_table()
        text, mark = self._taken("body"), self._taken("mark").strip()
        if self._state.level:
            self.builder.heading(self._state.level, f"{mark} {text}" if mark[:1].isalnum() else text)
        elif mark and text.strip():
            # A dot, or a letter of a font of signs, is a dash, as in other formats; a number stays.
            self.builder.block(f"{mark if mark[0].isalnum() else '-'} {text.strip()}", separator="\n")
        else:
            self.builder.block(text)

    def _end_cell(self) -> None:
        self._cells.append(self._taken("body"))

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
            self._cells = []

    def _end_table(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
            self._cells = []
        if self._rows:
            self.builder.table([[Cell(text) for text in row] for row in self._rows])
            self._rows = []

    def _end(self) -> None:
        self._flush()
        self._state = _State()
        self._end_paragraph()
        for note in [*self._notes, self._taken("note")]:
            self.builder.block(" ".join(note.split()))
        self.builder.title = " ".join(self._taken("title").split())


_OF_PARTS: dict[str, Callable[[_Parser], None]] = {
    "shptxt": lambda parser: parser.begin("body"),
    "footnote": lambda parser: parser.begin("note"),
    "title": lambda parser: parser.begin("title"),
    "listtext": lambda parser: parser.begin("mark"),
    "pntext": lambda parser: parser.begin("mark"),
}


def _known(encoding: str) -> str | None:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return None
