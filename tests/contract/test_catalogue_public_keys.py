"""Accounts' public keys, and recordings that were encrypted with one, on every engine."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import BadRequest, NotFound
from callvault.model.actor import Account
from callvault.model.card import read_card
from callvault.model.media import MediaFormat
from callvault.model.public_key import PublicKey
from callvault.model.recording import StoredMedia
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.model.written_card import write_card
from tests.catalogues import MILLISECOND, T0, an_account, an_id, recording

PEM = "-----BEGIN PUBLIC KEY-----\nbWFkZSB1cA==\n-----END PUBLIC KEY-----\n"


def a_key(account: Account, name: str = "ours") -> PublicKey:
    return PublicKey(id=an_id(), account_id=account.id, name=name, pem=PEM, created_at=T0, updated_at=T0)


async def test_a_key_is_kept_renamed_and_removed(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    first, second = a_key(alice), replace(a_key(alice, ""), created_at=T0 + MILLISECOND)
    for key in (first, second):
        await catalogue.keep_public_key(key)
    assert await catalogue.public_key(alice.id, first.id) == first
    assert await catalogue.public_keys(alice.id) == [second, first]
    assert await catalogue.public_key(bob.id, first.id) is None
    assert await catalogue.public_keys(bob.id) == await catalogue.public_keys(uuid4()) == []
    renamed = replace(first, name="theirs", updated_at=T0 + MILLISECOND)
    await catalogue.keep_public_key(renamed)
    assert await catalogue.public_key(alice.id, first.id) == renamed
    assert not await catalogue.remove_public_key(bob.id, first.id)
    assert await catalogue.remove_public_key(alice.id, first.id)
    assert not await catalogue.remove_public_key(alice.id, first.id)
    assert await catalogue.public_keys(alice.id) == [second]


async def test_whose_it_is_has_to_be_known(catalogue: Verbs) -> None:
    with pytest.raises(NotFound):
        await catalogue.keep_public_key(a_key(an_account("nobody")))
    alice = await catalogue.add_account(an_account("alice"))
    with pytest.raises(BadRequest):
        await catalogue.keep_public_key(a_key(alice, "o\0urs"))


async def test_how_audio_was_encrypted_comes_out_as_it_went_in(catalogue: Verbs) -> None:
    alice = await catalogue.add_account(an_account("alice"))
    sealed = SealedMedia(
        key_id=an_id(),
        wrapped_key="d3JhcHBlZA==",
        forms=(
            SealedForm(format=MediaFormat.WAV, channels=2, start=0, size_bytes=60, iv="aXY="),
            SealedForm(format=MediaFormat.MP3, channels=1, start=60, size_bytes=30, iv="dmk="),
        ),
    )
    media = StoredMedia(
        store="main",
        key="k",
        size_bytes=90,
        sha256="0" * 64,
        format=MediaFormat.WAV,
        codec="pcm_s16le",
        sample_rate=8000,
        samples=1,
        sealed=sealed,
    )
    entry = recording(alice, media=media)
    await catalogue.add(entry)
    assert await catalogue.get(entry.id) == entry
    assert read_card(write_card(entry) | {"account_id": None}).media == media
    assert sealed.find(MediaFormat.MP3, 1) == sealed.forms[1]
    assert sealed.find(MediaFormat.MP3, 2) is None
