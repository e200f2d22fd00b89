"""``callvault delivery``: what went out to an account's hooks, byte for byte, and sending it once more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.cli.show import find_anywhere
from callvault.dialects.callvault.notice_documents import delivery_object, logged_delivery_object
from callvault.model.hook import Attempt, Delivery, DeliveryQuery, DeliveryState
from callvault.model.query import Slice
from callvault.server.serve import address
from callvault.server.settings import Settings
from callvault.vault.hook_commands import FindDeliveries, GetDelivery, LoggedDelivery, ReplayDelivery
from callvault.vault.vault import Vault


@click.group()
def delivery() -> None:
    """Deliveries: events on their way to hooks."""


@delivery.command("list")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--hook", "hook_id", type=click.UUID, help="To this hook, which may have been removed since.")
@click.option("--recording", "recording_id", help="Of this recording, by its id in any vendor's form.")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="How far they have come.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
@with_settings("base_url", "database")
def list_deliveries(settings: Settings, account_name: str, json_wanted: bool, **said: Any) -> None:  # noqa: FBT001, ANN401
    """List deliveries, newest first."""

    async def do(vault: Vault) -> Slice[Delivery]:
        account = await account_of(vault, account_name)
        recording = said["recording_id"] and await find_anywhere(vault, said["recording_id"])
        query = DeliveryQuery(
            account_id=account.id,
            hook_id=said["hook_id"],
            recording_id=recording.id if recording else None,
            state=DeliveryState(said["state"]) if said["state"] else None,
            limit=said["limit"],
        )
        return await vault.notifying.deliveries(FindDeliveries(query=query))

    page = run_with_vault(settings, do)
    if json_wanted:
        base_url = address(settings)
        print_json({"deliveries": [delivery_object(entry, base_url) for entry in page.items], "more": page.more})
        return
    for entry in page.items:
        click.echo(_line(entry))
    if page.more:
        click.echo("There are more; raise --limit.")


@delivery.command("show")
@click.argument("delivery_id", type=click.UUID)
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@as_json
@with_settings("base_url", "database")
def show_delivery(settings: Settings, delivery_id: UUID, account_name: str, json_wanted: bool) -> None:  # noqa: FBT001
    """Show one delivery with everything that was sent and answered."""

    async def do(vault: Vault) -> LoggedDelivery:
        account = await account_of(vault, account_name)
        return await vault.notifying.delivery(GetDelivery(account_id=account.id, delivery_id=delivery_id))

    logged = run_with_vault(settings, do)
    if json_wanted:
        print_json(logged_delivery_object(logged, address(settings)))
        return
    click.echo(_line(logged.delivery))
    for attempt in logged.attempts:
        for line in _told(attempt):
            click.echo(line)


@delivery.command("replay")
@click.argument("delivery_ids", type=click.UUID, nargs=-1, required=True)
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@as_json
@with_settings("base_url", "database")
def replay_deliveries(
    settings: Settings,
    delivery_ids: tuple[UUID, ...],
    account_name: str,
    json_wanted: bool,  # noqa: FBT001
) -> None:
    """Send deliveries once more; a running server does it within a second."""

    async def do(vault: Vault) -> list[Delivery]:
        account = await account_of(vault, account_name)
        now = datetime.now(UTC)
        return [
            await vault.notifying.replay(ReplayDelivery(account_id=account.id, delivery_id=each), now)
            for each in delivery_ids
        ]

    replayed = run_with_vault(settings, do)
    if json_wanted:
        print_json([delivery_object(entry, address(settings)) for entry in replayed])
        return
    for entry in replayed:
        click.echo(_line(entry))


def _line(entry: Delivery) -> str:
    happened = entry.event.at.strftime("%Y-%m-%d %H:%M:%S")
    return f"{entry.id}  {happened}  {entry.event.kind:<24}  {entry.state:<9}  {entry.attempts:>2}  {entry.hook_id}"


def _told(attempt: Attempt) -> Iterator[str]:
    """The request as it went out, and what came back; bytes that are no text are shown as escapes."""
    yield f"\n{attempt.at.isoformat(timespec='milliseconds')}  {attempt.took_ms} ms"
    yield f"> {attempt.method} {attempt.url}"
    yield from (f"> {name}: {value}" for name, value in attempt.headers)
    if attempt.body:
        yield f">\n> {attempt.body.decode(errors='backslashreplace')}"
    yield f"< {attempt.error}" if attempt.status is None else f"< {attempt.status}"
    if attempt.answer:
        yield f"<\n< {attempt.answer.decode(errors='backslashreplace')}"
