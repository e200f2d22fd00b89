"""What the recorded call is called: its ids, its direction, and all else that was said of it by name.

Where each vendor puts the Call-ID of the recorded call: OpenSIPS, jambonz and Telnyx into ``sipSessionID``, Oracle into
a header of a participant, BroadWorks and Ribbon into their own extension data, others into a header field.
A ``sipSessionID`` of 32 hex digits is a Session-ID (RFC 7989) and no Call-ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callvault.protocols.conference import told_conference
from callvault.protocols.siprec.headers import Fields, any_of, ends_of, first, kept_fields
from callvault.protocols.siprec.history import History

_SESSION_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_CALL_IDS = ("header.call-id", "broadworksrecordingmetadata.callid", "callid", "call-id", "sipcallid", "sip-call-id")
_CALL_ID_FIELDS = ("x-sip-call-id", "x-call-id", "x-original-call-id", "x-cid")
_UCIDS = ("ucid", "avayaucid", "genesysuuid", "gcid")
_OPERATORS_FIELDS = ("x-audc-call-id", "ac-session-id")
"""Set by AudioCodes' operators so that two recordings of one call are known as such; the first comes first
(techdocs.audiocodes.com, SmartTAP, "Set the Original Call ID", read in November 2026)."""
_UCID_FIELDS = ("user-to-user", "x-ucid", "cisco-guid", "x-genesys-calluuid")
_WAYS = {"inbound": "inbound", "in": "inbound", "incoming": "inbound", "outbound": "outbound", "out": "outbound",
         "outgoing": "outbound", "outbound-api": "outbound", "outbound-dial": "outbound"}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CallNames:
    """None or empty where nothing is known."""

    session_id: str | None = None
    sip_call_id: str | None = None
    direction: str | None = None
    """``inbound`` or ``outbound``."""
    conference: str | None = None
    """What the client calls the conference that it is in."""
    conference_name: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)


def names_of(history: History, fields: Fields) -> CallNames:
    """All that the metadata so far and these header fields say."""
    said = _extensions(history)
    kept = kept_fields(fields)
    sip_session_ids = [each for session in history.sessions for each in session.sip_session_ids]
    told = next((each.partition(";")[0].strip() for each in sip_session_ids), "")
    call_id = (
        any_of(said, *_CALL_IDS) or ("" if _SESSION_ID.fullmatch(told) else told) or first(fields, *_CALL_ID_FIELDS)
    )
    ucid = any_of(said, *_UCIDS).partition(";")[0]
    session_id = (
        told
        or ucid
        or first(fields, *_OPERATORS_FIELDS)
        or next((each.id for each in history.sessions if each.id), "")
        or ends_of(fields).get("x-refci", "")
        or first(fields, *_UCID_FIELDS).partition(";")[0]
    )
    conference = told_conference({**kept, **said})
    return CallNames(
        session_id=session_id or None,
        sip_call_id=call_id or None,
        direction=_direction(said, kept),
        conference=conference.id,
        conference_name=conference.name,
        extras=_extras(history, said, kept, fields),
    )


def _extensions(history: History) -> dict[str, str]:
    """Of the session before the recording's, before the participants'."""
    found: dict[str, str] = {}
    for source in (
        *(session.extensions for session in history.sessions),
        history.extensions,
        *(person.extensions for person in history.people.values()),
    ):
        for name, value in source.items():
            found.setdefault(name, value)
    return found


def _direction(said: Mapping[str, str], kept: Mapping[str, str]) -> str | None:
    word = any_of(said, "direction", "calldirection", "call-direction") or any_of(
        kept, "x-direction", "x-call-direction"
    )
    if word.lower() in _WAYS:
        return _WAYS[word.lower()]
    legs = {part for name in said for part in name.split(".")}
    if "origCall" in legs:  # BroadWorks: the recorded user called
        return "outbound"
    return "inbound" if "termCall" in legs else None


def _extras(history: History, said: Mapping[str, str], kept: Mapping[str, str], fields: Fields) -> dict[str, Any]:
    """By the names under which they came; where participants say different things, by participant."""
    everywhere = [*(session.extensions for session in history.sessions), history.extensions]
    common = {name for source in everywhere for name in source}
    people = {
        person.addresses[0] if person.addresses else person.id: dict(person.extensions)
        for person in history.people.values()
        if person.extensions
    }
    extras: dict[str, Any] = {**ends_of(fields), **kept, **{name: said[name] for name in said if name in common}}
    if people:
        extras["participants"] = people
    reasons = [session.reason for session in history.sessions if session.reason]
    if reasons:
        extras["reason"] = reasons[0]
    return extras
