"""A journal gives back what was written, and all that a crash or a bad disk left readable."""

from __future__ import annotations

from dataclasses import fields
from uuid import UUID
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols.spool import journal
from callvault.protocols.spool.journal import Flow, Journal, Participant, Payload, Reason, Record

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NS = st.integers(0, 2**62)
JSON = st.dictionaries(TEXT, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, max_size=3)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "at_ns": NS,
    "take": st.uuids(),
    "account_id": st.uuids(),
    "recording": st.uuids(),
    "wish": JSON,
    "foreign": st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, max_size=2), max_size=2),
    "silent": st.booleans(),
    "on": st.booleans(),
    "stream": st.integers(0, 300),
    "sent": st.booleans(),
    "flow": st.sampled_from(Flow),
    "reason": st.sampled_from(Reason),
    "settings": JSON,
    "extras": JSON,
    "state": JSON,
    "packet_ms": st.none() | st.integers(0, 1000),
    "ssrc": st.none() | st.integers(0, 2**32 - 1),
    "payloads": st.lists(
        st.builds(
            Payload,
            number=st.integers(0, 127),
            clock_rate=st.integers(1, 192_000),
            channels=st.integers(1, 8),
            name=TEXT,
            parameters=TEXT,
        ),
        max_size=3,
    ).map(tuple),
    "participants": st.lists(
        st.builds(
            Participant,
            id=TEXT,
            address=st.none() | TEXT,
            name=st.none() | TEXT,
            sends=st.lists(st.integers(0, 9), max_size=3).map(tuple),
            receives=st.lists(st.integers(0, 9), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
}
RECORDS: st.SearchStrategy[Record] = st.one_of(
    [
        st.builds(kind, **{item.name: FIELDS.get(item.name, TEXT) for item in fields(kind)})
        for kind in journal.KINDS.values()
    ]
)


@given(st.lists(RECORDS, max_size=8))
def test_what_was_written_is_read(records: list[Record]) -> None:
    read = Journal.read(b"".join(map(journal.write, records)))
    assert list(read.records) == records
    assert read.spoilt == 0


@given(st.lists(RECORDS, min_size=1, max_size=6), st.data())
def test_a_torn_journal_gives_all_but_the_torn_line(records: list[Record], data: st.DataObject) -> None:
    lines = [journal.write(record) for record in records]
    torn = data.draw(st.integers(0, len(lines) - 1))
    kept = data.draw(st.integers(0, len(lines[torn]) - 2))
    behind = lines[torn + 1 :]
    read = Journal.read(b"".join([*lines[:torn], lines[torn][:kept], b"\n" if behind else b"", *behind]))
    assert list(read.records) == records[:torn] + records[torn + 1 :]
    assert read.spoilt == (1 if kept else 0)


@given(st.lists(RECORDS, min_size=1, max_size=6), st.data())
def test_a_flipped_bit_costs_the_lines_that_it_touches(records: list[Record], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(journal.write, records)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    read = Journal.read(bytes(whole))
    assert len(records) - 2 <= len(read.records) < len(records)
    assert all(record in records for record in read.records)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_something_is_read(data: bytes) -> None:
    assert Journal.read(data).records == ()


def test_what_a_later_callvault_wrote_is_passed_over() -> None:
    line = b'["dreamt",{"at_ns":1}]'
    ended = journal.Ended(at_ns=7, reason=Reason.BYE)
    begun = journal.Begun(take=UUID(int=1), at_ns=0, account_id=UUID(int=2), door="siprec")
    read = Journal.read(journal.write(begun) + b"%08x %b\n" % (crc32(line), line) + journal.write(ended))
    assert (read.begun, read.ended, len(read.records)) == (begun, ended, 2)
