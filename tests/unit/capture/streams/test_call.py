"""One call's own conduct: what it writes of each event, and what happens where the disk takes nothing."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import pytest

from callvault.capture.journals import JournalFile, read_journal
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.streams.call import StreamCall
from callvault.capture.streams.names import CallName, first_words, kept_name
from callvault.capture.streams.spooling import Spooling
from callvault.protocols.media_streams.events import Digit, Format, Marked, Media, Oddity, Started, Track, Vendor
from callvault.protocols.spool.batch import Batch
from callvault.protocols.spool.chunks import read
from callvault.protocols.spool.journal import Attended, DialogKept, Flowed, Named, Odd, Participant, StreamAgreed

ULAW = Format(encoding="PCMU", sample_rate=8000)
NAME = CallName(trunk="t", vendor="twilio", call_id="CA1")
NOW = 1_790_000_000_000_000_000


class Line:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.held: list[bool] = []
        self.closed: list[int] = []

    def close(self, code: int, reason: str) -> None:
        self.closed.append(code)

    def hold(self, *, back: bool) -> None:
        self.held.append(back)


def started(**more: object) -> Started:
    told: dict[str, object] = {"vendor": Vendor.TWILIO, "stream_id": "MZ1", "call_id": "CA1", "format": ULAW}
    return Started(**{**told, "tracks": (Track.INBOUND,), **more})  # type: ignore[arg-type]


def a_call(folder: Path, media: str | Path | None = None) -> tuple[StreamCall, Line]:
    spooling = Spooling(SpoolFile(media or folder / "take.media"))
    spooling.decide()
    journal = JournalFile(folder / "take.journal")
    call = StreamCall(take=UUID(int=7), name=NAME, format=ULAW, journal=journal, spooling=spooling, heard_ns=NOW)
    line = Line()
    call.connect(started(), line, NOW)
    return call, line


def records(folder: Path) -> list[object]:
    return list(read_journal(folder / "take.journal").records)


def test_tracks_are_agreed_upon_when_they_are_told_or_come(tmp_path: Path) -> None:
    call, _ = a_call(tmp_path)
    call.hear(Media(track=Track.OUTBOUND, payload=b"\xff" * 160), NOW + 1)
    call.hear(Media(track=Track.OUTBOUND, payload=b"\xff" * 160), NOW + 2)
    call.hear(Digit(key="1"), NOW + 3)
    call.hear(Marked(name="x"), NOW + 4)
    told = [(type(each), getattr(each, "stream", None)) for each in records(tmp_path)]
    assert told == [(StreamAgreed, 0), (StreamAgreed, 1), (Flowed, 1)]


def test_an_oddity_is_written_once(tmp_path: Path) -> None:
    call, _ = a_call(tmp_path)
    for _ in range(3):
        call.hear(Oddity(code="odd", sentence="Odd."), NOW)
    assert [each.sentence for each in records(tmp_path) if isinstance(each, Odd)] == ["Odd."]


def test_where_the_disk_takes_nothing_the_client_waits_and_nothing_is_lost(tmp_path: Path) -> None:
    call, line = a_call(tmp_path, "/dev/full")
    call.hear(Media(track=Track.INBOUND, payload=b"\x01" * 160), NOW + 1)
    call.flush()
    call.hear(Media(track=Track.INBOUND, payload=b"\x02" * 160), NOW + 2)
    call.flush()
    assert line.held == [True]
    freed = os.open(tmp_path / "freed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(freed, call.spooling.file._descriptor)
    call.flush()
    assert line.held == [True, False]
    batches = read(memoryview((tmp_path / "freed").read_bytes()))
    packets = [packet for batch in batches if isinstance(batch, Batch) for packet in batch.packets()]
    assert [packet[-1] for packet in packets] == [1, 2]


@pytest.mark.parametrize(
    ("more", "people"),
    [
        ({}, ()),
        ({"caller": "1"}, (("caller", "1", (0,)), ("callee", None, (1,)))),
        ({"callee": "2", "direction": "outbound", "tracks": ()}, (("caller", None, (1,)), ("callee", "2", (0,)))),
        ({"callee": "2", "direction": "outbound"}, (("caller", None, ()), ("callee", "2", ()))),
        ({"caller": "1", "callee": "2", "mixed": True}, (("caller", "1", (0,)), ("callee", "2", (0,)))),
    ],
)
def test_who_speaks_on_which_track(
    more: dict[str, object], people: tuple[tuple[str, str | None, tuple[int, ...]], ...]
) -> None:
    words = first_words(NAME, started(**more), NOW, hidden="token")
    found = [each.participants for each in words if isinstance(each, Attended)]
    expected = tuple(Participant(id=word, address=address, sends=sends) for word, address, sends in people)
    assert found == ([expected] if people else [])


@pytest.mark.parametrize(
    ("vendor", "ids", "foreign"),
    [
        (Vendor.TWILIO, {}, {"signalwire": {"call": "CA1"}}),
        (Vendor.TELNYX, {"call_session_id": "s"}, {"telnyx": {"call_control": "CA1", "session": "s"}}),
        (Vendor.BANDWIDTH, {"stream_name": "n"}, {"bandwidth": {"call": "CA1"}}),
        (Vendor.JAMBONZ, {"callId": "sip"}, {"callvault": {"call": "CA1"}}),
    ],
)
def test_the_call_is_known_by_what_its_vendor_calls_it(
    vendor: Vendor, ids: dict[str, str], foreign: dict[str, dict[str, str]]
) -> None:
    words = first_words(NAME, started(vendor=vendor, ids=ids, parameters={"token": "x", "a": "b"}), NOW, hidden="token")
    (named,) = (each for each in words if isinstance(each, Named))
    assert named.foreign == foreign
    assert named.sip_call_id == ids.get("callId")
    assert named.extras["parameters"] == {"a": "b"}
    (kept,) = (each for each in words if isinstance(each, DialogKept))
    assert kept_name(kept.state) == (NAME, ULAW)


def test_a_conference_that_a_parameter_tells_is_one_of_the_vendors() -> None:
    told = {"ConferenceSid": "CF1", "conference_name": "Monday"}
    named = first_words(NAME, started(parameters=told), NOW, hidden="token")[0]
    assert isinstance(named, Named)
    assert (named.foreign, named.conference_name) == ({"signalwire": {"call": "CA1", "conference": "CF1"}}, "Monday")
    hidden = first_words(NAME, started(parameters=told), NOW, hidden="ConferenceSid")[0]
    assert isinstance(hidden, Named)
    assert hidden.foreign == {"signalwire": {"call": "CA1"}}
