"""Every dialect's folder holds the same files, so that whoever knows one knows all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

import callvault.dialects
from callvault.dialects import registry

DIALECTS = Path(callvault.dialects.__file__).parent

FILES = frozenset(
    {
        "NOTES.md",
        "__init__.py",
        "auth.py",
        "errors.py",
        "replies.py",
        "requests.py",
        "routes.py",
        "words.py",
    }
)
"""What a dialect is made of.  What each holds: docs/adding-a-dialect.md."""

SHARED = frozenset({"toolbox"})
"""Folders beside the dialects that are none."""

SPLIT: dict[tuple[str, str], str] = {}
"""Further files: dialect and file, with the reason why one noun of ``requests`` or ``replies`` needs its own."""


def differences(folder: Path, allowed: Collection[str] = ()) -> list[str]:
    """What a dialect's folder lacks or has too much."""
    there = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    lacking = [f"{folder.name} lacks {name}" for name in sorted(FILES - there)]
    extra = [f"{folder.name} has {name} besides" for name in sorted(there - FILES - set(allowed))]
    return lacking + extra


def folders() -> list[Path]:
    return sorted(path for path in DIALECTS.iterdir() if (path / "__init__.py").exists() and path.name not in SHARED)


def test_the_folders_are_the_registered_dialects() -> None:
    assert [folder.name for folder in folders()] == sorted(registry.NAMES)
    assert [dialect.name for dialect in registry.load()] == list(registry.NAMES)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_dialect_is_always_the_same_files(folder: Path) -> None:
    assert differences(folder, [file for dialect, file in SPLIT if dialect == folder.name]) == []


def test_every_split_is_there_and_has_a_reason() -> None:
    for (dialect, file), reason in SPLIT.items():
        assert (DIALECTS / dialect / file).is_file()
        assert reason.endswith("."), f"{dialect}/{file}: the reason is a sentence"


def test_a_folder_that_differs_is_seen(tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    acme.mkdir()
    for name in FILES - {"words.py"} | {"helpers.py", "calls.py"}:
        (acme / name).touch()
    assert differences(acme, ["calls.py"]) == ["acme lacks words.py", "acme has helpers.py besides"]
