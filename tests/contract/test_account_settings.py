"""An account's settings are kept side by side, on every engine, by whatever they are changed, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callvault.catalogue.verbs import Verbs
from callvault.media.store import MediaStore
from callvault.model.actor import Actor
from callvault.model.policy import RECORD_NONE
from callvault.vault.keyring import SETTING as ENCRYPTION
from callvault.vault.live_commands import GetPolicy, KeepPolicy
from callvault.vault.own_commands import ChangeSettings
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from tests.catalogues import an_account
from tests.wheel import clock


async def test_a_policy_a_key_and_a_dialects_own_words_do_not_overwrite_each_other(
    catalogue: Verbs, tmp_path: Path
) -> None:
    stores = {"main": MediaStore.in_folder("main", tmp_path / "media")}
    vault = Vault(catalogue, stores, tmp_path, Secrets(bytes(32)), clock=clock)
    account = await catalogue.add_account(an_account("acme", settings={ENCRYPTION: "none that is there"}))
    actor = Actor(account=account, key_id=None)

    def in_own_words(number: int) -> ChangeSettings:
        def anew(settings: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**settings, f"word {number}": number}

        return ChangeSettings(account_id=account.id, anew=anew)

    await asyncio.gather(
        *(vault.perform(in_own_words(number), actor, clock()) for number in range(4)),
        vault.perform(KeepPolicy(account_id=account.id, policy=RECORD_NONE), actor, clock()),
        vault.keyring.choose(account, None),
        *(vault.perform(in_own_words(number), actor, clock()) for number in range(4, 8)),
    )
    found = await catalogue.account(account.id)
    assert found is not None
    assert {name for name in found.settings if name.startswith("word")} == {f"word {number}" for number in range(8)}
    assert ENCRYPTION not in found.settings
    assert await vault.perform(GetPolicy(account_id=account.id), actor, clock()) == RECORD_NONE
