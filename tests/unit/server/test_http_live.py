"""What goes on for as long as somebody listens ends when they leave, and when it ends itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from callvault.dialects import registry
from callvault.dialects.contract import Route
from callvault.model.actor import Actor
from callvault.server.http import App
from callvault.server.routing import Router
from callvault.vault.commands import Command, Nothing
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from callvault.wire import MediaSlice, WireReply
from tests.asgi import Message, nothing_more, scope_of, swallow
from tests.world import BASE_URL, NOW


class Ticking:
    """A piece whenever the loop has time, ``most`` of them; and whether anybody still listens."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.given = 0
        self.left = asyncio.Event()
        self.enough = asyncio.Event()

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        try:
            while self.given < self.most:
                self.given += 1
                if self.given == 100:
                    self.enough.set()
                yield b"."
                await asyncio.sleep(0)
        finally:
            self.left.set()


def app_of(ticking: Ticking) -> App:
    """An application whose one path gives out what ticks."""
    reply = WireReply(status=200, body=MediaSlice(source=ticking, start=0, stop=None, live=True))
    route = Route(method="GET", path="/tick", read=lambda _: Nothing(), say=lambda _, __: reply, public=True)
    dialect = replace(
        next(each for each in registry.load() if each.name == "callvault"),
        name="ticker",
        claim=lambda _: None,
        routes=(route,),
    )
    return App(House(), Router([dialect]), dialect, {"base_url": BASE_URL}, lambda: NOW)


class House(Vault):
    """A vault that is never opened, and answers nothing."""

    def __init__(self) -> None:
        self.secrets = Secrets(bytes(32))

    async def perform(self, command: Command, actor: Actor | None, now: datetime) -> None:
        assert command == Nothing()


async def test_whoever_leaves_is_noticed_though_sending_goes_on() -> None:
    ticking = Ticking(most=10**9)
    asked = asyncio.Event()

    async def receive() -> Message:
        if not asked.is_set():
            asked.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await ticking.enough.wait()
        return {"type": "http.disconnect"}

    await app_of(ticking)(scope_of("GET", "/tick"), receive, swallow)
    assert ticking.left.is_set()
    assert 100 <= ticking.given < 200


async def test_what_ends_is_told_to_have_ended_while_its_listener_stays() -> None:
    ticking = Ticking(most=7)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await app_of(ticking)(scope_of("GET", "/tick"), receive, send)
    assert b"".join(message.get("body", b"") for message in sent) == b"." * 7
    assert sent[-1] == {"type": "http.response.body", "body": b""}
    assert ticking.left.is_set()


async def test_nothing_is_begun_for_whoever_asks_for_the_headers_alone() -> None:
    ticking = Ticking(most=7)
    await app_of(ticking)(scope_of("HEAD", "/tick"), nothing_more, swallow)
    assert ticking.given == 0
