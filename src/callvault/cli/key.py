"""``callvault key``: credentials of an account."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import click

from callvault.cli.account import describe
from callvault.cli.house import account_of, as_json, print_json, run_with_vault, terms_of, with_settings
from callvault.errors import NotFound
from callvault.model.actor import ORDINARY_SCOPES, Scope
from callvault.server.settings import Settings
from callvault.vault.secrets import make_key
from callvault.vault.vault import Vault


@click.group()
def key() -> None:
    """Keys: what an account's programs show."""


@key.command("add")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--label", default="", help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; again for more. Without: read, media, write and delete.",
)
@as_json
@with_settings("base_url", "database")
def add_key(
    settings: Settings,
    account_name: str,
    label: str,
    scopes: tuple[str, ...],
    json_wanted: bool,  # noqa: FBT001
) -> None:
    """Make a key. It is shown this once."""

    async def do(vault: Vault) -> dict[str, Any]:
        account = await account_of(vault, account_name)
        allowed = frozenset(Scope(scope) for scope in scopes) or ORDINARY_SCOPES
        made = make_key(account.id, label=label, now=datetime.now(UTC), entropy=secrets.token_bytes(44), scopes=allowed)
        await vault.catalogue.add_key(made.key)
        return describe(account, made, terms_of(vault, settings))

    answer = run_with_vault(settings, do)
    if json_wanted:
        print_json(answer)
        return
    click.echo(answer["key"]["token"])


@key.command("list")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@as_json
@with_settings("database")
def list_keys(settings: Settings, account_name: str, json_wanted: bool) -> None:  # noqa: FBT001
    """List an account's keys, without their secrets."""

    async def do(vault: Vault) -> list[dict[str, Any]]:
        account = await account_of(vault, account_name)
        return [
            {
                "id": entry.id,
                "label": entry.label,
                "scopes": sorted(entry.scopes),
                "created_at": entry.created_at.isoformat(),
                "revoked_at": entry.revoked_at.isoformat() if entry.revoked_at else None,
            }
            for entry in await vault.catalogue.keys(account.id)
        ]

    keys = run_with_vault(settings, do)
    if json_wanted:
        print_json(keys)
        return
    for entry in keys:
        state = "revoked" if entry["revoked_at"] else "in use"
        click.echo(f"{entry['id']}  {state:<7}  {','.join(entry['scopes'])}  {entry['label']}")


@key.command("revoke")
@click.argument("key_id")
@with_settings("database")
def revoke_key(settings: Settings, key_id: str) -> None:
    """Make a key worthless, within five seconds on every node."""

    async def do(vault: Vault) -> None:
        if not await vault.catalogue.revoke_key(key_id, datetime.now(UTC)):
            raise NotFound("key", key_id)

    run_with_vault(settings, do)
    click.echo(f"The key {key_id} is revoked.")
