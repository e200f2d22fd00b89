"""The documentation names what there is: settings, commands, words, routes; and its links lead somewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
import pytest

from callvault.cli import main
from callvault.dialects import registry
from callvault.dialects.contract import Dialect, Route, Terms
from callvault.model.actor import Account
from callvault.model.card import Card, read_card
from callvault.model.ids import new_id
from callvault.model.party import Party
from callvault.model.transcription import Transcript, Transcription
from callvault.server.settings import SETTINGS, Setting
from tests.world import complete

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md")) + sorted(ROOT.glob("*.md")) + sorted((ROOT / "src").rglob("NOTES.md"))

WORDS = (
    "account", "actor", "call", "capture", "catalogue", "channel", "claim", "courier", "dialect", "hold", "hook", "leg",
    "media", "recording", "rendition", "retention", "segment", "stream", "sweep", "take",
)  # fmt: skip
"""One word per thing, the same in code, columns, documentation and logs."""


NOW = datetime(2026, 3, 1, 9, 0, 2, tzinfo=UTC)
TERMS = Terms(
    now=NOW, base_url="https://vault.example.net", link_key=bytes(32), cloak_key=bytes(32), notice_key=bytes(32)
)
ACCOUNT = Account(id=new_id(NOW, bytes(10)), serial=10_000_001, name="acme", created_at=NOW)
RECORDING = complete(
    Card(id=new_id(NOW, bytes(10)), call_id=new_id(NOW, bytes(10)), conference_id=UUID(int=7 << 76)), ACCOUNT.id, NOW
)
"""It has everything that a dialect may have a name for."""

ACCOUNT_SETTINGS = {"public_media"}
"""Those are chosen for each account (``callvault account set``)."""


def coverage_of(dialect: Dialect) -> str:
    return page("coverage.md").partition(f"\n## {dialect.title}\n")[2].partition("\n## ")[0]


def bases_of(section: str) -> list[str]:
    """Where a dialect has the same paths under several bases, the table shows them once."""
    bases = re.search(r"^All of it is there under each of (.*)\.$", section, re.MULTILINE)
    return re.findall("`([^`]+)`", bases[1]) if bases else [""]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups included."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")


COMMANDS = dict(commands(main, "callvault"))
ROUTES = [(dialect, route) for dialect in registry.load() for route in dialect.routes if route.method != "OPTIONS"]
"""What a browser asks before it asks is left out: it is answered wherever the real question is."""


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_described(setting: Setting) -> None:
    assert f"`{setting.name}`" in page("configuration.md")


def test_every_setting_that_a_dialect_asks_for_is_in_the_table() -> None:
    """A dialect asks by ``settings.get(name, default)``; the name is a text there, or a constant of its module."""
    asked = re.compile(r"\.settings\.get\((?:\"(?P<text>\w+)\"|(?P<constant>[A-Z_]+))")
    names = set()
    for path in sorted((ROOT / "src" / "callvault" / "dialects").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for match in asked.finditer(source):
            defined = re.search(rf'^{match["constant"]} = "(\w+)"', source, re.MULTILINE)
            names.add(match["text"] or (defined[1] if defined else match["constant"]))
    assert names >= {"kazoo_realm", "telnyx_list_shape"}, "the way in which dialects ask has changed"
    assert names - {setting.name for setting in SETTINGS} - ACCOUNT_SETTINGS == set()


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_help_and_is_described(path: str) -> None:
    assert COMMANDS[path].help
    assert f"`{path}" in page("cli.md")


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_has_help(path: str) -> None:
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option) and not parameter.hidden and "--help" not in parameter.opts:
            assert parameter.help, f"{path} {parameter.opts[0]}"


def rows_of(heading: str, dialect: Dialect) -> str:
    """What a part of the command line's page says of a dialect, and of all of them."""
    part = page("cli.md").partition(f"### `callvault {heading}")[2].partition("\n### ")[0]
    row = re.search(rf"^\| `{dialect.name}` \|(.*)$", part, re.MULTILINE)
    assert row, f"there is no row for {dialect.name}"
    return part.partition("\n| Dialect |")[0] + row[1]


@pytest.mark.parametrize("dialect", registry.load(), ids=lambda dialect: dialect.name)
def test_every_key_of_the_credentials_is_described(dialect: Dialect) -> None:
    told = dialect.credentials(ACCOUNT, "0" * 64, TERMS)
    assert [key for key in told if f"`{key}`" not in rows_of("account add", dialect)] == []


@pytest.mark.parametrize("dialect", registry.load(), ids=lambda dialect: dialect.name)
def test_every_name_of_a_recording_is_described(dialect: Dialect) -> None:
    told = {key.removeprefix("twilio_") for key in dialect.names(RECORDING, ACCOUNT, TERMS)}
    assert sorted(key for key in told if f"`{key}`" not in rows_of("show", dialect)) == []


@pytest.mark.parametrize("kind", [Card, Party, Transcription, Transcript], ids=lambda kind: kind.__name__)
def test_every_field_of_a_card_is_described(kind: type) -> None:
    assert [entry.name for entry in fields(kind) if f"`{entry.name}`" not in page("cards.md")] == []


def test_the_card_in_the_documentation_is_one() -> None:
    example = page("cards.md").partition("```json\n")[2].partition("```")[0]
    assert read_card(json.loads(example)).caller.name == "Ruth"


def test_the_reference_pages_are_what_the_program_says_of_itself() -> None:
    tool = ROOT / "tools" / "write_reference.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_in_the_glossary(word: str) -> None:
    assert re.search(rf"^\*\*{word}\*\*", page("glossary.md"), re.MULTILINE)


@pytest.mark.parametrize(("dialect", "route"), ROUTES, ids=[f"{d.name}-{r.method}-{r.path}" for d, r in ROUTES])
def test_every_route_is_in_the_coverage_table(dialect: Dialect, route: Route) -> None:
    assert route.about, "the table says what each route does"
    section = coverage_of(dialect)
    paths = [route.path.removeprefix(base) for base in bases_of(section) if route.path.startswith(base)]
    open_ = "yes" if route.public else ""
    rows = [f"| {route.method} | `{path}` | {route.about} | {open_} |" for path in paths]
    assert any(row in section for row in rows), "run tools/write_reference.py"


@pytest.mark.parametrize("dialect", registry.load(), ids=lambda dialect: dialect.name)
def test_the_coverage_table_has_no_route_that_is_gone(dialect: Dialect) -> None:
    section = coverage_of(dialect)
    told = {
        (method, base + path)
        for method, path in re.findall(r"^\| ([A-Z]+) \| `(/[^`]*)`", section, re.MULTILINE)
        for base in bases_of(section)
    }
    assert told == {(route.method, route.path) for owner, route in ROUTES if owner is dialect}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
