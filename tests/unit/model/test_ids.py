"""A core id carries the start, sorts by it, and has the rest of its bits from chance; a cloak can be lifted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.model.ids import cloak, is_core_id, new_id, time_of, uncloak

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

moments = st.integers(0, 253_402_214_400_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
entropies = st.binary(min_size=10, max_size=20)
core_ids = st.builds(new_id, moments, entropies)
keys = st.binary(min_size=16, max_size=64)


def test_an_id_is_put_together_as_rfc_9562_has_it() -> None:
    """Appendix A.6: 0xCC3 and 0x18C4DC0C0C07398F are the random bits, 74 of them in all."""
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    random_bits = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    made = new_id(at, random_bits.to_bytes(10, "big"))
    assert made == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@given(moments, entropies)
def test_an_id_is_of_version_7_and_carries_its_millisecond(at: datetime, entropy: bytes) -> None:
    made = new_id(at, entropy)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert is_core_id(made)
    assert time_of(made) == EPOCH + (at - EPOCH) // MILLISECOND * MILLISECOND


@given(moments, entropies)
def test_the_moment_counts_and_not_the_zone_in_which_it_was_said(at: datetime, entropy: bytes) -> None:
    at = max(at, datetime(1970, 1, 2, tzinfo=UTC))
    assert new_id(at.astimezone(timezone(timedelta(hours=-7))), entropy) == new_id(at, entropy)


@given(moments, moments, entropies, entropies)
def test_ids_sort_by_their_time_in_every_form(one: datetime, two: datetime, first: bytes, second: bytes) -> None:
    earlier, later = sorted((one, two))
    if (later - earlier) < MILLISECOND:
        later = earlier + MILLISECOND
    before, after = new_id(earlier, first), new_id(later, second)
    assert before < after
    assert before.bytes < after.bytes
    assert before.hex < after.hex
    assert str(before) < str(after)


@given(moments, st.integers(0, 79), entropies)
def test_every_bit_of_chance_but_the_six_first_counts(at: datetime, bit: int, entropy: bytes) -> None:
    other = (int.from_bytes(entropy[:10], "big") ^ 1 << bit).to_bytes(10, "big")
    assert (new_id(at, other) == new_id(at, entropy)) == (bit >= 74)


@given(entropies)
def test_what_began_before_1970_is_counted_as_its_first_moment(entropy: bytes) -> None:
    assert time_of(new_id(datetime(1969, 12, 31, tzinfo=UTC), entropy)) == EPOCH


def test_a_time_that_no_calendar_has_is_said_to_be_none() -> None:
    with pytest.raises(OverflowError):
        time_of(UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"))


@given(st.uuids())
def test_no_other_uuid_is_taken_for_one_of_ours(uuid: UUID) -> None:
    assert is_core_id(uuid) == (uuid.variant == RFC_4122 and uuid.version == 7)


@given(core_ids, keys)
def test_a_cloak_can_be_lifted(core_id: UUID, key: bytes) -> None:
    hidden = cloak(core_id, key)
    assert (hidden.version, hidden.variant) == (4, RFC_4122)
    assert not is_core_id(hidden)
    assert uncloak(hidden, key) == core_id


@given(st.uuids(version=4), keys)
def test_everything_that_looks_cloaked_is_the_cloak_of_something(public: UUID, key: bytes) -> None:
    core_id = uncloak(public, key)
    assert is_core_id(core_id)
    assert cloak(core_id, key) == public


@given(core_ids, keys, st.sampled_from([*range(62), *range(64, 76), *range(80, 128)]))
def test_neighbours_have_nothing_in_common_under_the_cloak(core_id: UUID, key: bytes, bit: int) -> None:
    """One bit of the id changes about half of what is shown: fewer than 20 of 122 would be one chance in 10^13."""
    neighbour = UUID(int=core_id.int ^ 1 << bit)
    assert is_core_id(neighbour)
    assert 20 < (cloak(core_id, key).int ^ cloak(neighbour, key).int).bit_count() < 102


@given(core_ids, keys, st.integers(0, 127))
def test_a_key_that_is_nearly_right_lifts_nothing(core_id: UUID, key: bytes, bit: int) -> None:
    wrong = bytearray(key[:16])
    wrong[bit // 8] ^= 1 << bit % 8
    assert uncloak(cloak(core_id, key[:16]), bytes(wrong)) != core_id
