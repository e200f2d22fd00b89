"""Starting a real server for the length of a test run, and being sure that it ends.

What lives here: the owner's side.  A server gets a folder of its own, an account of its own where it refuses to run as
root, and a guard (`guard.py`) that ends it and removes the folder even when this process is killed.  What does not live
here: anything about PostgreSQL, S3 or nginx.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, TypeVar

from tests.ports import free_port

T = TypeVar("T")

GUARD = Path(__file__).with_name("guard.py")

START_PATIENCE_S = 90
"""A start takes a second or so; this is for a machine that is busy with something else."""


class DidNotStart(Exception):
    """A server that is installed did not come up.  Says what it wrote last."""


class PortTaken(DidNotStart):
    """Somebody else has taken the port since it was free."""


class Server:
    """One guarded process.  Made by `guarded`."""

    def __init__(self, name: str, folder: Path, guard: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.name = name
        self.folder = folder
        """The server's own; gone when the server is."""
        self.guard = guard
        self._log = log

    def log(self) -> str:
        """What the server has written so far."""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait_until(self, ready: Callable[[], T | None]) -> T:
        """Ask `ready` until it answers something.  Raises `DidNotStart` when the server has ended or takes too long."""
        until = time.monotonic() + START_PATIENCE_S
        while True:
            found = ready()
            if found is not None:
                return found
            if self.guard.poll() is not None:
                kind = PortTaken if "Address already in use" in self.log() else DidNotStart
                raise kind(f"{self.name} ended with {self.guard.returncode}: {self.log()[-2000:]}")
            if time.monotonic() > until:
                raise DidNotStart(f"{self.name} is not ready after {START_PATIENCE_S} s: {self.log()[-2000:]}")
            time.sleep(0.01)


@contextmanager
def guarded(
    name: str,
    command: Sequence[str | Path],
    *,
    folder: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> Iterator[Server]:
    """Run `command` in `folder` until the block is left or this process ends; then `folder` is removed too.

    A server that ends by itself leaves its folder as it is.
    """
    with tempfile.TemporaryFile() as log:
        guard = subprocess.Popen(
            [sys.executable, "-IS", GUARD, folder, stop_signal.name, user or "-", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C is for the owner; the guard hears of it through the pipe
        )
        assert guard.stdin is not None
        try:
            yield Server(name, folder, guard, log)
        finally:
            guard.stdin.close()
            guard.wait()


@contextmanager
def private_folder(
    prefix: str, *, user: str | None = None, fit: Callable[[Path], bool] | None = None, rather_in: Sequence[str] = ()
) -> Iterator[Path]:
    """A new folder that belongs to `user` alone, on a file system that `fit` accepts.

    Made in the first place that will do: `rather_in`, the usual place for temporary files, or here.
    """
    for place in dict.fromkeys((*rather_in, tempfile.gettempdir(), "/var/tmp", str(Path.cwd()))):
        folder = Path(tempfile.mkdtemp(prefix=f"callvault-{prefix}-", dir=place))
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        if fit is None or fit(folder):
            break
        folder.rmdir()
    else:
        raise DidNotStart(f"no temporary folder here can hold {prefix}'s files: set TMPDIR to one that can")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def on_a_free_port(start: Callable[[int], AbstractContextManager[object]]) -> Iterator[int]:
    """`start` a server on a free port, and on another when that one was taken in the meantime; the port."""
    with ExitStack() as stack:
        while True:
            port = free_port()
            try:
                stack.enter_context(start(port))
            except PortTaken:
                continue
            break
        yield port
