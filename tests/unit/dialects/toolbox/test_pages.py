"""Page tokens: a place in a list as text, and nothing but what was written is read."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.errors import BadRequest
from callvault.model.query import Position

PLACE = Position(at=datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC), id=UUID("019ca884-2a00-7111-8222-333344445555"))
TOKEN = write_token(PLACE)


def test_a_token_is_short_and_fits_into_a_url() -> None:
    assert len(TOKEN) == 32
    assert TOKEN.replace("-", "").replace("_", "").isalnum()


def test_a_token_is_read_back() -> None:
    assert read_token(TOKEN, "pageToken") == PLACE


def test_times_before_1970_have_tokens_too() -> None:
    place = Position(at=datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC), id=PLACE.id)
    assert read_token(write_token(place), "pageToken") == place


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN[:-4],
        "=" * 32,
        "A" * 32 + "====",
        "f" * 32,
        TOKEN + "\n",
        "é" * 32,
        "/" * 32,
    ],
    ids=repr,
)
def test_another_text_is_refused_by_name(token: str) -> None:
    with pytest.raises(BadRequest, match="pageToken is not a page token") as refused:
        read_token(token, "pageToken")
    assert (refused.value.field, refused.value.value) == ("pageToken", token)
