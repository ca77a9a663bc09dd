"""Citations drawn on their pages, to be looked at.

    python -m tests.bench.boxes --out FOLDER [--number 10] [--seed 0] [FILE.pdf ...]

Chunks of the files (the sample's PDF files by default), drawn by chance, are marked on the pages they stand on, and
their text is printed: what is marked must be what is printed.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from ingest.read import extract
from ingest.read.boxes import boxes
from ingest.split import split
from rag.config import ChunkSettings
from rag.types import Document
from tests.bench.golden import DATA
from tests.doubles import HashingEncoder

_SCALE = 1.5
"""Pixels a point."""
_SCAN = "comprovante-8812.pdf"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--number", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    files = options.files or [file for file in sorted((DATA / "sample").glob("*.pdf")) if file.name != _SCAN]
    citations = []
    for file in files:
        found = extract(file.read_bytes(), file.name)[1]
        document = Document(file.stem, file.name, "", "", "pt", found.text, "", found.pages, found.headings)
        citations += [(file, document, chunk) for chunk in split(document, HashingEncoder(), ChunkSettings(tokens=48))]
    chosen = random.Random(options.seed).sample(citations, min(options.number, len(citations)))
    for number, (file, document, chunk) in enumerate(chosen, 1):
        for page in boxes(file.read_bytes(), document.text, document.pages, chunk.start, chunk.end):
            shown = pypdfium2.PdfDocument(file)[page.number - 1].render(scale=_SCALE).to_pil().convert("RGB")
            over = Image.new("RGB", shown.size, "white")
            for box in page.boxes:
                corners = [side * _SCALE for side in (box.left, box.top, box.right, box.bottom)]
                ImageDraw.Draw(over).rectangle(corners, fill=(255, 230, 80), outline=(200, 60, 0))
            Image.blend(shown, over, 0.35).save(options.out / f"{number:02}-{file.stem}-p{page.number}.png")
            print(f"{number:02} {file.name} p. {page.number}, {len(page.boxes)} boxes: {' '.join(chunk.text.split())}")


if __name__ == "__main__":
    main()
