"""Who the callers say they are."""

from __future__ import annotations

import base64

import pytest

from callvault.dialects.signalwire.auth import claim, credentials
from callvault.errors import NotAuthenticated
from callvault.model.actor import KeyClaim
from callvault.wire import WireRequest
from tests.unit.dialects.visits import ALICE, TERMS, TOKEN


def showing(header: str | None) -> WireRequest:
    return WireRequest(method="GET", path="/", headers={} if header is None else {"authorization": header})


def basic(user: str, password: str = TOKEN) -> WireRequest:
    return showing("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


@pytest.mark.parametrize("user", [str(ALICE.id), str(ALICE.id).upper(), f"AC{ALICE.id.hex}"])
def test_the_account_is_the_user_and_the_key_the_password(user: str) -> None:
    assert claim(basic(user)) == KeyClaim(token=TOKEN, account_id=ALICE.id)


def test_a_key_can_be_named_instead_of_the_account() -> None:
    sid = f"SK{TOKEN[:16]}{'0' * 16}"
    assert len(sid) == 34
    assert claim(basic(sid, TOKEN[16:])) == KeyClaim(token=TOKEN)


def test_who_shows_nothing_claims_nothing() -> None:
    assert claim(showing(None)) is None


@pytest.mark.parametrize(
    "request_",
    [
        showing("Bearer abc"),
        showing("Basic ???"),
        showing("Basic " + base64.b64encode(b"no colon").decode()),
        basic(""),
        basic("alice"),
        basic(ALICE.id.hex),
        basic(f"SK{ALICE.id.hex}"),
        basic(f"RE{ALICE.id.hex}"),
    ],
)
def test_what_cannot_be_a_credential_is_refused(request_: WireRequest) -> None:
    with pytest.raises(NotAuthenticated) as error:
        claim(request_)
    assert error.value.shown


def test_credentials_are_what_the_claim_reads() -> None:
    given = credentials(ALICE, TOKEN, TERMS)
    assert given["base_url"] == "https://vault.example.net/api/laml/2010-04-01"
    assert given["space_url"] == "vault.example.net"
    assert given["twilio_base_url"] == "https://vault.example.net"
    own = KeyClaim(token=TOKEN, account_id=ALICE.id)
    assert claim(basic(given["project_id"], given["token"])) == own
    assert claim(basic(given["account_sid"], given["auth_token"])) == own
    assert claim(basic(given["api_key_sid"], given["api_key_secret"])) == KeyClaim(token=TOKEN)
