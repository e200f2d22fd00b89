"""Listening: hands the application to the HTTP server, and stays until it is told to stop."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces

from callvault.errors import OperatorError
from callvault.server.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        OperatorError: one of tls_cert and tls_key without the other, or a file that is not there.
    """
    certificate, key = settings["tls_cert"], settings["tls_key"]
    if bool(certificate) != bool(key):
        raise OperatorError("tls_cert and tls_key go together: one is set and the other is not.")
    for name in ("tls_cert", "tls_key"):
        if settings[name] and not settings.path(name).is_file():
            raise OperatorError(f"The setting {name} names {settings[name]}, which is not a file.")
    os.environ.update(settings.environment())
    Granian(
        "callvault.server.build:app",
        factory=True,
        interface=Interfaces.ASGI,
        address=settings["host"],
        port=settings["port"],
        workers=settings["workers"],
        websockets=False,
        log_level=settings["log_level"],
        ssl_cert=settings.path("tls_cert") if certificate else None,
        ssl_key=settings.path("tls_key") if key else None,
        process_name=None,
    ).serve()


def address(settings: Settings) -> str:
    """The URL to tell people."""
    if settings["base_url"]:
        return str(settings["base_url"]).rstrip("/")
    scheme = "https" if settings["tls_cert"] else "http"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings["host"], settings["host"])  # noqa: S104 - not bound, told
    return f"{scheme}://{host}:{settings['port']}"
