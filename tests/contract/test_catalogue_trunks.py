"""Trunks, and how recordings were captured, on every engine."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import Conflict, NotFound
from callvault.model.actor import Account
from callvault.model.recording import MediaState, Status
from callvault.model.trunk import Trunk
from tests.captures import CAPTURED
from tests.catalogues import MILLISECOND, T0, an_account, an_id, recording


def a_trunk(account: Account, name: str) -> Trunk:
    return Trunk(
        id=an_id(),
        account_id=account.id,
        name=name,
        networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")),
        username="sbc",
        sealed_digests=b"\x00\x01",
        certificate="sbc.example.net",
        user_id=an_id(),
        connection_id="c-1",
        settings={"direction": "inbound"},
        created_at=T0,
        updated_at=T0,
    )


async def test_a_trunk_is_kept_changed_and_removed(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    south, north = a_trunk(alice, "south"), a_trunk(bob, "north")
    bare = Trunk(id=an_id(), account_id=alice.id, name="bare", created_at=T0, updated_at=T0)
    for trunk in (south, north, bare):
        await catalogue.keep_trunk(trunk)
    assert await catalogue.trunks() == [bare, north, south]
    assert await catalogue.trunks(alice.id) == [bare, south]
    moved = replace(south, networks=(), updated_at=T0 + MILLISECOND)
    await catalogue.keep_trunk(moved)
    assert await catalogue.trunks(alice.id) == [bare, moved]
    assert await catalogue.remove_trunk(bare.id)
    assert not await catalogue.remove_trunk(bare.id)
    assert not await catalogue.revise_trunk(bare), "what was removed stays removed"
    assert await catalogue.trunks(alice.id) == [moved]


async def test_a_trunk_comes_with_its_accounts_policy(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    for account, name in ((alice, "south"), (bob, "north")):
        await catalogue.keep_trunk(a_trunk(account, name))
    await catalogue.change_account(alice.id, {"policy": {"record": False}})
    assert [each.account_policy for each in await catalogue.trunks()] == [None, {"record": False}]


async def test_a_trunk_has_an_account_and_a_name_of_its_own(catalogue: Verbs) -> None:
    with pytest.raises(NotFound):
        await catalogue.keep_trunk(a_trunk(an_account("nobody"), "north"))
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    await catalogue.keep_trunk(a_trunk(alice, "north"))
    with pytest.raises(Conflict):
        await catalogue.keep_trunk(a_trunk(bob, "north"))


async def test_how_a_recording_was_captured_comes_out_as_it_went_in_and_goes_with_it(catalogue: Verbs) -> None:
    alice, bob = [await catalogue.add_account(an_account(name)) for name in ("alice", "bob")]
    kept = (await catalogue.add(recording(alice), captured=CAPTURED)).recording
    plain = (await catalogue.add(recording(alice))).recording
    assert await catalogue.capture_of(alice.id, kept.id) == CAPTURED
    assert await catalogue.capture_of(bob.id, kept.id) is None
    assert await catalogue.capture_of(alice.id, plain.id) is None
    kept = await catalogue.change(replace(kept, label="kept"), expected=kept.revision)
    assert await catalogue.capture_of(alice.id, kept.id) == CAPTURED
    gone = replace(kept, status=Status.DELETED, media_state=MediaState.DELETED, deleted_at=T0)
    await catalogue.change(gone, expected=kept.revision)
    assert await catalogue.capture_of(alice.id, kept.id) is None
