"""``callvault serve``: answer HTTP until told to stop."""

from __future__ import annotations

import click

from callvault.cli.house import run_with_vault, with_settings
from callvault.server.serve import address, check
from callvault.server.serve import serve as listen
from callvault.server.settings import Settings
from callvault.vault.vault import Vault


@click.command()
@with_settings("host", "port", "base_url", "tls_cert", "tls_key", "workers", "database", "store", "log_level")
def serve(settings: Settings) -> None:
    """Serve every vendor's recording API on one address."""
    check(settings)
    run_with_vault(settings, _open)
    click.echo(f"callvault listens on {address(settings)} and keeps its data in {settings.path('data')}.")
    listen(settings)


async def _open(_: Vault) -> None:
    """Opening is the check: what is wrong is said before anything listens, and a crash's leftovers are settled."""
