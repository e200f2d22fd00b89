"""The document of a recording: the fields of Kazoo's schema ``call_recordings``, as 4.3 fills them.

What the core has no word for comes from ``extras["kazoo"]``: there it stands above what would be made up here
(``name``, ``origin``, ``from``, ...), and below what the core knows (``duration``, ``direction``, ...).  Absent values
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
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
ABSENT = (None, "")
READ_ONLY = "_read_only"
"""What is no part of the document, and told beside it; how its file's push goes is ours."""
NOTHING: Mapping[str, Any] = {}
UNSHOWN = frozenset({"account_id"})
"""Kept from a push, and no field of a document: the account in the cluster that pushed."""


def document(recording: Recording, terms: Terms) -> dict[str, Any]:
    """What a GET of one recording answers; keys by the alphabet, as in the schema."""
    said = recording.extras.get(words.NAME, NOTHING)
    fields = _fields(recording, said, terms)
    more = {key: value for key, value in said.items() if _tells(key, fields)}
    if more:
        fields |= more
        fields = {key: fields[key] for key in sorted(fields)}
    item = {key: value for key, value in fields.items() if value or value not in ABSENT}
    push = shipment_told(recording)
    return item if push is None else item | {READ_ONLY: {"push": dict(push)}}


def list_item(recording: Recording, terms: Terms) -> dict[str, Any]:
    """The same in a list, where it tells besides whether there is audio."""
    item = document(recording, terms)
    item[READ_ONLY] = {"content_types": content_types(recording), **item.get(READ_ONLY, {})}
    return item


def content_types(recording: Recording) -> list[str]:
    """The types of what can be heard."""
    heard = recording.hearable
    return [words.CONTENT_TYPE[words.SERVED[recording.format]]] if heard else []


def file_name(recording: Recording) -> str:
    """What the attachment is called: by whoever recorded it, else after the id."""
    said = recording.extras.get(words.NAME, {}).get("name")
    return said if isinstance(said, str) and said else f"{recording.id.hex}.{words.SERVED[recording.format]}"


def _fields(recording: Recording, said: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """What is known, and what only the switch could tell in the form in which it would; by the alphabet."""
    served = words.SERVED[recording.format]
    name, call = file_name(recording), words.call_id(recording)
    caller, callee, began = recording.caller, recording.callee, recording.started_at
    realm = realm_of(terms)
    to = said.get("to") or _address(callee, realm)
    return {
        "call_id": call,
        "callee_id_name": callee.name,
        "callee_id_number": callee.number,
        "caller_id_name": caller.name,
        "caller_id_number": caller.number,
        "cdr_id": f"{words.month(began)}-{call}",
        "conference_id": words.conference_id(recording),
        "conference_name": recording.conference_name,
        "conference_recording": True if recording.source is Source.CONFERENCE else None,
        "content_type": words.CONTENT_TYPE[served],
        "description": f"recording {name}",
        "direction": words.DIRECTION[recording.direction],
        "duration": recording.duration_ms // 1000,
        "duration_ms": recording.duration_ms,
        "from": _address(caller, realm),
        "id": words.recording_id(recording),
        "interaction_id": words.interaction_id(recording),
        "media_source": "recorded",
        "media_type": str(served),
        "name": name,
        "origin": words.origin_word(recording),
        "owner_id": recording.user_id.hex if recording.user_id else None,
        "request": to,
        "source_type": "kzc_recording",
        "start": gregorian(began),
        "to": to,
    }


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
