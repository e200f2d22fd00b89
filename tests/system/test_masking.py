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
from tests.system.departures import PACKET, RATE, edge, lateness, more_said, sent_by
from tests.system.leaks import Samples, alike, leaks, snapshot
from tests.system.pieces import Piece, pieces
from tests.system.test_steering import NEAR, a_recorder

pytestmark = pytest.mark.slow

SECONDS = 6.0
LONGEST_S = 120.0
RUTH = Voice(sound=noise(31, seconds=LONGEST_S))
OMAR = Voice(sound=noise(32, seconds=LONGEST_S), user="2001", host="pbx.example.net", name="Omar")
Happening = Callable[[AssembledRecorder], Awaitable[object]]


def said(stream: StreamReport, begin: float, end: float) -> Samples:
    """What was sent between two samples."""
    return np.ascontiguousarray(stream.placed()[round(begin) : round(end)])


def kept(recorded: Recorded, stream: StreamReport, report: CallReport) -> list[Piece]:
    """But for bits of silence where a stretch begins or ends."""
    found = pieces(recorded.channel(stream.label), stream.placed())
    return [piece for piece in found if piece.sent is not None or piece.size > edge(report)]


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
            await more_said(call, 1.0)
            masking_s = time.time()
            assert isinstance(await recorder.steer(Mask(on=True)), Done)
            masked_s = time.time()
            await happens(recorder)
            await more_said(call, 1.5)
            during = recorder.files()
            unmasking_s = time.time()
            assert isinstance(await recorder.steer(Mask(on=False)), Done)
            unmasked_s = time.time()
            await more_said(call, 1.5)
            call.hang_up()
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
            before, silence, after = kept(recorded, stream, report)
            assert silence.sent is None
            assert masking - NEAR < before.ends[1] < masked + NEAR
            assert unmasking - NEAR < after.ends[0] < unmasked + NEAR
            assert before.shift == after.shift
            assert after.ends[1] == len(stream.placed())
            if not secure:
                assert leaks(everything, said(stream, PACKET, masking - NEAR)), "it would be found"
            assert "masked" in {gap.kind for gap in recorded.stream(stream.label).gaps}
            if happens is nothing:
                assert recorded.stream(stream.label).lost == 0


KEYS_S = (1.8, 2.4)
EVENTS: dict[str, Any] = {"presses": tuple(Press(at_s=at_s, key=key) for at_s, key in zip(KEYS_S, "42", strict=True))}
TONES: dict[str, Any] = {
    "sound": keyed(keyed(RUTH.sound.lasting(SECONDS), "4", from_s=KEYS_S[0]), "2", from_s=KEYS_S[1], every_s=0.1)
}


@pytest.mark.parametrize(
    ("keying", "secure"),
    [(EVENTS, False), (EVENTS, True), (TONES, False)],
    ids=["as events", "as events, encrypted", "as tones"],
)
@pytest.mark.parametrize("happens", [nothing, worker_dies])
async def test_while_keys_are_pressed_the_call_is_masked_by_itself(
    tmp_path: Path, certificates: Certificates, keying: dict[str, Any], secure: bool, happens: Happening
) -> None:
    voices = tuple(replace(voice, sound=voice.sound.lasting(SECONDS)) for voice in (RUTH, OMAR))
    voices = replace(voices[0], **keying), voices[1]
    async with a_recorder(certificates, tmp_path, Policy(mask_keys=True)) as recorder:
        plan = CallPlan(recorder=recorder.uri(), voices=voices, rtcp=False, secure=secure)
        async with Call(plan) as call:
            playing = asyncio.create_task(call.play())
            await more_said(call, 3.0)
            await happens(recorder)
            during = recorder.files()
            await playing
        (recorded,) = await recorder.made()
        everything, report = snapshot(tmp_path), call.report()
        first, last = (KEYS_S[0] - BEFORE_NS / 1e9) * RATE, (KEYS_S[1] + 0.1 + AFTER_NS / 1e9) * RATE
        near = NEAR + lateness(report)
        for stream in report.streams:
            secret = said(stream, first + near, last - 2 * near if happens is nothing else 2.8 * RATE)
            assert len(secret) > RATE // 2
            assert leaks({**during, **everything}, secret) == []
            assert alike(tmp_path, secret) == []
            found = kept(recorded, stream, report)
            before, after = found[0], found[-1]
            assert abs(before.ends[1] - first) < near
            assert after.ends[1] == SECONDS * RATE
            assert before.shift == after.shift
            if happens is nothing:
                assert len(found) == 3
                assert abs(after.ends[0] - last) < 2 * near
                assert recorded.stream(stream.label).lost == 0
            assert recorded.stream(stream.label).digits == ()
            assert "masked" in {gap.kind for gap in recorded.stream(stream.label).gaps}
