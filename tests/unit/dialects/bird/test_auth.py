"""Bird's credentials: a key after either of two schemes."""

from __future__ import annotations

import pytest

from callvault.dialects.bird.auth import claim, credentials
from callvault.errors import NotAuthenticated
from callvault.model.actor import KeyClaim
from tests.unit.dialects.visits import ALICE, TERMS, TOKEN, visit


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"AccessKey {TOKEN}", f"accesskey  {TOKEN} "])
def test_the_token_is_the_key(shown: str) -> None:
    assert claim(visit(headers={"authorization": shown}).request) == KeyClaim(token=TOKEN)


def test_nothing_shown_is_no_claim() -> None:
    assert claim(visit().request) is None


@pytest.mark.parametrize("shown", ["Basic eDp5", TOKEN, "Bearer", "AccessKey ", ""])
def test_anything_else_is_refused(shown: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        claim(visit(headers={"authorization": shown}).request)
    assert refused.value.shown


def test_credentials_name_the_workspace_and_can_be_shown() -> None:
    given = credentials(ALICE, TOKEN, TERMS)
    assert given == {"base_url": "https://vault.example.net", "workspace_id": str(ALICE.id), "access_key": TOKEN}
    header = f"AccessKey {given['access_key']}"
    assert claim(visit(headers={"authorization": header}).request) == KeyClaim(token=TOKEN)
