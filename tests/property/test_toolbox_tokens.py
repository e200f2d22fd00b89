"""Page tokens, parameters and credentials: what is written is read back, and anything else is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.toolbox.credentials import basic, scheme
from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.dialects.toolbox.parameters import whole_number
from callvault.errors import BadRequest, NotAuthenticated
from callvault.model.query import Position

PLACES = st.builds(Position, at=st.datetimes(timezones=st.just(UTC)), id=st.uuids())
USERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"))
PASSWORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(PLACES)
def test_tokens_are_read_back(place: Position) -> None:
    assert read_token(write_token(place), "pageToken") == place


@given(PLACES, PLACES)
def test_two_places_have_two_tokens(one: Position, other: Position) -> None:
    assert (write_token(one) == write_token(other)) is (one == other)


@given(st.text() | st.binary(max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_the_token_of_one_place_or_refused(token: str) -> None:
    try:
        place = read_token(token, "pageToken")
    except BadRequest:
        return
    assert write_token(place) == token


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_number_is_read_within_its_range_alone(number: int, one: int, other: int) -> None:
    least, most = min(one, other), max(one, other)
    if least <= number <= most:
        assert whole_number(str(number), "limit", default=0, least=least, most=most) == number
    else:
        with pytest.raises(BadRequest, match=f"from {least} to {most}"):
            whole_number(str(number), "limit", default=0, least=least, most=most)


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = whole_number(text, "limit", default=-1, least=0)
    except BadRequest:
        return
    assert number == int(text) >= 0


@given(USERS, PASSWORDS)
def test_user_and_password_are_read_back(user: str, password: str) -> None:
    header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    assert basic(header) == (user, password)


@given(st.text() | st.text().map("Basic ".__add__))
def test_any_header_is_a_credential_nothing_or_refused(header: str) -> None:
    try:
        pair = basic(header)
    except NotAuthenticated:
        return
    assert (pair is None) is (scheme(header, "basic") is None)


def test_a_token_holds_the_whole_id() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    tokens = {write_token(Position(at=at, id=UUID(int=1 << bit))) for bit in range(128)}
    assert len(tokens) == 128
