"""The names of the dialects.  A new one is a folder, and one word here."""

from __future__ import annotations

from importlib import import_module

from callvault.dialects.contract import Dialect

NAMES = ("bandwidth", "kazoo", "bird", "telnyx", "signalwire", "callvault")


def load() -> tuple[Dialect, ...]:
    """All dialects, in the order of ``NAMES``."""
    return tuple(import_module(f"callvault.dialects.{name}").DIALECT for name in NAMES)
