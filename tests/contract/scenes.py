"""Alice's recordings before one vendor's wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from callvault.dialects import registry
from callvault.dialects.contract import Route
from callvault.model.recording import Recording
from tests.contract.neighbours import Neighbours
from tests.contract.tongues import TONGUES, Ask, Caller, Item, Tongue
from tests.world import tone_of_silence

WAV = tone_of_silence(1, 200)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Alice's recording, and all that can be asked of it on one wire."""

    street: Neighbours
    tongue: Tongue
    recording: Recording
    item: Item

    def asks(self, owner: Caller) -> Iterator[tuple[Route, Ask]]:
        """Every route of this wire, its path filled in for Alice's recording under this owner's account."""
        places = dict(self.tongue.places(owner, self.item))
        (dialect,) = [dialect for dialect in registry.load() if dialect.name == self.tongue.dialect]
        for route in dialect.routes:
            if not self.tongue.answers(route.path):
                continue
            segments = (
                quote(places.get(part[1:-1], str(self.recording.id)), safe="") if part.startswith("{") else part
                for part in route.path.split("/")
            )
            body = WAV if route.streams else b"{}"
            yield route, Ask(target="/".join(segments), method=route.method, body=body)

    async def unchanged(self) -> bool:
        """Whether Alice has exactly what she had."""
        held = await self.street.listed(TONGUES[-1])
        same = await self.street.world.vault.catalogue.get(self.recording.id) == self.recording
        return same and [TONGUES[-1].call_of(item) for item in held] == [self.recording.call_id]
