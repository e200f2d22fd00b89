"""Our own programs in processes of their own: how they are started, what they said, how they are stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

PROGRAM = (sys.executable, "-m", "callvault")


def environment(**more: str) -> dict[str, str]:
    """As this process has it, but for what would make it another server."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")}
    return ours | {"PYTHONUNBUFFERED": "1"} | more


def last_words(log: Path) -> str:
    """Our own sentence, where there is one."""
    lines = log.read_text(errors="replace").splitlines()
    ours = [line.removeprefix("callvault: ") for line in lines if line.startswith("callvault: ")]
    return ours[-1] if ours else "\n".join(lines[-20:]) or "it says nothing."


def stop(process: subprocess.Popen[bytes], patience_s: float = 10.0) -> None:
    """Tell it to end, and see that it does."""
    process.terminate()
    try:
        process.wait(timeout=patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """One of 127.0.0.1 that nobody has at the moment."""
    with socket.socket(type=kind) as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])
