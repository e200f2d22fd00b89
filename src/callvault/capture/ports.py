"""Media ports: sockets on even ports of a range, the one that was free for longest first.

An odd port stays empty behind each one: there a client that knows nothing of RFC 3605 sends its RTCP, and it must not
meet somebody else's stream.  What does not live here: who gets the sockets (``supervisor``).
"""

from __future__ import annotations

import errno
import logging
import socket
from collections import deque
from pathlib import Path

from callvault.capture.media.system import SO_RCVBUFFORCE, SO_TIMESTAMPNS
from callvault.errors import MediaError, OperatorError, TooMany

log = logging.getLogger("callvault.supervisor")

BUFFER_BYTES = 1 << 20
"""Of the kernel's queue of a socket: 50 s of G.711."""
AGAIN_S = 5.0

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


class MediaPorts:
    """The ports of a node."""

    def __init__(self, first: int, last: int) -> None:
        """Both are included.

        Raises:
            OperatorError: there is no even port among them.
        """
        self._free = deque(range(first + first % 2, last + 1, 2))
        if not self._free or not 1024 <= first <= last <= 65535:
            raise OperatorError(f"The media ports must be a range such as 10000-32000, not {first}-{last}.")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
            self.buffer_bytes = _buffered(tried)
            """What the kernel gives a socket: twice what it was asked for, or twice ``net.core.rmem_max``."""
        try:
            low, high = map(int, _EPHEMERAL.read_text().split())
        except (OSError, ValueError):
            return
        if first <= high and low <= last:
            log.warning(
                "the media ports %d-%d meet those that the kernel gives to anybody (net.ipv4.ip_local_port_range is "
                "%d %d); some of them may be taken when a call needs them",
                first, last, low, high,
            )  # fmt: skip

    def open(self, host: str) -> tuple[socket.socket, int]:
        """A socket for media on an address of ours, and its port.

        Raises:
            TooMany: no port or descriptor is left.
            MediaError: the address is none of ours.
        """
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                return _bound(host, port), port
            except OSError as error:
                self._free.append(port)
                if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}:
                    raise TooMany(f"No socket for media can be opened: {error.strerror}.", after_s=AGAIN_S) from error
                if error.errno != errno.EADDRINUSE:
                    raise MediaError(f"No media can come to {host}: {error.strerror}.") from error
        raise TooMany("No media port is free.", after_s=AGAIN_S)

    def take(self, port: int) -> None:
        """A port is in use already."""
        if port in self._free:
            self._free.remove(port)

    def give_back(self, port: int) -> None:
        """A port's socket is closed."""
        self._free.append(port)


def stamping() -> socket.socket:
    """While this socket is open, the kernel notes of each packet when it came.

    It begins with that some milliseconds after the first socket of the machine has asked for it (``netstamp_work`` in
    Linux's ``net/core/dev.c``); until then a packet has the time at which it is read, which may be a tick later.
    """
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return asking


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        _buffered(opened)
        opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((host, port))
    except OSError:
        opened.close()
        raise
    return opened


def _buffered(opened: socket.socket) -> int:
    try:
        opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    except PermissionError:  # needs CAP_NET_ADMIN; net.core.rmem_max bounds the other one
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    return opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
