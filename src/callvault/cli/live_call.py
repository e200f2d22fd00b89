"""The demo's live call: a recorder on loopback, and a call placed to it, as an SBC would.

What does not live here: the recording client (``callvault call``), the capture (``server.capture``).
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from uuid import UUID

from callvault.errors import OperatorError
from callvault.model.query import RecordingQuery
from callvault.server.capture.starting import Capture, check_capture, plan_of
from callvault.server.settings import Settings
from callvault.vault.trunks import make_trunk
from callvault.vault.vault import Vault

TRUNK = "demo-line"
USUAL_PORT = 5060
CALLER, CALLEE = "tea-order.wav", "appointment.wav"
CALL_S = "4"
PATIENCE_S = 60.0


def with_a_port(settings: Settings) -> Settings:
    """The settings, with a place on loopback where calls may come in, unless they name one."""
    if settings["sip_listen"]:
        return settings
    return settings.but(sip_listen=f"udp:127.0.0.1:{_free_port()}")


async def open_trunk(vault: Vault, account_id: UUID) -> None:
    """Let this machine's calls in."""
    if any(trunk.name == TRUNK for trunk in await vault.catalogue.trunks()):
        return
    made = make_trunk(
        account_id,
        TRUNK,
        networks=("127.0.0.0/8", "::1"),
        secrets=vault.secrets,
        now=datetime.now(UTC),
        entropy=secrets.token_bytes(22),
    )
    await vault.catalogue.keep_trunk(made)


async def recorded(vault: Vault, account_id: UUID) -> bool:
    """Whether the call is in the archive."""
    query = RecordingQuery(account_id=account_id, connection_id=TRUNK, limit=1)
    return bool((await vault.catalogue.find(query)).items)


@contextmanager
def capturing(settings: Settings) -> Iterator[None]:
    """Calls are recorded while the block runs.

    Raises:
        OperatorError: they cannot be.
    """
    check_capture(settings)
    capture = Capture(plan_of(settings))
    capture.start()
    try:
        yield
    finally:
        capture.stop()


def place(settings: Settings) -> str:
    """Call the recorder, and be it said how.

    Raises:
        OperatorError: it did not take the call.
    """
    recorder = f"sip:127.0.0.1:{settings['sip_listen'].rpartition(':')[2]}"
    folder = files("callvault.demo").joinpath("audio")
    sounds = [str(folder.joinpath(name)) for name in (CALLER, CALLEE)]
    command = [sys.executable, "-m", "callvault", "call", recorder, *sounds, "--seconds", CALL_S]
    deadline = time.monotonic() + PATIENCE_S
    while True:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - it is ourselves
        if done.returncode == 0:
            return f"callvault call {recorder}"
        if time.monotonic() > deadline:
            raise OperatorError(f"The demo's call was not recorded: {(done.stderr or done.stdout).strip()}")
        time.sleep(0.5)  # the signalling process is still on its way


def _free_port() -> int:
    """The usual one, or any that is free."""
    for port in (USUAL_PORT, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(candidate.getsockname()[1])
    raise OperatorError("No UDP port is free on 127.0.0.1.")
