"""Where a token may stand, and which of several counts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from callvault.dialects.kazoo.auth import claim, credentials, shown_token
from callvault.errors import NotAuthenticated
from callvault.model.actor import KeyClaim, SessionClaim
from tests.unit.dialects.kazoo.asking import LIST, ONE, PUSH, asking
from tests.unit.dialects.visits import ALICE, TERMS, TOKEN

FILE = "call_recording_1@x.mp3"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("target", "how"),
    [
        (LIST, {"headers": {"x-auth-token": TOKEN}}),
        (f"{LIST}?auth_token={TOKEN}", {}),
        (ONE, {"method": "DELETE", "body": {"data": {}, "auth_token": TOKEN}}),
        (ONE, {"method": "DELETE", "body": {"data": {}, "Auth_Token": TOKEN}}),
        (LIST, {"headers": {"authorization": f"Bearer {TOKEN}"}}),
        (LIST, {"headers": {"authorization": f"bearer  {TOKEN}"}}),
        (LIST, {"headers": {"authorization": f"Basic {TOKEN}"}}),
        (LIST, {"headers": {"authorization": basic(f"{TOKEN[:16]}:{TOKEN[16:]}")}}),
        (LIST, {"headers": {"authorization": basic(f"{TOKEN}:")}}),
        (LIST, {"headers": {"authorization": TOKEN}}),
        (f"{LIST}?authorization=Bearer%20{TOKEN}", {}),
        (f"{LIST}?authorization={TOKEN}", {}),
    ],
)
def test_a_key_is_found_wherever_it_stands(target: str, how: dict[str, Any]) -> None:
    request = asking(target, **{"headers": {}, **how}).request
    assert claim(request) == KeyClaim(token=TOKEN)
    assert shown_token(request) == TOKEN


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        (f"{ONE}?auth_token=2&authorization=5", {"x-auth-token": "first", "authorization": "4"}, {"auth_token": "3"}),
        (f"{ONE}?auth_token=first&authorization=5", {"authorization": "4"}, {"auth_token": "3"}),
        (f"{ONE}?authorization=5", {"authorization": "4"}, {"auth_token": "first"}),
        (f"{ONE}?authorization=5", {"authorization": "first"}, {"data": {}}),
        (f"{ONE}?authorization=first", {"x-auth-token": "", "authorization": ""}, {"auth_token": 7}),
    ],
)
def test_the_first_place_counts(target: str, headers: dict[str, str], body: Any) -> None:
    request = asking(target, method="DELETE", headers=headers, body=body).request
    assert claim(request) == SessionClaim(token="first")


def test_whatever_is_no_key_is_a_sessions_token() -> None:
    assert claim(asking(LIST, headers={"x-auth-token": TOKEN[:-1]}).request) == SessionClaim(token=TOKEN[:-1])
    assert claim(asking(LIST, headers={"authorization": "Basic %%%"}).request) == SessionClaim(token="%%%")


def test_nothing_shown_is_nothing_claimed() -> None:
    assert claim(asking(LIST, headers={}).request) is None
    assert claim(asking(ONE, method="DELETE", headers={}, body=b'{"auth_token": ').request) is None


@pytest.mark.parametrize("target", [f"{PUSH}/{FILE}", f"{PUSH}?recording={FILE}", f"{PUSH}?x={FILE}&from=a"])
def test_a_push_shows_its_key_in_the_path(target: str) -> None:
    assert claim(asking(target, method="PUT", headers={}).request) == KeyClaim(token=TOKEN)


@pytest.mark.parametrize("target", [f"/v2/push/{FILE}", f"/v2/push?recording={FILE}"])
def test_or_in_the_urls_userinfo(target: str) -> None:
    shown = {"authorization": basic(f"{TOKEN[:16]}:{TOKEN[16:]}")}
    assert claim(asking(target, method="PUT", headers=shown).request) == KeyClaim(token=TOKEN)
    assert claim(asking(target, method="PUT", headers={}).request) is None


def test_a_path_with_a_place_for_a_key_needs_one() -> None:
    with pytest.raises(NotAuthenticated, match="64 hex characters"):
        claim(asking(f"/v2/push/secret/{FILE}", method="PUT").request)


def test_credentials_are_what_clients_want() -> None:
    assert credentials(ALICE, TOKEN, TERMS) == {
        "base_url": "https://vault.example.net/v2",
        "account_id": "019cad000000700080000000000" + "0a11c",
        "api_key": TOKEN,
        "push_url": f"https://vault.example.net/v2/push/{TOKEN}",
    }
