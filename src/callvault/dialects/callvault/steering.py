"""Live calls in our own API: what is asked of them, and how they are told.

What does not live here: how a recording shall be made (``wishes``), which calls are recorded by themselves
(``policies``), what the documents look like (``live_documents``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from callvault.dialects.callvault import bodies, words
from callvault.dialects.callvault import live_operations as operations
from callvault.dialects.callvault import live_parameters as p
from callvault.dialects.callvault.asked import Asked
from callvault.dialects.callvault.bodies import Fields, read_body
from callvault.dialects.callvault.documents import recording_object, recording_url
from callvault.dialects.callvault.live_documents import live_call_object, steered_object
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.callvault.wishes import WISH, checked
from callvault.dialects.callvault.words import JSON
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.model.live import LiveCall, Phase
from callvault.model.wish import Wish
from callvault.vault.commands import Ref
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    MaskCall,
    StartRecording,
    Steered,
    SteerRecording,
)
from callvault.wire import WireReply

CURRENT, ALL = "current", "all"
STEERED_TO = (Phase.PAUSED, Phase.RUNNING, Phase.STOPPED)
CHANGE: Fields = {
    "to": bodies.word_of(STEERED_TO, "What it shall be."),
    "silent": bodies.truth("Whether what is paused is silence in the file; else it is cut out."),
    "only": bodies.truth("Whether there has to be exactly one that can be steered; else 409."),
}
CHANGE_NEEDS = ("to",)
MASKING: Fields = {"on": bodies.truth("Whether the call shall be masked.")}
MASKING_NEEDS = ("on",)


# Wire to core


def find(visit: Visit) -> FindLiveCalls:
    """The account's, or a user's."""
    asked = Asked(visit.request, p.FIND_CALLS)
    return FindLiveCalls(account_id=visit.account.id, user_id=asked[p.USER])


def get(visit: Visit) -> GetLiveCall:
    """One of them."""
    Asked(visit.request, operations.GET_CALL.parameters)
    return GetLiveCall(account_id=visit.account.id, call=_call(visit))


def start(visit: Visit) -> StartRecording:
    """A recording of it."""
    asked = Asked(visit.request, p.START)
    said = read_body(visit.request.body, WISH, "wish") if visit.request.body else {}
    return StartRecording(
        account_id=visit.account.id, call=_call(visit), wish=checked(Wish(**said), visit.terms), key=asked[p.KEY]
    )


def steer(operation: Operation) -> Callable[[Visit], SteerRecording]:
    """A reader of either operation."""

    def read(visit: Visit) -> SteerRecording:
        Asked(visit.request, operation.parameters)
        which = visit.request.parts["which"]
        said = read_body(visit.request.body, CHANGE, "change", needed=CHANGE_NEEDS)
        return SteerRecording(
            account_id=visit.account.id,
            call=_call(visit),
            recording=None if which in {CURRENT, ALL} else words.recording_ref(which),
            all_of_them=which == ALL,
            **said,
        )

    return read


def mask(visit: Visit) -> MaskCall:
    """The whole call."""
    Asked(visit.request, operations.MASK.parameters)
    said = read_body(visit.request.body, MASKING, "masking", needed=MASKING_NEEDS)
    return MaskCall(account_id=visit.account.id, call=_call(visit), **said)


def _call(visit: Visit) -> Ref:
    return words.call_ref(visit.request.parts["call"])


# Core to wire


def say_calls(calls: Sequence[LiveCall], visit: Visit) -> WireReply:
    """All at once: a call is a short line, and lives for minutes."""
    return json_reply({"calls": [_told(call, visit) for call in calls]}, content_type=JSON)


def say_call(call: LiveCall, visit: Visit) -> WireReply:
    """One of them."""
    return json_reply(_told(call, visit), content_type=JSON)


def say_started(steered: Steered, visit: Visit) -> WireReply:
    """201: the recording's card, as far as it is known."""
    (recording,) = steered.recordings
    base_url = visit.terms.base_url
    return json_reply(
        recording_object(recording, base_url),
        status=201,
        content_type=JSON,
        headers=(("location", recording_url(recording, base_url)),),
    )


def say_steered(steered: Steered, visit: Visit) -> WireReply:
    """The call as it is now, and the recordings that the verb was about."""
    document = steered_object(steered, visit.terms.base_url, *_names(steered.call, visit))
    return json_reply(document, content_type=JSON)


def _told(call: LiveCall, visit: Visit) -> dict[str, Any]:
    return live_call_object(call, visit.terms.base_url, *_names(call, visit))


def _names(call: LiveCall, visit: Visit) -> tuple[Mapping[str, str], Mapping[str, str]]:
    said = (call, visit.account, visit.terms)
    return visit.terms.call_names(*said), visit.terms.conference_names(*said)
