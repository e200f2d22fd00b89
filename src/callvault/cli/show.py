"""``callvault show``: one recording, and what each vendor's clients call it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import click

from callvault.cli.account import plain
from callvault.cli.house import as_json, print_json, run_with_vault, terms_of, with_settings
from callvault.dialects import registry
from callvault.errors import NotFound
from callvault.model.ids import is_core_id, uncloak
from callvault.model.recording import Recording
from callvault.model.written_card import write_card
from callvault.server.settings import Settings
from callvault.vault.vault import Vault


@click.command()
@click.argument("recording_id")
@as_json
@with_settings("base_url", "database")
def show(settings: Settings, recording_id: str, json_wanted: bool) -> None:  # noqa: FBT001
    """Show a recording by its id in any vendor's form."""

    async def do(vault: Vault) -> dict[str, Any]:
        recording = await find_anywhere(vault, recording_id)
        account = await vault.catalogue.account(recording.account_id)
        if account is None:
            raise NotFound("account", str(recording.account_id))
        terms = terms_of(vault, settings)
        return {
            "recording": write_card(recording),
            "account": plain(account),
            "dialects": {entry.name: dict(entry.names(recording, account, terms)) for entry in registry.load()},
        }

    answer = run_with_vault(settings, do)
    if json_wanted:
        print_json(answer)
        return
    for name, value in answer["recording"].items():
        click.echo(f"{name:<20} {value}")
    for dialect, words in answer["dialects"].items():
        click.echo(f"\n{dialect}")
        for word, value in words.items():
            click.echo(f"  {word:<18} {value}")


async def find_anywhere(vault: Vault, text: str) -> Recording:
    """The recording that an id names in any dialect's computed form, or as an id that a vendor gave.

    Raises:
        NotFound: there is none.
    """
    for core_id in _candidates(text, vault.secrets.cloak_key):
        recording = await vault.catalogue.get(core_id)
        if recording is not None:
            return recording
    for account in await vault.catalogue.accounts():
        for name in registry.NAMES:
            alias = await vault.catalogue.resolve(account.id, name, "recording", text)
            recording = await vault.catalogue.get(alias) if alias else None
            if recording is not None:
                return recording
    raise NotFound("recording", text)


def _candidates(text: str, cloak_key: bytes) -> list[UUID]:
    """Every vendor's form ends in the 32 hex digits of the core id, or of its cloak."""
    digits = re.sub(r"[^0-9a-f]", "", text.lower().replace("-", ""))[-32:]
    if len(digits) != 32:
        return []
    uuid = UUID(digits)
    return [uuid] if is_core_id(uuid) else [uncloak(uuid, cloak_key)]
