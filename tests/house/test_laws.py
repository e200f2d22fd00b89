"""The three laws of the house, as import contracts (``[tool.importlinter]`` in ``pyproject.toml``).

They are held against the package as it is, and against copies of it in which one law is broken: a contract that lets a
breach through, or that cannot say where it is, is no contract.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "callvault"
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What import-linter says of a tree."""

    kept: frozenset[str]
    """Contracts by name."""
    broken: frozenset[str]
    report: str
    """The whole output, white space folded: long chains wrap."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """One import that must not be, planted at the end of a file (which is made where it is missing)."""

    file: str
    line: str
    contracts: frozenset[str]
    """The contracts that see it."""
    chain: str
    """How the report names it, ``{line}`` standing for the number of the planted line."""


def lint(root: Path) -> Verdict:
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "COLUMNS": "400"}
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    report = " ".join(done.stdout.split())
    assert " kept, " in report, f"import-linter did not come to a verdict:\n{done.stdout}\n{done.stderr}"
    return Verdict(
        kept=frozenset(name for name in CONTRACTS if f"{name} KEPT" in report),
        broken=frozenset(name for name in CONTRACTS if f"{name} BROKEN" in report),
        report=report,
    )


FLOORS = "Arrows point down"
DOORS = "Doors never meet"
DRY = "The ground and the dialects are dry"
CALLER = "The caller shares no signalling or media code with the server that it calls"
HALL = "Dialects reach rows and bytes through the vault alone"
CONTRACTS = frozenset({FLOORS, DOORS, DRY, CALLER, HALL})

ACME = "dialects/acme/words.py"
"""A dialect that no contract has heard of: a new folder needs no edit of the contracts."""

BREACHES = {
    "the caller reads as the server does": Breach(
        file="caller/planted.py",
        line="import callvault.protocols.sip",
        contracts=frozenset({CALLER}),
        chain="callvault.caller.planted -> callvault.protocols.sip (l.{line})",
    ),
    "the ground asks the hall": Breach(
        file="model/party.py",
        line="import callvault.vault.commands",
        contracts=frozenset({FLOORS}),
        chain="callvault.model.party -> callvault.vault.commands (l.{line})",
    ),
    "the errors know the model": Breach(
        file="errors.py",
        line="from callvault.model import party",
        contracts=frozenset({FLOORS}),
        chain="callvault.errors -> callvault.model.party (l.{line})",
    ),
    "a room asks a door": Breach(
        file="catalogue/store.py",
        line="from callvault.dialects import contract",
        contracts=frozenset({FLOORS}),
        chain="callvault.catalogue.store -> callvault.dialects.contract (l.{line})",
    ),
    "one room asks the other": Breach(
        file="media/planted.py",
        line="import callvault.catalogue.store",
        contracts=frozenset({FLOORS}),
        chain="callvault.media.planted -> callvault.catalogue.store (l.{line})",
    ),
    "audio and wire know each other": Breach(
        file="audio/planted.py",
        line="import callvault.wire",
        contracts=frozenset({FLOORS}),
        chain="callvault.audio.planted -> callvault.wire (l.{line})",
    ),
    "audio and protocols know each other": Breach(
        file="protocols/planted.py",
        line="import callvault.audio",
        contracts=frozenset({FLOORS}),
        chain="callvault.protocols.planted -> callvault.audio (l.{line})",
    ),
    "a package without a floor": Breach(
        file="attic/__init__.py", line="ATTIC = True", contracts=frozenset({FLOORS}), chain="- callvault.attic"
    ),
    "a dialect asks another": Breach(
        file=ACME,
        line="from callvault.dialects.bandwidth import words",
        contracts=frozenset({DOORS}),
        chain="callvault.dialects.acme.words -> callvault.dialects.bandwidth.words (l.{line})",
    ),
    "the toolbox knows a dialect": Breach(
        file="dialects/toolbox/times.py",
        line="import callvault.dialects.bandwidth.words",
        contracts=frozenset({DOORS}),
        chain="callvault.dialects.toolbox.times -> callvault.dialects.bandwidth.words (l.{line})",
    ),
    "the notices know a dialect": Breach(
        file="dialects/notices.py",
        line="from callvault.dialects.bandwidth import words",
        contracts=frozenset({DOORS}),
        chain="callvault.dialects.notices -> callvault.dialects.bandwidth.words (l.{line})",
    ),
    "the model opens a socket": Breach(
        file="model/party.py",
        line="import socket",
        contracts=frozenset({DRY}),
        chain="callvault.model.party -> socket (l.{line})",
    ),
    "a dialect waits": Breach(
        file=ACME,
        line="from asyncio import sleep",
        contracts=frozenset({DRY}),
        chain="callvault.dialects.acme.words -> asyncio (l.{line})",
    ),
    "a dialect knows the web framework": Breach(
        file="dialects/contract.py",
        line="import granian",
        contracts=frozenset({DRY}),
        chain="callvault.dialects.contract -> granian (l.{line})",
    ),
    "audio starts a process": Breach(
        file="audio/planted.py",
        line="import subprocess",
        contracts=frozenset({DRY}),
        chain="callvault.audio.planted -> subprocess (l.{line})",
    ),
    "a protocol opens a socket": Breach(
        file="protocols/planted.py",
        line="import socket",
        contracts=frozenset({DRY}),
        chain="callvault.protocols.planted -> socket (l.{line})",
    ),
    "a dialect reads the catalogue": Breach(
        file=ACME,
        line="from callvault.catalogue.store import Catalogue",
        contracts=frozenset({HALL}),
        chain="callvault.dialects.acme.words -> callvault.catalogue.store (l.{line})",
    ),
}


def test_the_house_keeps_its_laws() -> None:
    verdict = lint(ROOT)
    assert verdict.kept == CONTRACTS, verdict.report


@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_is_named_by_file_and_line(breach: Breach, tmp_path: Path) -> None:
    copy_house(tmp_path)
    number = plant(tmp_path / "src" / "callvault" / breach.file, breach.line)
    verdict = lint(tmp_path)
    assert verdict.broken == breach.contracts, verdict.report
    assert breach.chain.format(line=number) in verdict.report


def copy_house(root: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(PACKAGE, root / "src" / "callvault", ignore=no_code)


def no_code(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())]


def plant(file: Path, line: str) -> int:
    """Append the line; the answer is its number."""
    file.parent.mkdir(exist_ok=True)
    (file.parent / "__init__.py").touch()
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(f"{text}{line}\n", encoding="utf-8")
    return len(re.findall("\n", text)) + 1
