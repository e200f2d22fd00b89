"""Bandwidth's own clients steer live calls: what is kept and cut out, sample by sample, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.receiver import receiving
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, refuses, says
from tests.system.pieces import Piece
from tests.system.steered_calls import LiveCall, SteeredHouse, channels_of, steered_house

pytestmark = pytest.mark.slow

CLIENTS = (
    Client(
        name="bandwidth", script="bandwidth_23.py", exceptions={400: "BadRequestException", 404: "NotFoundException"}
    ),
    Client(
        name="bandwidth-6",
        script="bandwidth_6.py",
        exceptions={404: "ApiErrorResponseException"},
    ),
    Client(name="bandwidth-js", script="bandwidth_js.cjs", exceptions={404: "AxiosError"}),
)
WITHOUT_BXML = frozenset({"bandwidth-6"})
"""Clients that cannot push BXML into a call: they pause and resume."""
NOBODY = "c-0a1b2c3d-11112222-3333-4444-5555-666677778888"
OF_CLIENT = {"bandwidth-6": ("PAUSED", "RECORDING")}
"""What a client calls the states, where not as the page does."""


def refused(about: str, call: str, word: str) -> Statement:
    return refuses(about, "set_state", {"call": call, "state": word}, status=404, error="validation")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("bandwidth"), certificates) as server:
        yield server


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
async def test_bandwidth(client: Client, house: SteeredHouse) -> None:
    paused, recording = OF_CLIENT.get(client.name, ("paused", "recording"))
    with receiving() as hooks:
        async with house.call() as call:
            name = call.name("bandwidth")

            async def hear(about: str, *statements: Statement) -> None:
                sayable = [each for each in statements if client.name not in WITHOUT_BXML or each.deed != "push"]
                if sayable:
                    await call.hear(about, client, "bandwidth", sayable)

            def state(about: str, word: str) -> Statement:
                return says(about, "set_state", {"call": name, "state": word}, None)

            def push(verb: str, attributes: Mapping[str, Any] | None = None) -> Statement:
                return says(f"bxml: {verb}", "push", {"call": name, "verb": verb, "attributes": attributes or {}}, None)

            told = {"recordingAvailableUrl": hooks.url(), "tag": "tea", "fileFormat": "mp3", "multiChannel": True}
            await hear(
                "start",
                refused("nothing is recorded", name, paused),
                refused("nobody's call", NOBODY, paused),
                push("PauseRecording"),
                push("StartRecording", told),
            )
            if client.name in WITHOUT_BXML:
                await asyncio.to_thread(start, house, call)
            await hear("pause", state("pause", paused), state("what is so already", paused))
            await hear("resume", state("resume", recording))
            await hear("pause again", push("PauseRecording"), state("pause again", paused))
            await hear("go on", push("ResumeRecording"), state("go on", recording))
            await hear("stop", push("StopRecording"))
        (card,) = await house.finished(call, 1)
        if client.name not in WITHOUT_BXML:
            (request,) = hooks.wait_for(1)
            told_of = json.loads(request.body)
            assert told_of["tag"] == "tea"
            assert told_of["eventType"] == "recordingAvailable"
            assert card["format"] == "mp3"
    for stream, channel in enumerate(channels_of(house.media(card["id"]))):
        check_cuts(call, [piece for piece in call.kept(channel, stream) if piece.sent is not None])


def start(house: SteeredHouse, call: LiveCall) -> None:
    """Over our own API, where a client has no word for it."""
    httpx.post(
        f"{house.server.url}/callvault/v1/calls/{call.card['take']}/recordings",
        headers={"Authorization": f"Bearer {house.account['key']['token']}"},
        json={"channels": 2},
        timeout=30,
    ).raise_for_status()


def check_cuts(call: LiveCall, kept: list[Piece]) -> None:
    """Both pauses are left out, and nothing else."""
    first, second, third = kept
    assert first.sent is not None
    assert second.sent is not None
    assert third.sent is not None
    assert first.sent + first.size <= call.at("pause")
    assert first.sent + first.size < second.sent <= call.at("resume")
    assert second.sent + second.size <= call.at("pause again")
    assert second.sent + second.size < third.sent <= call.at("go on")
    assert first.shift > second.shift > third.shift
