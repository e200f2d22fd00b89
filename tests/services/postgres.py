"""A real PostgreSQL of our own: started on a free port of 127.0.0.1, and gone again.

What lives here: `running` (start and stop one) and `PostgresServer.fresh_database`.  What does not live here: which
PostgreSQL (`postgres_programs.py`), the catalogue's schema, or any pytest.
"""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.services.guarded import DidNotStart, guarded, on_a_free_port, private_folder
from tests.services.postgres_programs import INSTALL_LINE, WHAT, Installation, find, reachable

__all__ = ["INSTALL_LINE", "WHAT", "PostgresServer", "find", "running"]

SUPERUSER = "postgres"
ROLE = "callvault"
"""Owns the databases that are handed out, and may do nothing else: as an installation should be."""

CONTRACT_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Quick, and as good as any other unless the machine fails; not for tests in which it does."""

MEMORY = "/dev/shm"
MEMORY_NEEDED_BYTES = 1 << 30
"""Making a database writes 300 files, which a busy disk takes ten times as long over as memory does."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "log_min_messages": "warning",
    # A zone in which nobody forgets that times have one: 5 h 45 min off.
    "timezone": "Asia/Kathmandu",
    # Crash tests kill clients, never a backend; and where one dies we want to see it.
    "restart_after_crash": "off",
}


@dataclass(kw_only=True)
class PostgresServer:
    """A running server.  Every call of `fresh_database` makes a database that nobody else knows."""

    port: int
    version: int
    psql: Path
    _password: str = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def fresh_database(self) -> str:
        """The DSN of an empty database, encoded in UTF-8 and sorting by code point."""
        name = f"fresh_{next(self._numbers)}"
        self.run_sql(f"CREATE DATABASE {name} OWNER {ROLE}")
        return f"postgresql://{ROLE}:{self._password}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, dsn: str) -> None:
        """Remove what `fresh_database` made, even if somebody is still connected."""
        self.run_sql(f"DROP DATABASE {dsn.rpartition('/')[2]} WITH (FORCE)")

    def run_sql(self, statement: str) -> str:
        """What the statement answers, run as the superuser in a database of its own.  Raises `DidNotStart`."""
        done = subprocess.run(
            [
                *(self.psql, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"),
                *("--host=127.0.0.1", f"--port={self.port}", f"--username={SUPERUSER}", "--dbname=postgres"),
                f"--command={statement}",
            ],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PGPASSWORD": self._password},
        )
        if done.returncode != 0:
            raise DidNotStart(f"PostgreSQL refused {statement!r}: {done.stderr.strip()}")
        return done.stdout.strip()


def who_runs_it() -> str | None:
    """PostgreSQL refuses to run as root: then as `postgres` where that account exists, else as `nobody`."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"


def can_reach(folder: Path, user: str | None) -> bool:
    return user is None or subprocess.run(["test", "-w", folder], check=False, user=user).returncode == 0


def in_memory() -> list[str]:
    """A place in memory, where there is one with room.  Containers often have one of 64 MB, which is none."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED_BYTES:
        return [MEMORY]
    return []


def initialise(programs: Path, data: Path, user: str | None, password_file: Path) -> None:
    done = subprocess.run(
        [
            *(programs / "initdb", "--pgdata", data, "--username", SUPERUSER, "--pwfile", password_file),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
    )
    if done.returncode != 0:
        raise DidNotStart(f"initdb failed: {done.stderr.strip()}")


def is_ready(data: Path) -> bool | None:
    """PostgreSQL writes its state into the eighth line of its pid file; pg_ctl reads the same."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return True if len(lines) >= 8 and lines[7].strip() == "ready" else None


@contextmanager
def started(programs: Path, data: Path, settings: dict[str, str], user: str | None, port: int) -> Iterator[None]:
    options = [f"--{name}={value}" for name, value in {**settings, "port": str(port)}.items()]
    command: list[str | Path] = [programs / "postgres", "-D", data, *options]
    # SIGINT is PostgreSQL's "fast shutdown": it does not wait for its clients.
    with guarded("PostgreSQL", command, folder=data.parent, stop_signal=signal.SIGINT, user=user) as server:
        server.wait_until(lambda: is_ready(data))
        yield


@contextmanager
def running(installation: Installation, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a new, empty server and stop it again.  Raises `DidNotStart`.

    `durable` is PostgreSQL as it comes, with every commit on disk: for tests that let things crash, and for measuring.
    Otherwise its files are in memory where there is room for some small databases, and nothing waits for a disk.
    """
    user = who_runs_it()
    places = [] if durable else in_memory()
    with private_folder("postgres", user=user, fit=lambda place: can_reach(place, user), rather_in=places) as folder:
        programs = reachable(installation, folder / "programs", user)
        data, password, password_file = folder / "data", secrets.token_hex(16), folder / "password"
        password_file.write_text(password)
        if user is not None:
            shutil.chown(password_file, user)
        initialise(programs, data, user, password_file)
        settings = {**SETTINGS, "unix_socket_directories": str(folder), **({} if durable else CONTRACT_SETTINGS)}
        with on_a_free_port(partial(started, programs, data, settings, user)) as port:
            psql = installation.programs / "psql"
            server = PostgresServer(port=port, version=installation.version, psql=psql, _password=password)
            server.run_sql(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
            yield server
