"""The core id: 128 bits that begin with the time the recording started, and the keyed permutation that hides one.

A core id is a UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then 74 random bits.  Every
dialect computes its own id from these bits and back.  Where an id is all that guards the audio (SignalWire's media
links), the dialect shows ``cloak(id)`` instead: a random-looking UUID version 4 that only the key's holder can
turn back, so that no other dialect's id gives it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION_7 = 7 << 76
_VERSION_4 = 4 << 76
_VARIANT = 2 << 62
_LOW_62 = (1 << 62) - 1
_LOW_12 = (1 << 12) - 1
_HALF = 61
_HALF_MASK = (1 << _HALF) - 1
_ROUNDS = 4  # Luby and Rackoff: four rounds of a keyed function make a strong pseudo-random permutation


def new_id(at: datetime, entropy: bytes) -> UUID:
    """Make a core id.  ``at``: aware, from 1970 on; ``entropy``: at least ten random bytes."""
    milliseconds = max(0, (at - _EPOCH) // _MILLISECOND)
    random_bits = int.from_bytes(entropy[:10], "big")
    return UUID(
        int=(milliseconds << 80)
        | _VERSION_7
        | ((random_bits >> 62 & _LOW_12) << 64)
        | _VARIANT
        | (random_bits & _LOW_62)
    )


def is_core_id(uuid: UUID) -> bool:
    """Whether these bits can be one of ours: version 7, RFC 9562's variant."""
    value = uuid.int
    return (value >> 76) & 0xF == 7 and (value >> 62) & 0x3 == 2


def time_of(core_id: UUID) -> datetime:
    """The moment in a core id, to the millisecond, UTC.

    Raises:
        OverflowError: it lies beyond the year 9999, which 48 bits can say.
    """
    return _EPOCH + milliseconds_of(core_id) * _MILLISECOND


def milliseconds_of(core_id: UUID) -> int:
    """The same as whole milliseconds since 1970."""
    return core_id.int >> 80


def cloak(core_id: UUID, key: bytes) -> UUID:
    """The UUID version 4 that stands for a core id in public.  ``key``: 16 to 64 secret bytes."""
    value = core_id.int
    free = (value >> 80) << 74 | (value >> 64 & _LOW_12) << 62 | value & _LOW_62
    free = _permute(free, _rounds(key))
    return UUID(int=(free >> 74) << 80 | _VERSION_4 | (free >> 62 & _LOW_12) << 64 | _VARIANT | free & _LOW_62)


def uncloak(public_id: UUID, key: bytes) -> UUID:
    """Turn ``cloak`` back.  Any version 4 UUID gives some core id; whether that exists is the catalogue's to say."""
    value = public_id.int
    free = (value >> 80) << 74 | (value >> 64 & _LOW_12) << 62 | value & _LOW_62
    free = _swap(_permute(_swap(free), reversed(_rounds(key))))
    return UUID(int=(free >> 74) << 80 | _VERSION_7 | (free >> 62 & _LOW_12) << 64 | _VARIANT | free & _LOW_62)


def _permute(free: int, keyed: Iterable[hashlib.blake2b]) -> int:
    """A Feistel network over the 122 bits that a UUID leaves free."""
    left, right = free >> _HALF, free & _HALF_MASK
    for function in keyed:
        turn = function.copy()
        turn.update(right.to_bytes(8, "big"))
        left, right = right, left ^ (int.from_bytes(turn.digest(), "big") & _HALF_MASK)
    return left << _HALF | right


@lru_cache(maxsize=16)
def _rounds(key: bytes) -> tuple[hashlib.blake2b, ...]:
    """The function of each round, keyed already; they are copied, never fed."""
    return tuple(hashlib.blake2b(digest_size=8, key=key, salt=bytes([turn])) for turn in range(_ROUNDS))


def _swap(free: int) -> int:
    return (free & _HALF_MASK) << _HALF | free >> _HALF
