"""The one who stays with a server and ends it when its owner is gone, however the owner went.

What lives here: a small program, run as ``python -IS guard.py FOLDER SIGNAL USER COMMAND...`` by `guarded.py`.  It
starts COMMAND as USER (``-`` means: as we are), waits for the end of its own standard input, and then stops the server
and removes FOLDER.  The owner holds the other end of that pipe, so the end comes when the owner closes it and equally
when the owner is killed and can do nothing more.  It imports the standard library alone, to start in milliseconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 20
"""How long a server may take over its own way of stopping before it is killed."""

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent dies."""


def die_with_the_guard() -> None:
    """Run in the child: even a SIGKILL to the guard leaves no server.  Linux alone has it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(folder: Path, user: str, command: list[str]) -> subprocess.Popen[bytes]:
    account = None if user == "-" else pwd.getpwnam(user)
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        process_group=0,
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
        # Safe here: the guard has one thread.  After the change of user, which would take the setting away again.
        preexec_fn=die_with_the_guard,  # noqa: PLW1509
    )


def owner_left(server: subprocess.Popen[bytes]) -> bool:
    """Wait for the end: True when the owner is gone, False when the server has gone by itself."""
    while server.poll() is None:
        readable, _, _ = select.select([0], [], [], 0.1)
        if readable and not os.read(0, 1024):
            return True
    return False


def stop(server: subprocess.Popen[bytes], how: signal.Signals) -> None:
    for sent in (how, signal.SIGKILL):
        if server.poll() is not None:
            break
        os.kill(server.pid, sent)
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)  # what it left behind in its process group


def main() -> int:
    folder, how, user, *command = sys.argv[1:]
    server = start(Path(folder), user, command)
    ended = owner_left(server)
    stop(server, signal.Signals[how])
    if ended:  # else the owner wants to see what is left of it, or to try again
        shutil.rmtree(folder, ignore_errors=True)
    return server.returncode


if __name__ == "__main__":
    sys.exit(main())
