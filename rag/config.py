"""Settings: the only reader of the environment and of ``lastro.toml``.

Every number is bounded, every unknown key refused. Precedence, highest first: arguments, ``LASTRO_*`` variables
(``LASTRO_SEARCH__ALPHA=0.7``), the file named by ``LASTRO_CONFIG`` or ``./lastro.toml``, the defaults below.
pydantic-settings was chosen because it does the layering and says which field is wrong.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from rag.errors import ConfigError
from rag.types import Language

__all__ = ["Settings", "load_settings", "origin"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """Which weights play which role. ``embedded`` is the profile of ``rag/models/catalogue.py``; anything else is a
    hub id or a local directory; the generator also takes an OpenAI-compatible base URL, or ``none``."""

    cache_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("lastro")))
    encoder: str = "embedded"
    generator: str = "embedded"
    entailment: str = "embedded"
    reranker: str = "embedded"
    generator_model: str = Field(default="", description="model name sent to an OpenAI-compatible server")
    generator_api_key: SecretStr | None = None
    encoder_query_prefix: str | None = Field(default=None, description="for models other than the embedded one")
    encoder_passage_prefix: str | None = None
    threads: int = Field(default=0, ge=0, le=256, description="0 = all the cores this process may use")
    timeout_s: float = Field(default=120.0, gt=0, le=3600)


class ChunkSettings(_Section):
    """Chunk sizes in tokens of the encoder's own tokenizer."""

    tokens: int = Field(default=160, ge=32, le=480)
    overlap_sentences: int = Field(default=1, ge=0, le=5)


class IngestSettings(_Section):
    max_file_bytes: int = Field(default=200_000_000, ge=1)
    file_timeout_s: float = Field(default=120.0, gt=0)
    file_memory_bytes: int = Field(default=2_000_000_000, ge=100_000_000)
    ocr: bool = Field(default=True, description="read scans and images, where tesseract is installed")
    batch_documents: int = Field(default=16, ge=1, le=1024, description="documents per commit")


class WatchSettings(_Section):
    """How ``lastro ingest --watch`` follows a folder."""

    debounce_s: float = Field(default=1.0, ge=0.05, le=60, description="quiet for so long, a file is taken as written")
    sweep_s: float = Field(default=300.0, ge=1, le=86400, description="the whole folder is looked through so often")
    events: bool = Field(default=True, description="false: the file system tells nothing; look every poll_s instead")
    poll_s: float = Field(default=10.0, ge=0.05, le=3600)


class SearchSettings(_Section):
    k: int = Field(default=8, ge=1, le=200)
    alpha: float = Field(default=0.5, ge=0.0, le=1.0, description="1 = dense only, 0 = sparse only")
    candidates: int = Field(default=100, ge=1, le=2000, description="taken from each leg before fusion")
    fusion: Literal["convex", "rrf"] = "convex"
    rerank: bool = Field(
        default=True, description="for what is no statement, judge the head of the list by models.reranker"
    )
    rerank_depth: int = Field(default=20, ge=1, le=200)
    rerank_weight: float = Field(default=0.3, ge=0.0, le=1.0, description="of its judgement, against the fused score")
    duplicates: Literal["fold", "show"] = Field(
        default="fold", description="fold = near-duplicates take one place among the k, the others listed with it"
    )
    section: int = Field(
        default=0,
        ge=0,
        le=20_000,
        description="characters of its heading section, before and after a hit, that the prompt may draw from too",
    )


class AnswerSettings(_Section):
    """Decoding and prompt budget. Greedy unless asked otherwise."""

    prompt_tokens: int = Field(default=570, ge=200, le=6000, description="whole prompt, constant part included")
    max_tokens: int = Field(default=160, ge=1, le=4096)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    top_k: int = Field(default=0, ge=0, le=1000)
    repetition_penalty: float = Field(default=1.0, ge=0.5, le=2.0)
    presence_penalty: float = Field(default=0.0, ge=-2.0, le=2.0)
    frequency_penalty: float = Field(default=0.0, ge=-2.0, le=2.0)
    stop: tuple[str, ...] = Field(default=(), max_length=8)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class VerifySettings(_Section):
    enabled: bool = True
    # Of claims about unseen articles (tests.bench.claims) 0.34 to 0.46 tell right from wrong alike; 0.5 does worse.
    supported: float = Field(
        default=0.42, ge=0.0, le=1.0, description="least probability of support, the likeliest of the three in any case"
    )
    sure: float = Field(
        default=0.75, ge=0.0, le=1.0, description="the same for what is tried after an answer that did not hold"
    )
    contradicted: float = Field(default=0.5, ge=0.0, le=1.0)
    answerable: float = Field(default=0.05, ge=0.0, le=1.0, description="least relevance of the best passage")
    confidence: dict[Language, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(
        default={}, description="least confidence of an answer given, by language; `lastro calibrate` finds it"
    )


class ServeSettings(_Section):
    """One process of ``lastro serve``. Without API keys it listens on loopback only."""

    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    hosts: tuple[str, ...] = Field(
        default=(), description="names it answers to besides loopback's, such as a reverse proxy's"
    )
    state: Path | None = Field(
        default=None, description="folder of keys, uploads, collections and answers; beside the index where not given"
    )
    queue: int = Field(default=8, ge=1, le=1000, description="questions that may wait behind the one being answered")
    searches: int = Field(default=2, ge=1, le=256, description="searches and verifications at a time")
    searches_waiting: int = Field(default=6, ge=0, le=10_000, description="that may wait behind those")
    deadline_s: float = Field(default=180.0, gt=0, le=3600, description="of a request, waiting included")
    grace_s: float = Field(default=20.0, ge=0, le=600, description="for what is under way when the server goes down")
    body_timeout_s: float = Field(default=30.0, gt=0, le=600, description="for the head of a request, and its body")
    max_body_bytes: int = Field(default=1_000_000, ge=1_000, description="of a request that is no upload")
    max_upload_bytes: int = Field(default=100_000_000, ge=1_000, description="of all the files of one upload")
    max_json_depth: int = Field(default=32, ge=4, le=500)
    rate_per_minute: int = Field(default=600, ge=0, le=1_000_000, description="requests of one key; 0 is no limit")
    keep_answers: int = Field(default=1000, ge=0, le=10_000_000, description="answers kept for links and feedback")
    audit: bool = Field(default=False, description="record what each answer was made of, for `lastro replay`")


class Settings(BaseSettings):
    """All settings of one process, validated once at its edge and passed down in sections."""

    model_config = SettingsConfigDict(
        env_prefix="LASTRO_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file="lastro.toml"
    )

    models: ModelSettings = ModelSettings()
    chunks: ChunkSettings = ChunkSettings()
    ingest: IngestSettings = IngestSettings()
    watch: WatchSettings = WatchSettings()
    search: SearchSettings = SearchSettings()
    answer: AnswerSettings = AnswerSettings()
    verify: VerifySettings = VerifySettings()
    serve: ServeSettings = ServeSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get("LASTRO_CONFIG", "lastro.toml")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


def load_settings(**overrides: Any) -> Settings:
    """Settings from arguments, environment and file.

    Raises ConfigError naming the field (``search.alpha``) and the bound that was broken.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"setting {name}: {first['msg']} (got {first.get('input')!r}).",
            subject=name,
            hint="Correct it in lastro.toml, the LASTRO_* variable or the argument.",
        ) from error


def origin(section: str, name: str) -> str:
    """Where a setting comes from: the ``LASTRO_`` variable, the path of the file, or ``default``."""
    # A section may also be given whole, as JSON in one variable.
    variables = (f"LASTRO_{section}__{name}".upper(), f"LASTRO_{section}".upper())
    for variable in variables:
        if variable in {given.upper() for given in os.environ}:
            return variable
    file = Path(os.environ.get("LASTRO_CONFIG", "lastro.toml"))
    in_file = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return str(file) if name in in_file.get(section, {}) else "default"
