"""Live calls are steered, and what they become is compared with what was sent: kept, cut, silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callvault.caller.call import Call
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import keyed, noise
from callvault.caller.timeline import Press
from callvault.model.live import Phase
from callvault.model.order import Change, Done, Mask, NotDone, Reply, Start, Verb
from callvault.model.policy import RECORD_NONE, Policy, Rule, write_policy
from callvault.model.wish import Cue, Wish
from tests.system.assembled_recorder import AssembledRecorder, Recorded, an_assembled_recorder
from tests.system.authority import Certificates
from tests.system.departures import RATE, edge, lateness
from tests.system.pieces import Piece, pieces
from tests.system.siprec_house import a_trunk

pytestmark = pytest.mark.slow

NEAR = round(0.2 * RATE)
"""How far a moment may be from where a verb was answered, in samples: on a machine that has much to do."""
SECONDS = 5
FIRST, SECOND = UUID(int=1), UUID(int=2)
RUTH = Voice(sound=noise(1, seconds=SECONDS))
OMAR = Voice(sound=noise(2, seconds=SECONDS), user="2001", host="pbx.example.net", name="Omar")
LENA = Voice(sound=noise(3, seconds=2), user="2003", name="Lena")
START = Start(recording=FIRST, wish=Wish())
Script = Sequence[tuple[float, Verb]]


@dataclass(frozen=True, kw_only=True)
class Steered:
    """A call that was steered, and what became of it."""

    report: CallReport
    replies: list[Reply]
    given_s: list[float]
    """When each verb was answered, in seconds from the call's first packet on."""
    silent_s: float
    """From when the call was accepted until its first packet."""
    near_samples: int
    """How far a moment may be from there: also by what a verb took, and by how late packets left."""
    made: list[Recorded]
    recorder: AssembledRecorder

    def recording(self, name: UUID | None = FIRST) -> Recorded:
        return next(each for each in self.made if each.recording == name)

    def pieces(self, label: str, name: UUID | None = FIRST) -> list[Piece]:
        """Of one voice in one recording; a verb's moment lies within a packet, whose rest is silent."""
        stream = next(stream for stream in self.report.streams if stream.label == label)
        found = pieces(self.recording(name).channel(label), stream.placed())
        return [piece for piece in found if piece.sent is not None or piece.size > edge(self.report)]

    def near(self, samples: int, seconds: float) -> bool:
        """Whether that is so much, as far as can be expected of this machine."""
        return abs(samples - seconds * RATE) < self.near_samples

    def said_s(self, begin: int, end: int) -> float:
        """From when one verb was answered until another was."""
        return self.given_s[end] - self.given_s[begin]

    def size(self, name: UUID | None = FIRST) -> int:
        """Of a recording, in samples."""
        return len(self.recording(name).samples)


@asynccontextmanager
async def a_recorder(
    certificates: Certificates, folder: Path, policy: Policy = RECORD_NONE
) -> AsyncIterator[AssembledRecorder]:
    trunk = replace(a_trunk(), settings={"policy": write_policy(policy)})
    async with an_assembled_recorder(certificates, folder, trunk) as recorder:
        yield recorder


async def steered(recorder: AssembledRecorder, script: Script, **more: Any) -> Steered:
    """Place a call, give each verb at its second, hang up, and finish what came."""
    plan = CallPlan(**{"recorder": recorder.uri(), "voices": (RUTH, OMAR), "rtcp": False, **more})
    replies, given, took_s = [], [], 0.0
    async with Call(plan) as call:
        accepted_s = time.time()
        playing = asyncio.create_task(call.play())
        began = asyncio.get_running_loop().time()
        for at_s, verb in script:
            await asyncio.sleep(began + at_s - asyncio.get_running_loop().time())
            asked_s = time.time()
            replies.append(await recorder.steer(verb))
            given.append(time.time())
            took_s = max(took_s, given[-1] - asked_s)
        await playing
    report = call.report()
    first_s = min(
        stream.first_sent_at.timestamp() - stream.begins_at_s for stream in report.streams if stream.first_sent_at
    )
    return Steered(
        report=report,
        replies=replies,
        given_s=[at_s - first_s for at_s in given],
        silent_s=first_s - accepted_s,
        near_samples=NEAR + round((took_s + report.setup_ms / 1000) * RATE) + lateness(report),
        made=await recorder.made(),
        recorder=recorder,
    )


def stop(recording: UUID | None = None) -> Change:
    return Change(to=Phase.STOPPED, recording=recording)


def pause(*, silent: bool = False) -> Change:
    return Change(to=Phase.PAUSED, silent=silent)


RESUME = Change(to=Phase.RUNNING)


async def test_from_start_to_stop_and_nothing_else(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(1.0, START), (2.5, stop())])
        assert recorder.cuts() == [FIRST]
    assert all(isinstance(reply, Done) for reply in call.replies)
    assert [each.recording for each in call.made] == [FIRST]
    began_s, ended_s = call.given_s
    for label in ("1", "2"):
        (kept,) = call.pieces(label)
        assert kept.sent is not None
        assert call.near(kept.sent, began_s)
        assert call.near(kept.size, ended_s - began_s)


async def test_the_seconds_before_the_start(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path, Policy(record=False, prebuffer_ms=1000)) as recorder:
        call = await steered(recorder, [(2.0, START), (3.0, stop())])
    (kept,) = call.pieces("1")
    assert kept.sent is not None
    assert call.near(kept.sent, call.given_s[0] - 1)
    assert call.near(kept.size, call.said_s(0, 1) + 1)


async def test_a_pause_is_cut_out(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, START), (1.5, pause()), (2.5, RESUME), (3.5, stop())])
    for label in ("1", "2"):
        before, after = call.pieces(label)
        assert before.sent is not None
        assert after.sent is not None
        assert call.near(after.sent - before.sent - before.size, call.said_s(1, 2))
        assert call.near(before.size + after.size, call.said_s(0, 1) + call.said_s(2, 3))
    for one, other in zip(call.pieces("1"), call.pieces("2"), strict=True):
        assert abs(one.at - other.at) <= edge(call.report), "both sides are cut at the same moments"


async def test_a_silent_pause_keeps_its_length(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, START), (1.5, pause(silent=True)), (2.5, RESUME), (3.5, stop())])
    for label in ("1", "2"):
        before, silence, after = call.pieces(label)
        assert silence.sent is None
        assert call.near(silence.size, call.said_s(1, 2))
        assert before.shift == after.shift


async def test_a_masked_span_is_silence_in_its_place_and_is_listed(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path, Policy()) as recorder:
        call = await steered(recorder, [(1.0, Mask(on=True)), (2.5, Mask(on=False))])
    for label in ("1", "2"):
        before, silence, after = call.pieces(label, None)
        assert call.near(silence.at, call.given_s[0])
        assert call.near(silence.size, call.said_s(0, 1))
        assert before.shift == after.shift
        (gap,) = [gap for gap in call.recording(None).stream(label).gaps if gap.kind == "masked"]
        assert call.near(gap.from_ms * 8, call.given_s[0])
        assert call.near(gap.through_ms * 8, call.given_s[1])


async def test_two_recordings_at_once_know_nothing_of_each_other(tmp_path: Path, certificates: Certificates) -> None:
    script: Script = [
        (0.5, START),
        (1.0, Start(recording=SECOND, wish=Wish(channels=1))),
        (1.5, Change(to=Phase.PAUSED, recording=FIRST)),
        (2.0, Change(to=Phase.RUNNING, recording=FIRST)),
        (2.5, stop(FIRST)),
        (3.5, stop(SECOND)),
    ]
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, script)
    before, after = call.pieces("1")
    assert call.near(before.size, call.said_s(0, 2))
    assert call.near(after.size, call.said_s(3, 4))
    mono = call.recording(SECOND)
    assert mono.samples.shape[1] == 1
    assert call.near(len(mono.samples), call.said_s(1, 5))


async def test_a_policys_recording_and_a_verbs_go_side_by_side(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path, Policy()) as recorder:
        call = await steered(recorder, [(1.0, START), (2.0, stop(FIRST))])
    (whole,) = call.pieces("1", None)
    (part,) = call.pieces("1")
    assert (whole.sent, whole.size) == (0, SECONDS * RATE)
    assert call.near(part.size, call.said_s(0, 1))


async def test_a_limit_is_kept_to_the_packet_and_the_call_goes_on(tmp_path: Path, certificates: Certificates) -> None:
    limited = Start(recording=FIRST, wish=Wish(most_s=1.25))
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(1.0, limited), (3.0, stop())])
    assert isinstance(call.replies[1], NotDone)
    assert call.replies[1].fault == "not-found"
    assert abs(call.size() - 1.25 * RATE) <= edge(call.report)
    (kept,) = call.pieces("1")
    assert call.near(kept.size, 1.25)


async def test_paused_time_is_not_counted_towards_a_limit(tmp_path: Path, certificates: Certificates) -> None:
    limited = Start(recording=FIRST, wish=Wish(most_s=1.5))
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, limited), (1.0, pause()), (2.0, RESUME)])
    assert abs(call.size() - 1.5 * RATE) <= edge(call.report)
    before, after = call.pieces("1")
    assert call.near(before.size, call.said_s(0, 1))
    assert call.near(after.size, 1.5 - call.said_s(0, 1))


async def test_what_is_too_short_is_not_kept(tmp_path: Path, certificates: Certificates) -> None:
    least = Start(recording=FIRST, wish=Wish(least_s=2.0))
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, least), (1.5, stop())])
    assert call.made == []
    (missed,) = call.recorder.missed
    assert missed.recording == FIRST
    assert missed.sentence is not None
    assert "2 s were asked for" in missed.sentence


@pytest.mark.parametrize(
    ("cue", "more", "begins_s"),
    [
        (Cue.ANSWERED, {"rings_until_s": 1.0}, 1.0),
        (Cue.BRIDGED, {"rings_until_s": 1.0}, 1.0),
        (Cue.BRIDGED, {"answers_at_s": 1.0}, 1.0),
        (Cue.ANSWERED, {"answers_at_s": 1.0}, 0.5),
    ],
)
async def test_a_cue(
    tmp_path: Path, certificates: Certificates, cue: Cue, more: dict[str, Any], begins_s: float
) -> None:
    waiting = Start(recording=FIRST, wish=Wish(cue=cue))
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, waiting), (2.0, stop())], **more)
    (kept,) = call.pieces("1")
    assert kept.sent is not None
    assert call.near(kept.sent, begins_s)
    assert call.near(call.size(), call.given_s[1] - begins_s)


@pytest.mark.parametrize("follows", [True, False])
async def test_a_transfer_is_followed_or_not(tmp_path: Path, certificates: Certificates, follows: bool) -> None:
    start = Start(recording=FIRST, wish=Wish(follows_transfer=follows))
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, start)], transfer_at_s=2.0)
    (kept,) = call.pieces("1")
    assert call.near(kept.size, SECONDS - call.given_s[0] if follows else 2.0 - call.given_s[0])


async def test_a_conference_of_three_is_recorded_as_asked(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [(0.5, START), (3.5, stop())], joiner=LENA, joins_at_s=1.0, leaves_at_s=2.5)
    assert call.near(len(call.recording().samples), call.said_s(0, 1))
    assert call.recording().samples.shape[1] == 2
    assert {each.name for each in call.recording().capture.attendances} == {"Ruth", "Omar", "Lena"}


async def test_a_call_that_nobody_asked_for_leaves_nothing(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, [])
    assert (call.made, call.recorder.missed) == ([], ())


async def test_a_rule_and_its_limit(tmp_path: Path, certificates: Certificates) -> None:
    policy = Policy(record=False, rules=(Rule(name="short", wish=Wish(most_s=3.0)),))
    async with a_recorder(certificates, tmp_path, policy) as recorder:
        call = await steered(recorder, [])
    (kept,) = call.pieces("1", call.made[0].recording)
    assert kept.sent == 0
    assert call.near(kept.size, 3.0 - call.silent_s)


async def test_a_mask_outlasts_what_is_begun_in_it(tmp_path: Path, certificates: Certificates) -> None:
    script: Script = [(0.5, Mask(on=True)), (1.0, START), (2.0, Mask(on=False)), (3.0, stop())]
    async with a_recorder(certificates, tmp_path) as recorder:
        call = await steered(recorder, script)
    silence, kept = call.pieces("1")
    assert silence.sent is None
    assert call.near(silence.size, call.said_s(1, 2))
    assert kept.sent is not None
    assert call.near(kept.sent, call.given_s[2])


@pytest.mark.parametrize("heard", ["events", "tones"])
async def test_keys_are_masked_by_themselves_where_the_account_wants_it(
    tmp_path: Path, certificates: Certificates, heard: str
) -> None:
    ruth, omar = (replace(voice, sound=noise(seed, seconds=6)) for seed, voice in ((1, RUTH), (2, OMAR)))
    if heard == "events":
        ruth = replace(ruth, presses=tuple(Press(at_s=1.5 + 0.2 * number, key="7") for number in range(4)))
    else:
        ruth = replace(ruth, sound=keyed(ruth.sound, "4929", from_s=1.5))
    async with a_recorder(certificates, tmp_path, Policy(mask_keys=True)) as recorder:
        call = await steered(recorder, [], voices=(ruth, omar))
    assert call.recording(None).stream("1").digits == ()
    for label in ("1", "2"):
        before, silence, after = call.pieces(label, None)
        assert silence.sent is None
        assert before.size <= 1.5 * RATE
        assert 2.2 * RATE <= after.at < 5 * RATE
        assert before.shift == after.shift
        assert "masked" in {gap.kind for gap in call.recording(None).stream(label).gaps}


async def test_keys_are_kept_where_nobody_wants_them_masked(tmp_path: Path, certificates: Certificates) -> None:
    pressed = replace(RUTH, presses=(Press(at_s=1.5, key="4"),))
    async with a_recorder(certificates, tmp_path, Policy()) as recorder:
        call = await steered(recorder, [], voices=(pressed, OMAR))
    assert [digit.key for digit in call.recording(None).stream("1").digits] == ["4"]
    (kept,) = call.pieces("2", None)
    assert kept.size == SECONDS * RATE


async def test_a_mask_that_is_never_taken_off_lasts_to_the_end(tmp_path: Path, certificates: Certificates) -> None:
    async with a_recorder(certificates, tmp_path, Policy()) as recorder:
        call = await steered(recorder, [(1.0, Mask(on=True))])
    for label in ("1", "2"):
        kept, silence = call.pieces(label, None)
        assert call.near(kept.size, call.given_s[0])
        assert silence.sent is None
        assert call.near(call.size(None), SECONDS)
