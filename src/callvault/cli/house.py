"""What every command needs: the settings from flags, environment and file, and the vault they describe, opened."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from callvault import __version__
from callvault.dialects.contract import Terms
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.server.build import build_vault
from callvault.server.serve import address
from callvault.server.settings import BY_NAME, Settings, resolve
from callvault.vault.vault import Vault

Answer = TypeVar("Answer")
Command = Callable[..., Any]


def with_settings(*names: str) -> Callable[[Command], Command]:
    """Give a command ``--config``, ``--data`` and flags for these settings; it is called with ``settings`` first."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def run(config: str | None, **arguments: Any) -> Any:  # noqa: ANN401 - click's own type
            flags = {name: arguments.pop(name) for name in ("data", *names)}
            settings = resolve(flags, os.environ, Path(config) if config else None)
            logging.basicConfig(level=settings["log_level"].upper(), format="%(levelname)s %(name)s: %(message)s")
            return command(settings, **arguments)

        for name in reversed(("data", *names)):
            flag = "--" + name.replace("_", "-")
            run = click.option(flag, name, default=None, metavar="VALUE", help=BY_NAME[name].help)(run)
        return click.option("--config", default=None, metavar="FILE", help="A TOML file with settings.")(run)

    return decorate


def as_json(command: Command) -> Command:
    """Give a command ``--json``."""
    return click.option("--json", "json_wanted", is_flag=True, help="Print JSON for programs.")(command)


def print_json(document: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a document for programs."""
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Vault]:
    """The vault, ready; closed again at the end."""
    vault = build_vault(settings)
    await vault.open()
    try:
        yield vault
    finally:
        await vault.close()


def run_with_vault(settings: Settings, do: Callable[[Vault], Coroutine[Any, Any, Answer]]) -> Answer:
    """Open the vault, do something with it, close it."""

    async def run() -> Answer:
        async with opened(settings) as vault:
            return await do(vault)

    return asyncio.run(run())


async def account_of(vault: Vault, name: str) -> Account:
    """The account that somebody names by name, id or serial.

    Raises:
        NotFound: there is none.
    """
    account = await vault.catalogue.account_named(name)
    if account is None:
        raise NotFound("account", name)
    return account


def terms_of(vault: Vault, settings: Settings) -> Terms:
    """The terms under which a dialect would answer now."""
    return Terms(
        now=datetime.now(UTC),
        base_url=address(settings),
        link_key=vault.secrets.link_key,
        cloak_key=vault.secrets.cloak_key,
        notice_key=vault.secrets.notice_key,
        settings=settings.values(),
        version=__version__,
    )
