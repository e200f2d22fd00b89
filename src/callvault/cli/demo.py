"""``callvault demo``: an archive with something in it, and a line for each vendor's client."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from callvault.cli import live_call
from callvault.cli.account import describe, open_account
from callvault.cli.house import opened, terms_of, with_settings
from callvault.cli.user import open_user
from callvault.demo.recordings import demo_recordings
from callvault.dialects import registry
from callvault.errors import OperatorError
from callvault.model.actor import Account
from callvault.model.query import RecordingQuery
from callvault.server.serve import address, check
from callvault.server.serve import serve as listen
from callvault.server.settings import Settings
from callvault.vault.commands import TakeIn
from callvault.vault.vault import Vault

NAME = "demo"
USER = "ada"
CREDENTIALS = "demo-credentials.json"


@click.command()
@with_settings("host", "port", "base_url", "tls_cert", "tls_key", "sip_listen")
@click.option("--prepare-only", is_flag=True, help="Take the recordings in and print the lines, but do not serve.")
def demo(settings: Settings, prepare_only: bool) -> None:  # noqa: FBT001
    """Serve a handful of recordings and one of a live call, and print a line to try for each vendor."""
    if prepare_only:
        asyncio.run(_prepare(settings))
        click.echo(asyncio.run(_tell(settings)))
        return
    check(settings)
    settings = live_call.with_a_port(settings)
    asyncio.run(_prepare(settings))
    with live_call.capturing(settings):
        called = asyncio.run(_call(settings))
        click.echo(asyncio.run(_tell(settings)))
        click.echo(f"\nServing {address(settings)} until Ctrl-C; the data stays in {settings.path('data')}.")
        click.echo(f"Calls are recorded that come in at {settings['sip_listen']}: try {called}")
        listen(settings)


async def _call(settings: Settings) -> str:
    """Place the call, once in a data folder, and wait until it is in the archive."""
    async with opened(settings) as vault:
        account = await vault.catalogue.account_named(NAME)
        if account is None:
            raise OperatorError("The demo's account was removed while it was made.")
        await live_call.open_trunk(vault, account.id)
        port = settings["sip_listen"].rpartition(":")[2]
        if await live_call.recorded(vault, account.id):
            return f"callvault call sip:127.0.0.1:{port}"
        click.echo("Recording a live call ...", err=True)
        line = await asyncio.to_thread(live_call.place, settings)
        async with asyncio.timeout(live_call.PATIENCE_S):
            while not await live_call.recorded(vault, account.id):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.1)
        return line


async def _tell(settings: Settings) -> str:
    async with opened(settings) as vault:
        account, known = await vault.catalogue.account_named(NAME), _known_credentials(settings)
        if account is None or known is None:
            raise OperatorError("The demo's account was removed while it was made.")
        return await _lines(vault, settings, account, known["token"])


async def _prepare(settings: Settings) -> None:
    async with opened(settings) as vault:
        known = _known_credentials(settings)
        account = await vault.catalogue.account_named(NAME)
        if account is None or known is None:
            if account is not None:
                raise OperatorError(
                    f"The account {NAME!r} is there, and {CREDENTIALS} is not; choose another data folder."
                )
            known = await _begin(vault, settings)
            account = await vault.catalogue.account_named(NAME)
        if account is None:
            raise OperatorError("The demo's account was removed while it was made.")
        for entry in demo_recordings(datetime.now(UTC)):
            command = TakeIn(
                account_id=account.id, card=entry.card, content=_content(entry.file), key=f"demo:{entry.file.name}"
            )
            await vault.intake.take_in(command, datetime.now(UTC))


async def _begin(vault: Vault, settings: Settings) -> dict[str, Any]:
    account, key = await open_account(vault, NAME)
    password = key.token[-16:]
    await open_user(vault, account.id, USER, password)
    known = {"token": key.token, "user": USER, "password": password}
    path = settings.path("data") / CREDENTIALS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known | {"account": describe(account, key, terms_of(vault, settings))["account"]}, file, indent=2)
    return known


def _known_credentials(settings: Settings) -> dict[str, Any] | None:
    path = settings.path("data") / CREDENTIALS
    if not path.exists():
        return None
    known: dict[str, Any] = json.loads(path.read_text())
    return known


async def _content(file: Path) -> AsyncIterator[bytes]:
    yield file.read_bytes()


async def _lines(vault: Vault, settings: Settings, account: Account, token: str) -> str:
    terms = terms_of(vault, settings)
    page = await vault.catalogue.find(RecordingQuery(account_id=account.id, limit=100, with_total=True))
    lines = [
        f"The archive holds {page.total} recordings of the account {account.name!r}. Each line works as it stands;",
        "a snippet of Python wants the package that its first line names.",
    ]
    for dialect in registry.load():
        credentials = dialect.credentials(account, token, terms)
        names = dialect.names(page.items[-1], account, terms)
        lines += ["", f"# {dialect.title}"]
        lines += [line for example in dialect.examples(credentials, names) for line in ("", example)]
    return "\n".join(lines)
