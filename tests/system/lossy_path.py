"""A UDP way between a client and a server on which the first copy of every message is lost, in both directions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LossyPath:
    """Two sockets: one that the client speaks to, one that speaks to the server."""

    def __init__(self) -> None:
        self.lost: list[bytes] = []
        """Each message that was new when it came."""
        self.client: tuple[str, int] | None = None
        self.front: asyncio.DatagramTransport | None = None
        self.back: asyncio.DatagramTransport | None = None
        self._seen: set[bytes] = set()

    def lets_through(self, message: bytes) -> bool:
        if message in self._seen:
            return True
        self._seen.add(message)
        self.lost.append(message)
        return False


class _Front(asyncio.DatagramProtocol):
    def __init__(self, path: LossyPath) -> None:
        self._path = path

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._path.client = addr
        if self._path.back is not None and self._path.lets_through(data):
            self._path.back.sendto(data)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, path: LossyPath) -> None:
        self._path = path

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        path = self._path
        if path.front is not None and path.client is not None and path.lets_through(data):
            path.front.sendto(data, path.client)


@asynccontextmanager
async def a_lossy_path(port: int) -> AsyncIterator[tuple[LossyPath, int]]:
    """To a server's port on 127.0.0.1; the port to speak to instead."""
    loop, path = asyncio.get_running_loop(), LossyPath()
    front, _ = await loop.create_datagram_endpoint(lambda: _Front(path), local_addr=("127.0.0.1", 0))
    back, _ = await loop.create_datagram_endpoint(lambda: _Back(path), remote_addr=("127.0.0.1", port))
    path.front = front
    path.back = back
    try:
        yield path, front.get_extra_info("sockname")[1]
    finally:
        front.close()
        back.close()
