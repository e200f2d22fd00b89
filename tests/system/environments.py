"""The vendors' own clients, each in an environment of its own, since they pin one another's rivals.

An environment is made once, under ``.cache/clients``, from PyPI; what it needs is written beside its name here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.need import need

ROOT = Path(__file__).parent.parent.parent / ".cache" / "clients"
SCRIPTS = Path(__file__).parent / "clients"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What to install, and what to remove again."""

    packages: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    """What a package pulls in and the running Python cannot bear."""


ENVIRONMENTS: Mapping[str, Environment] = {
    "bandwidth": Environment(packages=("bandwidth-sdk==23.3.1",)),
    "telnyx": Environment(packages=("telnyx==4.189.0",)),
    "twilio": Environment(packages=("twilio==9.13.0",)),
    "signalwire": Environment(packages=("signalwire==2.1.1",)),
    "httpx": Environment(packages=("httpx>=0.28",)),
}


def python_of(name: str) -> Path:
    """The Python of a client's environment, which is made where it is missing."""
    environment = ENVIRONMENTS[name]
    stamp = ROOT / name / "made.json"
    wanted = json.dumps([environment.packages, environment.unwanted, sys.version])
    return need(
        f"the client {name}",
        lambda: ROOT / name / "bin" / "python" if stamp.exists() and stamp.read_text() == wanted else None,
        "pip install " + " ".join(environment.packages),
        lambda: _make(name, environment, stamp, wanted),
    )


def _make(name: str, environment: Environment, stamp: Path, wanted: str) -> None:
    folder = ROOT / name
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", *environment.packages], check=True, capture_output=True)
    if environment.unwanted:
        subprocess.run([*pip, "uninstall", "--quiet", "--yes", *environment.unwanted], check=True, capture_output=True)
    stamp.write_text(wanted)


def run_client(name: str, script: str, told: Mapping[str, Any], authority: Path | None = None) -> Any:
    """Run ``clients/<script>`` under a client; it reads JSON from stdin and prints JSON.

    ``authority``: a private CA's certificate that the client's machine is to trust.
    """
    trust = {"REQUESTS_CA_BUNDLE": str(authority), "SSL_CERT_FILE": str(authority)} if authority else {}
    done = subprocess.run(
        [str(python_of(name)), str(SCRIPTS / script)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        env={**os.environ, **trust},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
