"""The seed file, read: YAML in, the whole cast out, or one sentence that says what is wrong and on which line.

``docs/emulator.md`` describes the file for people.  What does not live here: YAML itself (``nodes``), recordings
(``seed_recordings``) and the audio that is asked for (``seed_audio``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.errors import OperatorError
from callvault.model.card import instant
from callvault.model.events import EventKind
from callvault.server.emulator.clock import FIRST_YEAR, LAST_YEAR, MOST_FACTOR, ClockPlan, Pace
from callvault.server.emulator.nodes import Node, read_yaml
from callvault.server.emulator.seed import (
    LONG_AGO,
    Seed,
    SeedAccount,
    SeedHook,
    SeedUser,
    entropy_of,
    id_of,
)
from callvault.server.emulator.seed_recordings import read_recordings

ACCOUNT = ("name", "id", "serial", "key", "settings", "users", "hooks", "calls", "recordings")
HOOK = ("dialect", "url", "failover_url", "method", "events", "username", "password", "options")
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SERIAL = (1, 99_999_999)


def read_seed(file: Path) -> Seed:
    """Parse the file, and look whether the audio that it names is there and is audio.

    Raises:
        OperatorError: something in it is wrong; says what, and on which line.
    """
    root = read_yaml(file)
    entries = _known(root, "The file", ("clock", "accounts"))
    if "accounts" not in entries:
        raise root.wrong("There are no accounts, and nothing can be asked for without one.")
    accounts = tuple(_account(node) for node in entries["accounts"].items("accounts"))
    _once(entries["accounts"], [account.name for account in accounts], "name")
    _once(entries["accounts"], [account.key for account in accounts], "key")
    _once(entries["accounts"], [str(account.id) for account in accounts], "id")
    _once(entries["accounts"], [str(account.serial) for account in accounts if account.serial], "serial")
    return Seed(file=file, clock=_clock(entries.get("clock")), accounts=accounts)


def _clock(node: Node | None) -> ClockPlan:
    if node is None:
        return ClockPlan()
    paces = {pace.value: pace for pace in Pace}
    if isinstance(node.value, str):
        node = replace(node, value={"pace": node})
    entries = _known(node, "clock", ("pace", "factor", "start"))
    if "pace" not in entries:
        raise node.wrong("clock needs a pace: real, fast or stepped.")
    pace = entries["pace"].one_of("pace", paces)
    factor = {Pace.REAL: 1.0, Pace.FAST: 60.0, Pace.STEPPED: 0.0}[pace]
    if "factor" in entries:
        factor = entries["factor"].number("factor")
        if pace is not Pace.FAST or not 0 < factor <= MOST_FACTOR:
            raise entries["factor"].wrong(f"factor is for a fast clock, above 0 and at most {MOST_FACTOR:,.0f}.")
    return ClockPlan(pace=pace, factor=factor, start=_instant(entries.get("start"), "start"))


def _instant(node: Node | None, name: str) -> datetime | None:
    if node is None:
        return None
    moment = node.read(lambda value: instant(value, name))
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise node.wrong(f"{name} must lie in the years {FIRST_YEAR} to {LAST_YEAR - 1}.")
    return moment


def _account(node: Node) -> SeedAccount:
    entries = _known(node, "An account", ACCOUNT)
    if "name" not in entries:
        raise node.wrong("An account needs a name.")
    name = entries["name"].text("name")
    key = entries["key"].text("key") if "key" in entries else entropy_of("key", name).hex()
    if not _KEY.fullmatch(key):
        raise entries["key"].wrong("key must be 64 characters out of 0-9 and a-f.")
    account = SeedAccount(
        id=_id(entries) or id_of(LONG_AGO, "account", name),
        serial=entries["serial"].whole("serial", *_SERIAL) if "serial" in entries else 0,
        name=name,
        key=key,
        settings=_settings(entries.get("settings")),
        users=tuple(_user(item, name) for item in _items(entries, "users")),
        hooks=tuple(_hook(item) for item in _items(entries, "hooks")),
    )
    if "users" in entries:
        _once(entries["users"], [user.name for user in account.users], "name")
    recordings = read_recordings(entries, account)
    _once(node, [recording.name for recording in recordings], "recording's name")
    _once(node, [str(recording.id) for recording in recordings if recording.id], "recording's id")
    return replace(account, recordings=recordings)


def _settings(node: Node | None) -> Mapping[str, Any]:
    if node is None:
        return {}
    for name, entry in _known(node, "settings", ("public_media",)).items():
        if not isinstance(entry.value, bool):
            raise entry.wrong(f"{name} must be true or false.")
    settings: Mapping[str, Any] = node.plain()
    return settings


def _user(node: Node, account: str) -> SeedUser:
    entries = _known(node, "A user", ("name", "password", "id"))
    for needed in ("name", "password"):
        if needed not in entries:
            raise node.wrong(f"A user needs a {needed}.")
    name = entries["name"].text("name").lower()
    user_id = _id(entries) or id_of(LONG_AGO, "user", account, name)
    return SeedUser(id=user_id, name=name, password=entries["password"].text("password"))


def _hook(node: Node) -> SeedHook:
    """What it may be in its dialect is the vault's to judge, when the play begins."""
    entries = dict(_known(node, "A hook", HOOK))
    for needed in ("dialect", "url"):
        if needed not in entries:
            raise node.wrong(f"A hook needs a {needed}.")
    events = entries.pop("events", None)
    options = entries.pop("options", None)
    kinds = {kind.value: kind for kind in EventKind}
    told: dict[str, Any] = {name: entry.text(name) for name, entry in entries.items()}
    if events is not None:
        told["events"] = frozenset(item.one_of("An event", kinds) for item in events.items("events"))
    if options is not None:
        told["options"] = {name: _word(entry, name) for name, entry in options.entries("options").items()}
    return SeedHook(**told, line=node.line)


def _word(node: Node, name: str) -> str:
    """A text, a number, or true and false, as options write them."""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    return str(node.value) if isinstance(node.value, int | float) else node.text(name)


def _id(entries: Mapping[str, Node]) -> UUID | None:
    return entries["id"].uuid("id") if "id" in entries else None


def _items(entries: Mapping[str, Node], name: str) -> list[Node]:
    return entries[name].items(name) if name in entries else []


def _known(node: Node, what: str, names: tuple[str, ...]) -> dict[str, Node]:
    entries = node.entries(what)
    for name, entry in entries.items():
        if name not in names:
            raise entry.wrong(f"{what} has no field {name!r}; it takes {', '.join(names)}.")
    return entries


def _once(node: Node, values: list[str], what: str) -> None:
    for value in values:
        if values.count(value) > 1:
            raise _twice(node, what, value)


def _twice(node: Node, what: str, value: str) -> OperatorError:
    return node.wrong(f"Two have the same {what}, {value!r}.")
