"""The law of the spool: whatever happens to its bytes, what is lost are the chunks that it touched."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from callvault.protocols.spool.batch import Batch, Damage
from callvault.protocols.spool.chunks import MAGIC, read
from tests.property.spools import SPOOLS
from tests.spool_chunks import write_batch


def read_back(data: bytes) -> tuple[list[bytes], int]:
    """The chunks that are there, as bytes again, and how many bytes could not be read."""
    found = list(read(memoryview(data)))
    lost = [each for each in found if isinstance(each, Damage)]
    assert all(one.offset + one.size_bytes < other.offset for one, other in itertools.pairwise(lost))
    return [write_batch(each) for each in found if isinstance(each, Batch)], sum(each.size_bytes for each in lost)


@given(SPOOLS)
def test_what_was_written_is_read(chunks: list[bytes]) -> None:
    assert read_back(b"".join(chunks)) == (chunks, 0)


@given(SPOOLS, st.data())
def test_a_truncation_costs_the_chunk_that_it_cuts(chunks: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(chunks)
    cut = data.draw(st.integers(0, len(whole)))
    kept, end = [], 0
    for chunk in chunks:
        if end + len(chunk) > cut:
            break
        kept.append(chunk)
        end += len(chunk)
    assert read_back(whole[:cut]) == (kept, cut - end)


@given(SPOOLS, st.data())
def test_a_flipped_byte_costs_its_chunk(chunks: list[bytes], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(chunks) - 1))
    spoilt = bytearray(chunks[which])
    place = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[place] ^= data.draw(st.integers(1, 255))
    left = [*chunks[:which], *chunks[which + 1 :]]
    assert read_back(b"".join([*chunks[:which], bytes(spoilt), *chunks[which + 1 :]])) == (left, len(spoilt))


@given(SPOOLS, st.binary(min_size=1, max_size=200) | st.just(MAGIC) | st.just(MAGIC * 30), st.data())
def test_garbage_between_chunks_costs_nothing_but_itself(
    chunks: list[bytes], garbage: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chunks)))
    assert read_back(b"".join([*chunks[:place], garbage, *chunks[place:]])) == (chunks, len(garbage))


@given(SPOOLS, st.binary(min_size=1, max_size=200), st.data())
def test_garbage_within_a_chunk_costs_that_chunk(chunks: list[bytes], garbage: bytes, data: st.DataObject) -> None:
    """Where only a chunk's begin is kept and writing went on behind it, as after a kill."""
    which = data.draw(st.integers(0, len(chunks) - 1))
    place = data.draw(st.integers(1, len(chunks[which]) - 1))
    torn = chunks[which][:place] + garbage
    left = [*chunks[:which], *chunks[which + 1 :]]
    found, _ = read_back(b"".join([*chunks[:which], torn, *chunks[which + 1 :]]))
    assert found == left or (torn.startswith(chunks[which]) and found == chunks)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_every_one_is_accounted_for(data: bytes) -> None:
    found, lost = read_back(data)
    assert sum(map(len, found)) + lost == len(data)
