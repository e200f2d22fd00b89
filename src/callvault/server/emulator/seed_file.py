"""The seed file, read: YAML in, the whole cast out, or one sentence that says what is wrong and on which line.

``docs/emulator.md`` describes the file for people.  What does not live here: YAML itself (``nodes``), the audio that
is asked for (``seed_audio``), and what a recording's card may say (``model.card``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.errors import BadRequest, Conflict, OperatorError
from callvault.model.card import Card, instant, read_card
from callvault.model.ids import is_core_id
from callvault.model.life import LIVE, move
from callvault.model.recording import Status
from callvault.model.transcription import Transcription
from callvault.server.emulator.clock import FIRST_YEAR, LAST_YEAR, MOST_FACTOR, ClockPlan, Pace
from callvault.server.emulator.nodes import Node, read_yaml
from callvault.server.emulator.seed import (
    LONG_AGO,
    Seed,
    SeedAccount,
    SeedRecording,
    SeedUser,
    Step,
    entropy_of,
    id_of,
)
from callvault.server.emulator.seed_audio import read_audio
from callvault.vault.enrolment import check_card

OURS = ("name", "id", "user", "audio", "progress")
"""What a recording has beside its card."""
MOMENTS = ("started_at", "ended_at", "created_at")
SAID = ("created_at", "updated_at", "completed_at")
MOST_OFFSET_S = 10.0 * 365 * 86_400
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_OFFSET = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)
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
    entries = _known(node, "An account", ("name", "id", "serial", "key", "settings", "users", "calls", "recordings"))
    if "name" not in entries:
        raise node.wrong("An account needs a name.")
    name = entries["name"].text("name")
    key = entries["key"].text("key") if "key" in entries else entropy_of("key", name).hex()
    if not _KEY.fullmatch(key):
        raise entries["key"].wrong("key must be 64 characters out of 0-9 and a-f.")
    account = SeedAccount(
        id=_uuid(entries.get("id")) or id_of(LONG_AGO, "account", name),
        serial=entries["serial"].whole("serial", *_SERIAL) if "serial" in entries else 0,
        name=name,
        key=key,
        settings=_settings(entries.get("settings")),
        users=tuple(_user(item, name) for item in _items(entries, "users")),
    )
    if "users" in entries:
        _once(entries["users"], [user.name for user in account.users], "name")
    recordings = [_recording(found, number, account) for number, found in enumerate(_recordings(entries, name), 1)]
    _once(node, [recording.name for recording in recordings], "recording's name")
    _once(node, [str(recording.id) for recording in recordings if recording.id], "recording's id")
    return replace(account, recordings=tuple(recordings))


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
    user_id = _uuid(entries.get("id")) or id_of(LONG_AGO, "user", account, name)
    return SeedUser(id=user_id, name=name, password=entries["password"].text("password"))


@dataclass(frozen=True, slots=True)
class _Found:
    """A recording's mapping, with what its call says where it says nothing itself."""

    node: Node
    call_id: UUID | None


def _recordings(entries: Mapping[str, Node], account: str) -> list[_Found]:
    """The account's recordings in the order of the file: those of its calls, then those that stand alone."""
    found = []
    for number, call in enumerate(_items(entries, "calls"), 1):
        shared = dict(call.entries("A call"))
        recordings = shared.pop("recordings", None)
        if recordings is None:
            raise call.wrong("A call needs its recordings.")
        for ours in OURS:
            if ours in shared and ours != "user":
                raise shared[ours].wrong(f"{ours} is said of each recording, not of a call.")
        for node in recordings.items("recordings"):
            merged = replace(node, value={**shared, **node.entries("A recording")})
            found.append(_Found(merged, id_of(LONG_AGO, "call", account, str(number))))
    return found + [_Found(node, None) for node in _items(entries, "recordings")]


def _recording(found: _Found, number: int, account: SeedAccount) -> SeedRecording:
    node, entries = found.node, dict(found.node.entries("A recording"))
    ours = {name: entries.pop(name) for name in OURS if name in entries}
    name = ours["name"].text("name") if "name" in ours else f"recording-{number}"
    steps = _steps(ours["progress"]) if "progress" in ours else ()
    moments = {name: _moment(entries.pop(name)) for name in MOMENTS if _is_number(entries.get(name))}
    for moment in MOMENTS:
        if steps and (moment in moments or moment in entries):
            raise node.at(moment).wrong(f"{moment} comes from the progress here; leave it out.")
    if "transcription" in entries:
        entries["transcription"], later = _transcription(entries["transcription"], account.name, name)
        moments |= {"transcription": timedelta()} if later else {}
    card = replace(node, value=entries).read(_card)
    if "user" in ours:
        card = replace(card, user_id=_user_id(ours["user"], account))
    call_id = card.call_id or found.call_id or id_of(LONG_AGO, "call", account.name, name)
    return SeedRecording(
        name=name,
        id=_core_id(ours.get("id")),
        card=replace(card, call_id=call_id),
        moments=moments,
        audio=read_audio(ours.get("audio"), node, usual_ms=_captured_ms(steps)),
        steps=steps,
    )


def _card(document: Any) -> Card:  # noqa: ANN401 - JSON values
    for name in ("id", "account_id"):
        if name in document:
            raise BadRequest(f"{name} does not belong here.", field=name)
    card = read_card(document)
    check_card(card)
    return card


def _transcription(node: Node, account: str, name: str) -> tuple[Node, bool]:
    """With what it leaves out; and whether its times are to follow the recording's end."""
    entries = node.entries("transcription")
    unknown = [entry for entry in entries if entry not in Transcription.__dataclass_fields__]
    if unknown:
        raise entries[unknown[0]].wrong(f"A transcription has no field {unknown[0]!r}.")
    later = not any(word in entries for word in SAID)
    given = {
        "id": replace(node, value=str(id_of(LONG_AGO, "transcription", account, name))),
        "status": replace(node, value="available"),
        **({word: replace(node, value=LONG_AGO.isoformat()) for word in SAID} if later else {}),
    }
    return replace(node, value={**given, **entries}), later


def _steps(node: Node) -> tuple[Step, ...]:
    statuses = {status.value: status for status in Status if status is not Status.DELETED}
    steps: list[Step] = []
    for text, entry in node.entries("progress").items():
        if not _OFFSET.fullmatch(text) or abs(float(text)) > MOST_OFFSET_S:
            raise entry.wrong(f"{text} is no offset: seconds after the start, such as 0, 2.5 or -60.")
        step = Step(after=timedelta(seconds=float(text)), status=entry.one_of("A step", statuses))
        if steps and step.after <= steps[-1].after:
            raise entry.wrong(f"{text} s comes after {steps[-1].after.total_seconds():g} s; steps go forward in time.")
        if steps:
            try:
                move(steps[-1].status, step.status)
            except Conflict as error:
                raise entry.wrong(str(error)) from error
        steps.append(step)
    if not steps:
        raise node.wrong("progress needs at least one step, such as 0: capturing.")
    return tuple(steps)


def _captured_ms(steps: tuple[Step, ...]) -> int | None:
    """How long it is recorded by its steps; None where they do not say."""
    captured = timedelta()
    for step, following in pairwise(steps):
        if step.status is Status.CAPTURING:
            captured += following.after - step.after
    over = bool(steps) and steps[-1].status not in LIVE
    return captured // timedelta(milliseconds=1) or None if over else None


def _moment(node: Node) -> timedelta:
    seconds = node.number("A time")
    if abs(seconds) > MOST_OFFSET_S:
        raise node.wrong("A time is given as ISO 8601, or in seconds from the start, at most ten years of them.")
    return timedelta(milliseconds=round(seconds * 1000))


def _is_number(node: Node | None) -> bool:
    return node is not None and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _user_id(node: Node, account: SeedAccount) -> UUID:
    named = node.text("user").lower()
    for user in account.users:
        if user.name == named:
            return user.id
    raise node.wrong(f"The account {account.name} has no user {named!r}.")


def _core_id(node: Node | None) -> UUID | None:
    found = _uuid(node)
    if node is not None and found is not None and not is_core_id(found):
        raise node.wrong(f"A recording's id must be a UUID of version 7 (RFC 9562), not {found}.")
    return found


def _uuid(node: Node | None) -> UUID | None:
    if node is None:
        return None
    try:
        return UUID(node.text("id"))
    except ValueError:
        raise node.wrong(f"id must be a UUID, not {node.value!r}.") from None


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
