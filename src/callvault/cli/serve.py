"""``callvault serve``: answer HTTP until told to stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from callvault.cli.house import run_with_vault, with_settings
from callvault.server.build import build_emulator
from callvault.server.capture.starting import Capture, check_capture, listens, plan_of
from callvault.server.serve import address, check
from callvault.server.serve import serve as listen
from callvault.server.settings import Settings
from callvault.vault.vault import Vault

if TYPE_CHECKING:
    from callvault.server.emulator.emulator import Emulator


@click.command()
@with_settings(
    "host",
    "port",
    "base_url",
    "tls_cert",
    "tls_key",
    "workers",
    "database",
    "store",
    "log_level",
    "emulate",
    "sip_listen",
    "stream_listen",
)
def serve(settings: Settings) -> None:
    """Serve every vendor's recording API on one address."""
    check(settings)
    check_capture(settings)
    if settings["emulate"]:
        asyncio.run(_rehearse(build_emulator(settings)))
        click.echo(f"callvault emulates {settings.path('emulate')} on {address(settings)}, and keeps nothing of it.")
        click.echo(f"Accounts, keys and recordings: {address(settings)}/callvault/v1/emulator")
    else:
        run_with_vault(settings, _open)
        click.echo(f"callvault listens on {address(settings)} and keeps its data in {settings.path('data')}.")
    if listens(settings):
        capture = Capture(plan_of(settings))
        capture.start()
        places = " ".join(filter(None, (settings["sip_listen"], settings["stream_listen"])))
        click.echo(f"Calls are recorded that come in at {places}.")
        try:
            listen(settings)
        finally:
            capture.stop()
    else:
        listen(settings)


async def _rehearse(emulator: Emulator) -> None:
    """What the file says is done once, in a folder that goes again: so what cannot be done is said here."""
    await emulator.open()
    await emulator.close()


async def _open(_: Vault) -> None:
    """Opening is the check: what is wrong is said before anything listens, and a crash's leftovers are settled."""
