"""``callvault call`` against a recorder that was written by hand: what it says, what it sends, what it reports."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from pylibsrtp import Policy, Session

from callvault.audio import g711
from callvault.caller.agent import NoAnswer
from callvault.caller.call import Call, place
from callvault.caller.crowd import place_all, summary
from callvault.caller.digest import Credentials
from callvault.caller.network import Network
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import Sound, noise
from callvault.caller.styles.registry import STYLES
from callvault.caller.timeline import Press
from callvault.cli import main
from callvault.errors import HouseError
from tests.ports import free_port
from tests.system.authority import certify
from tests.system.departures import RATE, lateness
from tests.system.plain_recorder import PlainRecorder, recording

MOST_LATE_S = 5.0
"""What comes with an answer comes when a busy machine has sent it."""


def voices(seconds: float = 0.3) -> tuple[Voice, Voice]:
    return (
        Voice(sound=noise(1, seconds=seconds)),
        Voice(sound=noise(2, seconds=seconds), user="2001", host="pbx.example.net", name="Omar"),
    )


def audio(packets: list[bytes]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The µ-law of packets, in their order."""
    ordered = sorted(set(packets), key=lambda packet: packet[2:4])
    return np.concatenate([g711.decode_ulaw(packet[12:]) for packet in ordered if packet[1] & 0x7F == 0])


def ulawed(sound: Sound) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return g711.decode_ulaw(g711.encode_ulaw(sound.samples))


@pytest.mark.parametrize("style", STYLES)
async def test_every_style_makes_a_call_whose_audio_arrives(style: str) -> None:
    recorder = PlainRecorder(offers=STYLES[style].offers_late)
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(), style=style, seed=5))
    assert (report.status, report.ended, report.notes) == (200, "bye", ())
    assert recorder.methods()[-1] == "BYE"
    turned = STYLES[style].ordered.__qualname__.startswith("OpenSips")
    for stream in report.streams:
        line = 1 - stream.number if turned else stream.number
        assert np.array_equal(audio(recorder.media[line]), stream.placed())
        assert len(recorder.media[line]) == stream.packets == 15
        assert stream.ssrcs == (int.from_bytes(recorder.media[line][0][8:12], "big"),)


@pytest.mark.parametrize(
    ("transport", "host"),
    [("udp", "127.0.0.1"), ("udp", "::1"), ("tcp", "127.0.0.1"), ("tcp", "::1"), ("tls", "127.0.0.1")],
)
async def test_every_transport_carries_it(transport: str, host: str, tmp_path: Path) -> None:
    certificates = certify(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    recorder = PlainRecorder()
    async with recording(recorder, transport, host=host, context=context if transport == "tls" else None) as uri:
        plan = CallPlan(recorder=uri, voices=voices(), ca_file=certificates.authority if transport == "tls" else None)
        report = await place(plan)
    assert report.status == 200
    assert recorder.methods() == ["INVITE", "ACK", "BYE"]
    assert f"SIP/2.0/{transport.upper()}".encode() in recorder.requests[0]
    assert np.array_equal(audio(recorder.media[0]), ulawed(plan.voices[0].sound))


async def test_a_certificate_of_nobodys_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = certify(tmp_path / "ours"), certify(tmp_path / "theirs")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs.certificate, theirs.key)
    async with recording(PlainRecorder(), "tls", context=context) as uri:
        plan = CallPlan(recorder=uri, voices=voices(), ca_file=ours.authority)
        with pytest.raises(HouseError, match=r"There is no way to 127\.0\.0\.1"):
            await place(plan)


async def test_requests_are_repeated_until_they_are_heard() -> None:
    recorder = PlainRecorder(silent_for=2)
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(0.1)))
    assert recorder.methods() == ["INVITE", "ACK", "BYE"]
    assert report.setup_ms > 1_000


async def test_a_challenge_is_answered() -> None:
    asked = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="plain", nonce="n", qop="auth", algorithm=MD5'
    recorder = PlainRecorder(refusals=[asked])
    async with recording(recorder) as uri:
        plan = CallPlan(recorder=uri, voices=voices(0.1), credentials=Credentials(user="sbc", password="made up"))
        report = await place(plan)
    first, acknowledged, second, *_ = recorder.requests
    assert report.status == 200
    assert recorder.methods()[:4] == ["INVITE", "ACK", "INVITE", "ACK"]
    branches = [re.findall(rb"branch=(\w+)", request)[0] for request in (first, acknowledged, second)]
    assert branches[0] == branches[1] != branches[2]
    assert b'Authorization: Digest username="sbc", realm="plain"' in second
    assert b"CSeq: 2 INVITE" in second


async def test_a_refusal_is_a_report() -> None:
    recorder = PlainRecorder(refusals=["503 Full\r\nRetry-After: 5"])
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices()))
        await recorder.until(lambda: len(recorder.requests) == 2)
    assert (report.status, report.reason, report.ended) == (503, "Full", "refused")
    assert recorder.methods() == ["INVITE", "ACK"]


async def test_an_invite_is_taken_back() -> None:
    recorder = PlainRecorder(rings=True)
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(), cancels=True))
        await recorder.until(lambda: len(recorder.requests) == 3)
    assert recorder.methods() == ["INVITE", "CANCEL", "ACK"]
    assert report.status == 487


async def test_a_call_that_vanishes_says_no_bye() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(0.1), vanishes=True))
    assert report.ended == "vanished"
    assert recorder.methods() == ["INVITE", "ACK"]


async def test_the_recorder_may_hang_up_and_ask() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri, Call(CallPlan(recorder=uri, voices=voices(30))) as call:
        playing = asyncio.create_task(call.play())
        await recorder.until(lambda: recorder.media and recorder.media[0])
        call_id = re.findall(rb"Call-ID: (\S+)", recorder.requests[0])[0]
        head = b" sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%b\r\nCall-ID: " + call_id
        for method in (b"OPTIONS", b"BYE"):
            recorder.send(method + head % method + b"\r\nCSeq: 1 " + method + b"\r\n\r\n")
        await playing
    assert call.report().ended == "recorder"
    assert call.report().seconds < 30
    assert recorder.methods() == ["INVITE", "ACK"]


async def test_a_hold_of_opensips_leaves_an_answer_unacknowledged() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        plan = CallPlan(recorder=uri, voices=voices(0.6), style="opensips", holds=((0.2, 0.4),))
        report = await place(plan)
    assert recorder.methods() == ["INVITE", "ACK", "INVITE", "INVITE", "ACK", "INVITE", "ACK", "BYE"]
    held = [b"a=inactive" in request for request in recorder.requests if request.startswith(b"INVITE")]
    assert held == [False, True, True, False]
    for stream in report.streams:
        placed, sound = stream.placed(), ulawed(plan.voices[stream.number].sound)
        assert np.array_equal(placed[:1_600], sound[:1_600])
        assert not placed[1_600:3_200].any()
        assert np.array_equal(placed[3_200:], sound[3_200:])


async def test_there_is_one_change_at_a_time_though_the_recorder_takes_its_time() -> None:
    recorder = PlainRecorder(takes_s=0.3)
    async with recording(recorder) as uri:
        plan = CallPlan(recorder=uri, voices=voices(0.6), transfer_at_s=0.1, holds=((0.15, 0.2),))
        report = await place(plan)
    assert report.notes == ()
    assert [request.split()[0] for request in dict.fromkeys(recorder.requests)] == [b"INVITE", b"ACK"] * 4 + [b"BYE"]
    for stream in report.streams:
        placed, sound = stream.placed(), ulawed(plan.voices[stream.number].sound)
        assert np.array_equal(placed[1_600:], sound[1_600:]), "what is no longer held is sent, whenever it was answered"


async def test_people_come_and_go() -> None:
    recorder = PlainRecorder()
    joiner = Voice(sound=noise(3, seconds=0.3), user="2003", name="Lena")
    async with recording(recorder) as uri:
        report = await place(
            CallPlan(recorder=uri, voices=voices(0.8), transfer_at_s=0.1, joiner=joiner, joins_at_s=0.3,
                     leaves_at_s=0.6,
                     renames_at_s=0.7, refreshes_at_s=(0.75,))
        )  # fmt: skip
    assert recorder.methods() == [
        "INVITE", "ACK", "INVITE", "ACK", "INVITE", "ACK", "INVITE", "ACK", "UPDATE", "UPDATE", "BYE",
    ]  # fmt: skip
    lines = [request.count(b"m=audio") for request in recorder.requests if request.startswith(b"INVITE")]
    assert lines == [2, 2, 3, 3]
    assert b"<disassociate-time>" in recorder.requests[2]
    assert b"m=audio 0 " in recorder.requests[6]
    assert [stream.number for stream in report.streams] == [0, 1, 2]
    assert 0.3 <= report.streams[2].begins_at_s < MOST_LATE_S
    assert np.array_equal(audio(recorder.media[2]), ulawed(joiner.sound)[: len(audio(recorder.media[2]))])


@pytest.mark.parametrize("style", ["rfc7865", "cube", "audiocodes"])
async def test_who_answers_late_comes_with_a_re_invite(style: str) -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(0.3), style=style, answers_at_s=0.2))
    invites = [request for request in recorder.requests if request.startswith(b"INVITE")]
    assert [request.count(b"m=audio") for request in invites] == [1, 2]
    assert [b"2001" in request for request in invites] == [False, True]
    assert 0.5 <= report.seconds < MOST_LATE_S
    assert 0.2 <= report.streams[1].begins_at_s < MOST_LATE_S
    assert np.array_equal(audio(recorder.media[0]), ulawed(voices(0.3)[0].sound))


async def test_while_it_rings_the_streams_are_inactive() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(0.3), rings_until_s=0.2))
    invites = [request for request in recorder.requests if request.startswith(b"INVITE")]
    assert [request.count(b"a=inactive") for request in invites] == [2, 0]
    assert [stream.begins_at_s for stream in report.streams] == [0.2, 0.2]
    for came, voice in zip(recorder.media, voices(0.3), strict=True):
        assert np.array_equal(audio(came), ulawed(voice.sound))


async def test_a_bad_network_is_as_bad_as_it_is_told_to_be() -> None:
    recorder = PlainRecorder()
    bad = Network(loss=0.2, duplicates=0.2, reordered=0.2, jitter_ms=10, seed=4)
    first, second = voices(1)
    async with recording(recorder) as uri:
        silent = Voice(sound=second.sound, user="2001", never_comes=True)
        plan = CallPlan(recorder=uri, voices=(Voice(sound=first.sound, network=bad), silent), seconds=1.2)
        report = await place(plan)
    stream, none = report.streams
    came = [packet[2:4] for packet in recorder.media[0]]
    assert stream.packets == len(came)
    assert stream.lost == 50 - len(set(came)) > 0
    assert len(came) > len(set(came))
    order = [struct.unpack("!H", number)[0] for number in dict.fromkeys(came)]
    assert order != sorted(order)
    assert (none.packets, recorder.media[1]) == (0, [])


async def test_a_source_may_restart_and_move_and_press_keys() -> None:
    recorder = PlainRecorder()
    first, second = voices(0.6)
    pressing = Voice(sound=first.sound, presses=(Press(at_s=0.1, key="5"),))
    moving = Voice(sound=second.sound, user="2001", restarts_at_s=0.3, moves_at_s=0.3)
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=(pressing, moving)))
    assert {packet[1] & 0x7F for packet in recorder.media[0]} == {0, 101}
    assert len({packet[8:12] for packet in recorder.media[1]}) == 2
    assert len(report.streams[1].ssrcs) == 2


@pytest.mark.parametrize(
    ("style", "tag", "profile"),
    [
        ("rfc7865", 1, Policy.SRTP_PROFILE_AES128_CM_SHA1_80),
        ("opensips", 1, Policy.SRTP_PROFILE_AEAD_AES_256_GCM),
        ("opensips", 8, Policy.SRTP_PROFILE_AES128_CM_SHA1_32),
    ],
)
async def test_protected_packets_open_with_the_key_that_was_offered(style: str, tag: int, profile: int) -> None:
    recorder = PlainRecorder(crypto_tag=tag)
    async with recording(recorder) as uri:
        bad = Network(reordered=0.3, duplicates=0.3, seed=2)
        first, second = voices()
        plan = CallPlan(recorder=uri, voices=(replace(first, network=bad), second), secure=True, style=style)
        report = await place(plan)
    offered = re.findall(rf"a=crypto:{tag} \S+ inline:(\S+)\r".encode(), recorder.requests[0])
    for line, secret in enumerate(offered):
        key = base64.b64decode(secret + b"=" * (-len(secret) % 4))
        session = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
        opened = [session.unprotect(packet) for packet in dict.fromkeys(recorder.media[line])]
        number = 1 - line if style == "opensips" else line
        assert np.array_equal(audio(opened), report.streams[number].placed())
        assert session.unprotect_rtcp(recorder.reports[line][0])[1] == 200


def test_packets_name_the_key_of_the_line_that_they_are_under() -> None:
    recorder = PlainRecorder(crypto_tag=1)

    async def played() -> str:
        async with recording(recorder) as uri:
            words = ["call", uri, "--seconds", "0.4", "--srtp", "--srtp-mki", "4", "--change-key", "0.2"]
            done = await asyncio.to_thread(CliRunner().invoke, main, words)
        return done.output if done.exit_code else ""

    assert asyncio.run(played()) == ""
    offered = re.findall(
        rb"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:(\S+)\|2\^31\|1:4;inline:(\S+)\|2\^31\|2:4\r", recorder.requests[0]
    )
    assert len(offered) == 2
    for packets, secrets in zip(recorder.media, offered, strict=True):
        sessions = [
            Session(Policy(key=base64.b64decode(secret), ssrc_type=Policy.SSRC_ANY_INBOUND)) for secret in secrets
        ]
        named = [int.from_bytes(packet[-14:-10]) for packet in packets]
        assert named == [1] * 10 + [2] * 10
        for packet, name in zip(packets, named, strict=True):
            assert len(sessions[name - 1].unprotect(packet[:-14] + packet[-10:])) == 172


async def test_reports_tell_which_timestamp_was_when() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        report = await place(CallPlan(recorder=uri, voices=voices(0.8)))
    for stream, reports in zip(report.streams, recorder.reports, strict=True):
        _, _, ssrc, seconds, fraction, timestamp, *_ = struct.unpack("!HH6I", reports[0][:28])
        assert (ssrc,) == stream.ssrcs
        assert stream.first_sent_at is not None
        assert stream.first_timestamp is not None
        told_s = seconds - 2_208_988_800 + fraction / 2**32 - stream.first_sent_at.timestamp()
        assert (timestamp - stream.first_timestamp) % 2**32 / 8_000 == pytest.approx(
            told_s, abs=0.1 + lateness(report) / RATE
        )
        assert reports[-1][-8:-4] == b"\x81\xcb\x00\x01"


async def test_nobody_there_is_said_in_a_sentence() -> None:
    with pytest.raises(HouseError, match=r"There is no way to 127\.0\.0\.1"):
        await place(CallPlan(recorder=f"sip:127.0.0.1:{free_port()};transport=tcp", voices=voices()))
    assert issubclass(NoAnswer, HouseError)


async def test_many_calls_share_a_transport() -> None:
    recorder = PlainRecorder()
    async with recording(recorder) as uri:
        plan = CallPlan(recorder=uri, voices=voices(0.1), rtcp=False)
        reports = await place_all(lambda _: plan, calls=5, per_second=1_000)
    found = summary(reports)
    assert (found["calls"], found["statuses"], found["packets"]) == (5, {"200": 5}, 50)
    assert len({re.findall(rb"Call-ID: (\S+)", request)[0] for request in recorder.requests}) == 5


def test_the_command_line_tells_what_was_sent(tmp_path: Path) -> None:
    recorder = PlainRecorder()
    dump = tmp_path / "out.rtpdump"

    async def answered() -> str:
        async with recording(recorder) as uri:
            words = [
                "call",
                uri,
                "--seconds",
                "0.2",
                "--style",
                "twilio",
                "--json",
                "--packets",
                str(dump),
                "--seed",
                "3",
            ]
            done = await asyncio.to_thread(CliRunner().invoke, main, words)
        assert done.exit_code == 0, done.output
        return str(done.output)

    told = json.loads(asyncio.run(answered()))
    assert [stream["packets"] for stream in told["streams"]] == [10, 10]
    assert [len(stream["sha256"]) for stream in told["streams"]] == [64, 64]
    assert dump.read_bytes().startswith(b"#!rtpplay1.0 127.0.0.1/")
    assert len(dump.read_bytes()) == dump.read_bytes().index(b"\n") + 1 + 16 + 20 * (8 + 172)
