"""``callvault account``: who owns recordings."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, terms_of, with_settings
from callvault.dialects import registry
from callvault.dialects.contract import Terms
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.model.ids import new_id
from callvault.server.settings import Settings
from callvault.vault.keyring import key_in_force
from callvault.vault.secrets import NewKey, make_key
from callvault.vault.url_seal import shown
from callvault.vault.vault import Vault


@click.group()
def account() -> None:
    """Accounts: who owns recordings."""


@account.command("add")
@click.argument("name")
@as_json
@with_settings("base_url", "database")
def add_account(settings: Settings, name: str, json_wanted: bool) -> None:  # noqa: FBT001 - click's way
    """Add an account with its first key, and print its credentials as each vendor's clients want them.

    The key is shown this once.
    """

    async def do(vault: Vault) -> dict[str, Any]:
        made, key = await open_account(vault, name)
        return describe(made, key, terms_of(vault, settings))

    answer = run_with_vault(settings, do)
    if json_wanted:
        print_json(answer)
        return
    click.echo(f"Account {name} has the id {answer['account']['id']} and the number {answer['account']['serial']}.")
    for dialect, words in answer["dialects"].items():
        click.echo(f"\n{dialect}")
        for word, value in words.items():
            click.echo(f"  {word:<14} {value}")


@account.command("list")
@as_json
@with_settings("database")
def list_accounts(settings: Settings, json_wanted: bool) -> None:  # noqa: FBT001
    """List the accounts, oldest first."""
    accounts = run_with_vault(settings, lambda vault: vault.catalogue.accounts())
    if json_wanted:
        print_json([plain(entry) for entry in accounts])
        return
    for entry in accounts:
        click.echo(f"{entry.serial}  {entry.id}  {entry.name}")


@account.command("set")
@click.argument("name")
@click.option("--public-media/--no-public-media", default=None, help="Whether a SignalWire media link opens by its id.")
@click.option(
    "--encryption-key",
    default=None,
    metavar="ID",
    help="The public key (its id, or Twilio's CR...) with which all that comes in is encrypted; none: with none.",
)
@with_settings("database")
def set_account(settings: Settings, name: str, public_media: bool | None, encryption_key: str | None) -> None:  # noqa: FBT001
    """Change an account's settings."""

    async def do(vault: Vault) -> Account:
        entry = await account_of(vault, name)
        if encryption_key is not None:
            entry = await vault.keyring.choose(entry, None if encryption_key == "none" else _key_id(encryption_key))
        changes = {} if public_media is None else {"public_media": public_media}
        return await vault.catalogue.revise_account(entry.id, lambda settings: {**settings, **changes})

    entry = run_with_vault(settings, do)
    key_id = key_in_force(entry)
    click.echo(
        f"{entry.name}: public media {'on' if entry.settings.get('public_media', True) else 'off'}, "
        + (f"encrypted with the key {key_id}" if key_id else "not encrypted")
    )


def _key_id(text: str) -> UUID:
    """A key's id, as we or Twilio write it.

    Raises:
        NotFound: it is neither.
    """
    try:
        return UUID(text.removeprefix("CR"))
    except ValueError:
        raise NotFound("public key", text) from None


async def open_account(vault: Vault, name: str) -> tuple[Account, NewKey]:
    """A new account with its first key, whose secret is also sealed, since some vendors sign what they send with it."""
    now = datetime.now(UTC)
    wanted = Account(id=new_id(now, secrets.token_bytes(10)), serial=0, name=name, created_at=now)
    made = await vault.catalogue.add_account(wanted)
    key = make_key(made.id, label="first", now=now, entropy=secrets.token_bytes(44), seal_with=vault.secrets)
    await vault.catalogue.add_key(key.key)
    return made, key


def describe(entry: Account, key: NewKey, terms: Terms) -> dict[str, Any]:
    """What ``account add --json`` prints; ``docs/cli.md`` explains each key."""
    return {
        "account": plain(entry),
        "key": {"id": key.key.id, "token": key.token, "scopes": sorted(key.key.scopes)},
        "dialects": {dialect.name: dict(dialect.credentials(entry, key.token, terms)) for dialect in registry.load()},
    }


def plain(entry: Account) -> dict[str, Any]:
    """An account as JSON values."""
    return {
        "id": str(entry.id),
        "serial": entry.serial,
        "name": entry.name,
        "created_at": entry.created_at.isoformat(),
        "settings": shown(entry.settings),
    }
