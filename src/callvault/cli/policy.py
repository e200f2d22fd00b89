"""``callvault policy``: which calls are recorded by themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.dialects.callvault.policies import policy_in, policy_object
from callvault.model.destination import check_url_and_credentials, read_networks
from callvault.model.policy import RECORD_ALL, RECORD_NONE, Policy
from callvault.server.settings import Settings
from callvault.vault.live_commands import GetPolicy, KeepPolicy
from callvault.vault.vault import Vault

WORDS = {"all": RECORD_ALL, "none": RECORD_NONE}
ANYWHERE = read_networks("0.0.0.0/0, ::/0")
"""Only the form is judged here; where it leads, the server judges when it sends a file."""
Command = Callable[..., Any]


def with_policy(command: Command) -> Command:
    """Give a command ``--record`` and ``--policy``; it is called with ``policy``, None where neither was given."""

    @wraps(command)
    def run(record: str | None, policy_file: Path | None, **arguments: Any) -> Any:  # noqa: ANN401 - click's own type
        if record is not None and policy_file is not None:
            raise click.UsageError("Give --record or --policy, not both.")
        policy = WORDS[record] if record is not None else None
        if policy_file is not None:
            policy = policy_in(policy_file.read_bytes())
            for push in (rule.wish.push for rule in policy.rules if rule.wish.push is not None):
                check_url_and_credentials(push.url, "push.url", ANYWHERE)
        return command(policy=policy, **arguments)

    run = click.option(
        "--policy",
        "policy_file",
        default=None,
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Calls are recorded by the rules in this file: JSON, as our own API has it.",
    )(run)
    return click.option(
        "--record",
        default=None,
        type=click.Choice(list(WORDS)),
        help="Every call is recorded by itself, or none until somebody asks.",
    )(run)


@click.group()
def policy() -> None:
    """Policies: which calls are recorded by themselves, and how."""


@policy.command("show")
@click.option("--account", "account_name", required=True, help="Whose: name, id or number.")
@with_settings("database")
def show_policy(settings: Settings, account_name: str) -> None:
    """Print an account's policy, as a file that can be set again."""

    async def do(vault: Vault) -> Policy:
        account = await account_of(vault, account_name)
        return await vault.live.policy(GetPolicy(account_id=account.id))

    print_json(policy_object(run_with_vault(settings, do)))


@policy.command("set")
@click.option("--account", "account_name", required=True, help="Whose: name, id or number.")
@with_policy
@as_json
@with_settings("database")
def set_policy(settings: Settings, account_name: str, policy: Policy | None, json_wanted: bool) -> None:  # noqa: FBT001
    """Choose which calls are recorded by themselves from now on; a trunk may have a policy of its own."""
    if policy is None:
        raise click.UsageError("Give --record all, --record none, or --policy FILE.")
    wanted = policy

    async def do(vault: Vault) -> Policy:
        account = await account_of(vault, account_name)
        return await vault.live.keep_policy(KeepPolicy(account_id=account.id, policy=wanted))

    kept = run_with_vault(settings, do)
    if json_wanted:
        print_json(policy_object(kept))
        return
    rules = f"{len(kept.rules)} rules; " if kept.rules else ""
    rest = "every call" if kept.record else "no call"
    click.echo(f"{account_name}: {rules}{rest} is recorded by itself{' that no rule fits' if kept.rules else ''}.")
