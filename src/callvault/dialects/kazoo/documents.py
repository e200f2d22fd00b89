"""The document of a recording: the fields of Kazoo's schema ``call_recordings``, as 4.3 fills them.

What the core has no word for comes from ``extras["kazoo"]``: there it stands above what would be made up here
(``name``, ``origin``, ``from``, ...), and below what the core knows (``duration``, ``direction``, ...).  Absent values
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo import words
from callvault.dialects.toolbox.times import gregorian
from callvault.model.party import Party
from callvault.model.recording import MediaState, Recording, Source, Status

HEARABLE = frozenset({MediaState.WHOLE, MediaState.PARTIAL})
UNSHOWN = frozenset({"account_id"})
"""Kept from a push, and no field of a document: the account in the cluster that pushed."""


def document(recording: Recording, terms: Terms) -> dict[str, Any]:
    """What a GET of one recording answers; keys by the alphabet, as in the schema."""
    said = {key: value for key, value in recording.extras.get(words.NAME, {}).items() if _public(key)}
    fields = _made_up(recording, said, terms) | said | _known(recording)
    return {key: fields[key] for key in sorted(fields) if fields[key] not in (None, "")}


def list_item(recording: Recording, terms: Terms) -> dict[str, Any]:
    """The same in a list, where it tells besides whether there is audio."""
    return document(recording, terms) | {"_read_only": {"content_types": content_types(recording)}}


def content_types(recording: Recording) -> list[str]:
    """The types of what can be heard."""
    heard = recording.status is Status.AVAILABLE and recording.media_state in HEARABLE
    return [words.CONTENT_TYPE[words.SERVED[recording.format]]] if heard else []


def file_name(recording: Recording) -> str:
    """What the attachment is called: by whoever recorded it, else after the id."""
    said = recording.extras.get(words.NAME, {}).get("name")
    return said if isinstance(said, str) and said else f"{recording.id.hex}.{words.SERVED[recording.format]}"


def _known(recording: Recording) -> dict[str, Any]:
    served = words.SERVED[recording.format]
    fields: dict[str, Any] = {
        "id": words.recording_id(recording),
        "content_type": words.CONTENT_TYPE[served],
        "media_type": str(served),
        "direction": words.DIRECTION[recording.direction],
        "caller_id_name": recording.caller.name,
        "caller_id_number": recording.caller.number,
        "callee_id_name": recording.callee.name,
        "callee_id_number": recording.callee.number,
        "call_id": words.call_id(recording),
        "interaction_id": words.interaction_id(recording),
        "owner_id": recording.user_id.hex if recording.user_id else None,
        "start": gregorian(recording.started_at),
        "duration": recording.duration_ms // 1000,
        "duration_ms": recording.duration_ms,
    }
    fields |= {
        "conference_recording": True if recording.source is Source.CONFERENCE else None,
        "conference_id": words.conference_id(recording),
        "conference_name": recording.conference_name,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _made_up(recording: Recording, said: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """What only the switch could tell, in the form in which it would."""
    name = file_name(recording)
    realm = terms.settings.get("kazoo_realm") or urlsplit(terms.base_url).hostname or "localhost"
    callee = said.get("to") or _address(recording.callee, realm)
    return {
        "name": name,
        "description": f"recording {name}",
        "media_source": "recorded",
        "source_type": "kzc_recording",
        "from": _address(recording.caller, realm),
        "to": callee,
        "request": callee,
        "cdr_id": f"{recording.started_at:%Y%m}-{words.call_id(recording)}",
        "origin": words.origin_word(recording),
    }


def _address(party: Party, realm: str) -> str | None:
    """``user@realm``: as the party is known, else made of its number."""
    identity = party.identity or ""
    user = identity if "@" in identity else party.number or identity
    user = user.removeprefix("sips:").removeprefix("sip:")
    return user if not user or "@" in user else f"{user}@{realm}"


def _public(key: str) -> bool:
    return not key.startswith(("_", "pvt_")) and key not in UNSHOWN
