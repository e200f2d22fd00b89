"""The system calls that Python has no name for, and the shapes of their arguments in memory (Linux, 64 bits).

cffi in ABI mode costs less a call than ctypes, and lets go of the interpreter's lock meanwhile.
What does not live here: who calls them, and when.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from cffi import FFI

ffi = FFI()
ffi.cdef(
    """
    int recvmmsg(int descriptor, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout);
    int syncfs(int descriptor);
    """
)
lib: Any = ffi.dlopen(None)
"""Addresses are plain numbers here: a pointer object would be made for each call."""

MESSAGE: Final = np.dtype(
    [
        ("name", "u8"),
        ("name_bytes", "u4"),
        ("_1", "u4"),
        ("pieces", "u8"),
        ("piece_count", "u8"),
        ("control", "u8"),
        ("control_bytes", "u8"),
        ("flags", "i4"),
        ("_2", "u4"),
        ("length", "u4"),
        ("_3", "u4"),
    ]
)
"""``struct mmsghdr``: recvmmsg(2)."""
PIECE: Final = np.dtype([("base", "u8"), ("size", "u8")])
"""``struct iovec``."""
STAMP: Final = np.dtype([("size", "u8"), ("level", "i4"), ("kind", "i4"), ("seconds", "i8"), ("nanoseconds", "i8")])
"""``struct cmsghdr`` with the ``struct timespec`` of SO_TIMESTAMPNS: socket(7)."""
ADDRESS_BYTES: Final = 28
"""``struct sockaddr_in6``, the longer of the two."""
SO_TIMESTAMPNS: Final = 35
SO_RCVBUFFORCE: Final = 33
SO_MEMINFO: Final = 55
MEMINFO: Final = struct.Struct("=9I")
"""The last of them: datagrams that found no room in the socket, since it was opened (SK_MEMINFO_DROPS)."""
SO_COOKIE: Final = 57


def address_of(array: np.ndarray[Any, Any]) -> int:
    """Where an array begins in memory."""
    return int(array.ctypes.data)
