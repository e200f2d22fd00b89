"""Telnyx's credentials: a bearer token, with or without the vendor's prefix."""

from __future__ import annotations

import base64

import pytest

from callvault.dialects.telnyx.auth import claim, credentials
from callvault.errors import NotAuthenticated
from callvault.model.actor import KeyClaim
from tests.unit.dialects.visits import ALICE, TERMS, TOKEN, visit


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"Bearer KEY{TOKEN}", f"bearer  {TOKEN} "])
def test_the_token_is_the_key(shown: str) -> None:
    assert claim(visit(headers={"authorization": shown}).request) == KeyClaim(token=TOKEN)


def test_nothing_shown_is_no_claim() -> None:
    assert claim(visit().request) is None


@pytest.mark.parametrize("shown", ["Basic eDp5", TOKEN, "Bearer", "Bearer ", ""])
def test_anything_else_is_refused(shown: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        claim(visit(headers={"authorization": shown}).request)
    assert refused.value.shown


def test_credentials_are_what_the_sdks_want_and_can_be_shown() -> None:
    given = dict(credentials(ALICE, TOKEN, TERMS))
    assert len(base64.b64decode(given.pop("public_key"))) == 32
    assert given == {
        "base_url": "https://vault.example.net/v2",
        "api_base": "https://vault.example.net",
        "api_key": TOKEN,
        "account_sid": str(ALICE.id),
    }
    assert claim(visit(headers={"authorization": f"Bearer {given['api_key']}"}).request) == KeyClaim(token=TOKEN)
