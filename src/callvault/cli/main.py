"""The command group, and how errors leave the program."""

from __future__ import annotations

import sys
from typing import Any

import click

from callvault import __version__
from callvault.cli.account import account
from callvault.cli.add import add
from callvault.cli.call import call
from callvault.cli.delivery import delivery
from callvault.cli.demo import demo
from callvault.cli.doctor import doctor
from callvault.cli.hook import hook
from callvault.cli.key import key
from callvault.cli.listing import list_recordings
from callvault.cli.live import live
from callvault.cli.policy import policy
from callvault.cli.serve import serve
from callvault.cli.show import show
from callvault.cli.stream import stream
from callvault.cli.trunk import trunk
from callvault.cli.user import user
from callvault.errors import CallvaultError, OperatorError


class Commands(click.Group):
    """Turns callvault's errors into one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own type
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CallvaultError as error:
            click.echo(f"callvault: {error}", err=True)
            sys.exit(2 if isinstance(error, OperatorError) else 1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callvault")
def main() -> None:
    """One archive for call recordings that speaks every vendor's recording API."""


for command in (
    demo,
    serve,
    call,
    stream,
    account,
    key,
    user,
    trunk,
    policy,
    live,
    add,
    list_recordings,
    show,
    hook,
    delivery,
    doctor,
):
    main.add_command(command)
