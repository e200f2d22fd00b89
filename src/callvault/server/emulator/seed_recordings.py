"""The seed file's recordings: alone or by their calls, with their card, their audio and their progress.

What does not live here: accounts, users, hooks and the clock (``seed_file``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from callvault.errors import BadRequest, Conflict
from callvault.model.card import Card, read_card
from callvault.model.ids import is_core_id
from callvault.model.life import LIVE, move
from callvault.model.recording import Status
from callvault.model.transcription import Transcription
from callvault.server.emulator.nodes import Node
from callvault.server.emulator.seed import LONG_AGO, SeedAccount, SeedRecording, Step, id_of
from callvault.server.emulator.seed_audio import read_audio
from callvault.vault.enrolment import check_card

OURS = ("name", "id", "user", "audio", "progress")
"""What a recording has beside its card."""
MOMENTS = ("started_at", "ended_at", "created_at")
SAID = ("created_at", "updated_at", "completed_at")
MOST_OFFSET_S = 10.0 * 365 * 86_400
_OFFSET = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)


def read_recordings(entries: Mapping[str, Node], account: SeedAccount) -> tuple[SeedRecording, ...]:
    """An account's recordings in the order of the file: those of its calls, then those that stand alone.

    ``entries``: what the file says of the account, whose users are known already.

    Raises:
        OperatorError: something is wrong; says what, and on which line.
    """
    return tuple(
        _recording(found, number, account) for number, found in enumerate(_recordings(entries, account.name), 1)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A recording's mapping, with what its call says where it says nothing itself."""

    node: Node
    call_id: UUID | None


def _recordings(entries: Mapping[str, Node], account: str) -> list[_Found]:
    found = []
    for number, call in enumerate(entries["calls"].items("calls") if "calls" in entries else (), 1):
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
    alone = entries["recordings"].items("recordings") if "recordings" in entries else []
    return found + [_Found(node, None) for node in alone]


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
        line=node.line,
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
    found = node.uuid("id") if node is not None else None
    if node is not None and found is not None and not is_core_id(found):
        raise node.wrong(f"A recording's id must be a UUID of version 7 (RFC 9562), not {found}.")
    return found
