"""Media streams at the door: every vendor's, whole and broken, become takes that hold every sample that came."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from callvault.caller.network import Network
from callvault.caller.sound import noise
from callvault.caller.streams.manners import CODECS
from callvault.caller.streams.playing import play
from callvault.caller.timeline import Press
from callvault.protocols.spool.journal import Attended, Begun, Ended, Named, Odd, Reason
from tests.system.authority import Certificates
from tests.system.running import run_callvault
from tests.system.stream_house import PASSWORD, StreamHouse, differences, stream_house, until

EXACT = [(vendor, codec) for vendor, codecs in CODECS.items() for codec in codecs if codec in ("pcmu", "pcma", "l16")]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[StreamHouse]:
    async with stream_house(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(("vendor", "codec"), EXACT)
async def test_every_sample_of_both_tracks_is_kept(house: StreamHouse, vendor: str, codec: str) -> None:
    plan = house.plan(vendor, codec=codec)
    report = await play(plan)
    taken = await house.taken()
    for track in report.tracks:
        assert list(differences(track, taken.channel(track.track), taken.rate)) == []
        quality = taken.stream(track.track)
        assert (quality.received, quality.lost, quality.late, quality.unreadable) == (track.frames, 0, 0, 0)
        assert quality.codecs == (codec.upper(),)
    assert taken.rate == report.tracks[0].rate
    assert taken.capture.reason == Reason.BYE
    assert taken.capture.oddities == ()
    (begun,) = taken.records(Begun)
    assert (begun.door, begun.trunk, begun.call_id) == (f"{vendor}-stream", "open", plan.call_id)


@pytest.mark.parametrize("codec", ["g722", "opus"])
async def test_other_codecs_are_decoded(house: StreamHouse, codec: str) -> None:
    report = await play(house.plan("telnyx", codec=codec, voices=(noise(3, seconds=0.6, rate=16_000),)))
    taken = await house.taken()
    quality = taken.stream("inbound")
    assert (quality.codecs, quality.received, quality.unreadable) == ((codec.upper(),), report.tracks[0].frames, 0)
    sent, heard = report.tracks[0].placed(), taken.channel("inbound")
    assert len(heard) == len(sent)
    assert np.corrcoef(sent[2000:], heard[2000:])[0, 1] > 0.99


async def test_one_track_is_one_channel(house: StreamHouse) -> None:
    report = await play(house.plan("twilio", voices=(noise(4, seconds=0.4),)))
    taken = await house.taken()
    assert taken.samples.shape[1] == 1
    assert list(differences(report.tracks[0], taken.channel("inbound"), taken.rate)) == []


@pytest.mark.parametrize("vendor", ["twilio", "telnyx", "signalwire"])
async def test_broken_order_is_put_right_and_losses_are_gaps_of_their_length(house: StreamHouse, vendor: str) -> None:
    network = Network(loss=0.15, reordered=0.2, duplicates=0.1, seed=11)
    report = await play(house.plan(vendor, network=network))
    taken = await house.taken()
    for track in report.tracks:
        assert list(differences(track, taken.channel(track.track), taken.rate)) == []
        quality = taken.stream(track.track)
        first, last = (round(track.pieces[at][0] * 50) for at in (0, -1))
        assert quality.lost == last - first + 1 - len(track.pieces) > 0
        assert quality.duplicated == track.frames - len(track.pieces) > 0


async def test_another_connection_goes_on_with_the_call(house: StreamHouse) -> None:
    report = await play(house.plan("telnyx", cut_at_s=0.2, resumes_after_s=0.1))
    taken = await house.taken()
    assert report.connections == 2
    for track in report.tracks:
        assert not [each for each in differences(track, taken.channel(track.track), taken.rate) if "not there" in each]
        assert len(taken.stream(track.track).ssrcs) == 2
    assert [odd.code for odd in taken.records(Odd)] == ["connection-lost"]
    assert len(taken.records(Begun)) == 1
    assert taken.capture.reason == Reason.BYE


async def test_a_call_that_nobody_comes_back_to_ends_where_it_broke_off(tmp_path: Path) -> None:
    async with stream_house(tmp_path, stream_resume_s=0) as house:
        report = await play(house.plan("twilio", cut_at_s=0.3))
        taken = await house.taken()
    for track in report.tracks:
        assert list(differences(track, taken.channel(track.track), taken.rate)) == []
    assert taken.capture.reason == Reason.SILENT


async def test_a_connection_that_stands_still_gives_way(house: StreamHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callvault.capture.streams.door.QUIET_NS", 100_000_000)
    plan = house.plan("twilio")
    stuck = await connect(plan.url, compression=None, proxy=None)
    await stuck.send(
        json.dumps({"event": "start", "start": {"callSid": plan.call_id, "tracks": ["inbound", "outbound"]}})
    )
    await until(lambda: bool(house.door.calls))
    await asyncio.sleep(0.2)  # it is the standing still that counts
    report = await play(plan)
    with pytest.raises(ConnectionClosed):
        await stuck.recv()
    taken = await house.taken()
    assert list(differences(report.tracks[0], taken.channel("inbound"), taken.rate)) == []
    assert len(taken.records(Begun)) == 1


async def test_jambonz_says_no_end_and_its_goodbye_is_one(house: StreamHouse) -> None:
    await play(house.plan("jambonz"))
    assert (await house.taken()).capture.reason == Reason.BYE


async def test_two_streams_of_one_call_side_by_side_are_two_takes(house: StreamHouse) -> None:
    plan = house.plan("twilio")
    other = replace(plan, stream_ids=("three", "four"), voices=(noise(8, seconds=0.6), noise(9, seconds=0.6)))
    reports = await asyncio.gather(play(plan), play(other))
    await until(lambda: len(house.spools.ended_takes()) == 2)
    assert [report.status for report in reports] == [101, 101]


async def test_keys_are_listed(house: StreamHouse) -> None:
    presses = (Press(at_s=0.1, key="4"), Press(at_s=0.3, key="4"), Press(at_s=0.4, key="#"))
    report = await play(house.plan("signalwire", presses=presses))
    taken = await house.taken()
    assert [digit.key for digit in taken.stream("inbound").digits] == ["4", "4", "#"]
    for track in report.tracks:
        assert list(differences(track, taken.channel(track.track), taken.rate)) == []
        assert taken.stream(track.track).gaps == ()


async def test_who_is_in_the_call_is_told(house: StreamHouse) -> None:
    parameters = {"from": "+442079460101", "to": "+442079460202", "direction": "outbound", "desk": "7"}
    plan = house.plan("twilio", parameters=parameters)
    report = await play(plan)
    taken = await house.taken()
    (named,), (attended,) = taken.records(Named), taken.records(Attended)
    assert named.foreign == {"signalwire": {"call": plan.call_id}}
    assert named.direction == "outbound"
    assert named.extras["parameters"]["desk"] == "7"
    assert [(who.id, who.address) for who in attended.participants] == [
        ("caller", "+442079460101"),
        ("callee", "+442079460202"),
    ]
    # the far party of an outbound call is who is called: the inbound track, and channel 2
    assert (taken.stream("inbound").channel, taken.stream("outbound").channel) == (2, 1)
    assert list(differences(report.tracks[0], taken.channel("inbound"), taken.rate)) == []


async def test_the_callee_alone_is_not_taken_for_the_caller(house: StreamHouse) -> None:
    parameters = {"from": "+442079460101", "to": "+442079460202", "direction": "outbound"}
    await play(house.plan("twilio", parameters=parameters, voices=(noise(4, seconds=0.3),)))
    taken = await house.taken()
    assert (taken.card.caller.number, taken.card.callee.number) == ("+442079460101", "+442079460202")


async def test_the_command_plays_and_tells_what_it_played(house: StreamHouse, tmp_path: Path) -> None:
    url = f"{house.base}/signalwire/locked"
    flags = ("--bearer", PASSWORD, "--codec", "l16", "--seconds", "0.5", "--digits", "", "--json")
    done = await asyncio.to_thread(run_callvault, tmp_path / "data", "stream", url, *flags)
    report = json.loads(done.stdout)
    taken = await house.taken()
    assert (report["vendor"], report["status"], report["connections"]) == ("signalwire", 101, 1)
    for track in report["tracks"]:
        kept, size = taken.channel(track["track"]).astype("<i2"), round(track["seconds"] * taken.rate)
        begins = range(len(kept) - size + 1)  # either track may begin a moment after the other
        assert len(begins) <= taken.rate // 50
        assert track["sha256"] in {hashlib.sha256(kept[begin : begin + size].tobytes()).hexdigest() for begin in begins}


async def test_the_command_says_why_it_was_refused(house: StreamHouse, tmp_path: Path) -> None:
    flags = ("--seconds", "0.2", "--user", "gate", "--password", "wrong", "--calls", "2")
    url = f"{house.base}/bandwidth/locked"
    done = await asyncio.to_thread(run_callvault, tmp_path / "data", "stream", url, *flags, check=False)
    assert done.returncode == 1
    assert "2 streams: 0 opened" in done.stdout
    assert "refused the stream: 401 The trunk's password is another." in done.stderr


@pytest.mark.parametrize(
    "shown",
    [
        {"user": "gate", "password": PASSWORD},
        {"headers": {"Authorization": f"Bearer {PASSWORD}"}},
        {"tail": f"/{PASSWORD}"},
        {"tail": f"?token={PASSWORD}"},
        {"parameters": {"token": PASSWORD, "desk": "7"}},
    ],
)
@pytest.mark.parametrize("vendor", ["twilio", "jambonz"])
async def test_the_password_can_be_shown_as_each_vendor_can(
    house: StreamHouse, vendor: str, shown: dict[str, Any], tmp_path: Path
) -> None:
    plan = house.plan(vendor, "locked")
    tail = shown.get("tail", "")
    report = await play(replace(plan, url=plan.url + tail, **{k: v for k, v in shown.items() if k != "tail"}))
    assert report.status == 101
    taken = await house.taken()
    assert taken.stream("inbound").received == report.tracks[0].frames
    written = b"".join(path.read_bytes() for path in (tmp_path / "data" / "spool").rglob("*") if path.is_file())
    assert PASSWORD.encode() not in written


@pytest.mark.parametrize(
    ("trunk", "more", "status", "sentence"),
    [
        ("locked", {"user": "gate", "password": "wrong"}, 401, "password"),
        ("locked", {"user": "others", "password": PASSWORD}, 401, "password"),
        ("locked", {"headers": {"Authorization": "Basic ???"}}, 401, "password"),
        ("elsewhere", {}, 403, "takes no streams from 127.0.0.1"),
        ("certified", {}, 403, "No trunk 'certified'"),
        ("unknown", {}, 403, "No trunk 'unknown'"),
    ],
)
async def test_strangers_are_refused(
    house: StreamHouse, trunk: str, more: dict[str, Any], status: int, sentence: str
) -> None:
    report = await play(house.plan("twilio", trunk, **more))
    assert report.status == status
    assert sentence in report.reason
    assert house.door.calls == ()
    assert not house.spools.live_takes()


async def test_a_start_without_the_password_is_sent_away(house: StreamHouse) -> None:
    report = await play(house.plan("bandwidth", "locked", parameters={"token": "wrong"}))
    assert "1008" in report.reason
    assert not house.spools.live_takes()


@pytest.mark.parametrize(
    "path", ["/", "/streams", "/streams/semaphore/open", "/streams/twilio", "/streams/twilio/a/b/c"]
)
async def test_there_is_nothing_at_other_addresses(house: StreamHouse, path: str) -> None:
    plan = house.plan("twilio")
    report = await play(replace(plan, url=house.base.removesuffix("/streams") + path))
    assert report.status == 404


async def test_another_vendors_frames_are_refused_with_the_right_address(house: StreamHouse) -> None:
    plan = house.plan("telnyx")
    report = await play(replace(plan, url=plan.url.replace("telnyx", "bandwidth")))
    assert "1002" in report.reason
    assert "/streams/telnyx/ would be right" in report.reason


async def test_without_room_new_calls_are_refused_and_those_under_way_go_on(tmp_path: Path) -> None:
    async with stream_house(tmp_path, most_calls=1) as house:
        first = asyncio.create_task(play(house.plan("twilio")))
        await until(lambda: bool(house.door.calls))
        second = await play(house.plan("twilio"))
        report = await first
        taken = await house.taken()
    assert (second.status, report.status) == (503, 101)
    assert list(differences(report.tracks[0], taken.channel("inbound"), taken.rate)) == []


async def test_a_disk_without_room_refuses(tmp_path: Path) -> None:
    async with stream_house(tmp_path, spool_floor_bytes=1 << 60) as house:
        report = await play(house.plan("jambonz"))
    assert report.status == 503
    assert "no room" in report.reason


async def test_while_the_catalogue_is_away_those_are_let_in_who_were_known(tmp_path: Path) -> None:
    async with stream_house(tmp_path):
        pass
    async with stream_house(tmp_path, away=True) as house:
        shown = {"user": "gate", "password": PASSWORD}
        reports = [await play(house.plan("telnyx", "locked", **shown)), await play(house.plan("telnyx", "elsewhere"))]
        taken = await house.taken()
    assert [report.status for report in reports] == [101, 403]
    assert list(differences(reports[0].tracks[0], taken.channel("inbound"), taken.rate)) == []


async def test_garbage_in_mid_call_costs_nothing_but_itself(house: StreamHouse) -> None:
    plan = house.plan("twilio")
    async with connect(plan.url, compression=None, proxy=None) as connection:
        start = {"streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"]}
        await connection.send(json.dumps({"event": "start", "start": start}))
        payload = "fw=="
        for number in range(1, 6):
            media = {"track": "inbound", "chunk": str(number), "timestamp": str(20 * number), "payload": payload}
            await connection.send(json.dumps({"event": "media", "media": media}))
            await connection.send("this is no JSON")
            await connection.send(b"\x00\xff" * 40)
            await connection.send(json.dumps({"event": "media", "media": {"payload": 7}}))
            await connection.send(
                [json.dumps({"event": "mark", "mark": {}})[:7], json.dumps({"event": "mark", "mark": {}})[7:]]
            )
        await connection.send(json.dumps({"event": "stop"}))
        with pytest.raises(ConnectionClosed):
            await connection.recv()
    taken = await house.taken()
    assert taken.stream("inbound").received == 5
    assert {odd.code for odd in taken.records(Odd)} == {"frame-unreadable"}
    assert taken.capture.reason == Reason.BYE


async def test_bytes_that_are_no_websocket_break_the_connection_and_not_the_take(house: StreamHouse) -> None:
    plan = house.plan("twilio")
    connection = await connect(plan.url, compression=None, proxy=None)
    await connection.send(json.dumps({"event": "start", "start": {"callSid": "CA2"}}))
    await connection.send(json.dumps({"event": "media", "media": {"payload": "fw=="}}))
    connection.transport.write(b"\xff" * 100)
    await connection.wait_closed()
    await until(lambda: house.door.calls[0].lost_ns is not None)
    (call,) = house.door.calls
    assert call.name.call_id == "CA2"


async def test_a_stopped_server_ends_its_streams(house: StreamHouse) -> None:
    playing = asyncio.create_task(play(house.plan("telnyx", voices=(noise(5, seconds=30),))))
    await until(lambda: bool(house.door.calls))
    await house.door.end_all()
    report = await playing
    taken = await house.taken()
    assert "1001" in report.reason
    assert taken.records(Ended)[0].reason is Reason.STOPPED


async def test_over_tls(tmp_path: Path, certificates: Certificates) -> None:
    told: dict[str, Any] = {
        "stream_listen": "wss:127.0.0.1:0", "tls_cert": str(certificates.certificate), "tls_key": str(certificates.key)
    }  # fmt: skip
    async with stream_house(tmp_path, **told) as house:
        plan = house.plan("telnyx", ca_file=str(certificates.authority))
        report = await play(replace(plan, url=plan.url.replace("127.0.0.1", "localhost")))
        taken = await house.taken()
    assert list(differences(report.tracks[0], taken.channel("inbound"), taken.rate)) == []


async def test_the_next_process_waits_for_the_call_and_goes_on_with_it(tmp_path: Path) -> None:
    voices = (noise(6, seconds=0.5),)
    async with stream_house(tmp_path) as house:
        plan = house.plan("telnyx", voices=voices, vanishes=True)
        before = await play(plan)
        (take,) = house.spools.live_takes()
    async with stream_house(tmp_path) as house:
        assert [call.take for call in house.door.calls] == [take]
        after = await play(replace(house.plan("telnyx"), call_id=plan.call_id, voices=(noise(7, seconds=0.5),)))
        taken = await house.taken()
    heard = taken.channel("inbound").tobytes()
    for report in (before, after):
        assert report.tracks[0].placed().tobytes() in heard
    assert [odd.code for odd in taken.records(Odd)] == ["connection-lost"]


async def test_what_a_dead_process_left_is_finished_where_nobody_comes_back(tmp_path: Path) -> None:
    async with stream_house(tmp_path) as house:
        report = await play(house.plan("twilio", vanishes=True))
    async with stream_house(tmp_path, stream_resume_s=0) as house:
        taken = await house.taken()
    assert taken.capture.reason == Reason.INTERRUPTED
    for track in report.tracks:
        assert list(differences(track, taken.channel(track.track), taken.rate)) == []
