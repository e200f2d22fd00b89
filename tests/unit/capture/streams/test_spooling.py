"""What of a take reaches its file: all of it, headers alone, nothing, or the last seconds in time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.capture.gate import Veil, VeilState
from callvault.capture.media.spool_file import SpoolFile
from callvault.capture.streams.spooling import Spooling
from callvault.protocols.spool.batch import Batch, Content
from callvault.protocols.spool.chunk_writer import write_packets
from callvault.protocols.spool.chunks import read
from tests.spool_chunks import write_batch

SECOND = 1_000_000_000
OPEN, MASKED = Veil(state=VeilState.OPEN), Veil(state=VeilState.MASKED)
EPOCH = 1_790_000_000 * SECOND


def packet(number: int) -> bytes:
    return bytes(12) + number.to_bytes(4) * 40


@pytest.fixture
def spooling(tmp_path: Path) -> Spooling:
    made = Spooling(SpoolFile(tmp_path / "take.media"))
    made.decide()
    return made


def written(folder: Path) -> list[bytes]:
    data = (folder / "take.media").read_bytes()
    batches = [each for each in read(memoryview(data)) if isinstance(each, Batch)]
    return [packet for batch in batches for packet in batch.packets()]


def test_what_comes_is_written_with_its_moment(spooling: Spooling, tmp_path: Path) -> None:
    for number in range(5):
        spooling.receive(number % 2, EPOCH + number * 20_000_000, [packet(number)])
    assert spooling.flush(1_000)
    batches = [each for each in read(memoryview((tmp_path / "take.media").read_bytes())) if isinstance(each, Batch)]
    assert [(batch.stream, batch.content, batch.arrivals_ns.tolist()) for batch in batches] == [
        (0, Content.RTP, [EPOCH, EPOCH + 40_000_000, EPOCH + 80_000_000]),
        (1, Content.RTP, [EPOCH + 20_000_000, EPOCH + 60_000_000]),
    ]
    assert written(tmp_path) == [packet(number) for number in (0, 2, 4, 1, 3)]


def test_a_masked_take_has_no_payloads_anywhere(spooling: Spooling, tmp_path: Path) -> None:
    spooling.receive(0, EPOCH, [packet(1)])
    spooling.draw(MASKED, EPOCH + 1)
    spooling.receive(0, EPOCH + 2, [packet(2)])
    spooling.draw(OPEN, EPOCH + 3)
    spooling.receive(0, EPOCH + 4, [packet(3)])
    spooling.flush(1_000)
    octets = (tmp_path / "take.media").read_bytes()
    assert packet(1) in octets
    assert packet(3) in octets
    assert (2).to_bytes(4) * 2 not in octets


def test_a_take_that_nobody_records_writes_nothing(spooling: Spooling, tmp_path: Path) -> None:
    spooling.draw(Veil(state=VeilState.SHUT), EPOCH)
    spooling.receive(0, EPOCH, [packet(1)])
    spooling.flush(1_000)
    assert (tmp_path / "take.media").read_bytes() == b""


def test_the_seconds_before_the_start_come_first(spooling: Spooling, tmp_path: Path) -> None:
    spooling.draw(Veil(state=VeilState.SHUT, prebuffer_ms=2000), EPOCH)
    for number in range(10):
        spooling.receive(0, EPOCH + number * SECOND, [packet(number)])
        spooling.flush(1_000)
    spooling.draw(OPEN, EPOCH + 9 * SECOND + 1)
    spooling.receive(0, EPOCH + 10 * SECOND, [packet(10)])
    spooling.flush(1_000)
    assert written(tmp_path) == [packet(number) for number in (7, 8, 9, 10)]


def test_before_it_is_decided_what_is_recorded_everything_waits(tmp_path: Path) -> None:
    spooling = Spooling(SpoolFile(tmp_path / "take.media"))
    spooling.receive(0, EPOCH, [packet(1)])
    spooling.flush(1_000)
    assert written(tmp_path) == []
    spooling.draw(Veil(state=VeilState.SHUT), EPOCH + 1)
    spooling.receive(0, EPOCH + 2, [packet(2)])
    spooling.draw(OPEN, EPOCH + 3)
    spooling.decide()
    spooling.flush(1_000)
    assert written(tmp_path) == [packet(1), packet(2)]


def test_masked_seconds_do_not_wait_for_anybody(spooling: Spooling, tmp_path: Path) -> None:
    spooling.draw(Veil(state=VeilState.SHUT, prebuffer_ms=2000), EPOCH)
    spooling.receive(0, EPOCH, [packet(1)])
    spooling.draw(MASKED, EPOCH + 1)
    spooling.draw(OPEN, EPOCH + 2)
    spooling.flush(1_000)
    assert written(tmp_path) == []


@given(
    st.integers(0, 65_535),
    st.lists(st.tuples(st.integers(0, 10**12), st.binary(max_size=200)), min_size=1, max_size=20),
)
def test_a_chunk_of_a_few_packets_is_a_chunk(stream: int, packets: list[tuple[int, bytes]]) -> None:
    arrivals = [EPOCH + at for at, _ in packets]
    batch = Batch(
        stream=stream,
        content=Content.RTP,
        arrivals_ns=np.array(arrivals, dtype=np.int64),
        lengths=np.array([len(each) for _, each in packets], dtype=np.uint16),
        data=np.frombuffer(b"".join(each for _, each in packets), dtype=np.uint8),
    )
    made = write_packets(stream, Content.RTP, arrivals, [each for _, each in packets])
    (again,) = read(memoryview(made))
    (expected,) = read(memoryview(write_batch(batch)))
    assert isinstance(again, Batch)
    assert isinstance(expected, Batch)
    assert again.packets() == expected.packets()
    assert again.arrivals_ns.tolist() == expected.arrivals_ns.tolist()
