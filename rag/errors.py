"""The tree of failures. A leaf says what happened, to which file or field, and what to do next.

::

    LastroError                       exit  http  retryable
    ├── UsageError                       2   422  no     a value outside its range, a field missing or unknown
    │   └── ConfigError                  2   500  no     lastro.toml or an environment variable is wrong
    ├── InputError                       4   422  no
    │   ├── FolderError                  4   422  no     the folder is missing, empty or not a folder
    │   ├── UnreadableFile               4   422  no     one file cannot be read; a run reports it and goes on
    │   ├── DocumentNotFound             4   404  no
    │   ├── SourceChanged                4   409  no     the file is not the one that was indexed
    │   └── SourceGone                   4   410  no     the file that was indexed is not there any more
    ├── IndexFailure                     5   500  no
    │   ├── NoIndex                      5   404  no     nothing was ingested there
    │   ├── FingerprintMismatch          5   409  no     built by another encoder, chunker or analyser
    │   ├── DamagedIndex                 5   500  no     the catalog itself cannot be read
    │   └── IndexLocked                  5   409  yes    another process is writing
    ├── ModelError                       6   503  no
    │   ├── WeightsMissing               6   503  no     not prepared yet
    │   ├── WeightsDamaged               6   503  no     a file whose hash is not the recorded one
    │   ├── DownloadFailed               6   503  yes
    │   ├── MissingExtra                 6   503  no     an optional package is not installed
    │   └── GeneratorFailed              6   503  yes    the decoder did not answer
    ├── ResourceError                    7   503  yes
    │   ├── DiskFull                     7   507  yes
    │   ├── PortInUse                    7   503  no
    │   ├── Busy                         7   503  yes    the queue is full, or the server is going down
    │   └── DeadlineExceeded             7   504  yes    no answer within serve.deadline_s
    └── RequestRefused                   8   400  no     what a server refuses before it does anything
        ├── NotAuthenticated             8   401  no     no key, or one that is unknown or revoked
        ├── NotAllowed                   8   403  no     the key lacks the scope or the collection
        ├── NotFound                     8   404  no     a collection, an answer or a conversation
        ├── RequestTimeout               8   408  yes    the request came too slowly
        ├── AlreadyExists                8   409  no
        ├── RequestTooLarge              8   413  no
        │   └── HeadTooLarge             8   431  no     the headers of a request
        └── TooManyRequests              8   429  yes    over the key's rate

``exit_code`` 3 is not an error: an ingest that finished and refused some files. 130 is Ctrl-C or SIGTERM;
a command that follows a folder ends so with 0, once what is in hand is finished.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AlreadyExists",
    "Busy",
    "ConfigError",
    "DamagedIndex",
    "DeadlineExceeded",
    "DiskFull",
    "DocumentNotFound",
    "DownloadFailed",
    "FingerprintMismatch",
    "FolderError",
    "GeneratorFailed",
    "HeadTooLarge",
    "IndexFailure",
    "IndexLocked",
    "InputError",
    "LastroError",
    "MissingExtra",
    "ModelError",
    "NoIndex",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "PortInUse",
    "RequestRefused",
    "RequestTimeout",
    "RequestTooLarge",
    "ResourceError",
    "SourceChanged",
    "SourceGone",
    "TooManyRequests",
    "UnreadableFile",
    "UsageError",
    "WeightsDamaged",
    "WeightsMissing",
]


class LastroError(Exception):
    """Base of every failure we foresee. ``subject`` is the file or field; ``hint`` is what to do next;
    ``retry_after_s`` is when to try again, where that can be said."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(
        self, message: str, *, subject: str | None = None, hint: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject
        self.hint = hint
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        end = "" if self.message.endswith((".", "!", "?", ":")) else "."
        return f"{self.message}{end} {self.hint}" if self.hint else self.message


class UsageError(LastroError):
    exit_code = 2
    http_status = 422


class ConfigError(UsageError):
    http_status = 500


class InputError(LastroError):
    exit_code = 4
    http_status = 422


class FolderError(InputError):
    pass


class UnreadableFile(InputError):
    pass


class DocumentNotFound(InputError):
    http_status = 404


class SourceChanged(InputError):
    http_status = 409


class SourceGone(InputError):
    http_status = 410


class IndexFailure(LastroError):
    exit_code = 5


class NoIndex(IndexFailure):
    http_status = 404


class FingerprintMismatch(IndexFailure):
    http_status = 409


class DamagedIndex(IndexFailure):
    pass


class IndexLocked(IndexFailure):
    http_status = 409
    retryable = True


class ModelError(LastroError):
    exit_code = 6
    http_status = 503


class WeightsMissing(ModelError):
    pass


class WeightsDamaged(ModelError):
    pass


class DownloadFailed(ModelError):
    retryable = True


class MissingExtra(ModelError):
    pass


class GeneratorFailed(ModelError):
    retryable = True


class ResourceError(LastroError):
    exit_code = 7
    http_status = 503
    retryable = True


class DiskFull(ResourceError):
    http_status = 507


class PortInUse(ResourceError):
    retryable = False


class Busy(ResourceError):
    pass


class DeadlineExceeded(ResourceError):
    http_status = 504


class RequestRefused(LastroError):
    exit_code = 8
    http_status = 400


class NotAuthenticated(RequestRefused):
    http_status = 401


class NotAllowed(RequestRefused):
    http_status = 403


class NotFound(RequestRefused):
    http_status = 404


class RequestTimeout(RequestRefused):
    http_status = 408
    retryable = True


class AlreadyExists(RequestRefused):
    http_status = 409


class RequestTooLarge(RequestRefused):
    http_status = 413


class HeadTooLarge(RequestTooLarge):
    http_status = 431


class TooManyRequests(RequestRefused):
    http_status = 429
    retryable = True
