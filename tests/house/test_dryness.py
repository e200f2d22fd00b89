"""The third law where imports do not tell: the ground and the dialects read no clock, no dice and no environment.

``datetime`` and ``os`` may be imported there, ``datetime.now`` and ``os.environ`` may not be touched; so this looks
at what the code names.  A name is followed through ``import ... as`` to where it came from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import callvault

PACKAGE = Path(callvault.__file__).parent
DRY = ("errors.py", "wire.py", "model", "protocols", "dialects")
DAMP = ("audio",)
"""Ground as well; it may read the files that it is handed."""

CLOCK = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time",
    "asyncio",
}
DICE = {"random", "secrets", "uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "os.urandom", "numpy.random"}
SURROUNDINGS = {"os.environ", "os.environb", "os.getenv", "os.putenv", "getpass", "locale", "platform"}
NETWORK = {"http.client", "http.server", "urllib.request", "socket"}
FILES = {"open", "io.open", "os.open", "pathlib", "shutil", "tempfile"}
"""Whole modules, or single names in them."""


def wet(source: str, forbidden: set[str]) -> list[str]:
    """``line: name`` for each forbidden name that the source imports or uses."""
    tree = ast.parse(source)
    origins: dict[str, str] = {}
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        for local, origin in imported(node):
            origins[local] = origin
            found |= {(node.lineno, origin)} if hits(origin, forbidden) and isinstance(node, ast.stmt) else set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = origin_of(node, origins)
            if name is not None and hits(name, forbidden):
                found.add((node.lineno, name))
    return [f"{line}: {name}" for line, name in sorted(found)]


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Local name and origin of everything that an import statement brings."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
            if not alias.asname:
                yield alias.name, alias.name
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def origin_of(node: ast.expr, origins: dict[str, str]) -> str | None:
    """The dotted name that an expression stands for; None where it is not one that was imported or built in."""
    if isinstance(node, ast.Attribute):
        before = origin_of(node.value, origins)
        return f"{before}.{node.attr}" if before else None
    if isinstance(node, ast.Name):
        return origins.get(node.id, "open" if node.id == "open" else None)
    return None


def hits(origin: str, forbidden: set[str]) -> bool:
    """Whether this name, or the module that it is in, is forbidden; ``from os import *`` counts as all of it."""
    parts = origin.split(".")
    if parts[-1] == "*":
        return any(name.startswith(origin[:-1]) or name == origin[:-2] for name in forbidden)
    return any(".".join(parts[:length]) in forbidden for length in range(1, len(parts) + 1))


def ground(places: tuple[str, ...]) -> list[Path]:
    files = [PACKAGE / place for place in places if place.endswith(".py")]
    folders = [PACKAGE / place for place in places if not place.endswith(".py")]
    return files + sorted(path for folder in folders for path in folder.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", ground(DRY), ids=name_of)
def test_the_ground_and_the_dialects_take_time_and_chance_as_arguments(path: Path) -> None:
    assert wet(path.read_text(encoding="utf-8"), CLOCK | DICE | SURROUNDINGS | NETWORK | FILES) == []


@pytest.mark.parametrize("path", ground(DAMP), ids=name_of)
def test_audio_takes_time_and_chance_as_arguments(path: Path) -> None:
    assert wet(path.read_text(encoding="utf-8"), CLOCK | DICE | SURROUNDINGS | NETWORK) == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("from datetime import datetime\nnow = datetime.now()", ["2: datetime.datetime.now"]),
        ("from datetime import datetime as clock\nlater = clock.utcnow", ["2: datetime.datetime.utcnow"]),
        ("import datetime as d\n\ndef f():\n    return d.date.today()", ["4: datetime.date.today"]),
        ("import time", ["1: time"]),
        ("from time import monotonic", ["1: time.monotonic"]),
        ("import uuid\nfresh = [uuid.uuid4() for _ in 'ab']", ["2: uuid.uuid4"]),
        ("from uuid import uuid4 as fresh", ["1: uuid.uuid4"]),
        ("import numpy as np\nnoise = np.random.default_rng()", ["2: numpy.random", "2: numpy.random.default_rng"]),
        ("import os\nos.environ['HOME']", ["2: os.environ"]),
        ("from os import *", ["1: os.*"]),
        ("import os.path\nos.getenv('HOME')", ["2: os.getenv"]),
        ("from secrets import token_hex", ["1: secrets.token_hex"]),
        ("import urllib.request", ["1: urllib.request"]),
        ("def f(name):\n    return open(name)", ["2: open"]),
        ("from pathlib import Path", ["1: pathlib.Path"]),
    ],
)
def test_a_planted_breach_is_seen(source: str, seen: list[str]) -> None:
    assert wet(source, CLOCK | DICE | SURROUNDINGS | NETWORK | FILES) == seen


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime, time\nmoment = datetime(2026, 3, 1, tzinfo=UTC)\nnoon = time(12)",
        "def aged(time, random):\n    return time.time() - random.random()",
        "from uuid import UUID, uuid5\nknown = uuid5(UUID(int=0), 'a')",
        "from urllib.parse import urlsplit",
        "async def f(store, name):\n    return await store.open(name)",
        "import os.path\nos.path.basename('a/b')",
    ],
)
def test_what_only_looks_like_one_is_let_through(source: str) -> None:
    assert wet(source, CLOCK | DICE | SURROUNDINGS | NETWORK | FILES) == []
