from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from callvault.audio import samples
from callvault.audio.samples import BLOCK_SAMPLES, Samples, exactly


def block(start: int, stop: int) -> Samples:
    return np.arange(start, stop, dtype=np.int16).reshape(-1, 1)


def joined(blocks: list[Samples]) -> list[int]:
    return [int(value) for piece in blocks for value in piece[:, 0]]


def test_eight_bits_have_their_zero_at_128() -> None:
    assert samples.from_unsigned_8(bytes([0, 127, 128, 255])).tolist() == [-32_768, -256, 0, 32_512]


def test_24_bits_are_rounded_and_not_cut_off() -> None:
    values = [0x7F, 0x80, -0x80, -0x81, 0x7FFFFF, -0x800000]
    raw = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    assert samples.from_signed_24(raw).tolist() == [0, 1, 0, -1, 32_767, -32_768]


def test_32_bits_are_rounded_and_do_not_run_over() -> None:
    values = np.array([0x7FFF, 0x8000, -0x8000, -0x8001, 0x7FFFFFFF, -0x80000000], dtype=np.int64)
    assert samples.from_integers(values.astype(np.int32)).tolist() == [0, 1, 0, -1, 32_767, -32_768]


def test_floats_beyond_full_scale_are_clipped_and_nonsense_is_silent() -> None:
    values = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 7.0, -1e38, np.nan, np.inf, -np.inf], dtype=np.float32)
    expected = [0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 0, 32_767, -32_768]
    assert samples.from_floats(values).tolist() == expected


@pytest.mark.parametrize("skip", [0, 1, 3, 4, 7])
def test_exactly_cuts_both_ends_wherever_the_blocks_end(skip: int) -> None:
    blocks = [block(0, 3), block(3, 4), block(4, 10)]
    assert joined(list(exactly(blocks, samples=3, channels=1, skip=skip))) == [skip, skip + 1, skip + 2]


def test_exactly_fills_up_with_silence_in_blocks_of_bounded_size() -> None:
    pieces = list(exactly([block(1, 3)], samples=BLOCK_SAMPLES * 2, channels=1))
    assert joined(pieces) == [1, 2] + [0] * (BLOCK_SAMPLES * 2 - 2)
    assert max(len(piece) for piece in pieces) == BLOCK_SAMPLES


def test_exactly_does_not_ask_for_a_block_it_does_not_need() -> None:
    def one_only() -> Iterator[Samples]:
        yield block(0, 5)
        raise AssertionError("asked for more")

    assert joined(list(exactly(one_only(), samples=4, channels=1))) == [0, 1, 2, 3]
