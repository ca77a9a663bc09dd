"""Images of text (PNG, JPEG, TIFF, GIF, BMP, WebP): read by OCR, a TIFF's pictures as the pages of one document."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.read.builder import Extract
from ingest.read.ocr import HINT, IMAGES, NeedsOcr, Ocr
from ingest.read.pages import Sheet, document_of
from rag.errors import UnreadableFile

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["image_kind", "read"]

_MAGIC = (
    (re.compile(rb"\x89PNG"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "tiff"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "webp"),
    # Two letters begin many a text: what follows them is the length, zeros, and the size of one of its headers.
    (re.compile(rb"BM.{4}\x00{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00{3}", re.DOTALL), "bmp"),
)

_PIXELS = 85_000_000
"""An A3 page at 600 dots an inch has 70 million; a file of a few bytes can claim any number. Pillow warns from 89."""
_TOO_LARGE = f"an image of more than {_PIXELS // 1_000_000} million pixels"
_PAGES = 500
_MOVING = frozenset({"GIF", "WEBP", "PNG"})
"""Their further pictures are the same one, moving."""


def image_kind(data: bytes) -> str | None:
    """A key of ``ocr.IMAGES``, by how the file begins; None where it is no image that is read."""
    return next((kind for magic, kind in _MAGIC if magic.match(data)), None)


def read(data: bytes, ocr: Ocr | None = None) -> Extract:
    """A page for each picture. Raises NeedsOcr without OCR, OutOfTime, and UnreadableFile for a broken image or one
    without text."""
    if ocr is None:
        raise NeedsOcr(IMAGES[image_kind(data) or "png"], hint=HINT)
    found = [ocr.recognise(picture, dpi) for picture, dpi in _pictures(data)]
    return document_of([Sheet(page.lines, page.remark, late=page.late) for page in found], "", ocr)


def _pictures(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Each as a PGM, the right way up, and its dots an inch, 0 where the file does not say."""
    try:
        from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
    except ImportError as error:
        raise UnreadableFile("an image, and Pillow is not installed", hint="pip install 'lastro[ocr]'") from error
    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper() for kind in IMAGES]) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image)):
                if number and image.format in _MOVING:
                    return
                if number >= _PAGES:
                    raise UnreadableFile(f"an image of more than {_PAGES} pages")
                if frame.width * frame.height > _PIXELS:
                    raise UnreadableFile(_TOO_LARGE)
                dpi = frame.info.get("dpi", (0, 0))[0]
                yield _grey(ImageOps.exif_transpose(frame)), round(dpi) if 70 <= dpi <= 1200 else 0
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableFile(_TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableFile(f"a broken image ({error})", hint="Open it in a viewer and save it again.") from error


def _grey(image: Image) -> bytes:
    """What is transparent is paper."""
    if image.has_transparency_data:
        paper = image.convert("RGBA")
        white = paper.copy()
        white.paste((255, 255, 255, 255), (0, 0, *paper.size))
        white.alpha_composite(paper)
        image = white
    data = io.BytesIO()
    image.convert("L").save(data, "PPM")
    return data.getvalue()
