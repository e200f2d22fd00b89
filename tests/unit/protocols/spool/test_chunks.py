"""Chunks of a spool: what was drained comes back, and a damage costs the chunks that it touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from callvault.protocols.spool.batch import Batch, Content, Damage
from callvault.protocols.spool.chunk_writer import ChunkWriter, Drained
from callvault.protocols.spool.chunks import MAGIC, read
from tests.spool_chunks import write_batch

NOW_NS = 1_790_000_000_123_456_789


def a_batch(stream: int, packets: Sequence[bytes], *, content: Content = Content.RTP, at_ns: int = NOW_NS) -> Batch:
    return Batch(
        stream=stream,
        content=content,
        arrivals_ns=at_ns + np.arange(len(packets), dtype=np.int64) * 20_000_000,
        lengths=np.array([len(packet) for packet in packets], dtype=np.uint16),
        data=np.frombuffer(b"".join(packets), dtype=np.uint8),
    )


def drained(batches: Sequence[Batch], stride: int = 256) -> Drained:
    """As it lies after a tick: every packet in a row of its own, the rows not in the order of the packets."""
    packets = [packet for batch in batches for packet in batch.packets()]
    arena = np.full((len(packets), stride), 0xEE, dtype=np.uint8)
    rows = np.arange(len(packets))[::-1].copy()
    for row, packet in zip(rows, packets, strict=True):
        arena[row, : len(packet)] = np.frombuffer(packet, dtype=np.uint8)
    return Drained(
        streams=np.array([batch.stream for batch in batches], dtype=np.uint16),
        contents=np.array([batch.content for batch in batches], dtype=np.uint8),
        counts=np.array([len(batch.lengths) for batch in batches], dtype=np.int64),
        arrivals_ns=np.concatenate([batch.arrivals_ns for batch in batches]),
        lengths=np.concatenate([batch.lengths for batch in batches]),
        rows=rows,
        arena=arena,
    )


def told(batch: Batch) -> tuple[int, Content, list[int], list[bytes]]:
    return batch.stream, batch.content, (batch.arrivals_ns // 1000).tolist(), batch.packets()


def test_what_was_drained_of_many_streams_is_read_back() -> None:
    batches = [
        a_batch(0, [b"a" * 172] * 10),
        a_batch(1, [b"b" * 172, b"c" * 13, b"", b"d" * 255]),
        a_batch(0, [b"report"], content=Content.RTCP),
        a_batch(65_535, [b"e"] * 64),
    ]
    view, bounds = ChunkWriter().write(drained(batches))
    assert [told(each) for each in read(view[: bounds[-1]]) if isinstance(each, Batch)] == [told(b) for b in batches]
    for batch, start, end in zip(batches, bounds, bounds[1:], strict=False):
        assert view[start:end] == write_batch(batch)


def test_a_writer_is_used_again_for_more_than_its_room_and_for_less() -> None:
    writer = ChunkWriter()
    for count in (3, 9000, 2):
        batches = [a_batch(stream % 60_000, [bytes([stream % 256]) * 172] * 2) for stream in range(count)]
        view, bounds = writer.write(drained(batches))
        found = [told(each) for each in read(view[: bounds[-1]]) if isinstance(each, Batch)]
        assert found == [told(batch) for batch in batches]


def test_arrivals_are_kept_to_the_microsecond_even_where_the_clock_went_back() -> None:
    batch = a_batch(3, [b"one", b"two", b"three"])
    back = Batch(
        stream=3,
        content=Content.RTP,
        arrivals_ns=NOW_NS - np.array([0, 5_000_000_000, 1], dtype=np.int64),
        lengths=batch.lengths,
        data=batch.data,
    )
    (again,) = [each for each in read(memoryview(write_batch(back))) if isinstance(each, Batch)]
    assert np.abs(again.arrivals_ns - back.arrivals_ns).max() < 1000


CHUNKS = [write_batch(a_batch(stream, [bytes([stream]) * 40] * 3)) for stream in range(4)]
WHOLE = b"".join(CHUNKS)


def test_nothing_is_read_of_nothing() -> None:
    assert list(read(memoryview(b""))) == []


@pytest.mark.parametrize(
    ("data", "streams", "sentence"),
    [
        (WHOLE[:-5], [0, 1, 2], "A chunk is said to be longer than what is there."),
        (WHOLE[: len(WHOLE) - len(CHUNKS[3]) + 30], [0, 1, 2], "The last chunk broke off before its packets."),
        (WHOLE[: len(WHOLE) - len(CHUNKS[3]) + 9], [0, 1, 2], "The last chunk broke off in its head."),
        (CHUNKS[0] + b"stray" + CHUNKS[1], [0, 1], "There are bytes here that belong to no chunk."),
        (CHUNKS[0] + CHUNKS[1][:100] + CHUNKS[2], [0, 2], "A chunk is not what was written: its check sum is another."),
        (CHUNKS[0] + bytes(3 << 20) + CHUNKS[1], [0, 1], "There are bytes here that belong to no chunk."),
        (CHUNKS[0] + MAGIC + bytes(20) + CHUNKS[1], [0, 1], "A chunk's head holds what no chunk has."),
    ],
    ids=["tail", "tail of a head", "in the head", "garbage between", "torn, then gone on", "a hole", "an empty head"],
)
def test_a_damage_is_told_and_passed_over(data: bytes, streams: list[int], sentence: str) -> None:
    found = list(read(memoryview(data)))
    assert [each.stream for each in found if isinstance(each, Batch)] == streams
    assert [each.sentence for each in found if isinstance(each, Damage)] == [sentence]
    lost = sum(each.size_bytes for each in found if isinstance(each, Damage))
    assert lost == len(data) - sum(len(CHUNKS[stream]) for stream in streams)


def test_a_head_that_lies_about_its_length_does_not_swallow_what_follows() -> None:
    lying = bytearray(CHUNKS[1])
    lying[12:14] = (2000).to_bytes(2, "little")
    found = list(read(memoryview(CHUNKS[0] + bytes(lying) + CHUNKS[2] + CHUNKS[3])))
    assert [each.stream for each in found if isinstance(each, Batch)] == [0, 2, 3]
