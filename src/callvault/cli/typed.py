"""Passwords that are typed or come from a pipe: what stands on a command line every user of the machine can read."""

from __future__ import annotations

import sys
from typing import Any

import click

TYPED = "-"
HINT = f"{TYPED}: it is asked for, or comes from a pipe, and is seen by nobody."


def typed(what: str, *, twice: bool = False) -> str:
    """A password from the terminal, where one is there, else the next line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=twice))
    return sys.stdin.readline().rstrip("\n")


def unless_said(context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401, ARG001 - click's way
    """For an option's ``callback``: the value, or what is typed where it is ``-``."""
    return typed((parameter.name or "password").capitalize()) if value == TYPED else value
