"""Our own programs in processes of their own: how they are started, what they said, how they are stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from callvault.errors import OperatorError

PROGRAM = (sys.executable, "-m", "callvault")
PATIENCE_S = 60.0
PAUSE_S = 0.05
ATTEMPTS = 5
Server = TypeVar("Server")


def environment(**more: str) -> dict[str, str]:
    """As this process has it, but for what would make it another server."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CALLVAULT_")}
    return ours | {"PYTHONUNBUFFERED": "1"} | more


def last_words(log: Path) -> str:
    """Our own sentence, where there is one."""
    lines = log.read_text(errors="replace").splitlines()
    ours = [line.removeprefix("callvault: ") for line in lines if line.startswith("callvault: ")]
    return ours[-1] if ours else "\n".join(lines[-20:]) or "it says nothing."


@contextmanager
def serving(
    start: Callable[[int], tuple[Server, subprocess.Popen[bytes]]],
    log: Path,
    *,
    sign: bytes,
    ask: Callable[[Server], object],
) -> Iterator[Server]:
    """A server of ours, until the end of the block; begun anew where somebody was quicker to take its port.

    ``start``: the attempt of this number, on ports that are free now.  It is asked once its log has the sign that it
    listens, so that nobody else on that port answers for it.

    Raises:
        OperatorError: it does not start; says what it said.
    """
    for attempt in range(1, ATTEMPTS + 1):
        server, process = start(attempt)
        try:
            if _answers(server, process, log, sign, ask):
                yield server
                return
        finally:
            stop(process, PATIENCE_S)
        said = last_words(log)
        if attempt == ATTEMPTS or "Cannot listen" not in said:
            raise OperatorError(f"The server does not start: {said}")


def _answers(
    server: Server, process: subprocess.Popen[bytes], log: Path, sign: bytes, ask: Callable[[Server], object]
) -> bool:
    """Not where it ends before."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if sign in log.read_bytes():
            try:
                ask(server)
            except OSError:
                pass
            else:
                return True
        time.sleep(PAUSE_S)
    return False


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
