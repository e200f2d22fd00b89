"""A vault with hooks and recordings, and couriers that tell of them.

What does not live here: who listens (``tests/receiver.py``).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from callvault.dialects.contract import Dialect
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.destination import read_networks
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, DeliveryState, Hook
from callvault.model.recording import Recording
from callvault.server.clock import wall_clock
from callvault.server.speaking import Speech
from callvault.vault.commands import ChangeRecording, Ref, TakeIn
from callvault.vault.hook_commands import AddHook, GetDelivery
from callvault.vault.vault import Vault
from callvault.webhooks.courier import Courier
from callvault.webhooks.guard import Guard, Names
from callvault.webhooks.sender import Sender, tls_context
from tests.receiver import Received, Receiver
from tests.world import tone_of_silence

LOOPBACK = read_networks("127.0.0.0/8")
AUDIO = tone_of_silence(1, 100)


@dataclass
class House:
    """A vault with an account, and as many couriers as a test wants."""

    vault: Vault
    account: Account
    dialects: tuple[Dialect, ...]

    async def hook(self, receiver: Receiver, dialect: str = "callvault", **fields: Any) -> Hook:
        url = fields.pop("url", None) or receiver.url(fields.pop("path", "/hook"))
        command = AddHook(account_id=self.account.id, dialect=dialect, url=url, **fields)
        return await self.vault.notifying.add(command, wall_clock())

    async def record(self, **said: Any) -> Recording:
        async def content() -> AsyncIterator[bytes]:
            yield AUDIO

        command = TakeIn(account_id=self.account.id, card=Card(**said), content=content(), key=os.urandom(8).hex())
        return (await self.vault.intake.take_in(command, wall_clock())).recording

    async def label(self, recording: Recording, label: str) -> None:
        card = Card(label=label)
        command = ChangeRecording(account_id=self.account.id, recording=ref(recording), card=card)
        await self.vault.changing.change(command, wall_clock())

    def courier(self, **options: Any) -> Courier:
        sender = Sender(Guard(LOOPBACK, Names()), connections=64, agent="test", tls=tls_context(), clock=wall_clock)
        speech = Speech(
            options.pop("dialects", self.dialects),
            self.vault.notifying,
            self.vault.secrets,
            base_url="https://vault.example.net",
            settings={},
        )
        outbox = options.pop("outbox", self.vault.catalogue)
        return Courier(outbox, speech, sender, clock=wall_clock, dice=lambda: 0.0, **options)

    async def deliveries(self, **terms: Any) -> Sequence[Delivery]:
        query = DeliveryQuery(account_id=self.account.id, limit=1000, **terms)
        return (await self.vault.catalogue.find_deliveries(query)).items

    async def attempts(self, delivery: Delivery) -> Sequence[Attempt]:
        command = GetDelivery(account_id=self.account.id, delivery_id=delivery.id)
        return (await self.vault.notifying.delivery(command)).attempts

    async def settled(self) -> Sequence[Delivery]:
        """Wait until nothing is waiting any more."""
        for _ in range(2000):
            if not await self.deliveries(state=DeliveryState.WAITING):
                return await self.deliveries()
            await asyncio.sleep(0.01)
        raise AssertionError(await self.deliveries(state=DeliveryState.WAITING))


def ref(recording: Recording) -> Ref:
    return Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)


@asynccontextmanager
async def working(*couriers: Courier) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(courier.run()) for courier in couriers]
    try:
        yield
    finally:
        await asyncio.gather(*(courier.stop() for courier in couriers))
        await asyncio.gather(*tasks)


def said(request: Received) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(request.body)
    return document
