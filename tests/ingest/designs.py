"""Whether text that can be seen is left out of slides: every design that LibreOffice comes with, as ODP and PPTX.

    python -m tests.ingest.designs

A slide with a title and two levels of points is made for each master of each design, in the colours that the design
gives them. LibreOffice writes all as ODP, PPTX and PDF. In the PDF what is hidden is told by drawing it: ODP and PPTX,
in which it is told by the names of colours, must not leave out more. Ends with 1 when one does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ingest.read import Extract, extract
from ingest.read.odf_styles import DRAW, OFFICE, PRESENTATION, STYLE, SVG, TEXT

DESIGNS = Path("/usr/lib/libreoffice/share/template/common/presnt")
_TYPE = "application/vnd.oasis.opendocument.presentation"
_STYLES = {"title": "title", "outline": "outline1"}


def with_slides(design: Path, target: Path) -> None:
    """The design as a presentation that has, after its own slides, one of each of its masters."""
    with zipfile.ZipFile(design) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = etree.fromstring(parts["content.xml"])
    slides = content.find(f".//{OFFICE}presentation")
    settings = slides.find(f"{PRESENTATION}settings")
    for master in etree.fromstring(parts["styles.xml"]).iter(f"{STYLE}master-page"):
        slides.append(_slide(master))
    if settings is not None:  # after all slides
        slides.append(settings)
    manifest = parts["META-INF/manifest.xml"].replace(f"{_TYPE}-template".encode(), _TYPE.encode())
    parts |= {"content.xml": etree.tostring(content), "META-INF/manifest.xml": manifest, "mimetype": _TYPE.encode()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", parts.pop("mimetype"), zipfile.ZIP_STORED)
        for name, data in parts.items():
            archive.writestr(name, data)


def _slide(master: etree._Element) -> etree._Element:
    name = master.get(f"{STYLE}name")
    slide = etree.Element(f"{DRAW}page", {f"{DRAW}master-page-name": name, f"{DRAW}name": f"slide of {name}"})
    for pattern in master.iterchildren(f"{DRAW}frame"):
        kind = pattern.get(f"{PRESENTATION}class")
        if kind not in _STYLES:
            continue
        place = {key: value for key, value in pattern.attrib.items() if key.startswith(SVG)}
        look = {f"{PRESENTATION}style-name": f"{name}-{_STYLES[kind]}", f"{PRESENTATION}class": kind}
        box = etree.SubElement(etree.SubElement(slide, f"{DRAW}frame", {**place, **look}), f"{DRAW}text-box")
        if kind == "title":
            etree.SubElement(box, f"{TEXT}p").text = "Um título"
            continue
        first = etree.SubElement(etree.SubElement(box, f"{TEXT}list"), f"{TEXT}list-item")
        etree.SubElement(first, f"{TEXT}p").text = "Primeiro ponto"
        second = etree.SubElement(etree.SubElement(first, f"{TEXT}list"), f"{TEXT}list-item")
        etree.SubElement(second, f"{TEXT}p").text = "Segundo ponto"
    return slide


def left_out(found: Extract) -> int:
    """The characters of text left out as hidden."""
    counts = (re.match(r"hidden text.*?: (\d+) character", warning) for warning in found.warnings)
    return sum(int(count.group(1)) for count in counts if count)


def compared(folder: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Each design with the characters left out by kind of file."""
    sources = [folder / f"{design.stem}.odp" for design in sorted(DESIGNS.glob("*.otp"))]
    for source in sources:
        with_slides(DESIGNS / f"{source.stem}.otp", source)
    for kind in ("odp", "pptx", "pdf"):
        command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(folder / kind), *map(str, sources)]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    for source in sources:
        files = {kind: folder / kind / f"{source.stem}.{kind}" for kind in ("odp", "pptx", "pdf")}
        yield source.stem, {kind: left_out(extract(file.read_bytes(), file.name)[1]) for kind, file in files.items()}


def main() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, counts in compared(Path(folder)):
            told = max(counts["odp"], counts["pptx"]) <= counts["pdf"]
            wrong += not told
            print(f"{name:24} left out: {counts}{'' if told else '  MORE THAN IS HIDDEN'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
