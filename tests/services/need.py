"""What a test needs and the machine may not have: found, installed, or plainly counted as not run.

What lives here: the one rule for all services.  Look for it; where it is missing install it; where it can't be
installed the test is skipped with the line that would install it, and in CI (``CI=true``) that is an error, so that a
suite can't turn green by not running.  What does not live here: how a thing is found or installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")

NO_INSTALLING = "CALLVAULT_TESTS_INSTALL"
"""Set to ``no`` to forbid the tests to install anything."""


class Missing(Exception):
    """Not here, and it could not be installed.  Says what would install it."""


def may_install() -> bool:
    return os.environ.get(NO_INSTALLING, "yes").lower() not in {"no", "false", "0"}


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"true", "1"}


def provide(
    what: str, find: Callable[[], T | None], install_line: str, installer: Callable[[], None] | None = None
) -> T:
    """The thing that `find` finds, if need be after `installer` has run.  Raises `Missing`.

    `what` is a noun for people, `install_line` a command that they can paste.
    """
    found = find()
    if found is None and installer is not None and may_install():
        installer()
        found = find()
    if found is None:
        raise Missing(f"{what} is not installed here: {install_line}")
    return found


def need(what: str, find: Callable[[], T | None], install_line: str, installer: Callable[[], None] | None = None) -> T:
    """`provide`, for a test or fixture: what is missing skips it, and fails it in CI."""
    try:
        return provide(what, find, install_line, installer)
    except Missing as missing:
        reason = str(missing)
    if in_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
