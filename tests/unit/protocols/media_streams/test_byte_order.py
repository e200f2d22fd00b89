"""L16 that is read the wrong way round is noticed, and noise is not mistaken for it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from callvault.caller.sound import Samples, noise, speechlike
from callvault.protocols.media_streams.byte_order import ByteOrder
from callvault.protocols.media_streams.events import Event, Oddity, Vendor
from callvault.protocols.media_streams.readers import READERS

SPEECH = speechlike(5, seconds=4, rate=16_000).samples


def heard(samples: Samples, sent: str, *, little_endian: bool) -> ByteOrder:
    order = ByteOrder(little_endian=little_endian)
    octets = samples.astype(sent).tobytes()
    for at in range(0, len(octets), 640):
        order.listen(octets[at : at + 640])
    return order


@pytest.mark.parametrize("little_endian", [False, True])
def test_speech_is_told_from_its_mirror_image(little_endian: bool) -> None:
    right, wrong = ("<i2", ">i2") if little_endian else (">i2", "<i2")
    assert not heard(SPEECH, right, little_endian=little_endian).is_wrong
    assert heard(SPEECH, wrong, little_endian=little_endian).is_wrong


def test_noise_and_silence_say_nothing() -> None:
    loud = noise(1, seconds=4, rate=16_000, level=32_767).samples
    assert not heard(loud, ">i2", little_endian=True).is_wrong
    silent = heard(np.zeros(64_000, dtype=np.int16), ">i2", little_endian=True)
    assert not silent.decided
    assert not heard(SPEECH[:1000], ">i2", little_endian=True).decided


@pytest.mark.parametrize(
    ("asked", "sent", "odd"), [(False, "<i2", []), (False, ">i2", ["l16-order"]), (True, ">i2", [])]
)
def test_the_reader_says_it_once(asked: bool, sent: str, odd: list[str]) -> None:
    reader = READERS[Vendor.JAMBONZ](big_endian=asked)
    events: list[Event] = list(reader.receive(json.dumps({"callSid": "5e0a", "sampleRate": 16_000})))
    octets = SPEECH.astype(sent).tobytes()
    for at in range(0, len(octets), 640):
        events += reader.receive(octets[at : at + 640])
    assert [event.code for event in events if isinstance(event, Oddity)] == odd
