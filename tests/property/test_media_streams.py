"""The law of the readers: whatever a frame holds, there are events or a ``ProtocolError``, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import ProtocolError
from callvault.protocols.media_streams.events import Event, Vendor
from callvault.protocols.media_streams.readers import READERS
from tests.unit.protocols.media_streams.frames import golden

VENDORS = st.sampled_from(Vendor)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=6,
)


def survives(vendor: Vendor, frames: list[str | bytes]) -> None:
    reader = READERS[vendor]()
    for frame in frames:
        try:
            events = reader.receive(frame)
        except ProtocolError:
            continue
        assert all(isinstance(event, Event) for event in events)


@given(VENDORS, st.lists(st.text(max_size=60) | st.binary(max_size=60), max_size=6))
def test_any_octets(vendor: Vendor, frames: list[str | bytes]) -> None:
    survives(vendor, frames)


@given(VENDORS, st.data())
def test_frames_with_anything_in_any_field(vendor: Vendor, data: st.DataObject) -> None:
    frames: list[str | bytes] = []
    for frame in golden(vendor):
        if isinstance(frame, bytes):
            frames.append(data.draw(st.binary(max_size=40)))
            continue
        told = json.loads(frame)
        for within in spots(told):
            struck: bool = data.draw(st.booleans())
            if within and struck:
                name: str = data.draw(st.sampled_from(sorted(within)))
                within[name] = data.draw(ANYTHING)
        frames.append(json.dumps(told))
    survives(vendor, data.draw(st.permutations(frames)))


def spots(told: Any) -> list[dict[str, Any]]:
    """Every object of a document, outermost first."""
    if isinstance(told, list):
        return [spot for each in told for spot in spots(each)]
    return [told, *(spot for each in told.values() for spot in spots(each))] if isinstance(told, dict) else []


def test_a_document_that_is_nested_beyond_measure() -> None:
    deep = '{"callSid": "1", "metadata": {"a": ' + "[" * 900 + "]" * 900 + "}}"
    survives(Vendor.JAMBONZ, [deep, "[" * 100_000])
