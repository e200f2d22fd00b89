"""One suite for every vendor's wire: a live call is begun, masked, paused, resumed and stopped by the same statements,
and what comes of it is compared with what was sent, sample by sample: kept, cut, silent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import pytest

from callvault.caller.plan import Voice
from callvault.caller.report import StreamReport
from callvault.caller.sound import noise
from tests.system.authority import Certificates
from tests.system.departures import NEAR, RATE, Given, Window, lateness, more_said
from tests.system.leaks import Samples, alike, decoded, leaks, likeness, snapshot
from tests.system.pieces import Piece, pieces
from tests.system.steered_calls import LONGEST_S, LiveCall, SteeredHouse, channels_of, steered_house
from tests.system.steering_wires import WIRES, Line, Wire

pytestmark = pytest.mark.slow

BREATH_S = 0.5
"""Between two verbs."""
VERBS = ("start", "mask", "unmask", "pause", "resume", "stop")


@dataclass(kw_only=True)
class Story:
    """A call that was steered over one wire."""

    wire: Wire
    call: LiveCall
    given: dict[str, Given] = field(default_factory=dict)
    during: Mapping[str, bytes] = field(default_factory=dict)
    """Every file while the call still went on."""
    card: Mapping[str, Any] = field(default_factory=dict)
    channels: list[Samples] = field(default_factory=list)

    def window(self, verb: str, stream: StreamReport) -> Window:
        return self.given[verb].window(self.call.report(), stream)

    def secret(self, stream: StreamReport) -> Samples:
        """What was surely masked of a stream."""
        begin, end = self.window("mask", stream).most + NEAR, self.window("unmask", stream).least - NEAR
        return np.ascontiguousarray(stream.placed()[begin:end])

    def unwanted(self, stream: StreamReport) -> list[Samples]:
        """What was surely said while nothing was recorded: before the start, in the pause, behind the stop."""
        said = stream.placed()
        spans = (
            (0, self.window("start", stream).least - NEAR),
            (self.window("pause", stream).most + NEAR, self.window("resume", stream).least - NEAR),
            (self.window("stop", stream).most + NEAR, len(said)),
        )
        return [np.ascontiguousarray(said[begin:end]) for begin, end in spans]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[SteeredHouse]:
    with steered_house(tmp_path_factory.mktemp("contract"), certificates) as server:
        yield server


STORIES: dict[str, Story] = {}


@pytest.fixture(params=WIRES, ids=lambda wire: wire.name)
async def story(request: pytest.FixtureRequest, house: SteeredHouse) -> Story:
    """Each wire's call is placed once."""
    wire: Wire = request.param
    if wire.name not in STORIES:
        STORIES[wire.name] = await told(house, wire, seed=100 + 2 * WIRES.index(wire))
    return STORIES[wire.name]


async def told(house: SteeredHouse, wire: Wire, *, seed: int) -> Story:
    """Place a call, say the verbs one after the other, hang up, and fetch what came of it."""
    ruth = Voice(sound=noise(seed, seconds=LONGEST_S))
    omar = Voice(sound=noise(seed + 1, seconds=LONGEST_S), user="2001", host="pbx.example.net", name="Omar")
    async with house.call(ruth, omar) as call:
        story = Story(wire=wire, call=call)
        line = Line(
            url=house.server.url,
            token=house.account["key"]["token"],
            account=house.ask("/account"),
            names=call.card["names"],
            take=call.card["take"],
        )
        for verb in VERBS:
            await more_said(call.call, BREATH_S)
            said = wire.say(verb)(line)
            asked = time.time()
            answer = await asyncio.to_thread(line.send, said)
            story.given[verb] = Given(asked_s=asked, answered_s=time.time())
            assert answer.status_code == said.answers, f"{wire.name} {verb}: {answer.status_code} {answer.text}"
            if verb == "start":
                line.recording = wire.named(answer.json()) if answer.content else None
        await more_said(call.call, BREATH_S)
        story.during = snapshot(house.server.data)
    (story.card,) = await house.finished(call, 1)
    story.channels = channels_of(house.media(story.card["id"]))
    await asyncio.to_thread(as_mp3, house, story.card["id"])
    return story


def as_mp3(house: SteeredHouse, recording: str) -> None:
    """Have a rendition made, so that there is one to be searched."""
    httpx.get(
        f"{house.server.url}/callvault/v1/recordings/{recording}/media",
        params={"format": "mp3"},
        headers={"Authorization": f"Bearer {house.account['key']['token']}"},
        timeout=30,
    ).raise_for_status()


def heard(channel: Samples, stream: StreamReport) -> list[Piece]:
    """The stretches of a channel that are what was sent."""
    return [piece for piece in pieces(channel, stream.placed()) if piece.sent is not None]


def streams(story: Story) -> Iterator[tuple[Samples, StreamReport]]:
    """Each channel with what was sent for it."""
    assert len(story.channels) == 2
    yield from zip(story.channels, story.call.report().streams, strict=True)


async def test_nothing_is_kept_but_what_was_asked_for(story: Story) -> None:
    for channel, stream in streams(story):
        kept = heard(channel, stream)
        assert len(kept) == 3, kept
        ends = [sample for piece in kept for sample in piece.ends]
        for verb, edge in zip(VERBS, ends, strict=True):
            window = story.window(verb, stream)
            assert window.has(edge), f"{verb} is at {edge}, not within {window}"


async def test_what_is_masked_is_silence_in_its_true_length(story: Story) -> None:
    for channel, stream in streams(story):
        before, after, _ = heard(channel, stream)
        assert before.shift == after.shift
        silence = channel[before.at + before.size : after.at]
        assert len(silence) > RATE * BREATH_S / 2
        assert not silence.any()


async def test_what_is_paused_is_cut_out_or_silent_as_the_vendor_has_it(story: Story) -> None:
    late = lateness(story.call.report())
    for channel, stream in streams(story):
        _, before, after = heard(channel, stream)
        assert before.sent is not None
        assert after.sent is not None
        between = channel[before.at + before.size : after.at]
        assert not between.any()
        if story.wire.silent:
            assert before.shift == after.shift
        else:
            assert len(between) <= 2 * NEAR + late
            paused = after.sent - before.sent - before.size - len(between)
            assert paused == before.shift - after.shift
            assert paused > RATE * BREATH_S / 2


async def test_both_sides_are_cut_at_the_same_moments(story: Story) -> None:
    late = lateness(story.call.report())
    lengths = {len(channel) for channel in story.channels}
    assert len(lengths) == 1
    assert abs(story.card["duration_ms"] - lengths.pop() * 1000 / RATE) <= 1
    for (first, _), (second, _) in pairwise([(heard(channel, stream), stream) for channel, stream in streams(story)]):
        for one, other in zip(first, second, strict=True):
            assert abs(one.at - other.at) <= NEAR + late


async def test_masked_audio_is_in_no_file(story: Story, house: SteeredHouse) -> None:
    files = snapshot(house.server.data)
    for stream in story.call.report().streams:
        secret = story.secret(stream)
        assert len(secret) > RATE * BREATH_S / 4
        assert leaks(story.during, secret) == []
        assert leaks(files, secret) == []
        assert alike(house.server.data, secret) == []


async def test_what_nobody_asked_for_is_in_no_file(story: Story, house: SteeredHouse) -> None:
    files = {**story.during, **snapshot(house.server.data)}
    for stream in story.call.report().streams:
        for stretch in story.unwanted(stream):
            assert leaks(files, stretch) == []


async def test_what_was_kept_would_be_found(story: Story, house: SteeredHouse) -> None:
    files = snapshot(house.server.data)
    for channel, stream in streams(story):
        before = heard(channel, stream)[0]
        assert before.sent is not None
        middle = stream.placed()[before.sent : before.sent + before.size]
        assert leaks(files, middle)
        assert leaks(story.during, middle)
        found = {path.suffix: likeness(there, middle) for path, there in decoded(house.server.data)}
        assert alike(house.server.data, middle), found
        assert {".mp3", ".wav"} <= {name[-4:] for name in alike(house.server.data, middle)}, found


def test_what_no_vendor_can_say_is_masking() -> None:
    assert {wire.name: wire.unsaid for wire in WIRES if wire.unsaid} == {
        name: {"mask", "unmask"} for name in ("bandwidth", "bird", "telnyx", "signalwire", "twilio")
    }
