"""Verbs and rules work on media streams as on every call: what nobody records, and what is masked, is in no file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from callvault.audio import g711
from callvault.caller.sound import Samples, noise
from callvault.caller.streams.playing import play
from callvault.caller.streams.report import StreamingReport
from callvault.caller.timeline import Press
from callvault.model.live import Phase
from callvault.model.order import Change, Done, Mask, NotDone, Order, Reply, Start, Verb
from callvault.model.policy import RECORD_NONE, SETTING, Policy, write_policy
from callvault.model.wish import Cue, Wish
from callvault.protocols.spool.journal import Masking, RecordingAsked, RecordingMoved, Unasked
from tests.system.stream_house import StreamHouse, begins, differences, stream_house, until

VOICES = (noise(31, seconds=1.2), noise(32, seconds=1.2))


@asynccontextmanager
async def with_policy(folder: Path, policy: Policy) -> AsyncIterator[StreamHouse]:
    async with stream_house(folder, trunk_settings={SETTING: write_policy(policy)}) as house:
        yield house


async def tell(house: StreamHouse, verb: Verb) -> Reply:
    (call,) = house.door.calls
    order = Order(
        id=uuid4(), account_id=call.take, take=call.take, node="here", verb=verb, made_at=datetime.now(UTC)
    )  # fmt: skip
    return await house.door.carry_out(order)


async def heard(house: StreamHouse, seconds: float) -> None:
    """When the call has come so far."""
    await until(lambda: bool(house.door.calls))
    (call,) = house.door.calls
    began_ns = call.heard_ns
    await until(lambda: call.heard_ns - began_ns >= seconds * 1e9)


def spooled(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / "data").rglob("*")) if path.is_file())


def frames_in(report: StreamingReport, octets: bytes) -> list[bool]:
    """Of each frame of the inbound track, whether its audio is anywhere."""
    return [_coded(samples) in octets for _, samples in report.tracks[0].pieces]


def _coded(samples: Samples) -> bytes:
    """The longest stretch without a zero: µ-law has two, and the decoded samples do not tell which it was."""
    pieces = re.split(rb"[\x7f\xff]", g711.encode_ulaw(samples))
    return max(pieces, key=len)


async def test_a_call_that_nobody_wants_recorded_is_written_nowhere(tmp_path: Path) -> None:
    async with with_policy(tmp_path, RECORD_NONE) as house:
        report = await play(house.plan("twilio", voices=VOICES))
        await until(lambda: bool(house.spools.ended_takes()))
        (take,) = house.spools.ended_takes()
        journal = house.journal(take)
    assert not any(frames_in(report, spooled(tmp_path)))
    assert [type(record) for record in journal.records if isinstance(record, Unasked | RecordingAsked)] == [Unasked]


async def test_a_start_brings_the_seconds_before_it(tmp_path: Path) -> None:
    async with with_policy(tmp_path, replace(RECORD_NONE, prebuffer_ms=200)) as house:
        playing = asyncio.create_task(play(house.plan("twilio", voices=VOICES)))
        await heard(house, 0.5)
        reply = await tell(house, Start(recording=uuid4(), wish=Wish()))
        report = await playing
        await until(lambda: bool(house.spools.ended_takes()))
    assert isinstance(reply, Done)
    there = frames_in(report, spooled(tmp_path))
    first = there.index(True)
    assert all(there[first:])
    assert first <= 25  # half a second less two tenths; what waited in one chunk with them comes too


async def test_masked_seconds_are_in_no_file_and_keep_their_length(tmp_path: Path) -> None:
    async with stream_house(tmp_path) as house:
        playing = asyncio.create_task(play(house.plan("twilio", voices=VOICES)))
        await heard(house, 0.3)
        masked = await tell(house, Mask(on=True))
        await heard(house, 0.3)
        unmasked = await tell(house, Mask(on=False))
        report = await playing
        taken = await house.taken()
    assert isinstance(masked, Done)
    assert isinstance(unmasked, Done)
    assert (masked.call.masked, unmasked.call.masked) == (True, False)
    there = frames_in(report, spooled(tmp_path))
    begin, end = there.index(False), len(there) - there[::-1].index(False)
    assert there == [True] * begin + [False] * (end - begin) + [True] * (len(there) - end)
    assert 10 <= end - begin <= 40
    kept = [piece for piece, is_there in zip(report.tracks[0].pieces, there, strict=True) if is_there]
    channel = taken.channel("inbound")
    assert list(differences(replace(report.tracks[0], pieces=tuple(kept)), channel, taken.rate)) == []
    first = begins(report.tracks[0].placed(), channel, taken.rate)
    assert not np.any(channel[first + begin * 160 : first + end * 160])
    assert [record.on for record in taken.records(Masking)] == [True, False]


@pytest.mark.slow
async def test_while_keys_are_pressed_nothing_is_written(tmp_path: Path) -> None:
    presses = (Press(at_s=0.6, key="4"), Press(at_s=0.8, key="1"))
    async with with_policy(tmp_path, Policy(mask_keys=True)) as house:
        report = await play(house.plan("signalwire", voices=(noise(33, seconds=4),), presses=presses))
        taken = await house.taken()
    there = frames_in(report, spooled(tmp_path))
    begin, end = there.index(False), len(there) - there[::-1].index(False)
    assert there == [True] * begin + [False] * (end - begin) + [True] * (len(there) - end)
    assert 10 <= begin <= 30  # ahead of the first key
    assert end >= 120  # some time behind the last one
    assert taken.stream("inbound").digits == ()
    assert [gap.kind for gap in taken.stream("inbound").gaps] == ["masked"]


async def test_cues_limits_and_verbs_are_journalled(tmp_path: Path) -> None:
    async with with_policy(tmp_path, RECORD_NONE) as house:
        playing = asyncio.create_task(play(house.plan("telnyx", voices=VOICES)))
        await heard(house, 0.1)
        limited, bridged = uuid4(), uuid4()
        assert isinstance(await tell(house, Start(recording=limited, wish=Wish(most_s=0.2))), Done)
        assert isinstance(await tell(house, Start(recording=bridged, wish=Wish(cue=Cue.BRIDGED))), Done)
        assert isinstance(await tell(house, Change(to=Phase.PAUSED, recording=bridged)), Done)
        nobody = await tell(house, Change(to=Phase.PAUSED, recording=uuid4()))
        await playing
        await until(lambda: bool(house.spools.ended_takes()))
        (take,) = house.spools.ended_takes()
        journal = house.journal(take)
    assert isinstance(nobody, NotDone)
    assert nobody.fault == "not-found"
    moves = [(move.recording, move.phase, move.why) for move in journal.records if isinstance(move, RecordingMoved)]
    assert (limited, "stopped", "limit") in moves
    assert (bridged, "running", "asked") in moves
    assert (bridged, "paused", "asked") in moves
