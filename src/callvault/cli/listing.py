"""``callvault list``: recordings, newest first."""

from __future__ import annotations

from typing import Any

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, with_settings
from callvault.model.card import instant
from callvault.model.query import RecordingQuery, RecordingSlice, Span
from callvault.model.recording import Direction
from callvault.model.written_card import write_card
from callvault.server.settings import Settings
from callvault.vault.vault import Vault


@click.command("list")
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--from", "from_number", help="The caller's number, exactly.")
@click.option("--to", "to_number", help="The called number, exactly.")
@click.option("--number", help="A number on either side, exactly.")
@click.option("--direction", type=click.Choice([word.value for word in Direction]), help="Seen from the account.")
@click.option("--call-id", help="The Call-ID.")
@click.option("--since", help="Begun at this ISO 8601 time or later.")
@click.option("--before", help="Begun before this ISO 8601 time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
@with_settings("database")
def list_recordings(settings: Settings, account_name: str, json_wanted: bool, **said: Any) -> None:  # noqa: FBT001, ANN401
    """List an account's recordings, newest first."""
    started = Span(
        from_=instant(said["since"], "--since") if said["since"] else None,
        before=instant(said["before"], "--before") if said["before"] else None,
    )

    async def do(vault: Vault) -> RecordingSlice:
        account = await account_of(vault, account_name)
        query = RecordingQuery(
            account_id=account.id,
            from_number=said["from_number"],
            to_number=said["to_number"],
            either_number=said["number"],
            direction=Direction(said["direction"]) if said["direction"] else None,
            sip_call_id=said["call_id"],
            started=started,
            limit=said["limit"],
            with_total=True,
        )
        return await vault.catalogue.find(query)

    page = run_with_vault(settings, do)
    if json_wanted:
        print_json({"total": page.total, "recordings": [write_card(recording) for recording in page.items]})
        return
    _print(page)


def _print(page: RecordingSlice) -> None:
    for recording in page.items:
        sides = f"{recording.caller.number or '?'} > {recording.callee.number or '?'}"
        form = f"{recording.format} {recording.channels} ch"
        began = recording.started_at.strftime("%Y-%m-%d %H:%M:%S")
        length = f"{recording.duration_ms / 1000:.1f} s"
        click.echo(f"{recording.id}  {began}  {length:>9}  {form:<9}  {recording.status:<10}  {sides}")
    click.echo(f"{len(page.items)} of {page.total}")
