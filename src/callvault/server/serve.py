"""Listening: hands the application to the HTTP server, and stays until it is told to stop."""

from __future__ import annotations

import errno
import os
import socket

from granian import Granian
from granian.constants import Interfaces

from callvault.errors import OperatorError
from callvault.server.settings import Settings


def check(settings: Settings) -> None:
    """See that serving can begin, before anything is promised to anybody.

    Raises:
        OperatorError: one of tls_cert and tls_key without the other, a file that is not there, or a port that is taken.
    """
    if bool(settings["tls_cert"]) != bool(settings["tls_key"]):
        raise OperatorError("tls_cert and tls_key go together: one is set and the other is not.")
    for name in ("tls_cert", "tls_key"):
        if settings[name] and not settings.path(name).is_file():
            raise OperatorError(f"The setting {name} names {settings[name]}, which is not a file.")
    _check_port(settings["host"], settings["port"])


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; ``check`` comes before."""
    os.environ.update(settings.environment())
    tls = bool(settings["tls_cert"])
    Granian(
        "callvault.server.build:app",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings["host"],
        port=settings["port"],
        workers=settings["workers"],
        websockets=False,
        log_level=settings["log_level"],
        ssl_cert=settings.path("tls_cert") if tls else None,
        ssl_key=settings.path("tls_key") if tls else None,
    ).serve()


def _check_port(host: str, port: int) -> None:
    """See that nobody listens there: the HTTP server would share the port with whoever does, and take half its calls.

    Raises:
        OperatorError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError as error:
            hint = (
                " Another program listens there; choose another with --port." if error.errno == errno.EADDRINUSE else ""
            )
            raise OperatorError(f"Cannot listen on {host} port {port}: {error.strerror}.{hint}") from error


def address(settings: Settings) -> str:
    """The URL to tell people."""
    if settings["base_url"]:
        return str(settings["base_url"]).rstrip("/")
    scheme = "https" if settings["tls_cert"] else "http"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings["host"], settings["host"])  # noqa: S104 - not bound, told
    return f"{scheme}://{host}:{settings['port']}"
