"""JSON and JSON Lines, through the standard library's parser: each value a line that says where it stands.

``{"pedido": {"cliente": {"nome": "Ana"}}}`` → ``pedido › cliente › nome: Ana``. Numbers stay as they are written, and
a key said twice is kept twice.
"""

from __future__ import annotations

import json
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.plain import decode_into
from rag.errors import UnreadableFile

__all__ = ["read"]

_MOST_NESTED = 100
_LONGEST_CELL = 200
"""Characters of a value that stands in a row with others; a longer one has a line of its own."""
_INTO = " › "


class _Object(tuple[tuple[str, Any], ...]):
    """An object as written: its pairs in order."""

    __slots__ = ()


def read(data: bytes) -> Extract:
    """Objects in a list are rows that say their keys, as those of a table; in JSON Lines a record is a block.

    Raises UnreadableFile with line and column for what is neither.
    """
    builder = Builder()
    text = decode_into(builder, data, encoded=False)
    try:
        whole = _parsed(text)
    except json.JSONDecodeError as error:
        records = _lines(text, builder)
        if records is None:
            raise UnreadableFile(
                f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}",
                hint="Correct it, or name it .txt to have it read as plain text.",
            ) from error
        for record in records:
            _Values(builder, in_blocks=False).element(record, ())
    else:
        _Values(builder, in_blocks=True).write(whole, ())
    return builder.extract()


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_Object, parse_int=str, parse_float=str, parse_constant=str)


def _lines(text: str, builder: Builder) -> list[Any] | None:
    """The records, one a line; None when fewer than half of the lines are one. A line that is none stays as it is."""
    records: list[Any] = []
    broken = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _parsed(line)
        except json.JSONDecodeError as error:
            record = None
            broken.append(f"line {number} is not valid JSON ({error.msg}): kept as it is")
        records.append(record if isinstance(record, (_Object, list)) else line)
    if 2 * sum(isinstance(record, str) for record in records) >= len(records):
        return None
    builder.warnings += broken
    return records


class _Values:
    """Writes values into a builder, each on a line behind its path: all in one block, or each outer one in its own."""

    def __init__(self, builder: Builder, *, in_blocks: bool) -> None:
        self._builder = builder
        self._in_blocks = in_blocks
        self._separator = "\n\n"

    def write(self, value: Any, path: tuple[str, ...]) -> None:
        """``value`` and all that is inside it. Raises UnreadableFile when that is nested too deeply."""
        if len(path) > _MOST_NESTED:
            raise UnreadableFile(f"nested too deeply: more than {_MOST_NESTED} levels")
        if isinstance(value, _Object) and value:
            for key, inner in value:
                self._part(inner, (*path, key), apart=not path)
        elif not isinstance(value, list) or not value:
            self._line(path, _scalar(value))
        elif (inline := _inline(value)) is not None:
            self._line(path, inline)
        elif all(_row(element) or not _is_container(element) for element in value):
            for element in value:
                self.element(element, path)
        else:
            for number, element in enumerate(value, 1):
                self._part(element, (*path, str(number)), apart=True)

    def element(self, value: Any, path: tuple[str, ...]) -> None:
        """One of a list, or a record: an object of short values is a row."""
        row = _row(value)
        if row:
            self._say(_INTO.join((*path, row)))
        else:
            self.write(value, path)

    def _part(self, value: Any, path: tuple[str, ...], *, apart: bool) -> None:
        """A member; one that holds others is a block of its own where ``apart``."""
        apart = apart and self._in_blocks and _is_container(value) and _inline(value) is None
        self._separator = "\n\n" if apart else self._separator
        self.write(value, path)
        self._separator = "\n\n" if apart else self._separator

    def _line(self, path: tuple[str, ...], text: str) -> None:
        self._say(f"{_INTO.join(path)}: {text}" if path else text)

    def _say(self, line: str) -> None:
        self._builder.block(line, separator=self._separator)
        self._separator = "\n"


def _is_container(value: Any) -> bool:
    return isinstance(value, (_Object, list)) and bool(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "{}" if isinstance(value, _Object) else json.dumps(value)


def _inline(value: Any) -> str | None:
    """A scalar, or a list of short ones, as a line says it; None for what needs more than a line."""
    if not isinstance(value, list) or not value:
        return None if _is_container(value) else _scalar(value)
    if any(_is_container(element) for element in value):
        return None
    texts = [_scalar(element) for element in value]
    return None if any(len(text) > _LONGEST_CELL or "\n" in text for text in texts) else "; ".join(texts)


def _row(value: Any) -> str:
    """``nome: Ana | cidade: Porto`` for an object of short values only, else nothing."""
    if not isinstance(value, _Object) or not value:
        return ""
    cells = []
    for key, inner in value:
        text = _inline(inner)
        if text is None or len(text) > _LONGEST_CELL or "\n" in text:
            return ""
        cells.append(f"{key}: {text}")
    return " | ".join(cells)
