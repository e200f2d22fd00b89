"""The components' schemas of live calls, of what can be asked of them, and of policies."""

from __future__ import annotations

from typing import Any

from callvault.dialects.callvault.bodies import Fields, field_schemas
from callvault.dialects.callvault.description.fields import Schema, object_schema, properties, ref, required
from callvault.dialects.callvault.live_documents import OURS
from callvault.dialects.callvault.policies import POLICY, RULE, RULE_NEEDS
from callvault.dialects.callvault.steering import CHANGE, CHANGE_NEEDS, MASKING, MASKING_NEEDS
from callvault.dialects.callvault.wishes import WISH
from callvault.model.live import LiveCall, LiveRecording

LIVE_CALL = {
    "take": "What it is to the capture; the name that is shortest to say.",
    "account_id": "Whose it is.",
    "call_id": "What its recordings have as `call_id`.",
    "session_id": "And as `call_session_id`.",
    "node": "Who has it.",
    "door": "How it came: `siprec`, or the kind of media stream.",
    "trunk": "The trunk that it came over.",
    "user_id": "Whose call within the account.",
    "connection_id": "The trunk, channel or connection, as the source names it.",
    "sip_call_id": "Its Call-ID header (RFC 3261 section 20.8).",
    "foreign": "Ids that vendors gave it: dialect, then kind, then id. It answers to them there.",
    "conference_id": "By which it is found where a vendor's path asks for a conference, be it one or not.",
    "conference_name": "The conference's name.",
    "is_conference": "Whether it is one: its client says so, or three have spoken in it at a time.",
    "direction": "Which way it goes, seen from the account.",
    "caller": "The calling side.",
    "callee": "The called side.",
    "participants": "How many are in it just now.",
    "began_at": "When it came.",
    "answered_at": "Since when one participant's stream flows.",
    "bridged_at": "Since when two do.",
    "held": "Whether somebody is on hold.",
    "masked": "Whether the whole call is masked.",
    "recordings": "Those under way, oldest first; stopped ones stay while the call lasts.",
}
LIVE_RECORDING = {
    "id": "What it is called from now on.",
    "phase": "Where it is.",
    "wish": "How it is made.",
    "asked_at": "When it was asked for.",
    "began_at": "When it began; not there while it waits for its cue.",
    "ended_at": "When it ended.",
    "rule": "The rule of the policy that asked for it, where no request did.",
    "pause_silent": "Whether what is paused is silence in the file, or cut out of it.",
}


def _live_call() -> Schema:
    link = {"type": "string", "format": "uri", "description": "This call."}
    every = properties(LiveCall, LIVE_CALL)
    shown = {name: schema for name, schema in every.items() if name not in OURS}
    shown["names"] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "What each vendor's clients call it, by vendor: the id with which to go on in that API.",
    }
    shown["conference_names"] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "And what where they ask for a conference, by vendor.",
    }
    shown["links"] = object_schema({"self": link}, ["self"], "Where things are.")
    always = [
        *(name for name in required(LiveCall) if name not in OURS),
        "recordings",
        "masked",
        "is_conference",
        "names",
        "conference_names",
        "links",
    ]
    return object_schema(shown, always, "A call that is being received. What is not known is left out.")


def _asked(about: str, fields: Fields, needed: tuple[str, ...] = ()) -> Schema:
    rest: dict[str, Any] = {"additionalProperties": False}
    about += " A field that is not listed is refused."
    return object_schema(field_schemas(fields), list(needed), about, **rest)


LIVE_SCHEMAS: dict[str, Schema] = {
    "LiveCall": _live_call(),
    "LiveRecording": object_schema(
        properties(LiveRecording, LIVE_RECORDING), required(LiveRecording), "A recording of a live call."
    ),
    "LiveCallList": object_schema(
        {"calls": {"type": "array", "items": ref("LiveCall")}}, ["calls"], "The calls that are being received."
    ),
    "Steered": object_schema(
        {
            "call": ref("LiveCall") | {"description": "As it is now."},
            "recordings": {
                "type": "array",
                "items": ref("Recording"),
                "description": "Those that the verb was about; their length is known when they are finished.",
            },
        },
        ["call", "recordings"],
        "What came of a verb.",
    ),
    "Wish": _asked("How a recording is to be made; everything is optional.", WISH),
    "Change": _asked("What becomes of a recording under way.", CHANGE, CHANGE_NEEDS),
    "Masking": _asked("Whether a call is masked.", MASKING, MASKING_NEEDS),
    "Policy": _asked("Which calls are recorded by themselves, and how.", POLICY),
    "Rule": _asked("What is asked of a call, and what follows. What is not said is not asked.", RULE, RULE_NEEDS),
}
