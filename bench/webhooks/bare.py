"""The limit: ``python -m bench.webhooks.bare DATA ACCOUNT HOOK COUNT httpx|sockets`` sends what the log holds.

The same heads and bodies, ready in memory, as many at once, and nothing else; prints how quickly as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from bench.webhooks import AT_ONCE, settings_of
from callvault.model.hook import Attempt, DeliveryQuery
from callvault.server.build import build_vault

Send = Callable[[Iterator[Attempt]], Awaitable[None]]


async def main(data: Path, account_id: UUID, hook_id: UUID, count: int, how: str) -> None:
    """See the module."""
    attempts = await _logged(data, account_id, hook_id, count)
    left = iter(attempts)
    senders = {"httpx": with_httpx, "sockets": with_sockets}
    began = time.perf_counter()
    await senders[how](left)
    took_s = time.perf_counter() - began
    print(json.dumps({"per_s": count / took_s}))


async def with_httpx(left: Iterator[Attempt]) -> None:
    """As somebody would who sends webhooks with the usual client."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def work() -> None:
            for attempt in left:
                answer = await client.request(
                    attempt.method, attempt.url, content=attempt.body, headers=list(attempt.headers)
                )
                assert answer.status_code == 200

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def with_sockets(left: Iterator[Attempt]) -> None:
    """As quick as a Python that does nothing else can be."""

    async def work() -> None:
        reader = writer = None
        for attempt in left:
            if reader is None or writer is None:
                parts = urlsplit(attempt.url)
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(_spelled(attempt))
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
        if writer is not None:
            writer.close()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def _spelled(attempt: Attempt) -> bytes:
    head = [f"{attempt.method} {urlsplit(attempt.url).path} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in attempt.headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + attempt.body


async def _logged(data: Path, account_id: UUID, hook_id: UUID, count: int) -> list[Attempt]:
    vault = build_vault(settings_of(data))
    await vault.catalogue.open()
    query = DeliveryQuery(account_id=account_id, hook_id=hook_id, limit=count)
    page = await vault.catalogue.find_deliveries(query)
    found = [await vault.catalogue.delivery(account_id, each.id) for each in page.items]
    await vault.catalogue.close()
    return [entry[1][-1] for entry in found if entry is not None]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), UUID(sys.argv[2]), UUID(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
