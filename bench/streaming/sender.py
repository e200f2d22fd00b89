"""``python -m bench.streaming.sender PORT PATH STREAMS FRAMES``: many streams at once, in time; prints how it went."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

from bench.streaming.spoken import closing, moments, opening

STEP_S = 0.02
AT_ONCE = 50


async def opened(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One WebSocket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return reader, writer


async def main(port: int, path: str, streams: int, frames: int) -> None:
    """Open all, send all, close all."""
    spoken = [moments(stream, frames) for stream in range(streams)]
    connections = []
    for first in range(0, streams, AT_ONCE):
        connections += await asyncio.gather(*(opened(port, path) for _ in range(first, min(streams, first + AT_ONCE))))
    writers = [writer for _, writer in connections]
    for stream, writer in enumerate(writers):
        writer.write(opening(stream))
    gc.disable()
    began = time.monotonic()
    late_s = 0.0
    for number in range(frames):
        await asyncio.sleep(max(0.0, began + number * STEP_S - time.monotonic()))
        late_s = max(late_s, time.monotonic() - began - number * STEP_S)
        for stream, writer in enumerate(writers):
            writer.write(spoken[stream][number])
    took_s = time.monotonic() - began
    print(json.dumps({"took_s": took_s, "late_ms": late_s * 1000}), flush=True)
    sys.stdin.readline()  # until whoever measures has looked
    for stream, writer in enumerate(writers):
        writer.write(closing(stream))
    for writer in writers:
        await writer.drain()
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
