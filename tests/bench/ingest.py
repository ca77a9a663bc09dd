"""How fast an ingest is, by part and as a whole, and what a run over unchanged files costs.

    python -m tests.bench.ingest [--copies 3] [--rounds 2] [--unchanged 10000] [--work FOLDER]

``reading alone``    pages a second, by format; 3,000 characters are a page where a format has none.
``embedding alone``  chunks a second on all cores, and on one.
``whole``            chunks a second of an ingest of the same files, by schedule: read-ahead beside an encoder on all
                     cores, and beside one kept to a single core; as a share of the slower of its two parts alone.
``unchanged``        seconds of a second run over so many small files, and what it read and embedded.

The sample folder is copied so that no chunk has its vector from another copy. Rates are the
best of so many rounds, in each of which everything is measured once: what else the machine does only takes away.
"""

from __future__ import annotations

import argparse
import itertools
import re
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from io import BytesIO
from pathlib import Path

import docx
from pypdf import PdfWriter

from ingest import ingest_folder
from ingest.read.worker import Reader
from ingest.split import split
from rag.config import ModelSettings, Settings, load_settings
from rag.index import encoded
from rag.models import load_encoder
from rag.text import detect_language
from rag.types import Document
from tests.bench.golden import DATA
from tests.doubles import HashingEncoder

_PAGE = 3000
"""Characters."""
_TEXT = {".md", ".txt", ".html"}


def copies(number: int, folder: Path) -> Path:
    """The sample folder so many times, no chunk twice: of texts each copy has its number in every sentence, of PDF and
    Word files in the title, which is embedded with every chunk."""
    folder.mkdir(parents=True)
    for file in sorted((DATA / "sample").iterdir()):
        for n in range(number):
            (folder / f"{file.stem}-{n}{file.suffix}").write_bytes(_own(file, n))
    return folder


def _own(file: Path, number: int) -> bytes:
    """The file's bytes as those of another document, ``number``."""
    made = BytesIO()
    if file.suffix == ".pdf":
        pdf = PdfWriter(clone_from=file)
        assert pdf.metadata is not None
        pdf.add_metadata({"/Title": f"{pdf.metadata.title} {number}"})
        pdf.write(made)
    elif file.suffix == ".docx":
        word = docx.Document(str(file))
        word.core_properties.title = f"{word.core_properties.title or file.stem} {number}"
        word.save(made)
    else:
        assert file.suffix in _TEXT
        return re.sub(rb"\. ", f" ({number}). ".encode(), file.read_bytes())
    return made.getvalue()


def reading(folder: Path, settings: Settings) -> float:
    """Seconds of reading alone, in the capped child process; pages a second by format are printed."""
    spent: dict[str, float] = defaultdict(float)
    pages: dict[str, float] = defaultdict(float)
    with closing(Reader(settings.ingest)) as reader:
        reader.read(next(folder.iterdir()), "warm.txt")
        for file in sorted(folder.iterdir()):
            started = time.perf_counter()
            found = reader.read(file, file.name).extract
            spent[file.suffix] += time.perf_counter() - started
            if found is not None:
                pages[file.suffix] += len(found.pages) or len(found.text) / _PAGE
    for suffix in sorted(spent):
        print(f"reading alone    {suffix:6} {pages[suffix] / spent[suffix]:8.1f} pages/s")
    return sum(spent.values())


def texts_of(folder: Path, settings: Settings) -> list[str]:
    """What the encoder sees of each chunk."""
    encoder = load_encoder(settings.models)
    texts = []
    with closing(Reader(settings.ingest)) as reader:
        for file in sorted(folder.iterdir()):
            found = reader.read(file, file.name).extract
            if found is None:
                continue
            language = detect_language(found.text)
            document = Document("d", file.name, file.stem, "", language, found.text, "", found.pages, found.headings)
            chunks = split(document, encoder, settings.chunks)
            texts += [encoded(found.title or file.stem, chunk.headings, chunk.text) for chunk in chunks]
    return list(dict.fromkeys(texts))


def embedding(texts: list[str], threads: int) -> float:
    """Chunks a second."""
    encoder = load_encoder(ModelSettings(threads=threads))
    encoder.encode(texts[:2], "passage")
    started = time.perf_counter()
    encoder.encode(sorted(texts, key=len), "passage")
    return len(texts) / (time.perf_counter() - started)


def whole(folder: Path, index: Path, threads: int) -> tuple[float, int]:
    """Seconds of an ingest, and the chunks it embedded."""
    settings = load_settings(models={"threads": threads}, ingest={"ocr": False})
    encoder = load_encoder(settings.models)
    started = time.perf_counter()
    report = ingest_folder(folder, index, settings, encoder=encoder)
    return time.perf_counter() - started, report.chunks_embedded


def unchanged(number: int, work: Path) -> None:
    folder = work / "many"
    folder.mkdir()
    for n in range(number):
        (folder / f"{n}.txt").write_text(f"A bomba {n} tem manual.", encoding="utf-8")
    settings = load_settings(ingest={"batch_documents": 1024})
    ingest_folder(folder, work / "many.ix", settings, encoder=HashingEncoder())
    started = time.perf_counter()
    report = ingest_folder(folder, work / "many.ix", settings, encoder=HashingEncoder())
    seconds = time.perf_counter() - started
    read = report.totals["added"] + report.totals["updated"]
    print(f"unchanged        {number} files: {seconds:.1f} s, {read} read, {report.chunks_embedded} embedded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--unchanged", type=int, default=10_000)
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as made:
        work, settings = Path(made), load_settings(ingest={"ocr": False})
        folder = copies(options.copies, work / "docs")
        read_s = reading(folder, settings)
        texts = texts_of(folder, settings)
        alone, together = {0: 0.0, 1: 0.0}, {0: 0.0, 1: 0.0}
        for number, threads in itertools.product(range(options.rounds), (0, 1)):
            alone[threads] = max(alone[threads], embedding(texts, threads))
            seconds, chunks = whole(folder, work / f"ix-{number}-{threads}", threads)
            together[threads] = max(together[threads], chunks / seconds)
        for threads, cores in ((0, "all cores"), (1, "one core")):
            print(f"embedding alone  on {cores}: {alone[threads]:.1f} chunks/s, {len(texts)} chunks")
        slower = min(alone[0], len(texts) / read_s)
        for threads, name in ((0, "read-ahead, encoder on all cores"), (1, "reader beside an encoder on one core")):
            share = together[threads] / slower
            print(f"whole            {name}: {together[threads]:.1f} chunks/s, {share:.0%} of the slower part alone")
        unchanged(options.unchanged, work)


if __name__ == "__main__":
    main()
