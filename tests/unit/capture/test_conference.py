"""What a call is called as a conference, and which of its recordings tell of that."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.capture.conference import Conference, conference_id, told_in
from callvault.model.recording import Origin
from callvault.model.wish import Wish

ACCOUNT, OTHER = UUID(int=5), UUID(int=6)
TAKE = UUID("01993b1e-7a00-7000-8000-000000000001")
BITS = UUID("0a4f1c9e-1111-41ef-8a10-02420a0d7e70")
ASKED = Wish(origin=Origin.CONFERENCE_COMMAND)


@pytest.mark.parametrize("told", [str(BITS), str(BITS).upper(), BITS.hex, f"CF{BITS.hex}", f"conf-5f0c1a2b-{BITS}"])
def test_the_clients_own_id_keeps_its_bits(told: str) -> None:
    assert conference_id(ACCOUNT, TAKE, told, "s") == BITS


def test_a_word_stands_for_one_conference_of_an_account() -> None:
    named = conference_id(ACCOUNT, TAKE, "monday", "s")
    assert named == conference_id(ACCOUNT, BITS, "monday", None)
    assert named not in {conference_id(OTHER, TAKE, "monday", "s"), conference_id(ACCOUNT, TAKE, "tuesday", "s")}


def test_without_one_it_follows_from_the_session_or_from_the_take() -> None:
    of_session = conference_id(ACCOUNT, TAKE, None, "s")
    assert of_session == conference_id(ACCOUNT, BITS, None, "s")
    of_take = conference_id(ACCOUNT, TAKE, None, None)
    assert of_take == conference_id(ACCOUNT, TAKE, None, None)
    assert len({of_session, of_take, conference_id(ACCOUNT, TAKE, "s", None), TAKE}) == 4


def test_whose_word_it_is_does_not_matter() -> None:
    assert told_in({"telnyx": {"call": "c"}, "signalwire": {"conference": "CF1"}}) == "CF1"
    assert told_in({"telnyx": {"call": "c"}}) is None


def test_recordings_tell_of_it_from_when_it_is_one_or_when_they_are_of_it() -> None:
    none, later = Conference(id=BITS), Conference(id=BITS, since_ns=100)
    assert [none.holds(200, wish) for wish in (None, Wish(), ASKED)] == [False, False, True]
    assert [later.holds(at_ns, None) for at_ns in (99, 100, 101)] == [False, True, True]
    assert later.holds(50, ASKED)
