"""What `lastro calibrate` found for one index, in a file beside its catalog: how sure an answer must be to be given.

The file is read whenever the index is opened, and its thresholds become ``verify.confidence`` unless the settings name
some of their own. The promise that goes with them (``rag.evaluate.risk_control``) holds for the contents, settings and
models it was calibrated with, which the file names by their digests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.config import Settings
from rag.durable import put
from rag.errors import ConfigError, IndexFailure

__all__ = ["RECALIBRATE", "Calibration", "calibrated", "caveat", "read_calibration", "write_calibration"]

_FILE = "calibration.json"
_LANGUAGES = ("pt", "en")
RECALIBRATE = "Run `lastro calibrate` again, or `lastro calibrate --clear` to hold to no threshold."


@dataclass(frozen=True, slots=True)
class Calibration:
    """With probability ``certainty``, at most ``risk`` of the answers given are wrong.

    ``confidence`` is the threshold by language; ``by_language`` whether the promise is made for each alone or for both
    together. ``dataset`` and ``dataset_digest`` name the questions, of which ``tested`` were tested, ``given`` answered
    at the threshold and ``wrong`` wrong; ``configuration`` is the digest of index contents, settings and models, and
    ``generation`` the index's, -1 in files of earlier versions.
    """

    risk: float
    certainty: float
    confidence: Mapping[str, float]
    by_language: bool
    dataset: str
    dataset_digest: str
    configuration: str
    tested: int
    given: int
    wrong: int
    generation: int = -1

    @property
    def coverage(self) -> float:
        return self.given / self.tested


def calibrated(settings: Settings, index_dir: Path) -> Settings:
    """``settings`` with the thresholds of the index, where it has some and ``settings`` has none of its own.

    Raises ConfigError when the file is damaged.
    """
    if "confidence" in settings.verify.model_fields_set:
        return settings
    found = read_calibration(index_dir)
    if found is None:
        return settings
    verify = settings.verify.model_copy(update={"confidence": dict(found.confidence)})
    return settings.model_copy(update={"verify": verify})


def caveat(settings: Settings, index_dir: Path, generation: int) -> str | None:
    """What to tell who asks an index that has changed since it was calibrated, and whose thresholds are in force.

    Changed settings and models are seen by `lastro calibrate --show` alone: that takes loading the models.
    """
    found = read_calibration(index_dir)
    if found is None or found.generation == generation or dict(found.confidence) != settings.verify.confidence:
        return None
    return (
        f"The index has changed since it was calibrated: that at most {100 * found.risk:g} % of the answers given are "
        f"wrong is no longer promised."
    )


def read_calibration(index_dir: Path) -> Calibration | None:
    """None when the index was not calibrated. Raises ConfigError when its file cannot be understood."""
    path = index_dir / _FILE
    try:
        found = Calibration(**json.loads(path.read_text(encoding="utf-8")))
        if not found.confidence or not all(
            language in _LANGUAGES and 0 <= float(least) <= 1 for language, least in found.confidence.items()
        ):
            raise ValueError("confidence")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} is no calibration ({error}).",
            subject=str(path),
            hint="Remove it, or calibrate again with `lastro calibrate`.",
        ) from error
    return found


def write_calibration(index_dir: Path, calibration: Calibration) -> Path:
    """The file, whole or not at all. Raises IndexFailure when it cannot be written."""
    path, temporary = index_dir / _FILE, index_dir / f".{_FILE}.part"
    try:
        temporary.write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
        put(temporary, path)
    except OSError as error:
        raise IndexFailure(
            f"{path} cannot be written ({error.strerror}).", subject=str(path), hint="Make the index's folder writable."
        ) from error
    return path
