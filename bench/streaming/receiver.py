"""``python -m bench.streaming.receiver bare|callvault FOLDER``: takes streams until its input ends; prints its port.

``bare`` is websockets' own server with a loop that receives messages and does nothing with them.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from tests.system.stream_house import stream_house
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def bare() -> None:
    """Receive, and forget."""

    async def take(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.recv()

    async with serve(take, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.readline)


async def callvault(folder: Path) -> None:
    """The door as it is."""
    async with stream_house(folder) as house:
        print(house.base.split(":")[2].split("/")[0], flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(bare() if sys.argv[1] == "bare" else callvault(Path(sys.argv[2])))
