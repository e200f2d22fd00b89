"""The names of the dialects, and what all of them together say.  A new one is a folder, and one word here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from callvault.dialects.contract import Dialect, Terms
from callvault.model.actor import Account
from callvault.model.live import LiveCall
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Recording, Status

NAMES = ("bandwidth", "kazoo", "bird", "telnyx", "signalwire", "callvault")


@cache
def load() -> tuple[Dialect, ...]:
    """All dialects, in the order of ``NAMES``."""
    return tuple(import_module(f"callvault.dialects.{name}").DIALECT for name in NAMES)


def call_names(call: LiveCall, account: Account, terms: Terms) -> Mapping[str, str]:
    """What each vendor's clients call a live call: what they will call the call of its recordings."""
    recording = _of(call)
    called: dict[str, str] = {}
    for dialect in load():
        names = dialect.names(recording, account, terms)
        for vendor, word in (dialect.calls or {dialect.name: "call_id"}).items():
            called[vendor] = names[word]
    return called


def conference_names(call: LiveCall, account: Account, terms: Terms) -> Mapping[str, str]:
    """What each vendor's clients call a live call where they ask for a conference, those that can."""
    recording = _of(call)
    return {
        vendor: names[word]
        for dialect in load()
        if dialect.conferences and (names := dialect.names(recording, account, terms))
        for vendor, word in dialect.conferences.items()
        if word in names
    }


def _of(call: LiveCall) -> Recording:
    """A recording of the call, as far as names go."""
    return Recording(
        id=call.take,
        account_id=call.account_id,
        user_id=call.user_id,
        call_id=call.call_id,
        call_session_id=call.session_id,
        conference_id=call.conference_id,
        conference_name=call.conference_name,
        sip_call_id=call.sip_call_id,
        connection_id=call.connection_id,
        direction=call.direction,
        status=Status.CAPTURING,
        media_state=MediaState.AWAITED,
        caller=call.caller,
        callee=call.callee,
        channels=1,
        format=MediaFormat.WAV,
        duration_ms=0,
        started_at=call.began_at,
        created_at=call.began_at,
        updated_at=call.began_at,
        taken_in_at=call.began_at,
        foreign=call.foreign,
    )
