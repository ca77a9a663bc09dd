"""A process that reads what anybody put into a folder has no network, whatever a library or a file would have of it."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

__all__ = ["go_offline"]

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
"""Of Linux's ``unshare``."""
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
"""Of its ``prctl``."""
_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""What the kernel calls the architecture (``AUDIT_ARCH_…``), and the number of ``socket`` there."""
_IO_URING_SETUP = 425
_FOREIGN = 0x40000000
"""Numbers from here on are those of x86-64's other calling convention, x32."""


def go_offline() -> None:
    """Leave the network for good: for one of its own without devices where the system allows it, as Linux mostly does;
    in a container or a service that may make none, by a filter that refuses sockets. What the process starts is offline
    likewise. Elsewhere what Python knows of sockets raises PermissionError.

    Without threads: the system refuses the first to a process that has some, and the second would not hold for them.
    """
    if not (_has_left() or _is_filtered()):
        sys.addaudithook(_refuse)


def _has_left() -> bool:
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is None:
        return False
    # Root alone may do so by itself. Others need to be nobody's first; root would lose its right to read all files.
    return unshare(_NEW_NET) == 0 or (os.geteuid() != 0 and unshare(_NEW_USER | _NEW_NET) == 0)


def _is_filtered() -> bool:
    """Whether ``socket`` fails with EPERM from now on (Linux's seccomp(2), mode filter)."""
    known = _SOCKET.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 2**32 else None
    if known is None:
        return False
    program = ctypes.create_string_buffer(_program(*known))
    given = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(program)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    # The first is the second's condition for a process without rights.
    steps = ((_NO_NEW_PRIVILEGES, 1, None, 0, 0), (_SECCOMP, _FILTER, given, 0, 0))
    return all(prctl(*step) == 0 for step in steps)


def _program(architecture: int, socket: int) -> bytes:
    """The filter in classic BPF: of each instruction its code, how many to jump over if true and if false, its operand.

    ``io_uring`` opens sockets past any filter, and other calling conventions have other numbers: they fail too.
    """
    load, equal, at_least, say = 0x20, 0x15, 0x35, 0x06
    instructions = (
        (load, 0, 0, 4),
        (equal, 0, 5, architecture),
        (load, 0, 0, 0),
        (at_least, 3, 0, _FOREIGN),
        (equal, 2, 0, socket),
        (equal, 1, 0, _IO_URING_SETUP),
        (say, 0, 0, 0x7FFF0000),  # allowed
        (say, 0, 0, 0x00050000 | errno.EPERM),
    )
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError(f"no network for readers ({event})")
