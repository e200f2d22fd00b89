"""``callvault add``: take files in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from callvault.cli.house import account_of, as_json, opened, print_json, with_settings
from callvault.errors import BadRequest, CallerError
from callvault.model.card import Card, instant, read_card
from callvault.model.party import Party
from callvault.model.recording import Direction
from callvault.server.settings import Settings
from callvault.vault.commands import TakeIn
from callvault.vault.vault import Vault

SUFFIXES = frozenset({".wav", ".mp3", ".ogg", ".oga", ".opus", ".flac"})
"""What is taken from a folder; a file that is named itself may be called anything."""
PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one file."""

    file: Path
    recording_id: str | None = None
    fresh: bool = False
    notes: tuple[str, ...] = ()
    refusal: str | None = None


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--account", "account_name", required=True, help="The account's name, id or number.")
@click.option("--from", "from_number", help="The caller's number.")
@click.option("--to", "to_number", help="The called number.")
@click.option("--direction", type=click.Choice([word.value for word in Direction]), help="Seen from the account.")
@click.option("--start", help="When it began, ISO 8601; without: the file's time less its length.")
@click.option("--call-id", help="The call's id: recordings with the same one belong to one call.")
@click.option("--label", help="A name for people.")
@click.option("--user", "user_name", help="The user within the account who owns it.")
@click.option("--card", "card_file", type=click.Path(exists=True, path_type=Path), help="A JSON file with all of that.")
@click.option("--key", help="Take it in once under this key, whatever the bytes; only with one file.")
@as_json
@with_settings("database", "store")
def add(settings: Settings, paths: tuple[Path, ...], **said: Any) -> None:  # noqa: ANN401 - click's own types
    """Take in recordings: files, or folders with all that is in them.

    A file NAME.json beside a recording NAME is its card (docs/cards.md); flags win over it.
    """
    json_wanted = bool(said.pop("json_wanted"))
    files = [file for path in paths for file in _files(path)]
    if said["key"] and len(files) != 1:
        raise click.UsageError("--key goes with exactly one file.")
    if not files:
        raise click.UsageError("There is no recording in there: " + ", ".join(sorted(SUFFIXES)) + " are looked for.")
    outcomes = asyncio.run(_take_in_all(settings, files, said, quiet=json_wanted))
    if json_wanted:
        print_json([_plain(outcome) for outcome in outcomes])
    else:
        _summarise(outcomes)
    if any(outcome.refusal for outcome in outcomes):
        raise SystemExit(1)


async def _take_in_all(settings: Settings, files: list[Path], said: dict[str, Any], *, quiet: bool) -> list[Outcome]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    outcomes = []
    async with opened(settings) as vault:
        account = await account_of(vault, said["account_name"])
        user = await _user(vault, account.id, said["user_name"])
        with Progress(*columns, console=console, disable=quiet, transient=True) as progress:
            task = progress.add_task("taking in", total=sum(file.stat().st_size for file in files))
            for file in files:
                progress.update(task, description=file.name[:40])
                before = progress.tasks[0].completed
                try:
                    card = _card(file, said, user)
                    content = _read(file, lambda size: progress.advance(task, size))
                    command = TakeIn(
                        account_id=account.id,
                        card=card,
                        content=content,
                        key=said["key"],
                        expected_bytes=file.stat().st_size,
                    )
                    taken = await vault.intake.take_in(command, datetime.now(UTC))
                except CallerError as error:
                    outcomes.append(Outcome(file=file, refusal=str(error)))
                else:
                    outcomes.append(
                        Outcome(
                            file=file,
                            recording_id=str(taken.recording.id),
                            fresh=taken.fresh,
                            notes=taken.recording.notes,
                        )
                    )
                progress.update(task, completed=before + file.stat().st_size)
    return outcomes


async def _user(vault: Vault, account_id: UUID, name: str | None) -> UUID | None:
    if name is None:
        return None
    for user in await vault.catalogue.users(account_id):
        if name.lower() in {user.name, str(user.id), user.id.hex}:
            return user.id
    raise BadRequest(f"The account has no user {name!r}.", field="user")


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES and file.is_file())


def _card(file: Path, said: dict[str, Any], user: UUID | None) -> Card:
    """The card beside the file, or the one that is named; then the flags."""
    beside = said["card_file"] or file.with_name(file.name + ".json")
    try:
        card = read_card(orjson.loads(beside.read_bytes())) if beside.exists() else Card()
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The card {beside} is not JSON: {error}.") from error
    if said["from_number"]:
        card = replace(card, caller=replace(card.caller or Party(), number=said["from_number"]))
    if said["to_number"]:
        card = replace(card, callee=replace(card.callee or Party(), number=said["to_number"]))
    if said["start"]:
        card = replace(card, started_at=instant(said["start"], "--start"))
    elif card.started_at is None and card.ended_at is None:
        card = replace(card, ended_at=datetime.fromtimestamp(file.stat().st_mtime, UTC))
    flags = {
        "direction": Direction(said["direction"]) if said["direction"] else None,
        "sip_call_id": said["call_id"],
        "label": said["label"],
        "user_id": user,
    }
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    return replace(card, **given)


async def _read(file: Path, advance: Any) -> AsyncIterator[bytes]:  # noqa: ANN401
    with file.open("rb") as source:
        while piece := await asyncio.to_thread(source.read, PIECE):
            yield piece
            advance(len(piece))


def _summarise(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.refusal:
            click.echo(f"{outcome.file}: refused. {outcome.refusal}", err=True)
            continue
        state = "taken in" if outcome.fresh else "is there already"
        click.echo(f"{outcome.file}: {state} as {outcome.recording_id}")
        for note in outcome.notes:
            click.echo(f"  {note}")


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": str(outcome.file),
        "id": outcome.recording_id,
        "fresh": outcome.fresh,
        "notes": list(outcome.notes),
        "refusal": outcome.refusal,
    }
