"""What callers show to our own API."""

from __future__ import annotations

import base64

import pytest

from callvault.dialects.callvault import DIALECT
from callvault.dialects.callvault.auth import claim, credentials
from callvault.errors import NotAuthenticated
from callvault.model.actor import KeyClaim
from tests.unit.dialects.visits import ALICE, TERMS, TOKEN, visit

RECORDINGS = "/callvault/v1/recordings"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "header", [f"Bearer {TOKEN}", f"bearer  {TOKEN} ", basic(TOKEN[:16], TOKEN[16:])], ids=["bearer", "loose", "basic"]
)
def test_a_key_is_shown_whole_or_in_its_halves(header: str) -> None:
    assert claim(visit(RECORDINGS, headers={"authorization": header}).request) == KeyClaim(token=TOKEN)


def test_nothing_shown_is_nothing() -> None:
    assert claim(visit(RECORDINGS).request) is None


@pytest.mark.parametrize("header", ["Digest username=ruth", "Basic !", "", TOKEN])
def test_what_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        claim(visit(RECORDINGS, headers={"authorization": header}).request)
    assert refused.value.shown


def test_where_anybody_may_come_no_credential_is_looked_at() -> None:
    for route in DIALECT.routes:
        request = visit(route.path, headers={"authorization": "Digest username=ruth"}).request
        if route.public:
            assert claim(request) is None
        else:
            with pytest.raises(NotAuthenticated):
                claim(request)


def test_credentials_are_ready_for_bearer_and_for_basic() -> None:
    given = dict(credentials(ALICE, TOKEN, TERMS))
    assert given.pop("webhook_secret").startswith("whsec_")
    assert given == {
        "base_url": "https://vault.example.net/callvault/v1",
        "account_id": str(ALICE.id),
        "key": TOKEN,
        "key_id": TOKEN[:16],
        "secret": TOKEN[16:],
    }
