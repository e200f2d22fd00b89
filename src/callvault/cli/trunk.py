"""``callvault trunk``: where recorded calls may come from, and whose they are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.cli.policy import with_policy
from callvault.cli.typed import typed
from callvault.errors import NotFound
from callvault.model.actor import User
from callvault.model.policy import Policy
from callvault.model.recording import Direction
from callvault.model.trunk import Parts, Trunk
from callvault.server.settings import Settings
from callvault.vault.trunks import make_trunk
from callvault.vault.url_seal import shown
from callvault.vault.vault import Vault


@click.group()
def trunk() -> None:
    """Trunks: SBCs and PBXs that send calls to be recorded."""


@trunk.command("add")
@click.argument("name")
@click.option("--account", "account_name", required=True, help="Whose recordings they become: name, id or number.")
@click.option("--network", "networks", multiple=True, help="An address or network its calls come from; again for more.")
@click.option("--username", default=None, help="For digest admission; the password is asked for, or comes from a pipe.")
@click.option("--certificate", default=None, help="A name in its TLS certificate.")
@click.option("--user", "user_name", default=None, help="The user within the account, by name or id.")
@click.option("--connection-id", default=None, help="What recordings say of where they came from; without: the name.")
@click.option(
    "--direction",
    default=None,
    type=click.Choice([direction.value for direction in Direction]),
    help="Which way its calls go, where they do not say so themselves.",
)
@click.option(
    "--parts",
    default=None,
    type=click.Choice([parts.value for parts in Parts]),
    help="What a call of more than two streams becomes: a mix, a recording of each stream, or (without) both.",
)
@with_policy
@as_json
@with_settings("database")
def add_trunk(  # noqa: PLR0917 - click hands every option over by name
    settings: Settings,
    name: str,
    account_name: str,
    networks: tuple[str, ...],
    username: str | None,
    certificate: str | None,
    user_name: str | None,
    connection_id: str | None,
    direction: str | None,
    parts: str | None,
    policy: Policy | None,
    json_wanted: bool,  # noqa: FBT001
) -> None:
    """Admit calls. Each proof that is named has to be given by whoever calls."""
    password = typed("Password", twice=True) if username is not None else None

    async def do(vault: Vault) -> dict[str, Any]:
        account = await account_of(vault, account_name)
        user = _user(await vault.catalogue.users(account.id), user_name) if user_name else None
        made = make_trunk(
            account.id,
            name,
            networks=networks,
            username=username,
            password=password,
            certificate=certificate,
            user_id=user.id if user else None,
            connection_id=connection_id,
            direction=direction,
            parts=parts,
            policy=policy,
            secrets=vault.secrets,
            now=datetime.now(UTC),
            entropy=secrets.token_bytes(22),
        )
        await vault.catalogue.keep_trunk(replace(made, settings=vault.url_seal.close_settings(made.settings)))
        return describe(made)

    answer = run_with_vault(settings, do)
    if json_wanted:
        print_json(answer)
        return
    click.echo(f"Calls of the trunk {name} are {account_name}'s; a running server knows it within seconds.")


@trunk.command("list")
@click.option("--account", "account_name", default=None, help="Only this account's.")
@as_json
@with_settings("database")
def list_trunks(settings: Settings, account_name: str | None, json_wanted: bool) -> None:  # noqa: FBT001
    """List trunks, and what each has to prove."""

    async def do(vault: Vault) -> list[dict[str, Any]]:
        account = await account_of(vault, account_name) if account_name else None
        return [describe(each) for each in await vault.catalogue.trunks(account.id if account else None)]

    found = run_with_vault(settings, do)
    if json_wanted:
        print_json(found)
        return
    for each in found:
        proofs = [*each["networks"]]
        proofs += [f"password of {each['username']}"] if each["username"] else []
        proofs += [f"certificate of {each['certificate']}"] if each["certificate"] else []
        click.echo(f"{each['name']:<20} {each['account_id']}  {', '.join(proofs)}")


@trunk.command("remove")
@click.argument("name")
@with_settings("database")
def remove_trunk(settings: Settings, name: str) -> None:
    """Admit no more calls of a trunk; those under way are recorded to their end."""

    async def do(vault: Vault) -> None:
        found = next((each for each in await vault.catalogue.trunks() if name in (each.name, str(each.id))), None)
        if found is None or not await vault.catalogue.remove_trunk(found.id):
            raise NotFound("trunk", name)

    run_with_vault(settings, do)
    click.echo(f"The trunk {name} is removed.")


def describe(trunk: Trunk) -> dict[str, Any]:
    """What is shown of a trunk; its password is not known."""
    return {
        "id": str(trunk.id),
        "account_id": str(trunk.account_id),
        "name": trunk.name,
        "networks": [str(network) for network in trunk.networks],
        "username": trunk.username,
        "certificate": trunk.certificate,
        "user_id": str(trunk.user_id) if trunk.user_id else None,
        "connection_id": trunk.connection_id,
        **shown(trunk.settings),
    }


def _user(users: Sequence[User], name: str) -> User:
    for user in users:
        if name in (user.name, str(user.id)):
            return user
    raise NotFound("user", name)
