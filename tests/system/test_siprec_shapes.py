"""Calls of every client's shape, over every transport: what was sent is what is recorded, sample by sample."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from callvault.audio import g711
from callvault.caller.call import place
from callvault.caller.network import Network
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.sound import noise, speechlike
from callvault.caller.styles.registry import STYLES
from callvault.caller.timeline import Press
from callvault.model.capture import GapKind
from tests.sameness import differences
from tests.services import install, sipp
from tests.services.need import need
from tests.system.assembled_recorder import AssembledRecorder, Recorded, an_assembled_recorder
from tests.system.authority import Certificates
from tests.system.departures import RATE, lateness
from tests.system.lossy_path import a_lossy_path

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENARIOS = Path(__file__).parent / "sipp"
SECONDS = 1.0
RUTH = Voice(sound=noise(1, seconds=SECONDS))
OMAR = Voice(sound=noise(2, seconds=SECONDS), user="2001", host="pbx.example.net", name="Omar")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorder(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> AsyncIterator[AssembledRecorder]:
    async with an_assembled_recorder(certificates, tmp_path_factory.mktemp("recorder")) as listening:
        yield listening


def planned(recorder: AssembledRecorder, transport: str = "udp", host: str = "127.0.0.1", **more: Any) -> CallPlan:
    return CallPlan(
        **{
            "recorder": recorder.uri(transport, host),
            "voices": (RUTH, OMAR),
            "seconds": 0.5,
            "ca_file": recorder.authority if transport == "tls" else None,
            **more,
        }
    )


async def called(recorder: AssembledRecorder, plan: CallPlan) -> tuple[CallReport, list[Recorded]]:
    report = await place(plan)
    assert report.status == 200, report.reason
    return report, await recorder.made()


def assert_same(report: CallReport, recorded: Recorded) -> None:
    spoken = [stream for stream in report.streams if stream.sent]
    found = {each.label: differences(each, recorded.channel(each.label), recorded.rate) for each in spoken}
    assert found == {each.label: [] for each in spoken}


@pytest.mark.parametrize("style", STYLES)
async def test_every_clients_call_is_recorded(recorder: AssembledRecorder, style: str) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, style=style))
    assert report.notes == ()
    assert_same(report, recorded)
    assert recorded.capture.reason == "bye"
    for stream in report.streams:
        quality = recorded.stream(stream.label)
        assert (quality.received, quality.lost, quality.unreadable) == (stream.packets, 0, 0)
        assert quality.ssrcs == stream.ssrcs
    if STYLES[style].has_metadata:
        assert (recorded.card.caller.number, recorded.card.callee.number) == (RUTH.user, OMAR.user)


@pytest.mark.parametrize(
    ("transport", "host"), [("udp", "::1"), ("tcp", "127.0.0.1"), ("tcp", "::1"), ("tls", "127.0.0.1")]
)
async def test_every_transport_carries_a_call(recorder: AssembledRecorder, transport: str, host: str) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, transport, host))
    assert_same(report, recorded)


@pytest.mark.parametrize("style", ["rfc7865", "opensips", "telnyx"])
async def test_protected_streams_are_opened(recorder: AssembledRecorder, style: str) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, "tls", style=style, secure=True))
    assert report.notes == ()
    assert_same(report, recorded)


@pytest.mark.parametrize(("style", "mki_bytes"), [("rfc7865", 4), ("rfc7865", 128), ("opensips", 1), ("telnyx", 4)])
async def test_protected_streams_whose_packets_name_their_key_are_opened(
    recorder: AssembledRecorder, style: str, mki_bytes: int
) -> None:
    plan = planned(recorder, "tls", style=style, secure=True, mki_bytes=mki_bytes)
    report, (recorded,) = await called(recorder, plan)
    assert report.notes == ()
    assert_same(report, recorded)
    assert recorded.capture.oddities == ()


async def test_protected_streams_go_on_under_another_key_of_their_line(recorder: AssembledRecorder) -> None:
    bad = replace(RUTH, network=Network(reordered=0.3, duplicates=0.3, seed=2))
    plan = planned(recorder, "tls", voices=(bad, OMAR), secure=True, mki_bytes=4, changes_key_at_s=0.25)
    report, (recorded,) = await called(recorder, plan)
    assert report.notes == ()
    assert_same(report, recorded)
    assert recorded.capture.oddities == ()
    for stream in report.streams:
        assert recorded.stream(stream.label).unreadable == 0


async def test_a_key_is_nowhere_in_what_is_kept(recorder: AssembledRecorder) -> None:
    plan = planned(recorder, "tls", secure=True, keeps_messages=True)
    report, (recorded,) = await called(recorder, plan)
    offered = next(message for direction, message in report.messages if direction == ">").decode()
    keys = [line.partition("inline:")[2] for line in offered.split("\r\n") if line.startswith("a=crypto")]
    assert keys
    assert not any(key in message for key in keys for message in recorded.messages)


@pytest.mark.parametrize("style", ["rfc7865", "opensips", "broadworks", "metaswitch"])
async def test_a_hold_leaves_its_silence(recorder: AssembledRecorder, style: str) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, style=style, holds=((0.2, 0.4),), seconds=0.6))
    assert report.notes == ()
    assert_same(report, recorded)
    for stream in recorded.capture.streams:
        assert GapKind.HELD in [gap.kind for gap in stream.gaps]
        assert stream.lost == 0


@pytest.mark.parametrize("style", ["webex", "opensips", "rfc7865"])
async def test_a_transfer_puts_another_one_in_the_callees_place(recorder: AssembledRecorder, style: str) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, style=style, transfer_at_s=0.2))
    assert_same(report, recorded)
    assert recorded.card.caller.number == RUTH.user
    assert recorded.card.callee.number == "2002"
    addresses = [each.address or "" for each in recorded.capture.attendances]
    assert any("2001@" in address for address in addresses)


async def test_a_conference_grows_to_three_and_shrinks(recorder: AssembledRecorder) -> None:
    joiner = Voice(sound=noise(3, seconds=0.4), user="2003", host="pbx.example.net", name="Lena")
    plan = planned(recorder, joiner=joiner, joins_at_s=0.3, leaves_at_s=0.9, seconds=1.2)
    report, (mix, *single) = await called(recorder, plan)
    assert len(mix.capture.streams) == len(single) == 3
    by_label = {stream.label: stream for stream in report.streams}
    for recorded in single:
        (quality,) = [each for each in recorded.capture.streams if each.channel is not None]
        assert quality.label is not None
        sent = by_label[quality.label]
        assert differences(sent, np.ascontiguousarray(recorded.samples[:, 0]), recorded.rate) == []


async def test_a_stream_that_never_comes_is_said_to_be_missing(recorder: AssembledRecorder) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, voices=(RUTH, replace(OMAR, never_comes=True))))
    assert_same(report, recorded)
    assert any("no packet came" in sentence for sentence in recorded.sentences)


async def test_a_stream_that_begins_late_is_in_its_place(recorder: AssembledRecorder) -> None:
    plan = planned(recorder, voices=(RUTH, replace(OMAR, begins_at_s=0.5)), seconds=1)
    report, (recorded,) = await called(recorder, plan)
    assert_same(report, recorded)
    begins = int(np.flatnonzero(recorded.channel(report.streams[1].label))[0]) / recorded.rate
    assert begins == pytest.approx(0.5, abs=0.03 + lateness(report) / RATE)


async def test_a_source_may_move_behind_its_nat(recorder: AssembledRecorder) -> None:
    report, (recorded,) = await called(recorder, planned(recorder, voices=(RUTH, replace(OMAR, moves_at_s=0.25))))
    assert_same(report, recorded)


async def test_a_source_may_count_anew(recorder: AssembledRecorder) -> None:
    plan = planned(recorder, voices=(RUTH, replace(OMAR, restarts_at_s=0.5)), seconds=1)
    report, (recorded,) = await called(recorder, plan)
    assert_same(report, recorded)
    assert len(recorded.stream(report.streams[1].label).ssrcs) == 2


async def test_a_bad_network_loses_what_it_loses_and_nothing_else(recorder: AssembledRecorder) -> None:
    bad = Network(loss=0.1, duplicates=0.1, reordered=0.1, jitter_ms=30, seed=11)
    plan = planned(recorder, voices=(replace(RUTH, network=bad), OMAR), seconds=1)
    report, (recorded,) = await called(recorder, plan)
    assert_same(report, recorded)
    sent = report.streams[0]
    quality = recorded.stream(sent.label)
    assert (quality.received, quality.duplicated) == (len(sent.sent), sent.packets - len(sent.sent))


@pytest.mark.parametrize("name", ["pcma", "l16", "g722", "opus", "amr"])
async def test_every_codec_is_what_its_packets_decode_to(recorder: AssembledRecorder, name: str) -> None:
    voices = tuple(
        replace(voice, codec=name, sound=speechlike(number, seconds=SECONDS, rate=16_000))
        for number, voice in enumerate((RUTH, OMAR))
    )
    report, (recorded,) = await called(recorder, planned(recorder, voices=voices))
    assert recorded.rate == report.streams[0].pieces[0].rate
    assert_same(report, recorded)


async def test_a_codec_may_change_in_the_middle(recorder: AssembledRecorder) -> None:
    turning = replace(OMAR, codec="g722", second_codec="pcmu", changes_codec_at_s=0.24)
    report, (recorded,) = await called(recorder, planned(recorder, voices=(RUTH, turning)))
    quality = recorded.stream(report.streams[1].label)
    assert quality.codecs == ("G722", "PCMU")
    assert (quality.received, quality.lost, quality.gaps) == (report.streams[1].packets, 0, ())


async def test_keys_are_events(recorder: AssembledRecorder) -> None:
    pressing = replace(RUTH, presses=(Press(at_s=0.2, key="4"), Press(at_s=0.5, key="#")))
    plan = planned(recorder, voices=(pressing, OMAR), seconds=1)
    report, (recorded,) = await called(recorder, plan)
    digits = recorded.stream(report.streams[0].label).digits
    assert [(digit.key, digit.duration_ms) for digit in digits] == [("4", 100), ("#", 100)]
    assert [digit.at_ms for digit in digits] == [pytest.approx(200, abs=25), pytest.approx(500, abs=25)]


async def test_silence_that_is_not_sent_is_no_loss(recorder: AssembledRecorder) -> None:
    pausing = replace(RUTH, sound=speechlike(5, seconds=2), suppresses_silence=True)
    plan = planned(recorder, voices=(pausing, OMAR), seconds=2)
    report, (recorded,) = await called(recorder, plan)
    assert recorded.stream(report.streams[0].label).lost == 0
    assert_same(report, recorded)


@pytest.mark.parametrize("style", ["rfc7865", "telnyx"])
async def test_updates_and_refreshes_change_nothing_in_the_audio(recorder: AssembledRecorder, style: str) -> None:
    plan = planned(recorder, style=style, renames_at_s=0.1, refreshes_at_s=(0.2, 0.3), session_expires_s=90)
    report, (recorded,) = await called(recorder, plan)
    assert report.notes == ()
    assert_same(report, recorded)
    assert "Lena" in {each.name for each in recorded.capture.attendances}


async def test_what_a_client_passes_on_is_kept(recorder: AssembledRecorder) -> None:
    plan = planned(recorder, style="telnyx", parameters=(("case", "4711"),), recorded_call="tea-0005@pbx.example")
    _, (recorded,) = await called(recorder, plan)
    assert recorded.card.sip_call_id == "tea-0005@pbx.example"
    assert any("4711" in message for message in recorded.messages)


async def test_a_call_that_is_taken_back_leaves_nothing_to_hear(recorder: AssembledRecorder) -> None:
    """The CANCEL and our 200 may cross; then there is a BYE before any packet."""
    report = await place(planned(recorder, cancels=True))
    assert report.status in {200, 487}
    await recorder.settled()
    assert (await recorder.made() if report.status == 200 else []) == []
    assert recorder.under_way() == []


@pytest.mark.slow
async def test_a_call_gets_through_where_every_message_is_lost_once(recorder: AssembledRecorder) -> None:
    """INVITE, answers, ACK, re-INVITE and BYE are all repeated; the call is one call all the same."""
    async with a_lossy_path(recorder.ports["udp"]) as (path, port):
        plan = replace(planned(recorder, holds=((0.2, 3.0),), seconds=3.5), recorder=f"sip:127.0.0.1:{port}")
        sounds = tuple(replace(voice, sound=voice.sound.lasting(3.5)) for voice in (RUTH, OMAR))
        report, (recorded,) = await called(recorder, replace(plan, voices=sounds))
    assert report.notes == ()
    for stream in report.streams:
        assert differences(stream, recorded.channel(stream.label), recorded.rate) == []
    lost = {message.split()[0] if message.split()[0] != b"SIP/2.0" else message.split()[1] for message in path.lost}
    assert lost >= {b"INVITE", b"200", b"ACK", b"BYE"}


async def test_a_client_that_is_gone_is_not_waited_for(tmp_path: Path, certificates: Certificates) -> None:
    async with an_assembled_recorder(certificates, tmp_path, silence_s=1) as short:
        report, (recorded,) = await called(short, planned(short, vanishes=True))
    assert_same(report, recorded)
    assert recorded.capture.reason == "silent"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("name", ["plain", "opensips_hold", "broadworks_pause", "metaswitch_mixed", "cube_late_offer"])
async def test_sipps_call_is_recorded(recorder: AssembledRecorder, name: str, transport: str, tmp_path: Path) -> None:
    program = need(sipp.WHAT, sipp.find, sipp.INSTALL_LINE, install.install_sipp)
    sound = g711.encode_ulaw(RUTH.sound.samples)
    (tmp_path / "sound.ul").write_bytes(sound)
    played = await sipp.play(
        SCENARIOS / f"{name}.xml", program=program, folder=tmp_path, port=recorder.ports[transport],
        transport=transport, keys={"recorded": "7f3a9c21d0@192.0.2.44"},
    )  # fmt: skip
    assert played.succeeded, played.report
    (recorded,) = await recorder.made()
    loud = np.abs(recorded.samples.astype(np.int64)).sum(axis=0)
    spoken = np.trim_zeros(recorded.samples[:, int(np.argmax(loud))])
    sent = np.trim_zeros(g711.decode_ulaw(sound))
    assert len(spoken) > len(sent) * 0.8
    assert np.array_equal(spoken, sent[: len(spoken)])
