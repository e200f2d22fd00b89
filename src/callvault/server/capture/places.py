"""Where the processes of capture meet: their folders and sockets."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from pathlib import Path

from callvault.capture.plan import Plan
from callvault.server.settings import Settings

LONGEST_RUN_PATH = 80


def node_name(settings: Settings, process: str) -> str:
    """What whoever has live calls is called: the machine, and which process on it."""
    return f"{settings['node'] or socket.gethostname()}/{process}"


def spool_folder(settings: Settings) -> Path:
    """Where this node's calls lie while they are captured."""
    return settings.path("data") / "spool"


def run_folder(settings: Settings) -> Path:
    """Where the processes' sockets are: in the data folder, unless its path is too long for a socket's name."""
    folder = settings.path("data").resolve()
    run = folder / "run"
    if len(os.fsencode(run)) <= LONGEST_RUN_PATH:
        return run
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"callvault-{os.getuid()}-{name}"


def gate_socket(settings: Settings) -> Path:
    """Where the media gate is answered."""
    return Plan(spool=spool_folder(settings), run=run_folder(settings)).gate
