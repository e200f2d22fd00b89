"""What each parameter of a vendor's request does to the audio; and calls that are named by the vendor's own ids."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import numpy as np
import pytest

from callvault.caller.plan import Voice
from callvault.caller.sound import Sound, noise
from callvault.caller.streams.manners import CODECS
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.playing import play
from callvault.caller.streams.report import TrackReport
from tests.system.authority import Certificates
from tests.system.departures import RATE, edge, more_said, said_s
from tests.system.pieces import Piece, pieces
from tests.system.steered_calls import (
    OMAR,
    LiveCall,
    Samples,
    SteeredHouse,
    channels_of,
    steered_house,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("wires"), certificates) as server:
        yield server


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Requests as they are on the wire, without any client."""

    house: SteeredHouse

    async def telnyx(self, call: str, verb: str, *, of: str = "calls", **body: Any) -> httpx.Response:
        path = f"/v2/{of}/{quote(call, safe='')}/actions/record_{verb}"
        token = self.house.credentials("telnyx")["api_key"]
        return await self._post(path, headers={"Authorization": f"Bearer {token}"}, json=body)

    async def twilio(
        self, call: str, recording: str | None = None, *, of: str = "Calls", **form: str
    ) -> httpx.Response:
        given = self.house.credentials("signalwire")
        one = f"/{recording}" if recording else ""
        path = f"/2010-04-01/Accounts/{given['account_sid']}/{of}/{call}/Recordings{one}.json"
        return await self._post(path, auth=(given["account_sid"], given["auth_token"]), data=form)

    async def get(self, path: str) -> httpx.Response:
        token = self.house.credentials("telnyx")["api_key"]
        async with httpx.AsyncClient(base_url=self.house.server.url, timeout=30) as client:
            return await client.get(path, headers={"Authorization": f"Bearer {token}"})

    async def _post(self, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.house.server.url, timeout=30) as client:
            return await client.post(path, **more)


async def made(house: SteeredHouse, call: LiveCall, count: int) -> list[Mapping[str, Any]]:
    """In the order in which they were asked for."""
    cards = {card["id"]: card for card in await house.finished(call, count)}
    return [cards[name] for name in call.asked]


async def ask(house: SteeredHouse, call: LiveCall, response: httpx.Response, status: int = 200) -> None:
    """A recording was asked for; which one it is, our own API says."""
    assert response.status_code == status, response.text
    live = await asyncio.to_thread(house.live, call.card)
    call.asked = [each["id"] for each in live["recordings"]]


def one_stretch(found: list[Piece]) -> Piece:
    (piece,) = found
    assert piece.sent is not None
    return piece


async def test_every_parameter_that_changes_the_audio(house: SteeredHouse) -> None:
    wire = Wire(house=house)
    async with house.call() as call:
        control, sid = call.name("telnyx"), call.name("twilio")
        wav = {"format": "wav", "channels": "dual"}
        for body in (
            wav,
            {**wav, "channels": "single"},
            {**wav, "recording_track": "inbound"},
            {**wav, "recording_track": "outbound"},
            {**wav, "format": "mp3"},
            {**wav, "max_length": 1, "custom_file_name": "monday"},
        ):
            await ask(house, call, await wire.telnyx(control, "start", **body))
        for form in ({}, {"RecordingChannels": "dual"}, {"RecordingTrack": "outbound", "RecordingChannels": "dual"}):
            await ask(house, call, await wire.twilio(sid, **form), 201)
        await until_limit(house, call)
        assert (await wire.telnyx(control, "stop")).status_code == 200
    cards = await made(house, call, 9)
    files = [channels_of(house.media(card["id"])) for card in cards]
    assert [len(channels) for channels in files] == [2, 1, 1, 1, 2, 2, 1, 2, 1]
    assert [card["format"] for card in cards] == ["wav", "wav", "wav", "wav", "mp3", "wav", "wav", "wav", "wav"]
    for channels in (files[0], files[5], files[7]):
        for stream, channel in enumerate(channels):
            one_stretch(call.kept(channel, stream))
    one_stretch(call.kept(files[2][0], 0))
    for number in (3, 8):
        one_stretch(call.kept(files[number][0], 1))
    for number in (1, 6):
        assert all(likeness(call, files[number][0], stream) > 0.5 for stream in (0, 1)), "everybody is in it"
    assert abs(len(files[5][0]) - RATE) <= edge(call.report()), "it ended after a second"
    assert len(files[0][0]) > len(files[5][0])
    shown = await wire.get(f"/v2/recordings/{cards[5]['id']}")
    downloaded = await wire.get(shown.json()["data"]["download_urls"]["wav"])
    assert re.fullmatch(r'inline; filename="monday-\d{10}\.wav"', downloaded.headers["content-disposition"])


async def until_limit(house: SteeredHouse, call: LiveCall) -> None:
    """When the recording that has a limit has reached it."""
    while True:
        live = await asyncio.to_thread(house.live, call.card)
        if any(each["phase"] == "stopped" for each in live["recordings"]):
            return
        await asyncio.sleep(0.1)


def likeness(call: LiveCall, channel: np.ndarray[Any, Any], stream: int) -> float:
    """How much of a voice is in a mix: the best correlation with any part of what it said."""
    sent = call.report().streams[stream].placed().astype(float)
    part = channel[: RATE // 2].astype(float)
    products = np.correlate(sent, part, mode="valid")
    energies = np.sqrt(np.convolve(sent**2, np.ones(len(part)), mode="valid")) + 1.0
    return float((products / energies).max() / (np.sqrt((part**2).sum()) + 1.0))


QUIET_S = 5
"""Of silence, before anything is said."""


async def test_silence_at_both_ends_is_trimmed(house: SteeredHouse) -> None:
    quiet = np.zeros(RATE, np.int16)
    loud = noise(21, seconds=1.0).samples
    sound = np.concatenate([np.tile(quiet, QUIET_S), loud, np.tile(quiet, 30)])
    speaker = Voice(sound=Sound(samples=sound, rate=RATE))
    listener = Voice(
        sound=Sound(samples=np.zeros_like(sound), rate=RATE), user=OMAR.user, host=OMAR.host, name=OMAR.name
    )
    wire = Wire(house=house)
    async with house.call(speaker, listener) as call:
        control, sid = call.name("telnyx"), call.name("twilio")
        begin = {"format": "wav", "channels": "dual"}
        await ask(house, call, await wire.telnyx(control, "start", **begin))
        await ask(house, call, await wire.telnyx(control, "start", trim="trim-silence", **begin))
        await ask(house, call, await wire.twilio(sid, Trim="trim-silence"), 201)
        begun_s = said_s(call.call)
        assert begun_s < QUIET_S, "all were to begin before anything is said"
        await more_said(call.call, QUIET_S + 2.0 - begun_s)  # so that there is silence behind what was said
    whole, *trimmed = (channels_of(house.media(card["id"]))[0] for card in await made(house, call, 3))
    assert len(whole) > 2 * RATE
    for channel in trimmed:
        assert len(channel) < 1.6 * RATE
        assert np.count_nonzero(channel) == np.count_nonzero(whole)


def track_of(channel: Samples, tracks: Sequence[TrackReport]) -> int:
    """Which track a channel is one stretch of: either may be heard first."""
    begins = [bytes(track.placed()).find(bytes(channel[np.flatnonzero(channel)[0] :][:64])) for track in tracks]
    (number,) = (number for number, begin in enumerate(begins) if begin >= 0)
    one_stretch([piece for piece in pieces(channel, tracks[number].placed()) if piece.sent is not None])
    return number


async def test_a_call_is_steered_by_the_paths_of_conferences_too(house: SteeredHouse) -> None:
    wire = Wire(house=house)
    async with house.call() as call:
        leg = call.card["call_id"]
        begun = await wire.telnyx(leg, "start", of="conferences", format="wav", channels="dual", command_id="once")
        await ask(house, call, begun)
        for verb in ("pause", "resume"):
            answer = await wire.telnyx(leg, verb, of="conferences")
            assert (answer.status_code, answer.json()) == (200, {"data": {"result": "ok"}})
        conference = "CF" + leg.replace("-", "")
        paused = await wire.twilio(conference, "Twilio.CURRENT", of="Conferences", Status="paused")
        assert (paused.status_code, paused.json()["status"]) == (200, "paused")
        assert (await wire.telnyx(leg, "stop", of="conferences")).status_code == 200
        nobody = await wire.telnyx("monday", "start", of="conferences", format="wav")
        assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (422, "90058")
    (card,) = await made(house, call, 1)
    assert card["origin"] == "conference-command"
    for stream, channel in enumerate(channels_of(house.media(card["id"]))):
        before, after, *_ = (piece for piece in call.kept(channel, stream) if piece.sent is not None)
        assert before.sent is not None
        assert after.sent is not None
        assert before.sent + before.size < after.sent


@pytest.mark.parametrize("vendor", ["twilio", "telnyx"])
async def test_a_media_streams_call_has_the_id_that_the_vendor_gave_it(house: SteeredHouse, vendor: str) -> None:
    given = f"CA{uuid4().hex}" if vendor == "twilio" else f"v3:{uuid4().hex}-of/the+vendor"
    plan = StreamPlan(
        url=f"ws://127.0.0.1:{house.stream_port}/streams/{vendor}/sbc",
        vendor=vendor,
        voices=(noise(31, seconds=8), noise(32, seconds=8)),
        call_id=given,
        account_id="account-7",
        stream_ids=(f"one-{uuid4()}", f"two-{uuid4()}"),
        codec=CODECS[vendor][0],
    )
    wire = Wire(house=house)
    playing = asyncio.create_task(play(plan))
    card = await house.listed(given)
    if vendor == "twilio":
        begun = await wire.twilio(given, RecordingChannels="dual")
        assert begun.status_code == 201, begun.text
        assert begun.json()["call_sid"] == given
        stopped = await wire.twilio(given, begun.json()["sid"], Status="stopped")
    else:
        begun = await wire.telnyx(given, "start", format="wav", channels="dual")
        assert begun.status_code == 200, begun.text
        stopped = await wire.telnyx(given, "stop")
    assert stopped.status_code == 200, stopped.text
    report = await playing
    (recording,) = await house.finished_of(card, 1)
    channels = channels_of(house.media(recording["id"]))
    assert {track_of(channel, report.tracks) for channel in channels} == {0, 1}
    if vendor == "twilio":
        refused = await wire.twilio(given)
        assert (refused.status_code, refused.json()["code"]) == (400, 21220)
    else:
        refused = await wire.telnyx(given, "start", format="wav", channels="dual")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "90018")
