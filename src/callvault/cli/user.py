"""``callvault user``: people within an account, who may own recordings and log in with a password."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.model.actor import User
from callvault.model.ids import new_id
from callvault.server.settings import Settings
from callvault.vault.vault import Vault


@click.group()
def user() -> None:
    """Users: people within an account."""


@user.command("add")
@click.argument("name")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.password_option(help="Asked for where it is not given.")
@as_json
@with_settings("database")
def add_user(settings: Settings, name: str, account_name: str, password: str, json_wanted: bool) -> None:  # noqa: FBT001
    """Add a user."""

    async def do(vault: Vault) -> User:
        account = await account_of(vault, account_name)
        return await open_user(vault, account.id, name, password)

    made = run_with_vault(settings, do)
    if json_wanted:
        print_json({"id": str(made.id), "name": made.name})
        return
    click.echo(f"{made.name} has the id {made.id}.")


@user.command("list")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@as_json
@with_settings("database")
def list_users(settings: Settings, account_name: str, json_wanted: bool) -> None:  # noqa: FBT001
    """List an account's users."""

    async def do(vault: Vault) -> list[User]:
        account = await account_of(vault, account_name)
        return list(await vault.catalogue.users(account.id))

    users = run_with_vault(settings, do)
    if json_wanted:
        print_json([{"id": str(entry.id), "name": entry.name} for entry in users])
        return
    for entry in users:
        click.echo(f"{entry.id}  {entry.name}")


async def open_user(vault: Vault, account_id: UUID, name: str, password: str) -> User:
    """A new user who can log in."""
    now = datetime.now(UTC)
    made = User(
        id=new_id(now, secrets.token_bytes(10)),
        account_id=account_id,
        name=name.lower(),
        created_at=now,
        credential_digests=vault.desk.user_digests(name, password),
    )
    await vault.catalogue.add_user(made)
    return made
