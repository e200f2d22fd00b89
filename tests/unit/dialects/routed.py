"""A dialect asked by a request's path alone: its routes find the parts, as they do in the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callvault.dialects.contract import Route, Visit
from callvault.server.routing import Router
from callvault.vault.commands import Command
from callvault.wire import WireReply


@dataclass(frozen=True)
class Routed:
    """One dialect, and how it is asked."""

    router: Router
    asking: Callable[..., Visit]
    """Takes a target, and what a dialect's requests differ in."""

    def route(self, asked: Visit) -> Route:
        """The route that a visit takes."""
        found = self.router.match(asked.request.method, asked.request.path).route
        assert found is not None, f"{asked.request.method} {asked.request.path} is not offered"
        return found

    def read(self, target: str, **how: Any) -> Command:
        """The command that a request comes to."""
        asked = self.asking(target, **how)
        return self.route(asked).read(asked)

    def said(self, answer: object, target: str, **how: Any) -> WireReply:
        """The reply that a command's answer comes to."""
        asked = self.asking(target, **how)
        return self.route(asked).say(answer, asked)
