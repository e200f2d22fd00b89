"""Passwords that an older callvault kept in clear are read as they are, sealed by the next server, and still work."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from callvault.catalogue.entries import plain
from callvault.catalogue.steps import ask_all
from callvault.catalogue.verbs import Verbs
from callvault.dialects.callvault.policies import policy_in, policy_object
from callvault.media.store import MediaStore
from callvault.model.actor import Account
from callvault.model.policy import Rule
from callvault.model.shipment import Shipment
from callvault.model.trunk import Trunk
from callvault.model.wish import Push, Wish
from callvault.vault import clear_rows
from callvault.vault.live_commands import GetPolicy, KeepPolicy
from callvault.vault.own_commands import GetSettings, OwnedSettings
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from tests.catalogues import T0, an_account, an_id, recording
from tests.wheel import clock

PASSWORD = "tea-for-two"
PLAIN = "https://keep.example.org/calls"
URL = f"https://ruth:{PASSWORD}@keep.example.org/calls"
PUSHED = {"rules": [{"name": "all", "wish": {"push": {"url": URL, "method": "PUT"}}}]}
SETTINGS: dict[str, Any] = {"policy": PUSHED, "kazoo": {"devices": {"d": {"sip": {"password": PASSWORD}}}}}


def a_vault(catalogue: Verbs, folder: Path) -> Vault:
    return Vault(catalogue, {"main": MediaStore.in_folder("main", folder)}, folder, Secrets(bytes(32)), clock=clock)


async def lying_there(catalogue: Verbs) -> str:
    """Everything that settings, trunks and shipments have."""
    found = []
    for table in ("accounts", "trunks", "shipments", "recordings"):
        found += [tuple(row) for row in await catalogue._read(partial(ask_all, f"SELECT * FROM {table}"))]
    return repr(found)


async def a_shipment(catalogue: Verbs, account: Account) -> Shipment:
    entry = (await catalogue.add(recording(account))).recording
    shipment = Shipment(
        recording_id=entry.id, account_id=account.id, push=Push(url=URL), due_at=T0, made_at=T0, moved_at=T0
    )
    await catalogue.add_shipment(shipment)
    return shipment


async def mark(catalogue: Verbs) -> None:
    """As the migration does with all that is there before it."""
    await catalogue._write(lambda: plain(ask_all("UPDATE shipments SET clear = 1 RETURNING 1")))


async def test_the_next_server_seals_what_was_kept_in_clear(
    catalogue: Verbs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clear_rows, "BUNDLE", 2)
    vault = a_vault(catalogue, tmp_path)
    account = await catalogue.add_account(an_account("acme", settings=SETTINGS))
    trunk = Trunk(
        id=an_id(), account_id=account.id, name="pbx", settings={"policy": PUSHED}, created_at=T0, updated_at=T0
    )
    await catalogue.keep_trunk(trunk)
    shipments = [await a_shipment(catalogue, account) for _ in range(5)]
    await mark(catalogue)
    assert PASSWORD in await lying_there(catalogue)

    assert await vault.clear_rows.seal() == 1 + 1 + 5
    assert PASSWORD not in await lying_there(catalogue)
    assert await vault.clear_rows.seal() == 0

    shown = await vault.own_settings.get(GetSettings(account_id=account.id))
    assert shown.account.settings == SETTINGS
    (known,) = await catalogue.trunks()
    assert vault.url_seal.open_settings(known.settings) == trunk.settings
    for shipment in shipments:
        kept = await catalogue.shipment(account.id, shipment.recording_id)
        assert kept is not None
        assert vault.pushing.opened(kept.push) == shipment.push


async def test_a_file_of_an_older_journal_goes_where_it_was_to_go_and_its_password_lies_nowhere(
    catalogue: Verbs, tmp_path: Path
) -> None:
    vault = a_vault(catalogue, tmp_path)
    account = await catalogue.add_account(an_account("acme"))
    entry = (await catalogue.add(recording(account))).recording
    await vault.pushing.keep(entry, Push(url=URL), T0)
    assert PASSWORD not in await lying_there(catalogue)
    (taken,) = await vault.pushing.take(T0, T0, most=1)
    assert vault.pushing.opened(taken.shipment.push).url == URL
    assert await vault.clear_rows.seal() == 0


async def test_a_policy_that_is_shown_and_given_back_keeps_its_passwords(catalogue: Verbs, tmp_path: Path) -> None:
    vault = a_vault(catalogue, tmp_path)
    account = await catalogue.add_account(an_account("acme", settings=SETTINGS))
    shown = policy_object(await vault.live.policy(GetPolicy(account_id=account.id)))
    assert PASSWORD not in str(shown)
    assert shown["rules"][0]["wish"]["push"] == {"url": PLAIN, "method": "PUT"}

    given_back = policy_in(orjson.dumps({**shown, "record": False}))
    kept = await vault.live.keep_policy(KeepPolicy(account_id=account.id, policy=given_back))
    assert not kept.record
    assert pushes_of(await vault.own_settings.get(GetSettings(account_id=account.id))) == [URL]
    (policy,) = [found.settings["policy"] for found in await catalogue.accounts()]
    assert PASSWORD not in str(policy)

    other = replace(given_back, rules=(Rule(name="all", wish=Wish(push=Push(url=PLAIN + "/2"))),))
    await vault.live.keep_policy(KeepPolicy(account_id=account.id, policy=other))
    assert pushes_of(await vault.own_settings.get(GetSettings(account_id=account.id))) == [PLAIN + "/2"]


def pushes_of(owned: OwnedSettings) -> list[str]:
    return [rule["wish"]["push"]["url"] for rule in owned.account.settings["policy"]["rules"]]
