"""Who may be heard: a call that is live, on this node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from callvault.errors import Conflict, NotFound
from callvault.model.live import LiveCall
from callvault.model.media import MediaFormat
from callvault.vault.commands import Ref
from callvault.vault.listening import Ear, Listening, Sounding
from callvault.vault.live_commands import GetLiveCall, ListenIn
from tests.unit.dialects.live_calls import LIVE

COMMAND = ListenIn(
    account_id=LIVE.account_id,
    call=Ref(dialect="callvault", kind="call", text=str(LIVE.call_id), computed=LIVE.call_id),
    form=MediaFormat.MP3,
    channels=1,
)


class Nothing:
    """No bytes at all."""

    async def chunks(self, start: int, stop: int | None) -> AsyncIterator[bytes]:
        for piece in (b"",)[start:stop]:
            yield piece


NOTHING = Nothing()


class OneEar:
    """Hears these takes."""

    def __init__(self, *takes: UUID) -> None:
        self.takes = takes
        self.closed = False

    async def open(self, take: UUID, form: MediaFormat, channels: int | None) -> Sounding | None:
        return Sounding(form=form, channels=channels or 2, source=NOTHING) if take in self.takes else None

    def close(self) -> None:
        self.closed = True


async def known(command: GetLiveCall) -> LiveCall:
    if command != GetLiveCall(account_id=LIVE.account_id, call=COMMAND.call):
        raise NotFound("live call", command.call.text)
    return LIVE


async def test_a_live_call_of_this_node_is_heard_as_asked() -> None:
    ear = OneEar(LIVE.take)
    listening = Listening(known, ear)
    assert await listening.listen(COMMAND) == Sounding(form=MediaFormat.MP3, channels=1, source=NOTHING)
    listening.close()
    assert ear.closed


@pytest.mark.parametrize("ear", [OneEar(), None])
async def test_a_call_of_another_node_is_refused_with_its_name(ear: Ear | None) -> None:
    with pytest.raises(Conflict, match="recorder-1"):
        await Listening(known, ear).listen(COMMAND)


async def test_what_is_not_live_is_not_found() -> None:
    other = ListenIn(account_id=UUID(int=5), call=COMMAND.call)
    with pytest.raises(NotFound):
        await Listening(known, OneEar(LIVE.take)).listen(other)
