"""Source code, style sheets, markup and settings: the text to the letter, its definitions as headings.

What stands right above a definition, a comment or a decorator, is about it: its first line is the heading, and the
definition's own line a heading under it. Otherwise a function's description would be the end of the one before.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from ingest.read.builder import Extract
from ingest.read.opaque import require_text, without_encoded, without_minified
from ingest.read.plain import decode
from rag.text import normalise
from rag.types import Heading

__all__ = ["SUFFIXES", "read"]

_LANGUAGES = {
    "python": ".py .pyi .pyw",
    "script": ".js .mjs .cjs .jsx .ts .mts .cts .tsx",
    "style": ".css",
    "classes": ".java .kt .kts .scala .swift .cs .dart .php .groovy",
    "c": ".c .h .cc .cpp .cxx .hh .hpp .hxx .m .mm",
    "go": ".go",
    "rust": ".rs",
    "ruby": ".rb",
    "shell": ".sh .bash .zsh .ksh",
    "sql": ".sql",
    "r": ".r",
    "lua": ".lua",
    "sections": ".toml .ini .cfg .conf .properties .desktop .service",
    "": ".scss .sass .less .xml .xsd .xsl .xslt .plist .yaml .yml .jsonc .json5 .proto .graphql .tf .pl .pm .ps1 "
    ".bat .cmd .vb .bas .pas .f90 .jl .hs .ml .ex .exs .erl .clj .el .vim .gradle .cmake .mk",
}
SUFFIXES = {suffix: language for language, suffixes in _LANGUAGES.items() for suffix in suffixes.split()}
"""Suffix → the language that tells what a definition looks like; the empty one has none."""

_MINIFIED = frozenset({"script", "style"})
"""What minifiers write. A long line of data, a document as XML or a dump of SQL, is its content."""
_DEFINITIONS = {
    "script": r"(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:(?:function|class|interface|enum|namespace)\b|type\s+\w+\s*[=<])"
    r"|(?:export\s+)?(?:const|let|var)\s+\w+[^=\n]*=\s*(?:async\s*)?(?:function\b|\([^\n]*=>|\w+\s*=>)",
    "classes": r"(?:(?:public|private|protected|internal|abstract|final|static|sealed|open|data|partial|suspend|inline)"
    r"\s+)*(?:class|interface|@interface|enum|record|object|struct|trait|protocol|extension|func|fun|function|namespace)"
    r"\s+\w",
    "c": r"(?:typedef\s+)?(?:struct|class|enum|union|namespace|@interface|@implementation)[ \t]+\w[^;\n]*$"
    r"|[A-Za-z_][\w \t*&:<>,~]*\([^;\n]*$",
    "go": r"(?:func|type)\s",
    "rust": r"(?:pub(?:\([^)\n]*\))?\s+)?(?:(?:async|unsafe|const|extern)\s+)*"
    r"(?:(?:fn|struct|enum|trait|impl|mod|union)\b|macro_rules!)",
    "ruby": r"(?:def|class|module)\s",
    "shell": r"function\s+[\w-]+|[\w-]+\s*\(\)",
    "sql": r"(?i:create\s+(?:or\s+replace\s+)?(?:(?:temp|temporary|unique|materialized|external)\s+)*"
    r"(?:table|view|function|procedure|trigger|index|type|schema|sequence|database)\b)",
    "r": r"[\w.]+\s*(?:<-|=)\s*function\b",
    "lua": r"(?:local\s+)?function\b",
    "sections": r"\[[^\]\n]+\]",
}
_PATTERNS = {language: re.compile(f"^(?:{pattern})", re.MULTILINE) for language, pattern in _DEFINITIONS.items()}
_ABOUT_WHAT_FOLLOWS = re.compile(r"[ \t]*(?://|/?\*|--|@|;|#(?!!|include|define|undef|if|else|elif|endif|pragma))")
_MARKS = re.compile(r"\s*(?:/{2,}!?|/\*+!?|\*+|#+(?!\[)|-{2,}|;+)?\s*")
_LONGEST_HEADING = 200


def read(data: bytes, source: str) -> Extract:
    """The text as it is written, line by line, indentation kept; ``source`` names it and tells its language.

    Python that does not parse has no headings. Raises UnreadableFile for what is minified or encoded from end to end.
    """
    text, encoding = decode(data)
    text = re.sub(r"\A(?:[ \t]*\n)+", "", normalise(text)).rstrip()
    name = PurePosixPath(source)
    language = SUFFIXES.get(name.suffix.lower(), "shell" if text.startswith("#!") else "")
    said = [] if encoding in {"utf-8", "utf-8-sig"} else [f"read as {encoding}"]
    text, minified = without_minified(text) if language in _MINIFIED else (text, "")
    text, encoded = without_encoded(text)
    said += filter(None, (minified, encoded))
    if minified or encoded:
        require_text(text)
    return Extract(text, title=name.name, headings=tuple(_headings(text, language)), warnings=tuple(said))


def _headings(text: str, language: str) -> Iterator[Heading]:
    """The line of each definition at the margin, below the first line of the comment or decorator right above it."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    taken = 0  # the first line that no heading stands in yet
    for at in _definitions(text, language):
        first = at
        while first > taken and _ABOUT_WHAT_FOLLOWS.match(lines[first - 1]):
            first -= 1
        about = [(number, span) for number in range(first, at) if (span := _said(lines[number]))]
        if about:
            number, (start, end) = about[0]
            yield Heading(1, lines[number][start:end], starts[number] + start, starts[number] + end)
        title = lines[at].rstrip()
        if len(title) <= _LONGEST_HEADING:
            yield Heading(2 if about else 1, title, starts[at], starts[at] + len(title))
        taken = at + 1


def _said(line: str) -> tuple[int, int] | None:
    """Where the words of a comment stand in its line; None for a line of marks alone, or one too long."""
    marks = _MARKS.match(line)
    start = marks.end() if marks else 0
    end = len(re.sub(r"\s*\*/\s*$", "", line).rstrip())
    return (start, end) if end - start <= _LONGEST_HEADING and any(c.isalnum() for c in line[start:end]) else None


def _definitions(text: str, language: str) -> Iterable[int]:
    """The lines, counted from 0, where definitions begin."""
    if language == "python":
        return _python_definitions(text)
    if language not in _PATTERNS:
        return ()
    found = sorted({match.start() for match in _PATTERNS[language].finditer(text)})
    lines, before, counted = [], 0, 0
    for start in found:
        counted += text.count("\n", before, start)
        before = start
        lines.append(counted)
    return lines


def _python_definitions(text: str) -> Iterable[int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that is none, which is the file's affair
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last is how the parser says "too deep"
        return ()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.lineno - 1 for node in body if isinstance(node, kinds)]
