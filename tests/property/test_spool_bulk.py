"""What is read of a spool in bulk is what is read of it chunk by chunk, whatever happened to its bytes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols.spool import bulk, chunks
from callvault.protocols.spool.batch import Batch, Content, Damage
from tests.property.spools import SPOOLS
from tests.rtp_calls import arrived, batches, spooled, stream
from tests.spool_chunks import write_batch

Rows = dict[tuple[int, Content], list[tuple[int, bytes]]]


def by_stream(items: Iterable[Batch | Damage]) -> tuple[Rows, list[Damage]]:
    """Each stream's packets with their arrivals, in their order, and the damages."""
    rows: Rows = {}
    damages: list[Damage] = []
    for item in items:
        if isinstance(item, Damage):
            damages.append(item)
        else:
            packets = zip(item.arrivals_ns.tolist(), item.packets(), strict=True)
            rows.setdefault((item.stream, item.content), []).extend(packets)
    return rows, damages


@given(SPOOLS, st.binary(max_size=80), st.data())
def test_bulk_reads_what_is_read_chunk_by_chunk(spool: list[bytes], garbage: bytes, data: st.DataObject) -> None:
    whole = bytearray(b"".join(spool))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 5))] = garbage
    assert by_stream(bulk.read(memoryview(whole))) == by_stream(chunks.read(memoryview(whole)))


def test_a_long_call_comes_in_few_batches_none_of_them_long() -> None:
    legs = [batches(index, arrived(stream(9000, index, ssrc=index))) for index in (0, 1)]
    whole = memoryview(b"".join(map(write_batch, spooled(*legs))))
    passed: list[int] = []
    found = list(bulk.read(whole, passed.append))
    assert by_stream(found) == by_stream(chunks.read(whole))
    assert len(found) == 2 * 6
    assert passed == sorted(passed)
    assert len(passed) == 5
    for item in found:
        assert isinstance(item, Batch)
        assert np.ptp(item.arrivals_ns) <= bulk.MOST_NS + 200_000_000
        assert not item.data.flags.writeable
