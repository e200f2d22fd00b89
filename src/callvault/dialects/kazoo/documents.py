"""The document of a recording: the fields of Kazoo's schema ``call_recordings``, as 4.3 fills them.

What the core has no word for comes from ``extras["kazoo"]``: there it stands above what would be made up here
(``name``, ``origin``, ``from``, ...), and below what the core knows (``duration``, ``direction``, ...).  Absent values
are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo import words
from callvault.dialects.toolbox.times import gregorian
from callvault.model.party import Party
from callvault.model.recording import Recording, Source
from callvault.model.shipment import shipment_told

MADE_UP = frozenset({"cdr_id", "description", "from", "media_source", "name", "origin", "request", "source_type", "to"})
"""Fields of which Kazoo's own word counts, where there is one."""
MEDIA_SOURCE = "recorded"
ABSENT = (None, "")
READ_ONLY = "_read_only"
"""What is no part of the document, and told beside it; how its file's push goes is ours."""
NOTHING: Mapping[str, Any] = {}
UNSHOWN = frozenset({"account_id"})
"""Kept from a push, and no field of a document: the account in the cluster that pushed."""


def document(recording: Recording, terms: Terms) -> dict[str, Any]:
    """What a GET of one recording answers; keys by the alphabet, as in the schema."""
    said = recording.extras.get(words.NAME, NOTHING)
    item = _fields(recording, said, terms)
    if said:
        item |= {key: value for key, value in said.items() if _tells(key, item)}
        item = {key: item[key] for key in sorted(item) if item[key] not in ABSENT}
    push = shipment_told(recording)
    if push is not None:
        item[READ_ONLY] = {"push": dict(push)}
    return item


def list_item(recording: Recording, terms: Terms) -> dict[str, Any]:
    """The same in a list, where it tells besides whether there is audio."""
    item = document(recording, terms)
    item[READ_ONLY] = {"content_types": content_types(recording), **item.get(READ_ONLY, NOTHING)}
    return item


def glance(recording: Recording, terms: Terms) -> Callable[[str], Any]:
    """``get`` of the list's item, which is written only if somebody asks for what cannot be told without it."""
    item: dict[str, Any] | None = None
    tells_more = words.NAME in recording.extras

    def get(key: str) -> Any:  # noqa: ANN401 - any JSON value
        nonlocal item
        if key in ALONE and not tells_more:
            value = ALONE[key](recording)
            return None if value == "" else value
        item = item or list_item(recording, terms)
        return item.get(key)

    return get


def content_types(recording: Recording) -> list[str]:
    """The types of what can be heard."""
    heard = recording.hearable
    return [words.CONTENT_TYPE[words.SERVED[recording.format]]] if heard else []


def file_name(recording: Recording) -> str:
    """What the attachment is called: by whoever recorded it, else after the id."""
    said = recording.extras.get(words.NAME, {}).get("name")
    return said if isinstance(said, str) and said else f"{recording.id.hex}.{words.SERVED[recording.format]!s}"


def _fields(recording: Recording, said: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """What is known, and what only the switch could tell in the form in which it would; by the alphabet."""
    served = words.SERVED[recording.format]
    name, call = file_name(recording), words.call_id(recording)
    caller, callee, realm = recording.caller, recording.callee, realm_of(terms)
    item: dict[str, Any] = {"call_id": call}
    if callee.name:
        item["callee_id_name"] = callee.name
    if callee.number:
        item["callee_id_number"] = callee.number
    if caller.name:
        item["caller_id_name"] = caller.name
    if caller.number:
        item["caller_id_number"] = caller.number
    item["cdr_id"] = f"{words.month(recording.started_at)}-{call}"
    if conference := words.conference_id(recording):
        item["conference_id"] = conference
    if recording.conference_name:
        item["conference_name"] = recording.conference_name
    if recording.source is Source.CONFERENCE:
        item["conference_recording"] = True
    item["content_type"] = words.CONTENT_TYPE[served]
    item["description"] = f"recording {name}"
    item["direction"] = words.DIRECTION[recording.direction]
    item["duration"] = recording.duration_ms // 1000
    item["duration_ms"] = recording.duration_ms
    if from_ := _address(caller, realm):
        item["from"] = from_
    item["id"] = words.recording_id(recording)
    item["interaction_id"] = words.interaction_id(recording)
    item["media_source"] = MEDIA_SOURCE
    item["media_type"] = str(served)
    item["name"] = name
    item["origin"] = words.origin_word(recording)
    if recording.user_id:
        item["owner_id"] = recording.user_id.hex
    to = said.get("to") or _address(callee, realm)
    if to:
        item["request"] = to
    item["source_type"] = "kzc_recording"
    item["start"] = gregorian(recording.started_at)
    if to:
        item["to"] = to
    return item


def _tells(key: str, fields: Mapping[str, Any]) -> bool:
    """Whether what Kazoo said under this key is shown: it is public, and the core does not know better."""
    if key.startswith(("_", "pvt_")) or key in UNSHOWN:
        return False
    return key in MADE_UP or fields.get(key) is None


def realm_of(terms: Terms) -> str:
    """The realm of whom no other is known."""
    return str(terms.settings.get("kazoo_realm") or _host(terms.base_url))


@lru_cache(maxsize=16)
def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "localhost"


def _address(party: Party, realm: str) -> str | None:
    """``user@realm``: as the party is known, else made of its number."""
    identity = party.identity or ""
    user = identity if "@" in identity else party.number or identity
    user = user.removeprefix("sips:").removeprefix("sip:")
    return user if not user or "@" in user else f"{user}@{realm}"


ALONE: Mapping[str, Callable[[Recording], Any]] = {
    "call_id": words.call_id,
    "callee_id_name": attrgetter("callee.name"),
    "callee_id_number": attrgetter("callee.number"),
    "caller_id_name": attrgetter("caller.name"),
    "caller_id_number": attrgetter("caller.number"),
    "conference_id": words.conference_id,
    "conference_name": attrgetter("conference_name"),
    "direction": lambda recording: words.DIRECTION[recording.direction],
    "duration": lambda recording: recording.duration_ms // 1000,
    "duration_ms": attrgetter("duration_ms"),
    "id": words.recording_id,
    "interaction_id": words.interaction_id,
    "media_source": lambda _: MEDIA_SOURCE,
    "media_type": lambda recording: str(words.SERVED[recording.format]),
    "origin": words.origin_word,
    "start": lambda recording: gregorian(recording.started_at),
}
"""Fields that can be told without the document, where Kazoo itself has said nothing: what lists are judged by."""
