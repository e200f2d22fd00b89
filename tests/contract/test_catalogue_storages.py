"""Accounts' own stores, on every engine: one in force for a connection, and those in which audio still lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import BadRequest, NotFound
from callvault.model.actor import Account
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Status, StoredMedia
from callvault.model.storage import SealedStorage, storage_id_of, store_name
from tests.catalogues import MILLISECOND, T0, an_account, an_id, recording

TRUNK = "2100000000000000001"


def a_storage(account: Account, **changes: Any) -> SealedStorage:
    known = {
        "id": an_id(),
        "account_id": account.id,
        "connection_id": TRUNK,
        "sealed": b"\x00\xffsealed",
        "created_at": T0,
        "updated_at": T0,
    }
    return SealedStorage(**{**known, **changes})


def lying_in(store: str) -> StoredMedia:
    return StoredMedia(
        store=store,
        key="k",
        size_bytes=1,
        sha256="0" * 64,
        format=MediaFormat.WAV,
        codec="pcm_s16le",
        sample_rate=8000,
        samples=1,
        url="s3://bucket/k",
    )


async def test_what_is_chosen_is_found_by_connection_and_by_id(catalogue: Verbs, alice: Account) -> None:
    bob = await catalogue.add_account(an_account("bob"))
    chosen = a_storage(alice)
    await catalogue.keep_storage(chosen)
    assert await catalogue.storage_for(alice.id, TRUNK) == chosen
    assert await catalogue.storage(chosen.id) == chosen
    for account_id, connection in ((bob.id, TRUNK), (alice.id, "other"), (uuid4(), TRUNK), (alice.id, "tru\0nk")):
        assert await catalogue.storage_for(account_id, connection) is None
    assert await catalogue.storage(uuid4()) is None


async def test_new_keys_to_the_same_store_are_kept_in_its_place(catalogue: Verbs, alice: Account) -> None:
    chosen = a_storage(alice)
    await catalogue.keep_storage(chosen)
    renewed = replace(chosen, sealed=b"other", updated_at=T0 + MILLISECOND)
    await catalogue.keep_storage(renewed)
    assert await catalogue.storage_for(alice.id, TRUNK) == renewed
    assert await catalogue.storage(chosen.id) == renewed


async def test_another_store_takes_the_place_and_the_first_is_still_known(catalogue: Verbs, alice: Account) -> None:
    first, second = a_storage(alice), a_storage(alice, updated_at=T0 + MILLISECOND)
    elsewhere = a_storage(alice, connection_id="other")
    for chosen in (first, elsewhere, second):
        await catalogue.keep_storage(chosen)
    assert await catalogue.storage_for(alice.id, TRUNK) == second
    assert await catalogue.storage_for(alice.id, "other") == elsewhere
    assert await catalogue.storage(first.id) == replace(first, dropped_at=second.updated_at)


async def test_what_is_dropped_is_for_nothing_new_and_is_still_known(catalogue: Verbs, alice: Account) -> None:
    chosen = a_storage(alice)
    await catalogue.keep_storage(chosen)
    assert await catalogue.drop_storage(alice.id, TRUNK, T0 + MILLISECOND)
    assert not await catalogue.drop_storage(alice.id, TRUNK, T0)
    assert not await catalogue.drop_storage(alice.id, "tru\0nk", T0)
    assert not await catalogue.drop_storage(uuid4(), TRUNK, T0)
    assert await catalogue.storage_for(alice.id, TRUNK) is None
    assert await catalogue.storage(chosen.id) == replace(chosen, dropped_at=T0 + MILLISECOND)
    again = a_storage(alice)
    await catalogue.keep_storage(again)
    assert await catalogue.storage_for(alice.id, TRUNK) == again


async def test_what_holds_nothing_is_forgotten_in_time(catalogue: Verbs, alice: Account) -> None:
    empty, full, young, chosen = (a_storage(alice, connection_id=name) for name in ("a", "b", "c", "d"))
    for storage in (empty, full, young, chosen):
        await catalogue.keep_storage(storage)
    kept = recording(alice, media=lying_in(full.store))
    for entry in (
        kept,
        recording(alice, status=Status.DELETED, media_state=MediaState.DELETED, media=lying_in(empty.store)),
        recording(alice, media_state=MediaState.DELETED, media=lying_in(empty.store)),
        recording(alice, media=lying_in("main")),
    ):
        await catalogue.add(entry)
    for name, moment in (("a", T0), ("b", T0), ("c", T0 + timedelta(days=2))):
        await catalogue.drop_storage(alice.id, name, moment)
    before = T0 + timedelta(days=1)
    assert await catalogue.forget_storages(before) == 1
    assert await catalogue.storage(empty.id) is None
    for storage in (full, young, chosen):
        assert await catalogue.storage(storage.id) is not None
    await catalogue.change(replace(kept, status=Status.DELETED), expected=1)
    assert await catalogue.forget_storages(before) == 1
    assert await catalogue.storage(full.id) is None
    assert await catalogue.forget_storages(before) == 0


async def test_whose_it_is_has_to_be_known(catalogue: Verbs, alice: Account) -> None:
    with pytest.raises(NotFound):
        await catalogue.keep_storage(a_storage(an_account("nobody")))
    with pytest.raises(BadRequest):
        await catalogue.keep_storage(a_storage(alice, connection_id="tru\0nk"))


async def test_where_audio_lies_comes_out_as_it_went_in(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice, media=lying_in(store_name(an_id())))
    await catalogue.add(entry)
    assert await catalogue.get(entry.id) == entry


def test_a_stores_name_says_which_it_is() -> None:
    storage_id = an_id()
    assert storage_id_of(store_name(storage_id)) == storage_id
    assert [storage_id_of(name) for name in ("main", "own-", "own-x", "", str(storage_id))] == [None] * 5
