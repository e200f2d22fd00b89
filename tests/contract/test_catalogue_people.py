"""Accounts, users and keys, on every engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.actor import Account, Key, Scope, User
from tests.catalogues import T0, an_account, an_id


def a_user(account: Account, name: str) -> User:
    return User(
        id=an_id(), account_id=account.id, name=name, created_at=T0, credential_digests={"md5": "5f4d", "sha": "5baa"}
    )


def a_key(account: Account, key_id: str, at: datetime = T0) -> Key:
    return Key(
        id=key_id,
        account_id=account.id,
        label="the PBX",
        scopes=frozenset({Scope.READ, Scope.MEDIA}),
        secret_hash="9f86d081",
        sealed=b"\x00\xffsealed",
        created_at=at,
    )


async def test_an_account_is_found_by_id_name_and_serial(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice", settings={"public_media": False}))
    assert alice.serial == 10_000_001
    assert await catalogue.account(alice.id) == alice
    for name in ("alice", "10000001", str(alice.id), alice.id.hex):
        assert await catalogue.account_named(name) == alice
    for name in ("Alice", "10000002", str(uuid4()), "", "9" * 19, "9" * 500, "al\0ice", "\ud800", "١٠"):
        assert await catalogue.account_named(name) is None


async def test_serials_count_up_and_a_chosen_one_is_kept(catalogue: Verbs) -> None:
    serials = []
    for name, serial in (("a", 0), ("b", 10_000_005), ("c", 0), ("d", 0), ("e", 9_900_000), ("f", 0), ("g", 0)):
        serials.append((await catalogue.add_account(an_account(name, serial=serial))).serial)
    assert serials == [10_000_001, 10_000_005, 10_000_002, 10_000_003, 9_900_000, 10_000_004, 10_000_006]


async def test_accounts_that_come_at_once_have_different_serials(catalogue: Verbs) -> None:
    made = await asyncio.gather(*(catalogue.add_account(an_account(f"account {n}")) for n in range(12)))
    assert sorted(account.serial for account in made) == list(range(10_000_001, 10_000_013))


async def test_an_account_s_name_id_and_serial_are_its_own(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    for other in (an_account("alice"), an_account("b", id=alice.id), an_account("c", serial=alice.serial)):
        with pytest.raises(Conflict):
            await catalogue.add_account(other)
    assert await catalogue.accounts() == [alice]


async def test_accounts_are_listed_oldest_first(catalogue: Verbs) -> None:
    for name, day in (("b", 2), ("c", 3), ("a", 1)):
        await catalogue.add_account(an_account(name, created_at=T0 + timedelta(days=day)))
    assert [account.name for account in await catalogue.accounts()] == ["a", "b", "c"]


async def test_settings_are_replaced(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice", settings={"public_media": False, "x": 1}))
    changed = await catalogue.change_account(alice.id, {"words": ["ä", None]})
    assert changed.settings == {"words": ["ä", None]}
    assert await catalogue.account(alice.id) == changed
    with pytest.raises(NotFound):
        await catalogue.change_account(uuid4(), {})


async def test_settings_that_many_change_at_once_are_all_changed(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice", settings={"public_media": False}))

    def with_one(number: int) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        return lambda settings: {**settings, str(number): number}

    await asyncio.gather(*(catalogue.revise_account(alice.id, with_one(number)) for number in range(12)))
    found = await catalogue.account(alice.id)
    assert found is not None
    assert found.settings == {"public_media": False} | {str(number): number for number in range(12)}


async def test_settings_that_are_refused_stay(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice", settings={"public_media": False}))

    def refusing(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Conflict("Not so.")

    with pytest.raises(Conflict, match="Not so"):
        await catalogue.revise_account(alice.id, refusing)
    assert await catalogue.account(alice.id) == alice
    with pytest.raises(NotFound):
        await catalogue.revise_account(uuid4(), lambda settings: settings)


async def test_a_user_is_within_one_account(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    charlie = await catalogue.add_account(an_account("charlie"))
    bob = a_user(alice, "bob")
    await catalogue.add_user(bob)
    assert await catalogue.user(alice.id, bob.id) == bob
    assert await catalogue.user(charlie.id, bob.id) is None
    assert await catalogue.user(uuid4(), bob.id) is None
    with pytest.raises(Conflict):
        await catalogue.add_user(a_user(alice, "bob"))
    await catalogue.add_user(a_user(charlie, "bob"))
    assert await catalogue.users(charlie.id) != [bob]


async def test_users_are_listed_by_name_octet_by_octet(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    for name in ("é", "b", "a b", "a", "ab"):
        await catalogue.add_user(a_user(alice, name))
    assert [user.name for user in await catalogue.users(alice.id)] == ["a", "a b", "ab", "b", "é"]
    assert await catalogue.users(uuid4()) == []


async def test_a_key_comes_with_its_account(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice", settings={"public_media": False}))
    key = a_key(alice, "00112233445566aa")
    await catalogue.add_key(key)
    assert await catalogue.key(key.id) == (key, alice)
    for unknown in ("00112233445566AA", "", "\0", "\udfff", "x" * 10_000):
        assert await catalogue.key(unknown) is None
    with pytest.raises(Conflict):
        await catalogue.add_key(key)


async def test_keys_are_listed_oldest_first(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    for day in (3, 1, 2):
        await catalogue.add_key(a_key(alice, f"{day:016x}", T0 + timedelta(days=day)))
    assert [int(key.id) for key in await catalogue.keys(alice.id)] == [1, 2, 3]


async def test_a_revoked_key_is_still_known_and_revoked_once(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    await catalogue.add_key(a_key(alice, "00112233445566aa"))
    assert await catalogue.revoke_key("00112233445566aa", T0 + timedelta(hours=1))
    assert await catalogue.revoke_key("00112233445566aa", T0 + timedelta(hours=2))
    (key,) = await catalogue.keys(alice.id)
    assert key.revoked_at == T0 + timedelta(hours=1)
    assert not await catalogue.revoke_key("ffffffffffffffff", T0)


async def test_nobody_belongs_to_an_account_that_is_not_there(catalogue: Verbs) -> None:
    nobody = an_account("nobody")
    with pytest.raises(NotFound):
        await catalogue.add_user(a_user(nobody, "bob"))
    with pytest.raises(NotFound):
        await catalogue.add_key(a_key(nobody, "00112233445566aa"))


@pytest.mark.parametrize("name", ["a\0b", "\ud83d", "ü" * 1025])
async def test_a_name_that_one_engine_could_not_hold_is_refused_by_both(catalogue: Verbs, name: str) -> None:
    with pytest.raises(BadRequest):
        await catalogue.add_account(an_account(name))
    assert await catalogue.accounts() == []


async def test_times_come_out_in_utc_and_to_the_millisecond(catalogue: Verbs) -> None:
    kathmandu = datetime.fromisoformat("2026-03-01T12:00:00.123987+05:45")
    alice = await catalogue.add_account(an_account("alice", created_at=kathmandu))
    assert alice.created_at == datetime(2026, 3, 1, 6, 15, 0, 123000, tzinfo=UTC)
    found = await catalogue.account(alice.id)
    assert found == alice
    assert found.created_at.tzinfo is UTC
    assert isinstance(found.id, UUID)
