"""Telnyx's webhooks for recordings: an event in an envelope, signed with Ed25519.

The signature is over the timestamp, a bar and the raw body; the URL is not signed.  Sources: NOTES.md.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from callvault.dialects.contract import Terms
from callvault.dialects.notices import Hooks, Telling
from callvault.dialects.telnyx import words
from callvault.dialects.telnyx.callbacks import IN_PROGRESS, STATUS, TEXML, fields_of
from callvault.dialects.toolbox.forms import FORM, form_body, with_query
from callvault.dialects.toolbox.links import link_to
from callvault.dialects.toolbox.signing import account_secret
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import Conflict
from callvault.model.actor import Account
from callvault.model.events import EventKind
from callvault.model.hook import Hook, HookOption
from callvault.model.media import MediaFormat
from callvault.model.notice import Notice, Rules
from callvault.model.recording import Recording, Source
from callvault.model.storage import Trouble

SAVED, CONFERENCE_SAVED = "call.recording.saved", "conference.recording.saved"
ERROR = "call.recording.error"
TRANSCRIBED = "call.recording.transcription.saved"
EVENTS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.STARTED: (IN_PROGRESS,),
    EventKind.AVAILABLE: (SAVED, CONFERENCE_SAVED),
    EventKind.FAILED: (ERROR,),
    EventKind.MISPLACED: (ERROR,),
    EventKind.TRANSCRIPTION_AVAILABLE: (TRANSCRIBED,),
}
"""That a recording begins is told by TeXML's callbacks alone."""
OPTIONS = {
    "form": HookOption(about="Whether events are told, or TeXML's status callbacks.", choices=("events", TEXML)),
    "recording_url": HookOption(about="Whether TeXML's callbacks hold a link.", choices=("true", "false")),
    "client_state": HookOption(about="A text in base64 that is told with every event."),
    "timeout_secs": HookOption(about="Seconds to wait for the answer; 0: the usual two.", span=(0, 30)),
    "retries_ms": HookOption(
        about="The pauses before further tries at each URL, in milliseconds, with commas between.",
        pattern=r"[0-9]{1,5}(,[0-9]{1,5}){0,9}",
    ),
}
REASONS = frozenset(
    {
        "Failed to authorize with storage using custom credentials",
        "Invalid credentials json",
        "Unsupported backend",
        "Internal server error",
    }
)
"""All that the vendor says of a failure; any other of ours is the last."""
TROUBLE: Mapping[Trouble, str] = {
    Trouble.REFUSED: "Failed to authorize with storage using custom credentials",
    Trouble.UNREACHABLE: "Internal server error",
}
TIMEOUT_S = 2.0
PAUSES_S = (5.0, 30.0)
REDIRECTS = 3
KEY_USE = "telnyx"


def rules(hook: Hook) -> Rules:
    """The primary URL first, then the failover; 408, 429 and 5xx are tried again, other 4xx are not."""
    told = hook.options.get("retries_ms")
    pauses_s = PAUSES_S if told is None else tuple(int(pause) / 1000 for pause in told.split(","))
    timeout_s = float(hook.options.get("timeout_secs", 0)) or TIMEOUT_S
    return Rules(timeout_s=timeout_s, pauses_s=pauses_s, jitter=0.2, redirects=REDIRECTS)


def phrase(telling: Telling) -> Notice:
    """The envelope, with the attempt and its destination in ``meta``; or TeXML's fields, in the body or the query.

    Raises:
        Conflict: the vendor has no such notice in this form.
    """
    if telling.hook.options.get("form") == TEXML:
        return _callback(telling)
    if telling.event.kind is EventKind.STARTED:
        raise Conflict("Telnyx tells that a recording begins in TeXML's callbacks alone.")
    if telling.hook.method != "POST":
        raise Conflict("Telnyx's events are posted; TeXML's callbacks alone may come as GET.")
    name, payload = _payload(telling)
    body = orjson.dumps(
        {
            "data": {
                "event_type": name,
                "id": str(telling.event.id),
                "occurred_at": _occurred_at(telling),
                "payload": payload,
                "record_type": "event",
            },
            "meta": {"attempt": telling.attempt, "delivered_to": telling.url},
        }
    )
    headers = (("Content-Type", "application/json"), *_signed(telling, body))
    return Notice(method="POST", url=telling.url, headers=headers, body=body)


def proof(account: Account, terms: Terms) -> Mapping[str, str]:
    """For ``TELNYX_PUBLIC_KEY``: 32 bytes in base64."""
    public = signing_key(account, terms).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"public_key": base64.b64encode(public).decode()}


def signing_key(account: Account, terms: Terms) -> Ed25519PrivateKey:
    """The private half."""
    return Ed25519PrivateKey.from_private_bytes(account_secret(account, terms, KEY_USE))


HOOKS = Hooks(
    events=EVENTS,
    usual=frozenset(EVENTS) - {EventKind.STARTED},
    methods=("POST", "GET"),
    failover=True,
    options=OPTIONS,
    rules=rules,
    phrase=phrase,
    proof=proof,
)


def _callback(telling: Telling) -> Notice:
    if telling.event.kind not in STATUS:
        raise Conflict("TeXML's callbacks tell of recordings that begin, are complete, or are absent.")
    fields = fields_of(telling)
    if telling.hook.method == "GET":
        url = with_query(telling.url, fields)
        return Notice(method="GET", url=url, headers=_signed(telling, b""))
    body = form_body(fields)
    headers = (("Content-Type", FORM), *_signed(telling, body))
    return Notice(method="POST", url=telling.url, headers=headers, body=body)


def _signed(telling: Telling, body: bytes) -> tuple[tuple[str, str], ...]:
    timestamp = str(int(telling.sent_at.timestamp()))
    signature = signing_key(telling.account, telling.terms).sign(timestamp.encode() + b"|" + body)
    return (
        ("User-Agent", "telnyx-webhooks"),
        ("Telnyx-Signature-Ed25519", base64.b64encode(signature).decode()),
        ("Telnyx-Timestamp", timestamp),
    )


def _payload(telling: Telling) -> tuple[str, dict[str, Any]]:
    recording = telling.recording
    state = recording.extras.get(words.NAME, {}).get("client_state")
    ids = {
        "call_control_id": words.call_control_id(recording),
        "call_leg_id": words.call_leg_id(recording),
        "call_session_id": words.call_session_id(recording),
        "client_state": state or telling.hook.options.get("client_state"),
        "connection_id": recording.connection_id,
    }
    if telling.event.kind is EventKind.FAILED:
        reason = recording.error if recording.error in REASONS else "Internal server error"
        return ERROR, {**ids, "reason": reason}
    if telling.event.kind is EventKind.MISPLACED:
        return ERROR, {**ids, "reason": _trouble(recording)}
    if telling.event.kind is EventKind.TRANSCRIPTION_AVAILABLE:
        return TRANSCRIBED, {**ids, **_transcription(recording)}
    saved = {**ids, **_media(telling)}
    if recording.source is Source.CONFERENCE:
        return CONFERENCE_SAVED, {**saved, "conference_id": words.conference_id(recording)}
    return SAVED, saved


def _media(telling: Telling) -> dict[str, Any]:
    """Links to the form in which it was recorded, which live for ten minutes; never public ones.

    What lies in a bucket of the account's own is named by where it lies, and nobody signs for it.
    """
    recording = telling.recording
    form = recording.format if recording.format in {MediaFormat.MP3, MediaFormat.WAV} else MediaFormat.WAV
    own = recording.media.url if recording.media is not None and recording.hearable else None
    link = own or link_to(recording, form, telling.terms)
    began, ended = iso_ms(recording.started_at), iso_ms(recording.ended_at) if recording.ended_at else None
    return {
        "channels": words.CHANNELS[recording.channels],
        "end_time": ended,
        "format": str(form),
        "occurred_at": _occurred_at(telling),
        "public_recording_urls": {},
        "recording_ended_at": ended,
        "recording_id": words.recording_id(recording),
        "recording_started_at": began,
        "recording_urls": {} if link is None else {str(form): link},
        "start_time": began,
    }


def _trouble(recording: Recording) -> str:
    trouble = recording.media.trouble if recording.media is not None else None
    return TROUBLE[trouble or Trouble.UNREACHABLE]


def _occurred_at(telling: Telling) -> str:
    """With six digits of a second."""
    return telling.event.at.isoformat(timespec="microseconds")[:26] + "Z"


def _transcription(recording: Recording) -> dict[str, Any]:
    said = recording.transcription
    return {
        "calling_party_type": "sip" if recording.caller.kind == "sip" else "pstn",
        "recording_id": words.recording_id(recording),
        "recording_transcription_id": recording.foreign_id(words.NAME, "transcription") or (said and str(said.id)),
        "status": "completed",
        "transcription_text": said.text if said else None,
    }
