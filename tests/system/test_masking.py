"""What is masked, by somebody or by itself, is in no file, whoever dies meanwhile; what lies beside it is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport, StreamReport
from callvault.caller.sound import keyed, noise
from callvault.caller.timeline import Press
from callvault.capture.media.keys import AFTER_NS, BEFORE_NS
from callvault.model.order import Done, Mask
from callvault.model.policy import Policy
from tests.system.assembled_recorder import AssembledRecorder, Recorded
from tests.system.authority import Certificates
from tests.system.leaks import Samples, alike, leaks, snapshot
from tests.system.pieces import Piece, pieces
from tests.system.test_steering import NEAR, PACKET, RATE, a_recorder

pytestmark = pytest.mark.slow

SECONDS = 6.0
RUTH = Voice(sound=noise(31, seconds=SECONDS))
OMAR = Voice(sound=noise(32, seconds=SECONDS), user="2001", host="pbx.example.net", name="Omar")
Happening = Callable[[AssembledRecorder], Awaitable[object]]


def said(stream: StreamReport, begin: float, end: float) -> Samples:
    """What was sent between two samples."""
    return np.ascontiguousarray(stream.placed()[round(begin) : round(end)])


def sent_by(report: CallReport, stream: StreamReport, unix_s: float) -> int:
    """How many samples had left at a moment: a machine that is busy sends later than it should."""
    (ssrc,) = stream.ssrcs
    assert stream.first_timestamp is not None
    ends = [
        (int.from_bytes(octets[4:8]) - stream.first_timestamp) % (1 << 32) + PACKET
        for left_s, octets in report.packets
        if left_s <= unix_s and int.from_bytes(octets[8:12]) == ssrc
    ]
    return max(ends, default=0)


def kept(recorded: Recorded, stream: StreamReport) -> list[Piece]:
    """A verb's moment lies within a packet, whose rest is silent."""
    found = pieces(recorded.channel(stream.label), stream.placed())
    return [piece for piece in found if piece.sent is not None or piece.size > 2 * PACKET]


async def nothing(recorder: AssembledRecorder) -> None:
    """Nobody dies."""


async def worker_dies(recorder: AssembledRecorder) -> None:
    await recorder.kill_worker()


async def both_die(recorder: AssembledRecorder) -> None:
    await recorder.kill_supervisor()
    await recorder.kill_worker()


@pytest.mark.parametrize("happens", [nothing, worker_dies, both_die])
@pytest.mark.parametrize("secure", [False, True], ids=["in clear", "encrypted"])
async def test_what_was_masked_is_in_no_file_whoever_dies_meanwhile(
    tmp_path: Path, certificates: Certificates, happens: Happening, secure: bool
) -> None:
    async with a_recorder(certificates, tmp_path, Policy()) as recorder:
        plan = CallPlan(recorder=recorder.uri(), voices=(RUTH, OMAR), rtcp=False, secure=secure)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            await asyncio.sleep(1.0)
            masking_s = time.time()
            assert isinstance(await recorder.steer(Mask(on=True)), Done)
            masked_s = time.time()
            await happens(recorder)
            await asyncio.sleep(1.5)
            during = recorder.files()
            unmasking_s = time.time()
            assert isinstance(await recorder.steer(Mask(on=False)), Done)
            unmasked_s = time.time()
            await playing
        (recorded,) = await recorder.made()
        everything, report = snapshot(tmp_path), call.report()
        for stream in report.streams:
            masking, masked, unmasking, unmasked = (
                sent_by(report, stream, at_s) for at_s in (masking_s, masked_s, unmasking_s, unmasked_s)
            )
            secret = said(stream, masked + NEAR, unmasking - NEAR)
            assert len(secret) > RATE
            assert leaks({**during, **everything}, secret) == []
            assert alike(tmp_path, secret) == []
            before, silence, after = kept(recorded, stream)
            assert masking - NEAR < silence.at < masked + NEAR
            assert unmasking - NEAR < after.at < unmasked + NEAR
            assert before.shift == after.shift
            assert after.at + after.size == SECONDS * RATE
            if not secure:
                assert leaks(everything, said(stream, PACKET, masking - NEAR)), "it would be found"
            assert "masked" in {gap.kind for gap in recorded.stream(stream.label).gaps}
            if happens is nothing:
                assert recorded.stream(stream.label).lost == 0


KEYS_S = (1.8, 2.4)
EVENTS: dict[str, Any] = {"presses": tuple(Press(at_s=at_s, key=key) for at_s, key in zip(KEYS_S, "42", strict=True))}
TONES: dict[str, Any] = {"sound": keyed(keyed(RUTH.sound, "4", from_s=KEYS_S[0]), "2", from_s=KEYS_S[1], every_s=0.1)}


@pytest.mark.parametrize(
    ("keying", "secure"),
    [(EVENTS, False), (EVENTS, True), (TONES, False)],
    ids=["as events", "as events, encrypted", "as tones"],
)
@pytest.mark.parametrize("happens", [nothing, worker_dies])
async def test_while_keys_are_pressed_the_call_is_masked_by_itself(
    tmp_path: Path, certificates: Certificates, keying: dict[str, Any], secure: bool, happens: Happening
) -> None:
    voices = replace(RUTH, **keying), OMAR
    async with a_recorder(certificates, tmp_path, Policy(mask_keys=True)) as recorder:
        plan = CallPlan(recorder=recorder.uri(), voices=voices, rtcp=False, secure=secure)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            await asyncio.sleep(3.0)
            await happens(recorder)
            during = recorder.files()
            await playing
        (recorded,) = await recorder.made()
        everything = snapshot(tmp_path)
        first, last = (KEYS_S[0] - BEFORE_NS / 1e9) * RATE, (KEYS_S[1] + 0.1 + AFTER_NS / 1e9) * RATE
        for stream in call.report().streams:
            secret = said(stream, first + NEAR, last - 2 * NEAR if happens is nothing else 2.8 * RATE)
            assert leaks({**during, **everything}, secret) == []
            assert alike(tmp_path, secret) == []
            found = kept(recorded, stream)
            before, after = found[0], found[-1]
            assert abs(before.at + before.size - first) < NEAR
            assert after.at + after.size == SECONDS * RATE
            assert before.shift == after.shift
            if happens is nothing:
                assert len(found) == 3
                assert abs(after.at - last) < 2 * NEAR
                assert recorded.stream(stream.label).lost == 0
            assert recorded.stream(stream.label).digits == ()
            assert "masked" in {gap.kind for gap in recorded.stream(stream.label).gaps}
