"""Who is asking: keys, sessions, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.errors import NotAuthenticated, NotFound
from callvault.model.actor import Account, KeyClaim, Scope, SessionClaim, User
from callvault.vault.commands import LogIn
from callvault.vault.desk import BELIEF, SESSION_LIFETIME
from callvault.vault.secrets import make_key
from tests.world import NOW, TOKEN, World, open_world

ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as world:
        await world.account(ACME)
        yield world


async def test_a_key_proves_its_account(world: World) -> None:
    actor = await world.vault.admit(KeyClaim(token=TOKEN), NOW)
    assert actor.account.name == "acme"
    assert actor.key_id == TOKEN[:16]


@pytest.mark.parametrize(
    "token", ["", "x" * 64, TOKEN[:-1], TOKEN + "0", TOKEN.upper().replace("A", "G"), TOKEN[:16] + "0" * 48, "0" * 64]
)
async def test_anything_else_proves_nothing(world: World, token: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        await world.vault.admit(KeyClaim(token=token), NOW)
    assert refusal.value.shown


async def test_a_key_does_not_prove_another_account(world: World) -> None:
    with pytest.raises(NotAuthenticated):
        await world.vault.admit(KeyClaim(token=TOKEN, account_id=UUID(int=2)), NOW)


async def test_a_revoked_key_is_worthless_within_seconds(world: World) -> None:
    await world.vault.admit(KeyClaim(token=TOKEN), NOW)
    await world.vault.catalogue.revoke_key(TOKEN[:16], NOW)
    with pytest.raises(NotAuthenticated):
        await world.vault.admit(KeyClaim(token=TOKEN), NOW + BELIEF)


async def test_a_key_is_not_looked_up_twice_in_a_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    key = world.vault.catalogue.key

    async def counted(key_id: str) -> object:
        asked.append(key_id)
        return await key(key_id)

    monkeypatch.setattr(world.vault.catalogue, "key", counted)
    for _ in range(10):
        await world.vault.admit(KeyClaim(token=TOKEN), NOW)
    assert len(asked) == 1


async def test_an_api_key_buys_a_session_and_the_session_has_its_scopes(world: World) -> None:
    made = make_key(ACME.id, label="", now=NOW, entropy=bytes(range(44)), scopes=frozenset({Scope.READ}))
    await world.vault.catalogue.add_key(made.key)
    session = await world.vault.desk.log_in(LogIn(api_key=made.token), NOW)
    actor = await world.vault.admit(SessionClaim(token=session.token), NOW)
    assert actor.account.name == "acme"
    assert actor.scopes == {Scope.READ}


async def test_an_unknown_api_key_buys_none(world: World) -> None:
    with pytest.raises(NotFound):
        await world.vault.desk.log_in(LogIn(api_key="f" * 64), NOW)


async def test_a_session_ends(world: World) -> None:
    session = await world.vault.desk.log_in(LogIn(api_key=TOKEN), NOW)
    almost = session.expires_at - timedelta(seconds=1)
    assert session.expires_at == NOW + SESSION_LIFETIME
    await world.vault.admit(SessionClaim(token=session.token), almost)
    with pytest.raises(NotAuthenticated):
        await world.vault.admit(SessionClaim(token=session.token), session.expires_at)


async def test_a_session_dies_with_its_key(world: World) -> None:
    session = await world.vault.desk.log_in(LogIn(api_key=TOKEN), NOW)
    await world.vault.catalogue.revoke_key(TOKEN[:16], NOW)
    with pytest.raises(NotAuthenticated):
        await world.vault.admit(SessionClaim(token=session.token), NOW)


async def test_no_byte_of_a_session_can_be_changed(world: World) -> None:
    token = (await world.vault.desk.log_in(LogIn(api_key=TOKEN), NOW)).token
    for index in range(len(token)):
        letter = "A" if token[index] != "A" else "B"
        forged = token[:index] + letter + token[index + 1 :]
        with pytest.raises(NotAuthenticated):
            await world.vault.admit(SessionClaim(token=forged), NOW)


@pytest.mark.parametrize("method", ["md5", "sha"])
async def test_a_user_logs_in_with_a_digest_of_name_and_password(world: World, method: str) -> None:
    digests = world.vault.desk.user_digests("Ada", "correct horse")
    ada = User(id=UUID(int=7), account_id=ACME.id, name="ada", created_at=NOW, credential_digests=digests)
    await world.vault.catalogue.add_user(ada)
    told = hashlib.new("sha1" if method == "sha" else method, b"ada:correct horse").hexdigest()
    session = await world.vault.desk.log_in(LogIn(account_name="acme", method=method, digest=told), NOW)
    actor = await world.vault.admit(SessionClaim(token=session.token), NOW)
    assert actor.user_id == ada.id
    for wrong in (
        LogIn(account_name="acme", method=method, digest=hashlib.md5(b"ada:wrong").hexdigest()),
        LogIn(account_name="nobody", method=method, digest=told),
        LogIn(account_name="acme", method="crc", digest=told),
    ):
        with pytest.raises(NotAuthenticated):
            await world.vault.desk.log_in(wrong, NOW)


async def test_what_is_kept_of_a_password_is_not_what_is_sent_for_it(world: World) -> None:
    digests = world.vault.desk.user_digests("ada", "secret")
    assert hashlib.md5(b"ada:secret").hexdigest() not in digests.values()
    assert hashlib.sha1(b"ada:secret").hexdigest() not in digests.values()
