"""Somebody else's project: a folder with tests of theirs, run by pytest with callvault's plugin and a vendor's SDK."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.system.environments import folder_of

PATIENCE_S = 240


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What pytest said."""

    counts: Mapping[str, int]
    """``passed``, ``failed``, ``error`` ... to how many."""
    output: str


def run_project(folder: Path, files: Mapping[str, str], sdks: Sequence[str] = (), flags: Sequence[str] = ()) -> Outcome:
    """Write the files and run their tests.  ``sdks``: names of clients' environments that they may import from."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    libraries = [str(packages) for sdk in sdks for packages in (folder_of(sdk) / "lib").glob("python*/site-packages")]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"PYTHONPATH": os.pathsep.join(libraries), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *flags],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    told = re.findall(r"(\d+) (passed|failed|errors?|skipped)", done.stdout.splitlines()[-1] if done.stdout else "")
    return Outcome(counts={word: int(number) for number, word in told}, output=done.stdout + done.stderr)
