"""G.711 against the Recommendation's tables 1 and 2, rebuilt here from their rule and not from our code."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from callvault.audio import g711

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)


def decision_values(steps: list[int]) -> list[int]:
    """Where one quantised value ends and the next begins, for positive input."""
    return [0, *itertools.accumulate(steps)]


# G.711 table 2a: decisions at 0, 1, 3, 5 .. 31, then 15 more segments' worth of steps, each twice the last (14 bits)
ULAW_DECISIONS = decision_values([1] + [2] * 15 + [2 << segment for segment in range(1, 8) for _ in range(16)])
# G.711 table 1a: two segments with steps of 2, then steps that double (13 bits)
ALAW_DECISIONS = decision_values([2] * 32 + [2 << segment for segment in range(1, 7) for _ in range(16)])


def test_the_tables_end_where_the_recommendation_says() -> None:
    assert (len(ULAW_DECISIONS), ULAW_DECISIONS[-1]) == (129, 8_159)
    assert (len(ALAW_DECISIONS), ALAW_DECISIONS[-1]) == (129, 4_096)


def test_ulaw_decodes_to_the_middle_between_decisions() -> None:
    middles = [0] + [(low + high) // 2 for low, high in itertools.pairwise(ULAW_DECISIONS[1:])]
    # table 2a, column 7: the code counts downwards from 0xFF for silence
    positive = g711.decode_ulaw(bytes(0xFF - number for number in range(128)))
    negative = g711.decode_ulaw(bytes(0x7F - number for number in range(128)))
    assert positive.tolist() == [4 * middle for middle in middles]
    assert negative.tolist() == [-4 * middle for middle in middles]


def test_alaw_decodes_to_the_middle_between_decisions() -> None:
    middles = [(low + high) / 2 for low, high in itertools.pairwise(ALAW_DECISIONS)]
    positive = g711.decode_alaw(bytes((0x80 | number) ^ 0x55 for number in range(128)))
    negative = g711.decode_alaw(bytes(number ^ 0x55 for number in range(128)))
    assert positive.tolist() == [8 * middle for middle in middles]
    assert negative.tolist() == [-8 * middle for middle in middles]


def test_ulaw_encodes_to_the_interval_that_holds_the_sample() -> None:
    numbers = 0xFF - np.frombuffer(g711.encode_ulaw(np.arange(32_768).astype(np.int16)), dtype=np.uint8)
    expected = np.searchsorted(np.array(ULAW_DECISIONS) * 4, np.arange(32_768), side="right") - 1
    assert numbers.tolist() == np.minimum(expected, 127).tolist()


def test_alaw_encodes_to_the_interval_that_holds_the_sample() -> None:
    codes = np.frombuffer(g711.encode_alaw(np.arange(32_768).astype(np.int16)), dtype=np.uint8)
    expected = np.searchsorted(np.array(ALAW_DECISIONS) * 8, np.arange(32_768), side="right") - 1
    assert ((codes ^ 0x55) & 0x7F).tolist() == expected.tolist()


@pytest.mark.parametrize(("encode", "sign"), [(g711.encode_ulaw, 0x80), (g711.encode_alaw, 0x80)])
def test_a_negative_sample_has_the_code_of_its_complement_but_for_the_sign(encode: object, sign: int) -> None:
    assert callable(encode)
    codes = np.frombuffer(encode(EVERY_SAMPLE), dtype=np.uint8)
    assert (codes[::-1] ^ sign).tolist() == codes.tolist()


def test_what_was_decoded_is_encoded_to_the_code_it_came_from() -> None:
    assert g711.encode_alaw(g711.decode_alaw(EVERY_CODE)) == EVERY_CODE
    # 0x7F and 0xFF both mean 0 in µ-law
    assert g711.encode_ulaw(g711.decode_ulaw(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_samples_of_two_channels_are_encoded_in_their_order() -> None:
    samples = np.array([[0, 1_000], [-1_000, 32_767]], dtype=np.int16)
    assert g711.encode_ulaw(samples) == bytes([0xFF, 0xCE, 0x4E, 0x80])
