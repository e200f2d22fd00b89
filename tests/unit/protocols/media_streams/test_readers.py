"""Each vendor's frames say the same things in the end."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from callvault.errors import ProtocolError
from callvault.protocols.media_streams.events import (
    Connected,
    Digit,
    Event,
    Format,
    Marked,
    Media,
    Oddity,
    Started,
    Stopped,
    Track,
    Vendor,
)
from callvault.protocols.media_streams.reader import MOST_HELD
from callvault.protocols.media_streams.readers import READERS
from tests.unit.protocols.media_streams.frames import events_of, golden

RAMP = bytes(range(256))


def noise(first: int) -> bytes:
    return bytes((7 * i + first) % 256 for i in range(160))


def started(events: list[Event]) -> Started:
    return next(event for event in events if isinstance(event, Started))


def test_twilio() -> None:
    assert events_of(Vendor.TWILIO) == [
        Connected(version="1.0.0"),
        Started(
            vendor=Vendor.TWILIO,
            stream_id="MZ5c1f0c3b7a9e48d2a6b4f1e0d9c8b7a6",
            call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            account_id="AC9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            format=Format(encoding="PCMU", sample_rate=8000, little_endian=True),
            tracks=(Track.INBOUND, Track.OUTBOUND),
            caller="+442079460101",
            callee="+442079460202",
            parameters={"from": "+442079460101", "To": "+442079460202", "desk": "7"},
        ),
        Media(track=Track.INBOUND, payload=noise(1), timestamp_ms=57, number=1),
        Media(track=Track.OUTBOUND, payload=noise(2), timestamp_ms=57, number=1),
        Digit(key="5"),
        Marked(name="greeting over"),
        Stopped(),
    ]


def test_telnyx() -> None:
    call_id = "v3:uT4kd0xQ2mVbPz81nLrWcE5sYhJgAoF6iD7tKqXe"
    assert events_of(Vendor.TELNYX) == [
        Connected(version="1.0.0"),
        Started(
            vendor=Vendor.TELNYX,
            stream_id="6b1d8f10-30c5-4b2e-9d5a-7f2c1e0b9a84",
            call_id=call_id,
            account_id="2c9e7a54-1b0f-4d38-8a6e-5f4d3c2b1a09",
            format=Format(encoding="PCMA", sample_rate=8000, little_endian=True),
            tracks=(),
            caller="+442079460101",
            callee="+442079460202",
            ids={
                "call_session_id": "0d4f1a6c-c7b2-11f0-9a3e-02420a1f0b70",
                "client_state": "ZGVzayA3",
                "tags": '["sales","north"]',
            },
            parameters={"desk": "7"},
        ),
        Media(track=Track.INBOUND, payload=noise(3), timestamp_ms=40, number=2),
        Media(track=Track.INBOUND, payload=noise(4), timestamp_ms=20, number=1),
        Media(track=Track.OUTBOUND, payload=noise(5), timestamp_ms=20, number=1),
        Digit(key="#"),
        Marked(name="greeting over"),
        Oddity(
            code="vendor-error",
            sentence="Telnyx told an error of the stream: 100005, rate_limit_reached, Too many requests.",
        ),
        Stopped(),
    ]


def test_signalwire() -> None:
    events = events_of(Vendor.SIGNALWIRE)
    start = started(events)
    assert start.vendor is Vendor.SIGNALWIRE
    assert start.call_id == "81f2b6a4-09d3-4c7e-a5f8-2b1c0d9e8f77"
    assert start.format == Format(encoding="L16", sample_rate=16_000, little_endian=True)
    assert start.tracks == (Track.INBOUND,)
    kinds = [type(event) for event in events]
    assert kinds == [Connected, Started, Media, Digit, Marked, Stopped]  # "clear" is nothing to a recorder
    assert events[3] == Digit(key="8", duration_ms=270)
    media = events[2]
    assert isinstance(media, Media)
    assert (media.number, media.timestamp_ms, len(media.payload)) == (1, 41, 640)
    assert np.frombuffer(media.payload, dtype="<i2")[1] == 37 - 1000


def test_signalwire_without_its_wrapping_is_read_too() -> None:
    bare = [json.dumps(json.loads(frame)["rawEvent"]) for frame in golden(Vendor.SIGNALWIRE)]
    assert events_of(Vendor.SIGNALWIRE, list(bare)) == events_of(Vendor.SIGNALWIRE)


def test_bandwidth() -> None:
    events = events_of(Vendor.BANDWIDTH)
    assert events == [
        Started(
            vendor=Vendor.BANDWIDTH,
            stream_id="s-4f1d2e3c-1a2b3c4d-5e6f-4708-8192-a3b4c5d6e7f8",
            call_id="c-4f1d2e3c-7b6a5948-3716-4a25-9403-e2d1c0b9a8f7",
            account_id="9900042",
            format=Format(encoding="PCMU", sample_rate=8000, little_endian=True),
            tracks=(Track.INBOUND, Track.OUTBOUND),
            caller="+442079460101",
            callee="+442079460202",
            ids={"stream_name": "archive"},
            parameters={"from": "+442079460101", "to": "+442079460202"},
        ),
        Media(track=Track.INBOUND, payload=noise(6), number=1),
        Media(track=Track.OUTBOUND, payload=noise(7), number=1),
        Stopped(),
    ]


def test_jambonz() -> None:
    events = events_of(Vendor.JAMBONZ)
    start = started(events)
    assert start.call_id == "5e0a1b7c-d2f3-4c48-96b5-a4938271605f"
    assert start.tracks == (Track.INBOUND, Track.OUTBOUND)
    assert (start.direction, start.caller, start.callee) == ("inbound", "442079460101", "442079460202")
    assert start.ids["callId"] == "7c1b9d20-40f1-123d-3e9a-0a58a9feac02"
    assert start.parameters == {"desk": "7"}
    assert start.format == Format(encoding="L16", sample_rate=8000, little_endian=True)
    ramp = np.arange(160, dtype="<i2")
    assert events[1:] == [
        Media(track=Track.INBOUND, payload=ramp.tobytes()),
        Media(track=Track.OUTBOUND, payload=(-ramp).tobytes()),
        Digit(key="2", duration_ms=200),
    ]


@pytest.mark.parametrize("cuts", [(1,), (3, 5), (2, 7, 101)])
def test_samples_of_jambonz_that_are_torn_between_frames_are_put_together(cuts: tuple[int, ...]) -> None:
    text, audio, _ = golden(Vendor.JAMBONZ)
    assert isinstance(audio, bytes)
    edges = [0, *cuts, len(audio)]
    pieces = [audio[begin:end] for begin, end in pairwise(edges)]
    heard = [each for each in events_of(Vendor.JAMBONZ, [text, *pieces]) if isinstance(each, Media)]
    whole = [each for each in events_of(Vendor.JAMBONZ, [text, audio]) if isinstance(each, Media)]
    for track in Track:
        together = b"".join(each.payload for each in heard if each.track is track)
        assert together == b"".join(each.payload for each in whole if each.track is track)


def test_a_mix_of_jambonz_is_one_track() -> None:
    start = json.dumps({"callSid": "5e0a", "mixType": "mixed", "sampleRate": 16000})
    told, media = events_of(Vendor.JAMBONZ, [start, RAMP])
    assert isinstance(told, Started)
    assert told.mixed
    assert media == Media(track=Track.INBOUND, payload=RAMP)


@pytest.mark.parametrize("sender", Vendor)
@pytest.mark.parametrize("address", Vendor)
def test_the_address_of_another_vendor_is_refused_with_the_right_one(sender: Vendor, address: Vendor) -> None:
    reader = READERS[address]()
    if sender is address or (sender, address) == (Vendor.TWILIO, Vendor.SIGNALWIRE):  # which sends Twilio's frames
        assert reader.receive(golden(sender)[0])
        return
    with pytest.raises(ProtocolError, match=f"/streams/{sender.value}/ would be right"):
        reader.receive(golden(sender)[0])


def test_audio_that_overtakes_the_start_waits_for_it() -> None:
    frames = golden(Vendor.TELNYX)
    early = [frames[0], frames[2], frames[3], frames[1], frames[4]]
    kinds = [type(event) for event in events_of(Vendor.TELNYX, early)]
    assert kinds == [Connected, Started, Media, Media, Media]


def test_audio_without_any_start_is_refused_in_the_end() -> None:
    reader = READERS[Vendor.TELNYX]()
    media = golden(Vendor.TELNYX)[2]
    for _ in range(MOST_HELD):
        assert reader.receive(media) == ()
    with pytest.raises(ProtocolError, match="no start"):
        reader.receive(media)


def test_those_who_have_said_nothing_yet_cannot_fill_the_memory() -> None:
    reader = READERS[Vendor.TELNYX]()
    payload = "A" * 400_000
    media = json.dumps({"event": "media", "media": {"payload": payload}, "stream_id": "s"})
    for _ in range(3):
        assert reader.receive(media) == ()
    with pytest.raises(ProtocolError, match="no start"):
        reader.receive(media)


def test_a_second_start_is_odd_and_the_first_counts() -> None:
    frames = golden(Vendor.TWILIO)
    events = events_of(Vendor.TWILIO, [frames[1], frames[1], frames[1]])
    assert [type(event) for event in events] == [Started, Oddity]


def test_what_is_unknown_is_told_once() -> None:
    frames = golden(Vendor.TWILIO)
    strange = json.dumps({"event": "hologram", "streamSid": "MZ5c"})
    events = events_of(Vendor.TWILIO, [frames[1], strange, strange])
    assert [event.code for event in events if isinstance(event, Oddity)] == ["event-unknown"]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("", "not JSON"),
        ("[1]", "not an object"),
        ('{"event": "start", "start": 7}', "'start' should be an object"),
        ('{"event": "start", "start": {}}', "no callSid"),
        ('{"event": "start", "start": {"callSid": "CA1", "mediaFormat": {"sampleRate": 3}}}', "sampled"),
        ('{"event": "start", "start": {"callSid": "CA1", "tracks": ["sideways"]}}', "no track"),
        ('{"event": "media", "media": {"payload": "?"}}', "base 64"),
        ('{"event": "media", "media": {}}', "base 64"),
        ('{"event": "media", "media": {"payload": "", "chunk": "-1"}}', "whole number"),
        ('{"event": "media", "media": {"payload": "", "chunk": true}}', "whole number"),
    ],
)
def test_what_cannot_be_understood_is_said(frame: str, sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        READERS[Vendor.TWILIO]().receive(frame)


def test_every_vendor_has_a_reader_of_its_own() -> None:
    assert {vendor: reader.vendor for vendor, reader in READERS.items()} == {vendor: vendor for vendor in Vendor}
