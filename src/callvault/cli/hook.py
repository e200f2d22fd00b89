"""``callvault hook``: who is told of what happens to an account's recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.cli.show import find_anywhere
from callvault.cli.typed import HINT, unless_said
from callvault.dialects import registry
from callvault.dialects.callvault.notice_documents import hook_object
from callvault.errors import BadRequest
from callvault.model.events import EventKind
from callvault.model.hook import Hook
from callvault.server.serve import address
from callvault.server.settings import Settings
from callvault.vault.hook_commands import AddHook, FindHooks, RemoveHook
from callvault.vault.vault import Vault

TOLD = [dialect.name for dialect in registry.load() if dialect.hooks.events]


@click.group()
def hook() -> None:
    """Hooks: where an account's webhooks go."""


@hook.command("add")
@click.argument("url")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--dialect", required=True, type=click.Choice(TOLD), help="In whose form it is told.")
@click.option("--failover-url", help="Where it goes when the first does not take it (Telnyx).")
@click.option("--method", help="POST, or what else the vendor has.")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([kind.value for kind in EventKind]),
    help="What is told; again for more. Without: what the vendor usually tells.",
)
@click.option("--recording", "recording_id", help="Only of this recording, by its id in any vendor's form.")
@click.option("--username", help="For Basic.")
@click.option("--password", callback=unless_said, help=f"For Basic; kept encrypted, never shown again. {HINT}")
@click.option("--option", "options", multiple=True, metavar="NAME=TEXT", help="What only this dialect's hooks have.")
@as_json
@with_settings("base_url", "database", "hook_networks")
def add_hook(settings: Settings, url: str, account_name: str, json_wanted: bool, **said: Any) -> None:  # noqa: FBT001, ANN401
    """Have somebody told, from now on."""
    options = _options(said["options"])

    async def do(vault: Vault) -> Hook:
        account = await account_of(vault, account_name)
        recording = said["recording_id"] and await find_anywhere(vault, said["recording_id"])
        command = AddHook(
            account_id=account.id,
            dialect=said["dialect"],
            url=url,
            failover_url=said["failover_url"],
            method=said["method"],
            events=frozenset(EventKind(word) for word in said["events"]) or None,
            recording_id=recording.id if recording else None,
            username=said["username"],
            password=said["password"],
            options=options,
        )
        return await vault.notifying.add(command, datetime.now(UTC))

    made = run_with_vault(settings, do)
    if json_wanted:
        print_json(hook_object(made, address(settings)))
        return
    click.echo(f"The hook {made.id} tells {', '.join(sorted(made.events))}.")


@hook.command("list")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--recording", "recording_id", help="Those of this recording alone, by its id in any vendor's form.")
@as_json
@with_settings("base_url", "database")
def list_hooks(settings: Settings, account_name: str, recording_id: str | None, json_wanted: bool) -> None:  # noqa: FBT001
    """List the hooks that are in force, oldest first."""

    async def do(vault: Vault) -> Sequence[Hook]:
        account = await account_of(vault, account_name)
        recording = await find_anywhere(vault, recording_id) if recording_id else None
        command = FindHooks(account_id=account.id, recording_id=recording.id if recording else None)
        return await vault.notifying.find(command)

    hooks = run_with_vault(settings, do)
    if json_wanted:
        print_json([hook_object(entry, address(settings)) for entry in hooks])
        return
    for entry in hooks:
        only = f"  recording {entry.recording_id}" if entry.recording_id else ""
        click.echo(f"{entry.id}  {entry.dialect:<10}  {entry.method:<4}  {entry.url}{only}")


@hook.command("remove")
@click.argument("hook_id", type=click.UUID)
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@with_settings("database")
def remove_hook(settings: Settings, hook_id: UUID, account_name: str) -> None:
    """Tell nothing there any more; what was waiting is given up."""

    async def do(vault: Vault) -> Hook:
        account = await account_of(vault, account_name)
        return await vault.notifying.remove(RemoveHook(account_id=account.id, hook_id=hook_id), datetime.now(UTC))

    removed = run_with_vault(settings, do)
    click.echo(f"The hook {removed.id} is removed.")


def _options(pairs: Sequence[str]) -> Mapping[str, str]:
    """Raises BadRequest: one is no ``NAME=TEXT``."""
    options = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise BadRequest(f"--option takes NAME=TEXT, not {pair!r}.", field="option")
        options[name] = text
    return options
