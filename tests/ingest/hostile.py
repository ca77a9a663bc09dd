"""Broken and hostile files of every format, and sound ones beside them: what an ingest makes of a folder of both.

    python -m tests.ingest.hostile 2000 [--seed 0]

Each sound file is cut off at every tenth, and bits of it are flipped until there are as many as asked for; then come
those made to harm: bombs, recursion, circles, passwords, lies about their size. Each must end as text or as a refusal
with its reason, within 20 s and 1.5 GB, and the sound ones must be in the index.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import psutil
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from ingest.read.worker import Reader, Reading
from ingest.run import Run
from rag.config import load_settings
from tests.conftest import SAMPLE
from tests.doubles import HashingEncoder
from tests.ingest.test_archive import changed, office, zipped
from tests.ingest.written import WRITTEN

__all__ = ["Assault", "assault", "broken", "sound", "special"]

SECONDS = 20.0
MEMORY = 1_500_000_000
_SCAN = "comprovante-8812.pdf"


def sound() -> dict[str, bytes]:
    """Files of every family of formats, as their usual programs write them."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Prazo da bomba", "a@x.example", "b@x.example"
    message["Date"] = "Tue, 5 Mar 2024 10:00:00 -0300"
    message.set_content("O prazo da bomba é de 24 meses.")
    message.add_attachment(b"modelo;prazo\nP-200;24\n", "text", "csv", filename="prazos.csv")
    rows = [{"modelo": f"P-{n}", "prazo": n} for n in range(40)]
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>Uso</h1><p>A bomba tem manual.</p></body></html>"
    return {
        **{path.name: path.read_bytes() for path in sorted(SAMPLE.iterdir()) if path.name != _SCAN},
        **{path.name: path.read_bytes() for path in WRITTEN},
        **{f"sound.{suffix}": office(suffix) for suffix in ("docx", "xlsx", "pptx")},
        "sound.odt": _odt(),
        "sound.epub": _epub(page),
        "sound.eml": bytes(message),
        "sound.mbox": b"From a@x.example Tue Mar  5 10:00:00 2024\n" + bytes(message),
        "sound.rtf": rb"{\rtf1\ansi\ansicpg1252 A garantia da bomba \'e9 de {\b 24} meses.\par Fim.}",
        "sound.csv": "\n".join(f"P-{n};{n},5 kW;{n} meses" for n in range(60)).encode(),
        "sound.json": json.dumps(rows).encode(),
        "sound.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "sound.srt": b"1\n00:00:01,000 --> 00:00:02,000\nA bomba tem manual.\n",
        "sound.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>A bomba tem manual.\n",
        "sound.py": b'def prazo() -> int:\n    """Months of warranty."""\n    return 24\n',
    }


def _odt() -> bytes:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text")
    )
    body = "<office:body><office:text><text:p>A bomba tem manual.</text:p></office:text></office:body>"
    content = f"<office:document-content {namespaces}>{body}</office:document-content>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _epub(page: str) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container}
    return zipped({**members, "c.opf": package, "a.xhtml": page})


def broken(files: dict[str, bytes], number: int, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """``number`` of them: each cut off at every tenth, then bits flipped in one after the other."""
    made = 0
    for tenth in range(1, 10):
        for name, data in files.items():
            if made == number:
                return
            yield f"cut-{tenth}-{name}", data[: len(data) * tenth // 10]
            made += 1
    while made < number:
        for name, data in files.items():
            if made == number:
                return
            flipped = bytearray(data)
            for _ in range(rng.choice((1, 3, 10, 100))):
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            yield f"flip-{made}-{name}", bytes(flipped)
            made += 1


def special() -> dict[str, bytes]:
    """Files made to harm whoever opens them."""
    deep = 100_000
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a9;</x>'
    return {
        "bomb.docx": changed(office("docx"), **{"word/media/x.bin": bytes(300_000_000)}),
        "members.docx": changed(office("docx"), **{f"word/{n}": b"" for n in range(10_500)}),
        "laughs.docx": changed(office("docx"), **{"word/document.xml": bomb.encode()}),
        "lies.xlsx": _lying(office("xlsx")),
        "deep.html": b"<!doctype html>" + b"<div>" * deep + b"fundo",
        "deep.json": b"[" * deep + b"1" + b"]" * deep,
        "deep.rtf": rb"{\rtf1" + b"{" * deep + b"fundo" + b"}" * deep,
        "deep.md": b"> " * deep + b"fundo",
        "brackets.md": b"[" * deep,
        "stars.md": b"*a **b " * (deep // 7),
        "quoted.csv": b'"' + b"a\n" * deep,
        "long.txt": b"a" * 5_000_000,
        "spaces.txt": b" \n" * 5_000_000 + b"fim",
        "circle.pdf": _circle(),
        "password.pdf": _password(),
        "pages.pdf": _claiming(),
        "boxes.eml": b"Content-Type: multipart/mixed; boundary=x\nFrom: a@x\nTo: b@x\n\n" + b"--x\n" * deep,
    }


def _lying(data: bytes) -> bytes:
    """Its directory says that every part unpacks to nothing."""
    out = bytearray(data)
    at = out.find(b"PK\x01\x02")
    while at >= 0:
        out[at + 24 : at + 28] = bytes(4)
        at = out.find(b"PK\x01\x02", at + 4)
    return bytes(out)


def _pdf() -> PdfWriter:
    return PdfWriter(clone_from=PdfReader(SAMPLE / "manual-bombas-p.pdf"))


def _written(writer: PdfWriter) -> bytes:
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def _circle() -> bytes:
    """An outline that goes on with itself, and a page tree that holds itself."""
    writer = _pdf()
    item = writer.add_outline_item(title="Uso", page_number=0)
    item.get_object()[NameObject("/Next")] = item
    item.get_object()[NameObject("/First")] = item
    pages = writer.root_object["/Pages"]
    pages["/Kids"].append(writer.root_object.raw_get("/Pages"))
    return _written(writer)


def _password() -> bytes:
    writer = _pdf()
    writer.encrypt("segredo", algorithm="RC4-128")
    return _written(writer)


def _claiming() -> bytes:
    """Ten thousand times the same page."""
    writer = _pdf()
    kids = writer.root_object["/Pages"]["/Kids"]
    first = kids[0]
    kids.extend([first] * 10_000)
    return _written(writer)


@dataclass(slots=True)
class Assault:
    """What became of the files, by outcome; the reasons of the refused, without what differs from file to file; the
    longest reading and the most memory a reader had."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: str = ""
    memory: int = 0
    lost: list[str] = field(default_factory=list)


class _Watched(Reader):
    """The reader, with a look at how long and how large it got."""

    def __init__(self, assault: Assault) -> None:
        super().__init__(
            load_settings(ingest={"file_timeout_s": SECONDS, "file_memory_bytes": MEMORY, "ocr": False}).ingest
        )
        self.found = assault

    def read(self, path: Path, source: str, known_sha256: str = "") -> Reading:
        started = time.monotonic()
        reading = super().read(path, source, known_sha256)
        seconds = time.monotonic() - started
        if seconds > self.found.seconds:
            self.found.seconds, self.found.slowest = seconds, source
        if self._child.pid is not None:
            self.found.memory = max(self.found.memory, psutil.Process(self._child.pid).memory_info().rss)
        return reading


def assault(number: int, seed: int, work: Path) -> Assault:
    """An ingest of ``number`` broken files, the special ones, and the sound ones among them."""
    folder, found, healthy = work / "docs", Assault(), sound()
    folder.mkdir(parents=True)
    files = {**healthy, **special(), **dict(broken(healthy, number, random.Random(seed)))}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    settings = load_settings()
    with closing(_Watched(found)) as reader:
        report = Run(settings, HashingEncoder(), reader).into(work / "ix", [folder.resolve()])
    outcomes = {file.source: file for file in report.files}
    found.lost = [name for name in files if name not in outcomes]
    found.lost += [name for name in healthy if outcomes[name].outcome != "added"]
    for file in report.files:
        found.outcomes[file.outcome] += 1
        if file.outcome == "refused":
            found.reasons[(file.reason or "").split("(")[0].split(":")[0].strip()] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        found = assault(options.number, options.seed, Path(work))
    print(f"{found.outcomes}; slowest {found.seconds:.1f} s ({found.slowest}); at most {found.memory / 1e6:.0f} MB")
    for reason, count in found.reasons.most_common():
        print(f"{count:6} {reason or 'WITHOUT A REASON'}")
    print(f"lost: {found.lost or 'none'}")


if __name__ == "__main__":
    main()
