"""Files that go to a URL of the customer's when they are finished, and are read back from there where ours is gone.

What does not live here: the request that carries one (``webhooks``), what it looks like (a dialect).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from callvault.catalogue.shipments import Taken
from callvault.catalogue.store import Catalogue
from callvault.errors import NotFound
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.recording import MediaState, Recording
from callvault.model.shipment import Address, Shipment, ShipmentState
from callvault.model.wish import Push
from callvault.vault.renditions import Rendition, Renditions
from callvault.vault.url_seal import UrlSeal


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What is being read back."""

    size_bytes: int | None
    pieces: AsyncIterator[bytes]


Fetch = Callable[[str, int], AbstractAsyncContextManager[Fetched]]
"""Reads a URL from a byte on.  Raises MediaError."""
AddressOf = Callable[[Recording, Push], Address]
"""Where a recording's file goes, or is read back from."""


class Elsewhere:
    """A file at the place that it was pushed to, as a byte source."""

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._fetch = fetch
        self._url = url

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """A stretch of it."""
        left = None if stop is None else stop - start
        async with self._fetch(self._url, start) as fetched:
            async for piece in fetched.pieces:
                wanted = piece if left is None else piece[:left]
                if wanted:
                    yield wanted
                if left is not None:
                    left -= len(wanted)
                    if left == 0:
                        return


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """How files are read back, made by whoever builds the server."""

    fetch: Fetch
    address: AddressOf


class Pushing:
    """What whoever carries the files needs of the vault."""

    def __init__(self, catalogue: Catalogue, renditions: Renditions, seal: UrlSeal, relay: Relay | None = None) -> None:
        self._catalogue = catalogue
        self._renditions = renditions
        self._seal = seal
        self._relay = relay

    async def keep(self, recording: Recording, push: Push, now: datetime) -> None:
        """A finished recording's file is to go to a URL; repeated, it still goes once.  Without audio nothing goes.

        ``push``: as a take's journal has it; those of before have it in clear.

        Raises:
            CatalogueError, Conflict: it could not be kept; try again.
        """
        if not recording.hearable:
            return
        try:
            await self._catalogue.add_shipment(
                Shipment(
                    recording_id=recording.id,
                    account_id=recording.account_id,
                    push=replace(push, url=self._seal.keep(push.url)),
                    due_at=now,
                    made_at=now,
                    moved_at=now,
                )
            )
        except NotFound:
            return  # somebody was quicker, and deleted it

    async def take(self, now: datetime, until: datetime, *, most: int) -> Sequence[Taken]:
        """Those that are due, for oneself until then."""
        return await self._catalogue.take_shipments(now, until, most=most)

    async def hold(self, taken: Taken, until: datetime) -> bool:
        """Have one for longer."""
        return await self._catalogue.hold_shipment(taken, until)

    async def settle(self, taken: Taken, after: Shipment) -> bool:
        """Write down what came of a try.  Raises Conflict, CatalogueError: ask again."""
        try:
            return await self._catalogue.settle_shipment(taken, after)
        except NotFound:
            return False  # the recording was deleted meanwhile

    async def recording(self, shipment: Shipment) -> Recording:
        """What is to be carried.

        Raises:
            NotFound: it was deleted, or its audio was.
        """
        recording = await self._catalogue.get(shipment.recording_id, account_id=shipment.account_id)
        if recording is None or not recording.hearable:
            raise NotFound("audio of recording", str(shipment.recording_id))
        return recording

    def opened(self, push: Push) -> Push:
        """With the URL as it was given.

        Raises:
            OperatorError: its credentials lie under another master key.
        """
        return replace(push, url=self._seal.open(push.url))

    async def open(self, recording: Recording, form: MediaFormat) -> Rendition:
        """The file.  Raises Conflict, AudioError, MediaError: there is none."""
        return await self._renditions.open(recording, RenditionSpec(format=form))

    async def elsewhere(self, recording: Recording) -> tuple[Address, Elsewhere] | None:
        """Where the audio of a recording can be read back from; None where it cannot.

        That is: it was pushed, all went well, and what was here has been deleted since.

        Raises:
            OperatorError: the URL's credentials lie under another master key.
        """
        if self._relay is None or recording.media_state is not MediaState.DELETED:
            return None
        shipment = await self._catalogue.shipment(recording.account_id, recording.id)
        if shipment is None or shipment.state is not ShipmentState.DONE:
            return None
        address = self._relay.address(recording, self.opened(shipment.push))
        return address, Elsewhere(self._relay.fetch, address.url)
