"""A document's file, opened without waiting: what lay there when the folder was looked at may be something else by now.

Opening a pipe waits for somebody who writes to it, and reading a device may never end.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from rag.errors import UnreadableFile

__all__ = ["NOT_REGULAR", "open_regular"]

NOT_REGULAR = "not a regular file (pipe, socket or device)"
_LINK = "a link, made after the folder was looked at"


def open_regular(path: Path, *, follow: bool = False) -> BufferedReader:
    """The regular file at ``path``, to be read; that which a link there leads to only where ``follow`` allows it.

    Raises UnreadableFile for a pipe, a socket, a device or such a link, OSError for a folder and for what the system
    does not open.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW))
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device of which there is none
            raise UnreadableFile(NOT_REGULAR, subject=str(path)) from error
        if error.errno == errno.ELOOP and not follow:
            raise UnreadableFile(_LINK, subject=str(path), hint="Ingest the folder again.") from error
        raise
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise UnreadableFile(NOT_REGULAR, subject=str(path))
