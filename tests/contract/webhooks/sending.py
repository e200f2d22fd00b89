"""A sender of notices, and what comes of one that it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callvault.model.destination import read_networks
from callvault.model.notice import Notice, Rules
from callvault.server.clock import wall_clock
from callvault.webhooks.guard import Guard, Names, Resolve
from callvault.webhooks.sender import Sender, Sent, tls_context

LOOPBACK = "127.0.0.0/8, ::1"
RULES = Rules(timeout_s=5, pauses_s=())


@asynccontextmanager
async def a_sender(
    allowed: str = LOOPBACK, *, resolve: Resolve | None = None, authorities: str | None = None
) -> AsyncIterator[Sender]:
    guard = Guard(read_networks(allowed), resolve or Names())
    sender = Sender(guard, connections=8, agent="callvault/test", tls=tls_context(authorities), clock=wall_clock)
    try:
        yield sender
    finally:
        await sender.close()


def a_notice(url: str, body: bytes = b'{"a":1}', method: str = "POST") -> Notice:
    return Notice(method=method, url=url, headers=(("Content-Type", "application/json"), ("X-B", "2")), body=body)


async def sent(url: str, rules: Rules = RULES, allowed: str = LOOPBACK, resolve: Resolve | None = None) -> Sent:
    async with a_sender(allowed, resolve=resolve) as sender:
        return await sender.send(a_notice(url), rules)
