"""Ports for servers that a test starts, and that bind them a moment later.

They lie below those that the kernel gives to whoever asks for any: so no connection of anybody's takes one meanwhile,
and nobody who asks whether the server is there yet is connected to himself.  What does not live here: media ports.
"""

from __future__ import annotations

import errno
import itertools
import os
import socket
from contextlib import ExitStack

_FIRST, _COUNT = 24_000, 8_000
_next = itertools.count(os.getpid() * 1_009)
"""Each process of tests begins elsewhere, and gives none twice before it has given all."""


def free_port() -> int:
    """A port that nobody has at the moment, over TCP and UDP, of IPv4 and IPv6 on the loopback."""
    for _ in range(_COUNT):
        port = _FIRST + next(_next) % _COUNT
        if _is_free(port):
            return port
    raise LookupError(f"all ports from {_FIRST} to {_FIRST + _COUNT - 1} are taken")


def _is_free(port: int) -> bool:
    with ExitStack() as opened:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    opened.enter_context(socket.socket(family, kind)).bind((host, port))
                except OSError as error:
                    if error.errno == errno.EADDRINUSE:
                        return False
    return True
