"""A process that reads what anybody put into a folder has no network, whatever a library or a file would have of it."""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["go_offline"]

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
"""Of Linux's ``unshare``."""


def go_offline() -> None:
    """Leave the network for good: for one of its own without devices where the system allows it, as Linux mostly does;
    elsewhere what Python knows of sockets raises PermissionError. What the process starts is offline likewise in the
    former case.

    Without threads: the system refuses it to a process that has some.
    """
    if not _has_left():
        sys.addaudithook(_refuse)


def _has_left() -> bool:
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is None:
        return False
    # Root alone may do so by itself. Others need to be nobody's first; root would lose its right to read all files.
    return unshare(_NEW_NET) == 0 or (os.geteuid() != 0 and unshare(_NEW_USER | _NEW_NET) == 0)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError(f"no network for readers ({event})")
