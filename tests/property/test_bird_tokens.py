"""Bird's page tokens remember any filters and go on at any place, and any other text is refused."""

from __future__ import annotations

import base64
from datetime import UTC
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.bird import requests, words
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.model.query import Position
from tests.unit.dialects.visits import ALICE, visit

PLACES = st.builds(Position, at=st.datetimes(timezones=st.just(UTC)), id=st.uuids())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FILTERS = st.dictionaries(st.sampled_from(sorted(requests.REMEMBERED)), TEXTS)


def asking(**query: str) -> Visit:
    return visit(f"/?{urlencode(query)}", parts={"workspace": str(ALICE.id)})


@given(PLACES, FILTERS)
def test_a_token_remembers(place: Position, filters: dict[str, str]) -> None:
    token = requests.page_token(asking(**filters), place)
    if len(token) <= requests.LONGEST_TOKEN:
        assert requests.asked_of(asking(pageToken=token)) == (filters, place)
        assert requests.asked_of(asking(pageToken=token, **filters)) == (filters, place)


@given(TEXTS | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_token_or_refused(token: str) -> None:
    try:
        _, position = requests.asked_of(asking(pageToken=token))
    except BadRequest:
        return
    assert (position is None) is (token == "")


@given(st.from_regex(r"[1-9][0-9]{7,14}", fullmatch=True))
def test_both_spellings_of_a_number_look_for_the_same(digits: str) -> None:
    assert words.sought_number(digits) == words.sought_number(f"+{digits}") == f"+{digits}"
    assert words.is_e164(f"+{digits}")


@given(st.uuids())
def test_ids_are_read_back(core_id: object) -> None:
    assert words.recording_ref(str(core_id)).computed == core_id
    assert words.call_ref(str(core_id)).computed == core_id
