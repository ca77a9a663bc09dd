"""One ingest as one HTML file: no host is asked, no script runs, light or dark as the reader's system is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

import rag
from ingest.progress import duration
from ingest.refusals import Refusals, group_refusals
from ingest.report import Report
from ingest.status import Holdings, Share
from rag.errors import FolderError

__all__ = ["Ingested", "check_target", "write_page"]

_OPEN_AT_MOST = 8
"""A list longer than this is folded."""

_SEEN = 0.004
"""Less of the whole than this is no part of a bar: two pixels, most of them gap."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What the page tells of: one run, what the index holds after it, and when and where that was."""

    report: Report
    holdings: Holdings
    folders: Sequence[Path]
    index_dir: Path
    at: datetime


def check_target(path: Path) -> None:
    """Before a long run. Raises FolderError when ``path`` can not become a file."""
    if path.is_dir():
        raise FolderError(
            f"--report: {path} is a folder.", subject="--report", hint=f"Name a file in it: {path / 'ingest.html'}."
        )
    if not path.parent.is_dir():
        raise FolderError(
            f"--report: folder {path.parent} does not exist.", subject="--report", hint="Make it, or name another file."
        )


def write_page(path: Path, ingested: Ingested) -> None:
    """Write the page to ``path``, whole or not at all. Raises FolderError when it cannot be written there."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_text(page(ingested), encoding="utf-8", errors="backslashreplace")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise FolderError(
            f"--report: {path} cannot be written ({error.strerror}).",
            subject="--report",
            hint="What was ingested stays; run it again with another file.",
        ) from error


def page(ingested: Ingested) -> str:
    """The page as text."""
    report, held = ingested.report, ingested.holdings
    folders = [folder.resolve() for folder in ingested.folders]
    names = ", ".join(folder.name or str(folder) for folder in folders)
    warnings = [(row.source, row.warnings) for row in held.documents if row.warnings]
    refused = group_refusals((file.source, file.reason or "") for file in report.files if file.outcome == "refused")
    sections = [
        _section("This run", _outcomes(report) + _stages(report.seconds)),
        _section(
            "In the index",
            f'<div class="two">{_shares("Format", held.by_type)}{_shares("Language", held.by_language)}</div>',
        ),
        _section("Refused", "".join(map(_refusals, refused)) or '<p class="none">Every file was read.</p>'),
        _section("Warnings", _warnings(warnings) if warnings else '<p class="none">None.</p>'),
    ]
    figures = [
        ("documents", len(held.documents)),
        ("pages", held.pages),
        ("chunks", held.chunks),
        ("refused", report.totals["refused"]),
    ]
    return _PAGE.format(
        css=_CSS,
        names=escape(names),
        folders=escape(", ".join(map(str, folders))),
        when=escape(ingested.at.strftime("%-d %B %Y, %H:%M")),
        index=escape(str(ingested.index_dir.resolve())),
        figures="".join(f"<div><dt>{name}</dt><dd>{_number(value)}</dd></div>" for name, value in figures),
        sections="".join(sections),
        generation=held.generation,
        fingerprint=escape(held.fingerprint),
        version=escape(rag.__version__),
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>\n"


def _outcomes(report: Report) -> str:
    chips = [
        f'<li class="{name}"><b>{_number(count)}</b> {name}</li>' for name, count in report.totals.items() if count
    ]
    embedded = f"{_number(report.chunks_embedded)} chunks embedded"
    if report.chunks_reused:
        embedded += f", {_number(report.chunks_reused)} known from before"
    return f'<ul class="outcomes">{"".join(chips)}</ul><p class="note">{embedded}</p>'


def _stages(seconds: dict[str, float]) -> str:
    """Time by stage: a bar whose parts are as long as the stages took, and a legend."""
    total = sum(seconds.values())
    if not total:
        return ""
    parts = "".join(
        f'<span class="{name}" style="flex-grow:{value / total:.4f}" title="{name} {duration(value)}"></span>'
        for name, value in seconds.items()
        if value >= total * _SEEN
    )
    legend = "".join(
        f'<li><i class="{name}"></i>{name} <b>{duration(value)}</b></li>' for name, value in seconds.items()
    )
    legend += f'<li class="sum">in all <b>{duration(total)}</b></li>'
    return f'<div class="bar">{parts}</div><ul class="legend">{legend}</ul>'


def _shares(head: str, shares: Sequence[Share]) -> str:
    most = max((share.documents for share in shares), default=1)
    rows = "".join(
        f'<tr><th scope="row">{escape(share.name)}</th>'
        f"<td>{_number(share.documents)}</td><td>{_number(share.chunks)}</td>"
        f'<td class="share"><span style="width:{100 * share.documents / most:.1f}%"></span></td></tr>'
        for share in shares
    )
    return (
        f'<table><thead><tr><th scope="col">{head}</th><th scope="col">documents</th><th scope="col">chunks</th>'
        f"<th></th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _refusals(group: Refusals) -> str:
    head = f"{escape(group.kind[:1].upper() + group.kind[1:])} <em>{_number(len(group.files))}</em>"
    listed = _list([_item(source, reason) for source, reason in group.files])
    return f'<div class="group"><h3>{head}</h3><p class="remedy">{escape(group.remedy)}</p>{listed}</div>'


def _warnings(of_files: Sequence[tuple[str, Sequence[str]]]) -> str:
    items = [_item(source, "; ".join(warnings)) for source, warnings in of_files]
    return f'<div class="group">{_list(items)}</div>'


def _item(source: str, said: str) -> str:
    return f"<li><bdi>{escape(source)}</bdi><small>{escape(said)}</small></li>"


def _list(items: Sequence[str]) -> str:
    listed = f"<ul>{''.join(items)}</ul>"
    if len(items) <= _OPEN_AT_MOST:
        return listed
    return f"<details><summary>{_number(len(items))} files</summary>{listed}</details>"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ingest of {names}</title>
<style>{css}</style>
</head>
<body>
<header>
<p class="eyebrow">Lastro ingest</p>
<h1>{names}</h1>
<p class="note">{when}<br>{folders} → {index}</p>
<dl>{figures}</dl>
</header>
<main>
{sections}</main>
<footer>Generation {generation}. Fingerprint {fingerprint}. Lastro {version}.</footer>
</body>
</html>
"""

_CSS = """
:root {
  --paper: #faf9f6; --card: #fff; --ink: #24272b; --soft: #6b7178; --line: #e4e2dc; --accent: #2f6f6a;
  --walk: #b9b4a7; --read: #5b8fb0; --split: #93b48b; --embed: #2f6f6a; --commit: #c79a5b; --bad: #a8483c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --card: #1d2024; --ink: #e4e3df; --soft: #989ea6; --line: #2e3237; --accent: #78b8b0;
    --walk: #6c695f; --read: #6d9fc0; --split: #86a97d; --embed: #4f9a92; --commit: #bd9257; --bad: #dd8b7f;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 3.5rem 1.5rem 3rem; max-width: 54rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0 }
h1 { font-size: 1.7rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere }
h2 { font-size: .8rem; font-weight: 650; letter-spacing: .07em; text-transform: uppercase; color: var(--soft) }
h3 { font-size: 1rem; font-weight: 600; overflow-wrap: anywhere }
ul { list-style: none }
.eyebrow { color: var(--accent); font-weight: 600; font-size: .85rem; margin-bottom: .4rem }
.note, .none { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere }
header .note { margin-top: .35rem }
dl { display: flex; flex-wrap: wrap; gap: 1rem clamp(1.4rem, 6vw, 3rem); margin-top: 1.8rem }
dl div { display: flex; flex-direction: column-reverse }
dt { color: var(--soft); font-size: .85rem }
dd { font-size: 1.9rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums }
section {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.4rem 1.6rem 1.6rem;
  margin-top: 1.4rem;
}
h2 { margin-bottom: 1rem }
.outcomes { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin-bottom: .3rem }
.outcomes b { font-size: 1.15rem; font-variant-numeric: tabular-nums }
.outcomes .refused b { color: var(--bad) }
.bar { display: flex; gap: 2px; height: 14px; border-radius: 7px; overflow: hidden; margin: 1.4rem 0 .7rem }
.bar span { flex-basis: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; font-size: .9rem; color: var(--soft) }
.legend b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 3px; margin-right: .5em }
.legend .sum { margin-left: auto }
.walk { background: var(--walk) } .read { background: var(--read) } .split { background: var(--split) }
.embed { background: var(--embed) } .commit { background: var(--commit) }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1.6rem 2.6rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; align-self: start }
th { text-align: left; font-weight: 500; overflow-wrap: break-word }
thead th { color: var(--soft); font-size: .85rem; font-weight: 400 }
td, thead th:nth-child(n + 2) { text-align: right; padding-left: 1rem }
tbody tr > * { border-top: 1px solid var(--line); padding-top: .4rem; padding-bottom: .4rem }
.share { width: 22% }
.share span { display: block; height: 8px; border-radius: 4px; background: var(--accent); opacity: .75; min-width: 3px }
.group + .group { border-top: 1px solid var(--line); margin-top: 1.1rem; padding-top: 1.1rem }
.group h3 em { font-style: normal; color: var(--bad); margin-left: .35em; font-variant-numeric: tabular-nums }
.remedy { color: var(--accent) }
.group ul { font-size: .92rem }
.remedy + ul, .remedy + details { margin-top: .5rem }
.group li { padding: .12rem 0; overflow-wrap: anywhere }
.group small { color: var(--soft); margin-left: .8em; font-size: .9em }
summary { cursor: pointer; font-size: .92rem; color: var(--soft) }
footer { margin-top: 1.6rem; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere }
@media print { body { padding: 0 } section { break-inside: avoid } }
"""
