"""The cloaked id: public, lasting, and worth nothing without its key."""

from __future__ import annotations

from uuid import UUID

from callvault.model.ids import cloak, uncloak

CORE = UUID("019ca884-2a00-7aaa-8bbb-ccccddddeeee")
KEY = bytes(range(32))


def test_an_id_that_was_once_given_out_is_the_id_for_ever() -> None:
    hidden = UUID("cb8bdbe0-3474-4c47-9999-7ddbf36d93af")
    assert cloak(CORE, KEY) == hidden
    assert uncloak(hidden, KEY) == CORE
    assert hidden.version == 4


def test_another_key_cloaks_otherwise_and_lifts_no_cloak() -> None:
    other = bytes(32)
    assert cloak(CORE, other) != cloak(CORE, KEY)
    assert uncloak(cloak(CORE, KEY), other) != CORE
