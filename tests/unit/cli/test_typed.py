"""A password that is given as ``-`` is typed, so that no command line shows it."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from callvault.cli.typed import unless_said


@click.command()
@click.option("--password", callback=unless_said)
def told(password: str | None) -> None:
    click.echo(f"told {password}")


@pytest.mark.parametrize(
    ("arguments", "typed_in", "said"),
    [
        (["--password", "-"], "two teas\n", "told two teas"),
        (["--password", "two teas"], "", "told two teas"),
        ([], "", "told None"),
    ],
)
def test_it_comes_from_a_pipe_where_it_is_not_said(arguments: list[str], typed_in: str, said: str) -> None:
    assert CliRunner().invoke(told, arguments, input=typed_in).output == f"{said}\n"
