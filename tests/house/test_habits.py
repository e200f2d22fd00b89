"""Habits of the house that no tool checks: short files, honest names, a docstring at every door.

Each check is a function over a folder; it is run on the package, and on small trees that break it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import callvault

PACKAGE = Path(callvault.__file__).parent
MOST_LINES = 400
NO_NAMES = frozenset(
    {"common", "helper", "helpers", "manager", "managers", "misc", "shared", "stuff", "util", "utils", "utilities"}
)
"""They say where somebody ran out of words, not what lives there."""


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*.py")):
        yield path.relative_to(root).as_posix(), path


def too_long(root: Path) -> list[str]:
    lengths = ((name, len(path.read_text(encoding="utf-8").splitlines())) for name, path in modules(root))
    return [f"{name} has {length} lines" for name, length in lengths if length > MOST_LINES]


def badly_named(root: Path) -> list[str]:
    return [name for name, _ in modules(root) if NO_NAMES & words_of(name)]


def words_of(name: str) -> set[str]:
    return {word for part in Path(name).with_suffix("").parts for word in part.split("_")}


def without_docstring(root: Path) -> list[str]:
    return [name for name, path in modules(root) if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


def packages_without_init(root: Path) -> list[str]:
    folders = {path.parent for _, path in modules(root)}
    return sorted(str(folder.relative_to(root)) for folder in folders if not (folder / "__init__.py").exists())


def test_no_file_is_longer_than_what_one_head_holds() -> None:
    assert too_long(PACKAGE) == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert badly_named(PACKAGE) == []


def test_every_module_says_what_lives_there() -> None:
    assert without_docstring(PACKAGE) == []
    assert packages_without_init(PACKAGE) == []


def test_a_file_of_401_lines_is_seen(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text('"""Short."""\n' * MOST_LINES, encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "long.py").write_text('"""Long."""\n' * (MOST_LINES + 1), encoding="utf-8")
    assert too_long(tmp_path) == ["deep/long.py has 401 lines"]


@pytest.mark.parametrize("name", ["utils.py", "session_manager.py", "common/times.py", "call_helpers.py"])
def test_a_name_that_says_nothing_is_seen(name: str, tmp_path: Path) -> None:
    for planted in (name, "commonwealth.py", "words.py"):
        (tmp_path / planted).parent.mkdir(exist_ok=True)
        (tmp_path / planted).touch()
    assert badly_named(tmp_path) == [name]


def test_a_module_without_a_docstring_is_seen(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()
    (tmp_path / "mute.py").write_text("# Only a comment.\nANSWER = 42\n", encoding="utf-8")
    (tmp_path / "kind.py").write_text('"""One sentence."""\n', encoding="utf-8")
    assert without_docstring(tmp_path) == ["__init__.py", "mute.py"]


def test_a_folder_of_modules_that_is_no_package_is_seen(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "words.py").touch()
    assert packages_without_init(tmp_path) == ["loose"]
